"""Verification in both shapes. A judgement is always 200; 400 only for what is no readable PDF. Nothing is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Final

from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import SkipValidation

from api.bodies import Intake
from api.faces.esign.bodies import Names, Reading, octets_of, plain_text
from api.faces.esign.caller import EsignCaller
from api.faces.esign.errors import EsignRefused
from api.faces.esign.judged import class_in_words
from api.faces.esign.verdict_v1 import VerdictV1
from api.faces.esign.verdict_v2 import VerdictV2
from api.metrics import Metrics
from api.problems import problem_of
from api.services import Services, VerifiedUpload
from verifier.model import Indication, SubIndication

Asked = Request[EsignCaller, Any, Any]

NAMES: Final = Names(document="signed_file", texts=frozenset())
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_LONGEST_PASSWORD: Final = 127
"""Characters; ISO 32000-2, 7.6.4.3.3 cuts at 127 bytes."""
_LONGEST_NAME: Final = 255
_REST_OF_BODY: Final = 16 * 1024
_UNREADABLE: Final = {
    SubIndication.PASSWORD_NEEDED: "PDF terkunci; kirim kata sandinya (password).",
    SubIndication.PASSWORD_WRONG: "Kata sandi PDF tidak cocok (password).",
    SubIndication.UNSUPPORTED: "PDF terkunci dengan cara yang tidak dapat dibuka.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What v2 sends in."""

    document: bytes
    password: str


class VerifyController(Controller):
    """One call of each version."""

    @post("/sign/verify", operation_id="GatewayVerifyV1", status_code=200)
    async def verify_v1(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        verification_intake: NamedDependency[SkipValidation[Intake]],
        metrics: NamedDependency[SkipValidation[Metrics]],
    ) -> Response[VerdictV1]:
        """Judge one PDF."""
        reading = Reading(verification_intake, request)
        received = await reading.fields(NAMES)
        try:
            if received.document is None:
                raise EsignRefused("Berkas PDF wajib dikirim (signed_file).")
            verified = await sync_to_thread(_judged, services, metrics, received.document.content, "")
        finally:
            reading.give_back()
        verdict = VerdictV1.of(
            verified.report,
            name=(received.name or "dokumen.pdf")[:_LONGEST_NAME],
            notes=_told(services, verified),
            zone=timezone(timedelta(hours=services.settings.esign.utc_offset_hours)),
            certified_only=request.user.credential.certified_only,
        )
        return Response(verdict, headers=_PRIVATE)

    @post("/v2/verify/pdf", operation_id="GatewayVerifyV2", status_code=200)
    async def verify_v2(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        verification_intake: NamedDependency[SkipValidation[Intake]],
        metrics: NamedDependency[SkipValidation[Metrics]],
    ) -> Response[VerdictV2]:
        """Judge one PDF, opened with a password where it needs one."""
        reading = Reading(verification_intake, request)
        most = verification_intake.max_document_bytes

        def read(body: Mapping[str, Any], hold: Callable[[int], None]) -> Upload:
            return _upload(body, hold, most)

        upload = await reading.read(read, most=(most // 3 + 1) * 4 + _REST_OF_BODY)
        try:
            verified = await sync_to_thread(_judged, services, metrics, lambda: upload.document, upload.password)
        finally:
            reading.give_back()
        verdict = VerdictV2.of(
            verified.report,
            description=_told(services, verified),
            certified_only=request.user.credential.certified_only,
        )
        return Response(verdict, headers=_PRIVATE)


def _upload(body: Mapping[str, Any], hold: Callable[[int], None], most: int) -> Upload:
    file = body.get("file")
    if isinstance(file, list):
        if len(file) != 1:
            raise EsignRefused("Kirim tepat satu berkas (file).")
        file = file[0]
    if not isinstance(file, str) or not file.strip():
        raise EsignRefused("Berkas PDF wajib dikirim sebagai base64 (file).")
    hold(len(file) // 4 * 3)
    document = octets_of(file, "file")
    if len(document) > most:
        raise RequestEntityTooLarge
    password = plain_text(body.get("password", body.get("passsword"))) or ""
    if len(password) > _LONGEST_PASSWORD:
        raise EsignRefused("Kata sandi PDF terlalu panjang (password).")
    return Upload(document=document, password=password)


def _judged(services: Services, metrics: Metrics, document: Callable[[], bytes], password: str) -> VerifiedUpload:
    """In a thread. Raises `EsignRefused` for what nobody can read, and as `Verification.by_upload`."""
    try:
        verified = services.gateway_verification.by_upload(document(), password)
    except Exception as error:
        metrics.verification(problem_of(error).slug)
        raise
    report = verified.report
    metrics.verification(report.indication.value)
    if report.indication is Indication.UNREADABLE:
        reason = report.reason or SubIndication.FORMAT_FAILURE
        raise EsignRefused(_UNREADABLE.get(reason, "Berkas bukan PDF yang dapat dibaca."))
    return verified


def _told(services: Services, verified: VerifiedUpload) -> str:
    """The sentence of the public page, and the class of the signatures."""
    sentence = services.explain(verified).sentence.id
    return f"{sentence} {class_in_words(verified.report)}".strip()
