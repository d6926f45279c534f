"""How a route is declared: once, for the router and for OpenAPI. Who comes in differs; what surrounds it is shared."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter, SkipValidation

from api.auth import Principal, requires
from api.faces.rest.json_body import json_of
from api.faces.rest.tags import Known, require_unchanged, tagged
from api.letters.once import HEADER, Told, fingerprint_of, key_of
from api.permissions import Permission
from api.problems import (
    ALREADY_TOLD,
    CHANGED_MEANWHILE,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    KEY_IN_USE,
    KEY_REUSED,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
    RequestRefused,
)
from api.services import Services
from signer.model import Secret

LARGEST_PAGE: Final = 200

PRIVATE: Final = {"Cache-Control": "private, no-store"}

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]
Cursor = Annotated[str | None, QueryParameter(max_length=400)]
Limit = Annotated[int, QueryParameter(ge=1, le=LARGEST_PAGE)]
Words = Annotated[str | None, QueryParameter(max_length=100)]
ExternalId = Annotated[str | None, QueryParameter(name="externalId", min_length=1, max_length=200)]
Handler = Callable[..., Any]
Decorator = Callable[[Handler], HTTPRouteHandler]
Brought = TypeVar("Brought")
_METHODS: Final = {"post": post, "patch": patch, "delete": delete}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One route as `api.faces.rest.declared_contract` writes it down; the handler's docstring is its summary."""

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
    under_key: bool = False
    """Whether it takes an `Idempotency-Key`."""
    tells_secret: bool = False
    """Whether its answer is kept nowhere; under a key it is told once."""
    at: str | None = None
    """Where what it made is, from the answer (`{0.id}`) and the names in its path."""
    tagged: bool = False
    """Whether its answer has an ETag, which `If-None-Match` may name."""
    dated: bool = False
    """Whether its answer has a `Last-Modified`, which `If-Modified-Since` may name."""
    unless_changed: bool = False
    """Whether it takes `If-Match`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming(Generic[Brought]):
    """Somebody in one request."""

    client_id: str
    services: Services
    brought: Brought
    """The body, read; `None` where the route takes none."""
    address: str
    """Path and query."""
    network: str | None
    """The address from which they ask."""
    key: str | None
    """The `Idempotency-Key`."""
    meant: str | None
    """The field `If-Match`."""
    known: Known
    """What of the answer is there already."""

    def unchanged(self, body_of: Callable[[Any], msgspec.Struct]) -> Callable[[Any], None]:
        """Refuses a change that was made upon another state than that of now; whoever changes calls it with what is
        changed, in the transaction that changes it."""
        return lambda now: require_unchanged(body_of(now), meant=self.meant)

    def hidden(self, _: Secret) -> str | None:
        """What of a secret may be kept to tell two requests apart."""
        return None

    def once(self, declared: Declaration, act: Callable[[], Any]) -> Any:
        """What `act` answers, or what the same request under the same key was answered before."""
        if self.key is None:
            return act()
        made = list[Any]()

        def kept() -> Told:
            made.append(act())
            return _kept(declared, made[0])

        body, file = (None, self.brought) if isinstance(self.brought, bytes) else (self.brought, b"")
        printed = fingerprint_of((declared.method, self.address), body, file, hidden=self.hidden)
        told = self.services.letters.once.carry_out(self.client_id, self.key, printed, kept)
        if made:
            return made[0]
        if declared.tells_secret:
            raise RequestRefused(
                ALREADY_TOLD,
                "This was done under this key; what it told is kept nowhere.",
                field=HEADER,
                reason="told-once",
                headers=told.headers,
            )
        answer = msgspec.json.decode(told.body, type=declared.gives)
        return Response(answer, status_code=told.status, headers={**PRIVATE, **told.headers})


class Routes:
    """Declares the routes of one kind of caller."""

    def __init__(
        self,
        parameter: str,
        admit: Callable[[Asked, Services], Awaitable[Callable[..., Coming[Any]]]],
        secret: Callable[[type[Any], Any], Any],
    ) -> None:
        """`parameter`: what handlers call who comes in; `admit`: lets them in before their body is read, or refuses;
        `secret`: how the decoder takes a secret."""
        self._parameter = parameter
        self._admit = admit
        self._secret = secret

    def reads(
        self,
        path: str,
        name: str,
        permission: Permission,
        *,
        gives: type[msgspec.Struct],
        fails: tuple[Problem, ...] = (),
        query: tuple[Mapping[str, Any], ...] = (),
        shows: Mapping[str, Any] | None = None,
        changed: Callable[[Any], datetime] | None = None,
    ) -> Decorator:
        """A route that changes nothing; `changed`: when the body that it answers became so."""
        declared = Declaration(
            path=path, method="get", name=name, permission=permission, takes=None, gives=gives, status=200, fails=fails,
            query=query, shows=shows, tagged="{" in path, dated=changed is not None,
        )  # fmt: skip
        route = get(path, **self._options(declared, _nothing))
        return self._told_once(route, changed) if declared.tagged else route

    def acts(
        self,
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
        tells_secret: bool = False,
        at: str | None = None,
        unless_changed: bool = False,
        method: Literal["post", "patch", "delete"] = "post",
    ) -> Decorator:
        """A route that does something, with a JSON body or without one. What it made is `at` an address that is written
        with the answer and the names in the path: `/v1/clients/{0.client_id}`."""
        declared = Declaration(
            path=path, method=method, name=name, permission=permission, takes=takes, gives=gives, status=status,
            fails=(*fails, *_keyed(tells_secret=tells_secret), *_met(unless_changed)), sends=sends, shows=shows,
            under_key=True, tells_secret=tells_secret, at=at, unless_changed=unless_changed,
        )  # fmt: skip
        read = _nothing if takes is None else self._json(takes)
        return self._done_once(declared, _METHODS[method](path, **self._options(declared, read)))

    def takes_file(
        self,
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
            fails=(DOCUMENT_MISSING, *fails, *_keyed(tells_secret=False)), query=query, shows=shows, under_key=True,
        )  # fmt: skip
        return self._done_once(
            declared, post(path, **self._options(declared, _file(types)), request_max_body_size=most)
        )

    def _told_once(self, route: Decorator, changed: Callable[[Any], datetime] | None) -> Decorator:
        def decorate(handler: Handler) -> HTTPRouteHandler:
            @wraps(handler)
            def told_once(controller: Any, **given: Any) -> Any:
                coming: Coming[Any] = given[self._parameter]
                body = handler(controller, **given)
                return tagged(body, PRIVATE, known=coming.known, changed=changed(body) if changed else None)

            return route(told_once)

        return decorate

    def _done_once(self, declared: Declaration, route: Decorator) -> Decorator:
        def decorate(handler: Handler) -> HTTPRouteHandler:
            @wraps(handler)
            def once(controller: Any, **given: Any) -> Any:
                coming: Coming[Any] = given[self._parameter]
                return coming.once(declared, lambda: _placed(declared, handler(controller, **given), given))

            return route(once)

        return decorate

    def _options(self, declared: Declaration, read: Callable[[Asked], Any]) -> dict[str, Any]:
        async def coming(request: Asked, services: Given) -> Coming[Any]:
            admitted = await self._admit(request, services)
            query = request.url.query
            return admitted(
                client_id=request.user.client_id,
                services=services,
                brought=await read(request),
                address=f"{request.url.path}?{query}" if query else request.url.path,
                network=None if request.client is None else request.client.host,
                key=key_of(request.headers),
                meant=request.headers.get("If-Match"),
                known=Known.of(request.headers, now=services.now()),
            )

        return {
            "operation_id": declared.name,
            "status_code": declared.status,
            "guards": [requires(declared.permission)],
            "sync_to_thread": True,
            "dependencies": {self._parameter: Provide(coming)},
            "response_headers": [ResponseHeader(name=name, value=value) for name, value in PRIVATE.items()],
            "opt": {"declared": declared, "exclude_from_compression": declared.tagged},
        }

    def _json(self, kind: type[msgspec.Struct]) -> Callable[[Asked], Any]:
        decoder = msgspec.json.Decoder(kind, dec_hook=self._secret)

        async def read(request: Asked) -> msgspec.Struct:
            return await json_of(request, decoder)

        return read


def _placed(declared: Declaration, body: Any, given: Mapping[str, Any]) -> Any:
    """The answer, which says where the new thing is."""
    if declared.at is None:
        return body
    named = {name: quote(value, safe="") for name, value in given.items() if isinstance(value, str)}
    where = declared.at.format(body, **named)
    return Response(body, status_code=declared.status, headers={**PRIVATE, "Location": where})


def _keyed(*, tells_secret: bool) -> tuple[Problem, ...]:
    return (KEY_IN_USE, KEY_REUSED, *((ALREADY_TOLD,) if tells_secret else ()))


def _met(unless_changed: bool) -> tuple[Problem, ...]:
    return (CHANGED_MEANWHILE,) if unless_changed else ()


def _kept(declared: Declaration, answer: Any) -> Told:
    where, body = dict[str, str](), answer
    if isinstance(answer, Response):
        where = {name: value for name, value in answer.headers.items() if name.lower() == "location"}
        body = answer.content
    text = b"" if declared.tells_secret else msgspec.json.encode(body)
    return Told(status=declared.status, headers=where, body=text)


async def _nothing(_: Asked) -> None:
    return None


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
