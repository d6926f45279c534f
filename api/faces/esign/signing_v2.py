"""v2's signing. Each handler translates, calls, translates; no rule is known here."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from litestar import Controller, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.bodies import Intake
from api.esign.build import Esign
from api.faces.esign.bodies import Reading
from api.faces.esign.errors import EsignRefused
from api.faces.esign.persons import person_in, require_may_sign
from api.faces.esign.several import Asked, carried_out, position_named, require_scope, tasks_of
from api.faces.esign.sign_v2 import Ordered, code_of, count_of
from api.faces.esign.status import SMALL_BODY
from api.letters.once import key_of
from api.metrics import Metrics
from api.problems import problem_of
from api.services import Services
from signer.api_credentials import ApiCredential
from signer.gateway import Answered
from signer.model import Secret, SignedDocument, SigningTask, SignRequest

_NO_CODES: Final = (
    "Kode sekali pakai tidak dapat membuka kunci penanda tangan di layanan ini; penanda tangan mengetikkan passphrase."
)


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
        """Sign one or more PDFs with one signer's passphrase."""
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
        """A one-time code instead of the passphrase: refused, for no code opens a person's key."""
        reading = Reading(signing_intake, request)
        body = await reading.object(most=SMALL_BODY)
        reading.give_back()
        count_of(body.get("data"), services.settings.esign.files_at_once)
        official = await sync_to_thread(person_in, body, esign.signers)
        require_may_sign(official, esign.signers)
        raise EsignRefused(_NO_CODES)


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
    passphrase = _passphrase(order)
    tasks = tasks_of(services, esign, who, order, credential_id)
    answered = []
    for position, task in enumerate(tasks):
        wanted = SignRequest(
            **{name: getattr(task, name) for name in SigningTask.__dataclass_fields__}, passphrase=passphrase
        )
        with position_named(position, len(tasks), services):
            sign = partial(_counted, services, metrics)
            answered.append(esign.sign_once(who.user_name, wanted, key, sign, place=position))
    return answered


def _counted(services: Services, metrics: Metrics, wanted: SignRequest) -> SignedDocument:
    try:
        signed = services.signing.sign(wanted)
    except Exception as error:
        metrics.signing(wanted.level.value, problem_of(error).slug)
        raise
    metrics.signing(wanted.level.value, "signed")
    return signed


def _passphrase(order: Ordered) -> Secret:
    """Exactly as it was typed; a one-time code opens no person's key."""
    typed = order.said.get("passphrase", "")
    if typed:
        return Secret(typed)
    if code_of(order.text) is not None:
        raise EsignRefused(_NO_CODES)
    raise EsignRefused("Passphrase wajib diisi (passphrase).")
