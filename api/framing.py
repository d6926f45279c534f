"""The frames around every request, outside of routing, so that also 404 and 405 pass through them."""

from collections.abc import Callable, Collection, Mapping
from time import perf_counter
from typing import Final

import structlog
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)

from api.logging import REQUEST_ID

Observe = Callable[[str, str, int, float], None]
"""Told after each request: method, route template, status, seconds."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""The methods that are told apart in logs and metrics; every other one is a stranger's text."""

HEAD: Final = "head"
"""In the state of a request whose content nobody gets."""

_log = structlog.get_logger("teken.requests")


class RequestFrame:
    """The outermost frame: gives each request an id, and writes its one log line when it is answered.

    A path may hold a verification code, so the route's template stands in the log and not the path.
    """

    def __init__(self, app: ASGIApp, *, random_bytes: Callable[[int], bytes], observe: Observe) -> None:
        self._app = app
        self._random_bytes = random_bytes
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = self._random_bytes(8).hex()
        scope.setdefault("state", {})[REQUEST_ID] = request_id
        started, status = perf_counter(), 500
        method: str = scope["method"] if scope["method"] in METHODS else "other"

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._write(scope, method, status, perf_counter() - started)

    def _write(self, scope: HTTPScope, method: str, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "(no route)"
        client = getattr(scope.get("user"), "client_id", None)
        _log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), client=client)
        self._observe(method, route, status, seconds)


class HeadAsGet:
    """HEAD is GET without the content (RFC 9110, 9.3.2), at every address and with the same header fields."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        scope["method"] = "GET"
        scope.setdefault("state", {})[HEAD] = True

        async def send_without_content(message: Message) -> None:
            scope["method"] = "HEAD"  # where the server looks when it compares the content with Content-Length
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, send_without_content)


class AllowWhole:
    """OPTIONS names every method of an address, wherever its handlers were declared (RFC 9110, 10.2.1)."""

    def __init__(self, app: ASGIApp, methods: Mapping[str, Collection[str]]) -> None:
        """`methods`: those of each route, by its template."""
        self._app = app
        self._allow = {route: ", ".join(sorted(_with_head(named))).encode() for route, named in methods.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "OPTIONS":
            await self._app(scope, receive, send)
            return

        async def send_with_all(message: Message) -> None:
            allow = self._allow.get(scope.get("path_template", ""))
            if message["type"] == "http.response.start" and allow is not None:
                others = [field for field in message["headers"] if field[0].lower() != b"allow"]
                message["headers"] = [*others, (b"allow", allow)]
            await send(message)

        await self._app(scope, receive, send_with_all)


def _with_head(methods: Collection[str]) -> set[str]:
    return {*methods, "HEAD"} if "GET" in methods else set(methods)


class CloseUnread:
    """Ends the connection after an answer that came before the whole body did.

    The rest of a refused upload is then not read, and no second request can hide in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _has_body(scope):
            await self._app(scope, receive, send)
            return
        unread = True

        async def receive_and_note(*_: object) -> HTTPReceiveMessage | WebSocketReceiveMessage:
            nonlocal unread
            message = await receive()
            unread = unread and bool(message.get("more_body", False))
            return message

        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and unread:
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive_and_note, send_and_close)


def _has_body(scope: Scope) -> bool:
    """Whether the request announced a body (RFC 9112, 6)."""
    told = dict(scope["headers"]) if scope["type"] == ScopeType.HTTP else {}
    return b"transfer-encoding" in told or told.get(b"content-length", b"0") != b"0"
