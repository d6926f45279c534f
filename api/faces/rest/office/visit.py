"""What every route of staff shares: who comes in with what, and one declaration for the router and for OpenAPI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter, SkipValidation

from api.auth import Principal, requires
from api.faces.rest.json_body import json_of
from api.logging import request_id_of
from api.office.build import People
from api.office.desk import Caller
from api.permissions import Permission
from api.problems import (
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    OFFICE_CLOSED,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
    RequestRefused,
)
from api.services import Services
from signer.model import Secret

LARGEST_PAGE: Final = 200
LONGEST_SECRET: Final = 32
"""Characters of a NIK or NIP as it is typed."""

PRIVATE: Final = {"Cache-Control": "private, no-store"}

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]
Cursor = Annotated[str | None, QueryParameter(max_length=400)]
Limit = Annotated[int, QueryParameter(ge=1, le=LARGEST_PAGE)]
Words = Annotated[str | None, QueryParameter(max_length=100)]
Handler = Callable[..., Any]
Decorator = Callable[[Handler], HTTPRouteHandler]
Brought = TypeVar("Brought")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Generic[Brought]):
    """A member of staff in one request."""

    people: People
    caller: Caller
    services: Services
    brought: Brought
    """The body, read; `None` where the route takes none."""


Visiting = NamedDependency[SkipValidation[Visit[Brought]]]
"""The parameter of a handler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One route as `api.faces.rest.office.contract` writes it down; the handler's docstring is its summary."""

    path: str
    method: str
    name: str
    permission: Permission
    takes: type[msgspec.Struct] | tuple[str, ...] | None
    """A JSON body, or the content types of a file."""
    gives: type[msgspec.Struct]
    status: int
    fails: tuple[Problem, ...]
    query: tuple[Mapping[str, Any], ...] = ()
    sends: Mapping[str, Any] | None = field(default=None, repr=False)
    """An example of the body."""
    shows: Mapping[str, Any] | None = field(default=None, repr=False)
    """An example of the answer."""


def reads(
    path: str,
    name: str,
    permission: Permission,
    *,
    gives: type[msgspec.Struct],
    fails: tuple[Problem, ...] = (),
    query: tuple[Mapping[str, Any], ...] = (),
    shows: Mapping[str, Any] | None = None,
) -> Decorator:
    """A route that changes nothing."""
    declared = Declaration(
        path=path, method="get", name=name, permission=permission, takes=None, gives=gives, status=200, fails=fails,
        query=query, shows=shows,
    )  # fmt: skip
    return get(path, **_options(declared, _nothing))


def acts(
    path: str,
    name: str,
    permission: Permission,
    *,
    gives: type[msgspec.Struct],
    takes: type[msgspec.Struct] | None = None,
    status: int = 200,
    fails: tuple[Problem, ...] = (),
    sends: Mapping[str, Any] | None = None,
    shows: Mapping[str, Any] | None = None,
) -> Decorator:
    """A route that does something, with a JSON body or without one."""
    declared = Declaration(
        path=path, method="post", name=name, permission=permission, takes=takes, gives=gives, status=status,
        fails=fails, sends=sends, shows=shows,
    )  # fmt: skip
    return post(path, **_options(declared, _nothing if takes is None else _json(takes)))


def takes_file(
    path: str,
    name: str,
    permission: Permission,
    *,
    types: tuple[str, ...],
    most: int,
    gives: type[msgspec.Struct],
    status: int = 200,
    fails: tuple[Problem, ...] = (),
    query: tuple[Mapping[str, Any], ...] = (),
    shows: Mapping[str, Any] | None = None,
) -> Decorator:
    """A route that takes one file of at most `most` bytes as its whole body."""
    declared = Declaration(
        path=path, method="post", name=name, permission=permission, takes=types, gives=gives, status=status,
        fails=(DOCUMENT_MISSING, *fails), query=query, shows=shows,
    )  # fmt: skip
    return post(path, **_options(declared, _file(types)), request_max_body_size=most)


def told(body: msgspec.Struct, *, status: int, location: str) -> Response[Any]:
    """An answer that says where the new thing is."""
    return Response(body, status_code=status, headers={**PRIVATE, "Location": location})


def _options(declared: Declaration, read: Callable[[Asked], Any]) -> dict[str, Any]:
    async def visit(request: Asked, services: Given) -> Visit[Any]:
        people, caller = await sync_to_thread(_admitted, services, request)
        return Visit(people=people, caller=caller, services=services, brought=await read(request))

    return {
        "operation_id": declared.name,
        "status_code": declared.status,
        "guards": [requires(declared.permission)],
        "sync_to_thread": True,
        "dependencies": {"visit": Provide(visit)},
        "response_headers": [ResponseHeader(name=name, value=value) for name, value in PRIVATE.items()],
        "opt": {"declared": declared},
    }


def _admitted(services: Services, request: Asked) -> tuple[People, Caller]:
    """The office, and who asks; refuses an application, whatever its token says."""
    if services.people is None:
        raise RequestRefused(OFFICE_CLOSED, "This process serves no registration office.")
    return services.people, services.people.office.desk.caller(request.user.client_id, request_id_of(request.scope))


async def _nothing(_: Asked) -> None:
    return None


def _json(kind: type[msgspec.Struct]) -> Callable[[Asked], Any]:
    decoder = msgspec.json.Decoder(kind, dec_hook=_personal_number)

    async def read(request: Asked) -> msgspec.Struct:
        return await json_of(request, decoder)

    return read


def _file(types: tuple[str, ...]) -> Callable[[Asked], Any]:
    async def read(request: Asked) -> bytes:
        if request.content_type[0] not in types:
            listed = ", ".join(types)
            raise RequestRefused(
                UNSUPPORTED_MEDIA_TYPE,
                f"Send the file as {listed}.",
                field="Content-Type",
                reason="unsupported",
                headers={"Accept-Post": listed},
            )
        try:
            content = await request.body()
        except InternalServerException:
            raise RequestRefused(INVALID_REQUEST, "The connection ended within the body.", reason="cut-off") from None
        if not content:
            raise RequestRefused(DOCUMENT_MISSING, "The file is empty.", field="file", reason="empty")
        return content

    return read


def _personal_number(kind: type[Any], value: Any) -> Any:
    """For the decoder: a number arrives as a text and becomes a `Secret` at once."""
    if kind is Secret and isinstance(value, str) and 0 < len(value) <= LONGEST_SECRET:
        return Secret(value)
    raise ValueError(f"Expected a text of 1 to {LONGEST_SECRET} characters")
