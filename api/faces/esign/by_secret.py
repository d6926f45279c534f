"""With what a signer's call is signed: the passphrase that was typed, or a code out of the signer's mail."""

from collections.abc import Callable, Sequence
from functools import partial

from api.esign.build import Esign
from api.esign.codes import GatewayCodes
from api.faces.esign.errors import EsignRefused
from api.faces.esign.several import position_named
from api.metrics import Metrics
from api.problems import problem_of
from api.services import Services
from signer.api_credentials import ApiCredential
from signer.gateway import Answered, Signed
from signer.model import Secret, SigningTask, SignRequest


def signed(
    services: Services,
    esign: Esign,
    metrics: Metrics,
    who: ApiCredential,
    tasks: Sequence[SigningTask],
    *,
    passphrase: str,
    code: Secret | None,
    key: str | None,
) -> list[Answered]:
    """Every one of `tasks`, signed now or found signed; where a code comes they were examined already.

    `passphrase`: exactly as it was typed, empty for none; `key`: the call's `Idempotency-Key`.
    """
    around = partial(_counted, metrics)
    if passphrase:
        return _by_passphrase(services, esign, who, tasks, Secret(passphrase), key=key, around=around)
    if code is None:
        raise EsignRefused("Passphrase atau kode sekali pakai wajib diisi (passphrase, totp).")
    return codes_of(esign).sign(who, tasks, code, key, around)


def codes_of(esign: Esign) -> GatewayCodes:
    """What signs with codes; 503 in a process that does not."""
    if esign.codes is None:
        raise EsignRefused("Layanan sedang tidak tersedia; coba lagi nanti.", status=503, headers={"Retry-After": "60"})
    return esign.codes


def _by_passphrase(
    services: Services,
    esign: Esign,
    who: ApiCredential,
    tasks: Sequence[SigningTask],
    passphrase: Secret,
    *,
    key: str | None,
    around: Callable[[SigningTask, Callable[[], Signed]], Signed],
) -> list[Answered]:
    answered = []
    for position, task in enumerate(tasks):
        said = {name: getattr(task, name) for name in SigningTask.__dataclass_fields__}

        def sign(wanted: SignRequest) -> Signed:
            return around(wanted, lambda: services.signing.sign(wanted))

        with position_named(position, len(tasks), services):
            wanted = SignRequest(**said, passphrase=passphrase)
            answered.append(esign.sign_once(who.user_name, wanted, key, sign, place=position))
    return answered


def _counted(metrics: Metrics, task: SigningTask, sign: Callable[[], Signed]) -> Signed:
    """In the service's figures; a failure under its problem's word."""
    try:
        made = sign()
    except Exception as error:
        metrics.signing(task.level.value, problem_of(error).slug)
        raise
    metrics.signing(task.level.value, "signed")
    return made
