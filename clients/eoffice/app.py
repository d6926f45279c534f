"""The office as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from litestar import Litestar, Request, Response, get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import SkipValidation
from litestar.static_files import create_static_files_router
from litestar.types import Scope

from eoffice.compose import Office, carrying
from eoffice.errors import NotFound, NotYours, Refused, TooOften
from eoffice.hooks import hear
from eoffice.pages.incoming import IncomingController
from eoffice.pages.login import LoginController
from eoffice.pages.papers import PaperController
from eoffice.pages.public import PublicController
from eoffice.pages.start import StartController
from eoffice.pages.visit import LoginNeeded, Pages, Visit, to, told_to_wait

_LOG: Final = structlog.get_logger("eoffice")
LARGEST_FORM: Final = 256 * 1024
"""Bytes of a form."""
MOST_PARTS: Final = 3_000
"""Fields of a form, each cell of a table counted."""
STATIC: Final = Path(__file__).with_name("static")
_FOR_A_YEAR: Final = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def create_app(office: Office, *, work: bool = True) -> Litestar:
    """The pages over the office; with `work`, the messenger runs beside them."""
    pages = Pages(office)

    @asynccontextmanager
    async def working(_: Litestar) -> AsyncIterator[None]:
        with carrying(office):
            yield

    def visit(request: Request[Any, Any, Any]) -> Visit:
        return Visit(request, office, pages)

    def refused(_: Request[Any, Any, Any], error: Refused) -> Response[Any]:
        if isinstance(error, TooOften):
            return told_to_wait(pages.problem(429, str(error)), error)
        status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, NotYours) else 409
        return pages.problem(status, str(error))

    def wrong(_: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        return pages.problem(error.status_code, None)

    return Litestar(
        route_handlers=[
            LoginController,
            StartController,
            PaperController,
            IncomingController,
            PublicController,
            *(page for feature in office.service.features.values() for page in feature.pages),
            hear,
            alive,
            create_static_files_router(path="/static", directories=[STATIC], cache_control=_FOR_A_YEAR),
        ],
        dependencies={
            "visit": Provide(visit, sync_to_thread=True),
            "office": Provide(lambda: office, sync_to_thread=False),
        },
        exception_handlers={
            LoginNeeded: lambda _request, _error: to("/login"),
            Refused: refused,
            HTTPException: wrong,
        },
        after_exception=[_log],
        after_request=_headers,
        lifespan=[working] if work else [],
        request_max_body_size=LARGEST_FORM,
        multipart_form_part_limit=MOST_PARTS,
        openapi_config=None,
        logging_config=None,
    )


@get("/healthz", sync_to_thread=True)
def alive(office: NamedDependency[SkipValidation[Office]]) -> Response[dict[str, Any]]:
    """Whether the office works, whether Teken answers, and how many errands wait."""
    well = office.database.ping()
    known = {"teken": office.messenger.reachable, "errands": office.errands.waiting()} if well else {}
    return Response({"database": well, **known}, status_code=200 if well else 503)


def _log(error: Exception, _: Scope) -> None:
    """What nobody expected; what was expected has its page."""
    if not isinstance(error, Refused | HTTPException | LoginNeeded):
        _LOG.error("failed", exc_info=error)


def _headers(response: Response[Any]) -> Response[Any]:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
