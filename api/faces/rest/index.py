"""The first page of the contract, and the addresses that the `type` of a problem names."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.problems import NOT_FOUND, Problem, RequestRefused, every_problem
from api.services import Services


class IndexBody(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go from here; absolute addresses."""

    service: str
    version: str
    links: dict[str, str]


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One kind of problem."""

    type: str
    title: str
    status: int
    next_step: str

    @classmethod
    def of(cls, problem: Problem) -> "ProblemBody":
        return cls(type=problem.type, title=problem.title, status=problem.status, next_step=problem.next_step)


@get("/v1", operation_id="Index", sync_to_thread=False)
def index(services: NamedDependency[SkipValidation[Services]]) -> IndexBody:
    """What this service offers to applications."""
    url = services.settings.server.public_url
    return IndexBody(
        service="Teken",
        version="1",
        links={
            "self": f"{url}/v1",
            "token": f"{url}/oauth2/token",
            "signatures": f"{url}/v1/signatures",
            "verifications": f"{url}/v1/verifications",
            "openapi": f"{url}/openapi.json",
            "documentation": f"{url}/docs",
        },
    )


@get("/problems", operation_id="ListProblems", sync_to_thread=False)
def problems() -> list[ProblemBody]:
    """Every kind of problem that an answer may name."""
    return [ProblemBody.of(each) for _, each in sorted(every_problem().items())]


@get("/problems/{slug:str}", operation_id="GetProblem", sync_to_thread=False)
def problem(slug: FromPath[str]) -> Response[Any]:
    """One kind of problem: the address in the member `type` of an answer."""
    found = every_problem().get(slug)
    if found is None:
        raise RequestRefused(NOT_FOUND, "No problem has this name.", field="slug", reason="unknown")
    return Response(ProblemBody.of(found))
