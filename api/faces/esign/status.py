"""Where a signer stands, in one of nine words; and requests for enrolment, which wait for a registrar."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.bodies import Intake
from api.esign.build import Esign
from api.faces.esign.bodies import SMALL_BODY, Reading, plain_text
from api.faces.esign.caller import EsignCaller
from api.faces.esign.errors import EsignRefused
from api.faces.esign.persons import email_of, nik_of, person_in
from signer.errors import RegistrationRefused
from signer.people import StatusWord

Asked = Request[EsignCaller, Any, Any]
Said = TypeVar("Said")

_ACTIVE: Final = 1111
_OTHER: Final = 1110
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_SAID: Final = {
    StatusWord.ISSUE: "Penanda tangan terdaftar dan sertifikatnya aktif.",
    StatusWord.EXPIRED: "Sertifikat penanda tangan sudah berakhir.",
    StatusWord.RENEW: "Sertifikat penanda tangan sedang diperbarui.",
    StatusWord.WAITING_FOR_VERIFICATION: "Pendaftaran penanda tangan menunggu persetujuan petugas.",
    StatusWord.NEW: "Pendaftaran penanda tangan belum dilanjutkan.",
    StatusWord.NO_CERTIFICATE: "Penanda tangan belum memiliki sertifikat.",
    StatusWord.NOT_REGISTERED: "Penanda tangan belum terdaftar.",
    StatusWord.SUSPEND: "Sertifikat penanda tangan sedang ditangguhkan.",
    StatusWord.REVOKE: "Sertifikat penanda tangan sudah dicabut.",
}
_TAKEN_IN: Final = {
    "message": "Permohonan pendaftaran diterima.",
    "status": StatusWord.WAITING_FOR_VERIFICATION.value,
}
_REFUSED: Final = {
    "name": "Nama wajib diisi dengan wajar, tanpa nomor identitas (nama).",
    "email": "Surel tidak benar (email).",
}
_A_DAY: Final = "86400"


class StatusController(Controller):
    """Both versions of the question, and the spellings of registration."""

    @get("/user/status/{nik:str}", operation_id="GatewayStatusV1")
    async def status_v1(
        self, esign: NamedDependency[SkipValidation[Esign]], nik: FromPath[str]
    ) -> Response[dict[str, Any]]:
        """Where the signer with this NIK stands; whatever body comes along is left aside."""
        word = await sync_to_thread(_word_of_nik, esign, nik)
        return Response({"status_code": _code(word), **_told(word)}, headers=_PRIVATE)

    @post("/v2/user/check/status", operation_id="GatewayStatusV2", status_code=200)
    async def status_v2(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """The same by NIK, e-mail address or both, with a code that is a text."""
        return await _status(request, esign, signing_intake)

    @post("/v2/user/check-status", operation_id="GatewayStatusV2Dashed", status_code=200)
    async def status_v2_dashed(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """The same, as one client spells it."""
        return await _status(request, esign, signing_intake)

    @post("/v2/user/registration", operation_id="GatewayRegister", status_code=200)
    async def register(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, str]]:
        """Ask the registration office to enrol somebody; nothing is issued."""
        return await _registered(request, esign, signing_intake)

    @post("/v2/user/register", operation_id="GatewayRegisterShort", status_code=200)
    async def register_short(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, str]]:
        """The same, as one client spells it."""
        return await _registered(request, esign, signing_intake)

    @post("/user/registrasi", operation_id="GatewayRegisterV1", status_code=200)
    async def register_v1(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, str]]:
        """The same under its older name."""
        return await _registered(request, esign, signing_intake)


async def _status(request: Asked, esign: Esign, intake: Intake) -> Response[dict[str, Any]]:
    word = await _asked(request, intake, lambda body: _word_of(esign, body))
    return Response({"status_code": str(_code(word)), **_told(word)}, headers=_PRIVATE)


async def _registered(request: Asked, esign: Esign, intake: Intake) -> Response[dict[str, str]]:
    await _asked(request, intake, lambda body: _register(esign, request.user, body))
    return Response(_TAKEN_IN, headers=_PRIVATE)


async def _asked(request: Asked, intake: Intake, answer: Callable[[Mapping[str, Any]], Said]) -> Said:
    reading = Reading(intake, request)
    body = await reading.object(most=SMALL_BODY)
    try:
        return await sync_to_thread(answer, body)
    finally:
        reading.give_back()


def _word_of_nik(esign: Esign, nik: str) -> StatusWord:
    return esign.signers.status(esign.signers.by_nik(nik_of(nik)))


def _word_of(esign: Esign, body: Mapping[str, Any]) -> StatusWord:
    official = person_in(body, esign.signers)
    if official is None:
        email = email_of(plain_text(body.get("email")) or "")
        if email is not None and esign.enrolments.waits(email):
            return StatusWord.WAITING_FOR_VERIFICATION
    return esign.signers.status(official)


def _register(esign: Esign, caller: EsignCaller, body: Mapping[str, Any]) -> None:
    name, email = (" ".join((plain_text(body.get(key)) or "").split()) for key in ("nama", "email"))
    try:
        esign.enrol(caller.client_id, name, email)
    except RegistrationRefused as error:
        if error.reason == "too-many":
            text = "Terlalu banyak permohonan menunggu petugas; coba lagi nanti."
            raise EsignRefused(text, status=429, headers={"Retry-After": _A_DAY}) from None
        raise EsignRefused(_REFUSED.get(error.field, _REFUSED["name"])) from None


def _code(word: StatusWord) -> int:
    """1111 is for who may sign, and for nobody else."""
    return _ACTIVE if word is StatusWord.ISSUE else _OTHER


def _told(word: StatusWord) -> dict[str, str]:
    return {"status": word.value, "message": _SAID[word]}
