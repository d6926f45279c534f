"""Verify any document: open to everybody, nothing is kept."""

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.bodies import Intake
from api.faces.rest.report_body import ReportBody
from api.metrics import Metrics
from api.problems import INVALID_REQUEST, RequestRefused, problem_of
from api.services import Services, VerifiedUpload


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
    ) -> Response[ReportBody]:
        """Judge one file now. A bad signature is an answer, never an error."""
        async with verification_intake.open(request) as upload:
            if upload.parts:
                raise RequestRefused(
                    INVALID_REQUEST, "The form has a part besides document.", field="document", reason="unknown-part"
                )
            verified = await sync_to_thread(_verify, services, metrics, upload.document)
        body = ReportBody.of(verified, services.explain(verified), public_url=services.settings.server.public_url)
        return Response(body, headers={"Cache-Control": "no-store"})


def _verify(services: Services, metrics: Metrics, pdf: bytes) -> VerifiedUpload:
    try:
        verified = services.verification.by_upload(pdf)
    except Exception as error:
        metrics.verification(problem_of(error).slug)
        raise
    metrics.verification(verified.report.indication.value)
    return verified
