"""The pages for signatories as one router."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from api.answers import PageHandler
from api.faces.desk.applications import ApplicationsController
from api.faces.desk.authorizing import AuthorizeController
from api.faces.desk.code_sessions import CodeSessionsController
from api.faces.desk.consent import ConsentController
from api.faces.desk.consent_pages import ConsentPagesController
from api.faces.desk.factors import FactorController, LinkController
from api.faces.desk.handing_over import HandingOverController
from api.faces.desk.history import HistoryController
from api.faces.desk.inbox import InboxController
from api.faces.desk.own_certificate import CertificateController
from api.faces.desk.placing import PlacingController
from api.faces.desk.ports import DeskDoors
from api.faces.desk.rounds import RoundsController
from api.faces.desk.signing_in import SignInController
from api.faces.desk.visit import Visit
from api.pages.rendering import Rendering
from api.routes import Routes
from signer.errors import Unavailable
from verifier.errors import VerifierError

TEMPLATES = Path(__file__).parent / "templates"
LARGEST_BODY = 32 * 1024
"""Bytes of a form: a passphrase, a code, or what a passkey answers."""


def desk_router(doors: DeskDoors, problem: PageHandler) -> Router:
    """Mount this at the root; it answers `/desk…` and `/oauth2/authorize`. `problem` is the page of an error."""
    pages = Rendering(TEMPLATES, settings=doors.settings)

    def give_visit(request: Request[Any, Any, Any]) -> Visit:
        return Visit(request, doors, pages)

    def not_now(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
        return problem(request, HTTPException(status_code=503))

    return Routes(
        path="/",
        route_handlers=[
            InboxController,
            HandingOverController,
            RoundsController,
            HistoryController,
            CertificateController,
            AuthorizeController,
            ApplicationsController,
            CodeSessionsController,
            ConsentController,
            ConsentPagesController,
            PlacingController,
            SignInController,
            FactorController,
            LinkController,
        ],
        dependencies={"visit": Provide(give_visit, sync_to_thread=True)},
        exception_handlers={Unavailable: not_now, VerifierError: not_now},
        request_max_body_size=LARGEST_BODY,
    )
