"""The faces for people, each over its parts."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.answers import PageHandler
from api.app import Pages
from api.composition.ground import Ground
from api.composition.parts import Parts
from api.faces.console.router import console_router
from api.faces.desk.router import desk_router
from api.faces.public.enrolment import enrolment_router
from api.faces.public.problems import ProblemPages
from api.faces.public.router import problem_pages, public_router
from api.faces.rest.browser import docs
from api.office.entrance import build_entrance, console_doors
from api.services import Services
from api.static.files import static_router
from api.verification_counts import Face
from verifier.errors import VerifierError


def doors_of(ground: Ground, parts: Parts, services: Services) -> Pages:
    """For signatories, citizens, staff, and who enrols."""
    settings, people, pages = ground.settings, parts.people, parts.pages
    problem = _page_problem(problem_pages(pages))
    entrance = build_entrance(
        settings, ground.stores.database, ground.hsm, now=ground.now, random_bytes=ground.random_bytes
    )
    return Pages(
        handlers=[
            desk_router(parts.consent.doors, problem),
            public_router(parts.checked[Face.PAGE], pages, parts.receipts.receipt, parts.fakes),
            console_router(console_doors(settings, services, people, entrance, now=ground.now)),
            enrolment_router(people.registrations, pages, add_factors=parts.consent.first_factors),
            docs,
            static_router(),
        ],
        problem=problem,
    )


def _page_problem(pages: ProblemPages) -> PageHandler:
    """What people read where no page is, or where something failed."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, HTTPException):
            return pages.http(request, error)
        if isinstance(error, VerifierError):
            return pages.verification(request, error)
        return pages.unexpected(request, error)

    return answer
