"""Ask a signatory for consent: the exact list first, then each document, then the answer is read."""

from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.auth import Principal, requires
from api.bodies import Intake
from api.faces.rest.activation_body import ActivationBody, AskBody, read_ask_body
from api.faces.rest.json_body import JSON
from api.permissions import Permission
from api.problems import CONSENT_CLOSED, INVALID_REQUEST, UNSUPPORTED_MEDIA_TYPE, RequestRefused
from api.services import Consent, Services
from signer.activation import ActivationRequest

_PRIVATE: Final = {"Cache-Control": "private, no-store"}

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]


class ActivationController(Controller):
    """Requests for consent, for the applications that asked."""

    path = "/activations"

    @post("/", operation_id="AskForActivation", guards=[requires(Permission.ACTIVATION_CREATE)])
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
        made = await sync_to_thread(_ask, services, request.user.client_id, body)
        return Response(made, status_code=201, headers={**_PRIVATE, "Location": f"/v1/activations/{made.id}"})

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


def _ask(services: Services, client_id: str, body: AskBody) -> ActivationBody:
    consent = _open(services)
    asked = consent.requests.ask(client_id, body.credential, body.wanted(services.settings.signing.level_for))
    return _body(services, asked.request, page=consent.page_of(asked.link))


def _body(services: Services, request: ActivationRequest, *, page: str | None = None) -> ActivationBody:
    return ActivationBody.of(request, at=services.now(), page=page)


def _open(services: Services) -> Consent:
    if services.consent is None:
        raise RequestRefused(CONSENT_CLOSED, "Consent is not served here.")
    return services.consent
