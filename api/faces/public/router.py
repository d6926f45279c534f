"""The citizen's pages as one router, complete with their error pages."""

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from api.faces.public.controllers import PublicController
from api.faces.public.pages import Pages
from api.faces.public.ports import PublicVerification, Receipts, ReportsOfFakes
from api.faces.public.problems import ProblemPages
from api.faces.public.reporting import ReportController
from api.faces.public.scanning import ScanController
from api.faces.public.settings import PublicSettings
from api.routes import Routes
from signer.errors import SignerError
from verifier.errors import VerifierError

FORM_OVERHEAD = 64 * 1024
"""Bytes that a multipart form may need around the document."""


def problem_pages(settings: PublicSettings) -> ProblemPages:
    """The error pages alone, for browsers on paths that nobody serves."""
    return ProblemPages(Pages(settings), limit=settings.max_document_size)


def public_router(
    verification: PublicVerification, settings: PublicSettings, receipts: Receipts, reports: ReportsOfFakes
) -> Router:
    """Mount this at the root; it answers `/`, `/scan`, `/c`, `/v/…`, `/report-fake` and what forms send."""
    pages = Pages(settings)
    problems = ProblemPages(pages, limit=settings.max_document_size)

    def provide_verification() -> PublicVerification:
        return verification

    def provide_receipts() -> Receipts:
        return receipts

    def provide_reports() -> ReportsOfFakes:
        return reports

    def provide_pages() -> Pages:
        return pages

    def provide_settings() -> PublicSettings:
        return settings

    return Routes(
        path="/",
        route_handlers=[PublicController, ScanController, ReportController],
        dependencies={
            "verification": Provide(provide_verification, sync_to_thread=False),
            "receipts": Provide(provide_receipts, sync_to_thread=False),
            "reports": Provide(provide_reports, sync_to_thread=False),
            "pages": Provide(provide_pages, sync_to_thread=False),
            "settings": Provide(provide_settings, sync_to_thread=False),
        },
        exception_handlers={
            HTTPException: problems.http,
            VerifierError: problems.verification,
            SignerError: problems.sealing,
            Exception: problems.unexpected,
        },
        request_max_body_size=settings.max_document_size + FORM_OVERHEAD,
    )
