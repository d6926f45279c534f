"""v2's signing. Each handler translates, calls, translates; no rule is known here."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Controller, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.bodies import Intake
from api.esign.build import Esign
from api.faces.esign.bodies import small_object
from api.faces.esign.by_secret import codes_of, signed
from api.faces.esign.persons import person_in, require_may_sign
from api.faces.esign.several import PRIVATE, Asked, carried_out, require_scope, tasks_of
from api.faces.esign.sign_v2 import Ordered, code_of, count_of
from api.letters.once import key_of
from api.metrics import Metrics
from api.services import Services
from signer.api_credentials import ApiCredential
from signer.gateway import Answered

_SENT: Final = "Kode sekali pakai telah dikirim ke surel penanda tangan."


class SignV2Controller(Controller):
    """Several files, JSON with base64."""

    path = "/v2/sign"

    @post("/pdf", operation_id="GatewaySignV2", status_code=200)
    async def sign(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
        metrics: NamedDependency[SkipValidation[Metrics]],
    ) -> Response[dict[str, Any]]:
        """Sign one or more PDFs with one signer's passphrase or code."""
        key = key_of(request.headers)

        def work(order: Ordered, body: Mapping[str, Any]) -> list[Answered]:
            return _sign(services, esign, metrics, request.user.credential, order, body=body, key=key)

        return await carried_out(request, services, signing_intake, work)

    @post("/get/totp", operation_id="GatewaySignCode", status_code=200)
    async def code(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """A code for one call over so many files, by mail to the signer who opened a session for it."""
        body = await small_object(signing_intake, request)
        who = request.user.credential
        require_scope(who)
        files = count_of(body.get("data"), services.settings.esign.files_at_once)

        def send() -> None:
            credential_id = require_may_sign(person_in(body, esign.signers), esign.signers)
            codes_of(esign).send(who, credential_id, files)

        await sync_to_thread(send)
        return Response({"message": _SENT}, headers=PRIVATE)


def _sign(
    services: Services,
    esign: Esign,
    metrics: Metrics,
    who: ApiCredential,
    order: Ordered,
    *,
    body: Mapping[str, Any],
    key: str | None,
) -> list[Answered]:
    """Every file examined, then each signed or found signed already; in a thread."""
    require_scope(who)
    credential_id = require_may_sign(person_in(body, esign.signers), esign.signers)
    tasks = tasks_of(services, esign, who, order, credential_id)
    passphrase, code = order.said.get("passphrase", ""), code_of(order.text)
    return signed(services, esign, metrics, who, tasks, passphrase=passphrase, code=code, key=key)
