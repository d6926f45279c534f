"""Verify any document: open to everybody, nothing is kept."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from api.bodies import PDF, Intake
from api.faces.rest.json_body import json_of
from api.faces.rest.report_body import DigestBody, DigestRequest, ReportBody
from api.metrics import Metrics
from api.problems import INVALID_REQUEST, RequestRefused, problem_of
from api.services import Services, Verification, VerifiedUpload
from verifier.etsi_report import etsi_report

XML: Final = "application/xml"
_JSON: Final = "application/json"
MAX_DIGEST_BODY: Final = 1024

_NO_STORE: Final = {"Cache-Control": "no-store"}
_PRIVATE: Final = _NO_STORE | {"Vary": "Accept"}
_DIGEST: Final = msgspec.json.Decoder(DigestRequest)

Asked = TypeVar("Asked")
Judged = TypeVar("Judged", bound=VerifiedUpload | None)


class ReportForm(StrEnum):
    """In which form a report is answered."""

    JSON = "json"
    ETSI = "etsi"
    RECEIPT = "receipt"


LONGEST_PASSWORD: Final = 127
"""Characters; ISO 32000-2, 7.6.4.3.3 cuts at 127 bytes."""
_MEDIA: Final = {_JSON: ReportForm.JSON, XML: ReportForm.ETSI, PDF: ReportForm.RECEIPT}


class VerificationController(Controller):
    """The judgement of files that somebody sends in."""

    path = "/verifications"

    @post("/", operation_id="VerifyDocument", status_code=200)
    async def verify(
        self,
        request: Request[Any, Any, Any],
        services: NamedDependency[SkipValidation[Services]],
        verification_intake: NamedDependency[SkipValidation[Intake]],
        metrics: NamedDependency[SkipValidation[Metrics]],
        report: FromQuery[ReportForm | None] = None,
    ) -> Response[ReportBody] | Response[bytes]:
        """Judge one file now. A bad signature is an answer, never an error."""
        form = _form_wanted(request, report)
        async with verification_intake.open(request) as upload:
            password = _password(upload.parts)
            judge = partial(_opened, services.verification, password)
            verified = await sync_to_thread(_counted, judge, upload.document, metrics)
        if form is ReportForm.ETSI:
            return Response(etsi_report(verified.report), media_type=XML, headers=_PRIVATE)
        if form is ReportForm.RECEIPT:
            return Response(await sync_to_thread(services.receipt, verified), media_type=PDF, headers=_PRIVATE)
        body = ReportBody.of(verified, services.explain(verified), public_url=services.settings.server.public_url)
        return Response(body, headers=_PRIVATE)

    @post("/by-digest", operation_id="VerifyDigest", status_code=200, request_max_body_size=MAX_DIGEST_BODY)
    async def by_digest(
        self,
        request: Request[Any, Any, Any],
        services: NamedDependency[SkipValidation[Services]],
        metrics: NamedDependency[SkipValidation[Metrics]],
    ) -> Response[DigestBody]:
        """Say how registered bytes stand, by their digest; the kept ones are judged now."""
        sha256 = (await json_of(request, _DIGEST)).sha256
        found = await sync_to_thread(_counted, services.verification.by_digest, sha256, metrics)
        explanation = services.explain(found)
        if found is None:
            return Response(DigestBody.unknown(sha256, explanation), headers=_NO_STORE)
        public_url = services.settings.server.public_url
        return Response(DigestBody.of(found, explanation, public_url=public_url), headers=_NO_STORE)


def _opened(verification: Verification, password: str, pdf: bytes) -> VerifiedUpload:
    return verification.by_upload(pdf, password)


def _password(parts: Mapping[str, bytes]) -> str:
    """The part `password`, empty where there is none; nothing of it goes into an answer."""
    if parts.keys() - {"password"}:
        message = "The form has a part besides document and password."
        raise RequestRefused(INVALID_REQUEST, message, field="document", reason="unknown-part")
    try:
        password = parts.get("password", b"").decode()
    except UnicodeDecodeError:
        raise RequestRefused(
            INVALID_REQUEST, "The password is not UTF-8.", field="password", reason="not-text"
        ) from None
    if len(password) > LONGEST_PASSWORD:
        message = f"The password has more than {LONGEST_PASSWORD} characters."
        raise RequestRefused(INVALID_REQUEST, message, field="password", reason="too-long")
    return password


def _form_wanted(request: Request[Any, Any, Any], asked: ReportForm | None) -> ReportForm:
    """What `?report=` says, else the `Accept` field; JSON where neither names a form that we have."""
    if asked is not None:
        return asked
    return _MEDIA[request.accept.best_match(list(_MEDIA), default=_JSON) or _JSON]


def _counted(judge: Callable[[Asked], Judged], asked: Asked, metrics: Metrics) -> Judged:
    try:
        verified = judge(asked)
    except Exception as error:
        metrics.verification(problem_of(error).slug)
        raise
    if verified is not None:
        metrics.verification(verified.report.indication.value)
    return verified
