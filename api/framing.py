"""The frames around every request, outside of routing, so that also 404 and 405 pass through them."""

from collections.abc import Callable
from time import perf_counter

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from api.logging import REQUEST_ID

Observe = Callable[[str, str, int, float], None]
"""Told after each request: method, route template, status, seconds."""

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
        method, started, status = scope["method"], perf_counter(), 500

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

        async def send_without_content(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, send_without_content)
