"""Ask a signatory for consent: the exact list first, then each document, then the answer is read."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.auth import Principal, requires
from api.bodies import Intake
from api.faces.rest.activation_body import ActivationBody, AskBody, read_ask_body
from api.faces.rest.json_body import JSON
from api.letters.once import Told, fingerprint_of, key_of
from api.permissions import Permission
from api.problems import CONSENT_CLOSED, INVALID_REQUEST, NOT_FOUND, UNSUPPORTED_MEDIA_TYPE, RequestRefused
from api.services import Consent, Services
from signer.activation import ActivationRequest
from signer.activation_requests import Asked as Made

_PRIVATE: Final = {"Cache-Control": "private, no-store"}

_ASKS: Final = [requires(Permission.ACTIVATION_CREATE)]

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]


class BatchActivationController(Controller):
    """A batch put before its signatory."""

    path = "/batches"

    @post(
        "/{batch:str}/activations",
        operation_id="AskForBatchActivation",
        guards=_ASKS,
        sync_to_thread=True,
    )
    def ask(self, request: Asked, services: Given, batch: FromPath[str]) -> Response[ActivationBody]:
        """Ask the signatory of a batch for consent to what is prepared of it."""
        consent, client = _open(services), request.user.client_id
        return _asked(services, request, None, lambda: consent.requests.ask_batch(client, batch))


class StepActivationController(Controller):
    """A step of a document put before its official."""

    path = "/documents"

    @post(
        "/{document:str}/steps/{number:int}/activations",
        operation_id="AskForStepActivation",
        guards=_ASKS,
        sync_to_thread=True,
    )
    def ask(
        self, request: Asked, services: Given, document: FromPath[str], number: FromPath[int]
    ) -> Response[ActivationBody]:
        """Ask the official of a step to sign it."""
        consent, client = _open(services), request.user.client_id
        if services.flows.get(document[:64], client_id=client) is None:
            raise RequestRefused(NOT_FOUND, "No document of yours has this id.", field="document", reason="unknown")
        return _asked(services, request, None, lambda: consent.requests.ask_step(client, document, number))


class ActivationController(Controller):
    """Requests for consent, for the applications that asked."""

    path = "/activations"

    @post("/", operation_id="AskForActivation", guards=_ASKS)
    async def ask(self, request: Asked, services: Given) -> Response[ActivationBody]:
        """Ask a signatory to consent to exactly these documents."""
        if request.content_type[0] != JSON:
            raise RequestRefused(
                UNSUPPORTED_MEDIA_TYPE,
                f"Send {JSON}.",
                field="Content-Type",
                reason="unsupported",
                headers={"Accept-Post": JSON},
            )
        body = read_ask_body(await request.body())
        consent, client = _open(services), request.user.client_id
        wanted = body.wanted(services.settings.signing.level_for)
        return await sync_to_thread(
            _asked, services, request, body, lambda: consent.requests.ask(client, body.credential, wanted)
        )

    @post(
        "/{activation:str}/documents/{position:int}",
        operation_id="SendActivationDocument",
        status_code=200,
        guards=[requires(Permission.ACTIVATION_CREATE)],
    )
    async def receive(
        self,
        request: Asked,
        services: Given,
        signing_intake: NamedDependency[SkipValidation[Intake]],
        activation: FromPath[str],
        position: FromPath[int],
    ) -> Response[ActivationBody]:
        """Send one document of the list."""
        consent = _open(services)
        async with signing_intake.open(request) as upload:
            if upload.parts:
                raise RequestRefused(
                    INVALID_REQUEST, "Send the document alone.", field="request", reason="unknown-part"
                )
            found = await sync_to_thread(
                consent.requests.receive, request.user.client_id, activation, position, upload.document
            )
        return Response(_body(services, found), headers=_PRIVATE)

    @get(
        "/{activation:str}",
        operation_id="GetActivation",
        guards=[requires(Permission.ACTIVATION_CREATE)],
        sync_to_thread=True,
    )
    def read(self, request: Asked, services: Given, activation: FromPath[str]) -> Response[ActivationBody]:
        """Where a request of the same client stands, and what was signed."""
        found = _open(services).requests.read(request.user.client_id, activation)
        return Response(_body(services, found), headers=_PRIVATE)


def _asked(
    services: Services, request: Asked, body: AskBody | None, ask: Callable[[], Made]
) -> Response[ActivationBody]:
    """The request with its page; under a key once. A link is kept nowhere, so who asks again under the same key gets a
    new one, and the one before ends; none once the signatory has opened the request."""
    consent, client_id, key = _open(services), request.user.client_id, key_of(request.headers)
    made: list[Made] = []

    def act() -> Told:
        made.append(ask())
        return Told(status=201, headers={}, body=made[0].request.id.encode())

    if key is None:
        act()
    else:
        printed = fingerprint_of(("POST", request.url.path), body)
        told = services.letters.once.carry_out(client_id, key, printed, act)
        again = None if made else consent.requests.asked_again(client_id, told.body.decode())
        if again is not None:
            made.append(again)
        elif not made:
            return _answer(_body(services, consent.requests.read(client_id, told.body.decode())))
    return _answer(_body(services, made[0].request, page=consent.page_of(made[0].link)))


def _answer(body: ActivationBody) -> Response[ActivationBody]:
    return Response(body, status_code=201, headers={**_PRIVATE, "Location": f"/v1/activations/{body.id}"})


def _body(services: Services, request: ActivationRequest, *, page: str | None = None) -> ActivationBody:
    return ActivationBody.of(request, at=services.now(), page=page)


def _open(services: Services) -> Consent:
    if services.consent is None:
        raise RequestRefused(CONSENT_CLOSED, "Consent is not served here.")
    return services.consent
