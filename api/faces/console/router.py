"""The console as one router. A page is a controller here, its templates, and a line in `navigation.py`."""

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from api.faces.console.approvals import ApprovalsController
from api.faces.console.attention import AttentionController
from api.faces.console.certificates import CertificatesController
from api.faces.console.clients import ClientsController
from api.faces.console.fakes import FakesController
from api.faces.console.gateway import GatewayController
from api.faces.console.handovers import HandoversController
from api.faces.console.health import HealthController
from api.faces.console.imports import ImportsController
from api.faces.console.jobs import JobsController
from api.faces.console.kinds import KindsController
from api.faces.console.official import OfficialController
from api.faces.console.officials import OfficialsController
from api.faces.console.own_account import OwnAccountController
from api.faces.console.ports import ConsoleDoors
from api.faces.console.registering import RegisteringController
from api.faces.console.registrations import RegistrationsController
from api.faces.console.reports import ReportsController
from api.faces.console.revoking import RevokingController
from api.faces.console.seals import SealsController
from api.faces.console.signing_in import SignInController
from api.faces.console.staff import StaffController
from api.faces.console.staff_link import StaffLinkController
from api.faces.console.stamps import StampsController
from api.faces.console.trail import TrailController
from api.faces.console.visit import SentElsewhere, Visit, to
from api.faces.console.webhooks import WebhooksController
from api.faces.console.wording import EXPLAINED, REFUSED, ROLES
from api.pages.moments import in_words
from api.pages.rendering import Rendering
from api.pages.text import Text
from api.permissions import Permission
from api.routes import Routes
from signer.errors import NotPermitted, Refused, Unavailable
from verifier.errors import VerifierError

TEMPLATES: Final = Path(__file__).parent / "templates"
LARGEST_BODY: Final = 64 * 1024
"""Bytes of a form; a handler that takes a file says its own."""

CONTROLLERS: Final = (
    SignInController,
    StaffLinkController,
    AttentionController,
    StaffController,
    OwnAccountController,
    FakesController,
    OfficialsController,
    OfficialController,
    HandoversController,
    RegisteringController,
    RegistrationsController,
    CertificatesController,
    RevokingController,
    ApprovalsController,
    ImportsController,
    SealsController,
    ReportsController,
    HealthController,
    JobsController,
    TrailController,
    ClientsController,
    GatewayController,
    WebhooksController,
    KindsController,
    StampsController,
)
"""Every page of the console: each area adds its controllers here."""


def console_router(doors: ConsoleDoors) -> Router:
    """Mount this at the root; it answers `/console…` and `/staff/…`."""

    def local(moment: Any) -> Text:
        return in_words(moment, utc_offset_hours=doors.settings.utc_offset_hours)

    pages = Rendering(TEMPLATES, settings=doors.settings, roles=ROLES, local=local, Permission=Permission)

    def give_visit(request: Request[Any, Any, Any]) -> Visit:
        return Visit(request, doors, pages)

    def refused(request: Request[Any, Any, Any], status: int, said: str | None = None) -> Response[Any]:
        return Visit(request, doors, pages).show(
            "refused.html",
            status=status,
            title=REFUSED.get(status, REFUSED[422]),
            explained=EXPLAINED.get(status),
            said=said,
        )

    def elsewhere(_: Request[Any, Any, Any], sent: SentElsewhere) -> Response[Any]:
        return to(sent.path)

    def http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        return refused(request, error.status_code)

    def not_permitted(request: Request[Any, Any, Any], error: NotPermitted) -> Response[Any]:
        return refused(request, 403, str(error))

    def refused_otherwise(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
        return refused(request, 422, str(error))

    def not_now(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
        return refused(request, 503)

    return Routes(
        path="/",
        route_handlers=list(CONTROLLERS),
        dependencies={"visit": Provide(give_visit, sync_to_thread=True)},
        exception_handlers={
            SentElsewhere: elsewhere,
            HTTPException: http,
            NotPermitted: not_permitted,
            Refused: refused_otherwise,
            Unavailable: not_now,
            VerifierError: not_now,
        },
        request_max_body_size=LARGEST_BODY,
    )
