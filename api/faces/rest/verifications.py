"""Verify any document: open to everybody, nothing is kept."""

from enum import StrEnum
from typing import Any, Final

from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from api.bodies import Intake
from api.faces.rest.report_body import ReportBody
from api.metrics import Metrics
from api.problems import INVALID_REQUEST, RequestRefused, problem_of
from api.services import Services, VerifiedUpload
from verifier.etsi_report import etsi_report

XML: Final = "application/xml"
_JSON: Final = "application/json"
_PRIVATE: Final = {"Cache-Control": "no-store", "Vary": "Accept"}


class ReportForm(StrEnum):
    """In which form a report is answered."""

    JSON = "json"
    ETSI = "etsi"


_MEDIA: Final = {_JSON: ReportForm.JSON, XML: ReportForm.ETSI}


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
        report: FromQuery[str] = "",
    ) -> Response[ReportBody] | Response[bytes]:
        """Judge one file now. A bad signature is an answer, never an error."""
        form = _form_wanted(request, report)
        async with verification_intake.open(request) as upload:
            if upload.parts:
                raise RequestRefused(
                    INVALID_REQUEST, "The form has a part besides document.", field="document", reason="unknown-part"
                )
            verified = await sync_to_thread(_verify, services, metrics, upload.document)
        if form is ReportForm.ETSI:
            return Response(etsi_report(verified.report), media_type=XML, headers=_PRIVATE)
        body = ReportBody.of(verified, services.explain(verified), public_url=services.settings.server.public_url)
        return Response(body, headers=_PRIVATE)


def _form_wanted(request: Request[Any, Any, Any], asked: str) -> ReportForm:
    """What `?report=` says, else the `Accept` field; JSON where neither names a form that we have."""
    if not asked:
        return _MEDIA[request.accept.best_match(list(_MEDIA), default=_JSON) or _JSON]
    try:
        return ReportForm(asked)
    except ValueError:
        known = ", ".join(ReportForm)
        raise RequestRefused(
            INVALID_REQUEST, f"The report is one of {known}.", field="report", reason="unknown-value"
        ) from None


def _verify(services: Services, metrics: Metrics, pdf: bytes) -> VerifiedUpload:
    try:
        verified = services.verification.by_upload(pdf)
    except Exception as error:
        metrics.verification(problem_of(error).slug)
        raise
    metrics.verification(verified.report.indication.value)
    return verified
