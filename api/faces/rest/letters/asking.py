"""What every route around letters shares: which application asks with what, declared for the router and for OpenAPI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, TypeVar

import msgspec
from litestar import get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import SkipValidation

from api.auth import requires
from api.faces.rest.json_body import json_of
from api.faces.rest.office.visit import PRIVATE, Asked, Declaration, Decorator, Given, Handler
from api.faces.rest.sign_body import passphrase_of
from api.letters.once import Told, fingerprint_of, key_of
from api.permissions import Permission
from api.problems import Problem
from api.services import Services

Brought = TypeVar("Brought")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Generic[Brought]):
    """An application in one request."""

    client_id: str
    services: Services
    brought: Brought
    """The body, read; `None` where the route takes none."""
    path: str
    key: str | None
    """The `Idempotency-Key`."""

    def once(self, declared: Declaration, act: Callable[[], Any]) -> Any:
        """What `act` answers, or what the same request under the same key was answered before."""
        if self.key is None:
            return act()
        printed = fingerprint_of((declared.method, self.path), self.brought)
        told = self.services.letters.once.carry_out(
            self.client_id,
            self.key,
            printed,
            lambda: Told(status=declared.status, headers={}, body=msgspec.json.encode(act())),
        )
        return msgspec.json.decode(told.body, type=declared.gives)


Asks = NamedDependency[SkipValidation[Asking[Brought]]]
"""The parameter of a handler."""


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

    def decorate(handler: Handler) -> HTTPRouteHandler:
        @wraps(handler)
        def once(self: Any, asking: Asking[Any], **named: Any) -> Any:
            return asking.once(declared, lambda: handler(self, asking, **named))

        return post(path, **_options(declared, _nothing if takes is None else _json(takes)))(once)

    return decorate


def _options(declared: Declaration, read: Callable[[Asked], Any]) -> dict[str, Any]:
    async def asking(request: Asked, services: Given) -> Asking[Any]:
        return Asking(
            client_id=request.user.client_id,
            services=services,
            brought=await read(request),
            path=request.url.path,
            key=key_of(request.headers),
        )

    return {
        "operation_id": declared.name,
        "status_code": declared.status,
        "guards": [requires(declared.permission)],
        "sync_to_thread": True,
        "dependencies": {"asking": Provide(asking)},
        "response_headers": [ResponseHeader(name=name, value=value) for name, value in PRIVATE.items()],
        "opt": {"declared": declared},
    }


async def _nothing(_: Asked) -> None:
    return None


def _json(kind: type[msgspec.Struct]) -> Callable[[Asked], Any]:
    decoder = msgspec.json.Decoder(kind, dec_hook=passphrase_of)

    async def read(request: Asked) -> msgspec.Struct:
        return await json_of(request, decoder)

    return read
