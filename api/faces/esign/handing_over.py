"""A document that is handed over once, and counts as handed over only when all of it went to somebody still there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Stream

from api.bodies import PDF
from signer.document import Document

_PIECE: Final = 64 * 1024
_LISTEN_SECONDS: Final = 0.1
"""Before the last piece: who broke off has been heard of by then."""


def handed_over(document: Document, headers: Mapping[str, str], done: Callable[[], None]) -> Response[Any]:
    """`document` in pieces; `done` is called in a thread after the last one, and not when the caller is gone.

    The framework stops the pieces as soon as the connection ends. All of a short document lies in the system's buffers
    before anybody has read it, so the last piece waits for a moment in which a broken connection shows.
    """

    async def pieces() -> AsyncIterator[bytes]:
        last = max(len(document) - _PIECE, len(document) // 2)
        for start in range(0, last, _PIECE):
            yield document[start : min(start + _PIECE, last)]
        await asyncio.sleep(_LISTEN_SECONDS)
        yield document[last : len(document)]
        yield b""  # sent when the piece before it has left for the network
        await sync_to_thread(done)

    length = {"Content-Length": str(len(document))}
    return Stream(pieces(), media_type=PDF, headers={**headers, **length})
