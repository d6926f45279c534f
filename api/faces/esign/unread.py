"""A refusal that is heard: what a client is still sending is read to its end, within bounds, before it is answered.

Several clients write a whole body before they look for an answer; closed on them, they report a broken connection and
never the reason.
"""

import asyncio
from typing import Final

from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)

from api.faces.esign.paths import belongs_here

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_SECONDS: Final = 10.0


class ReadToTheEnd:
    """For this face alone, behind `PathRule`. What was read is thrown away piece by piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not belongs_here(scope["path"]) or _waits(scope):
            await self._app(scope, receive, send)
            return
        unread = True

        async def receive_and_note() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            nonlocal unread
            message = await receive()
            unread = bool(message.get("more_body", False))
            return message

        async def read_then_send(message: Message) -> None:
            nonlocal unread
            if message["type"] == "http.response.start" and message["status"] >= 400 and unread:
                await _read_rest(receive_and_note)
            await send(message)

        await self._app(scope, receive_and_note, read_then_send)


async def _read_rest(receive: Receive) -> None:
    left, more = MOST_BYTES, True
    try:
        async with asyncio.timeout(MOST_SECONDS):
            while more and left > 0:
                message = await receive()
                body = message.get("body")
                left -= len(body) if isinstance(body, bytes) else 0
                more = bool(message.get("more_body", False))
    except TimeoutError:
        return


def _waits(scope: Scope) -> bool:
    """Whether the client sends nothing before it is told to (`Expect: 100-continue`), or has nothing to send."""
    told = dict(scope["headers"])
    has_body = b"transfer-encoding" in told or told.get(b"content-length", b"0") != b"0"
    return b"expect" in told or not has_body
