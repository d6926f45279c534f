"""Who carries steps out: blocking, or in an event loop of asyncio. All input and output is here."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

import httpx

from teken.core.content import Content
from teken.core.steps import Give, Items, NoAnswer, Progress, Send, Steps, Wait
from teken.errors import TekenError

T = TypeVar("T")

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class SyncRunner:
    """Blocks until it is done."""

    blocking = True

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def run(self, steps: Steps[T]) -> T:
        """Every step, and what they come to."""
        progress = Progress(steps)
        step = progress.go_on()
        while step is not None:
            step = progress.go_on(self._failed(step))
        return progress.result

    def items(self, steps: Items[T]) -> Iterator[T]:
        """Every step, and each item when it is there."""
        progress = Progress(steps)
        step = progress.go_on()
        while step is not None:
            if isinstance(step, Give):
                yield step.item
                step = progress.go_on()
            else:
                step = progress.go_on(self._failed(step))

    def close(self) -> None:
        """Ends its connections."""
        self._http.close()

    def _failed(self, step: Send | Wait) -> Exception | None:
        if isinstance(step, Wait):
            time.sleep(step.seconds)
            return None
        request = _request(self._http, step)
        request.stream = _Pieces(step.content)
        try:
            answer = self._http.send(request, stream=True)
            try:
                step.receiver.begin(answer.status_code, answer.headers)
                for chunk in answer.iter_bytes():
                    step.receiver.feed(chunk)
            finally:
                answer.close()
        except httpx.TransportError as error:
            return _no_answer(error)
        except TekenError as error:  # the receiver's; the steps have to learn of it to clean up
            return error
        return None


class AsyncRunner:
    """The same, awaited."""

    awaiting = True

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def run(self, steps: Steps[T]) -> T:
        """Every step, and what they come to."""
        progress = Progress(steps)
        step = progress.go_on()
        while step is not None:
            step = progress.go_on(await self._failed(step))
        return progress.result

    async def items(self, steps: Items[T]) -> AsyncIterator[T]:
        """Every step, and each item when it is there."""
        progress = Progress(steps)
        step = progress.go_on()
        while step is not None:
            if isinstance(step, Give):
                yield step.item
                step = progress.go_on()
            else:
                step = progress.go_on(await self._failed(step))

    async def close(self) -> None:
        """Ends its connections."""
        await self._http.aclose()

    async def _failed(self, step: Send | Wait) -> Exception | None:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        request = _request(self._http, step)
        request.stream = _AsyncPieces(step.content)
        try:
            answer = await self._http.send(request, stream=True)
            try:
                step.receiver.begin(answer.status_code, answer.headers)
                async for chunk in answer.aiter_bytes():
                    step.receiver.feed(chunk)
            finally:
                await answer.aclose()
        except httpx.TransportError as error:
            return _no_answer(error)
        except TekenError as error:  # the receiver's; the steps have to learn of it to clean up
            return error
        return None


class _Pieces(httpx.SyncByteStream):
    def __init__(self, content: Content | None) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter(()) if self._content is None else self._content.pieces()


class _AsyncPieces(httpx.AsyncByteStream):
    """Files are read in a thread, so that a slow disk does not hold the loop."""

    def __init__(self, content: Content | None) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(()) if self._content is None else self._content.pieces()
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece


def _request(http: httpx.Client | httpx.AsyncClient, step: Send) -> httpx.Request:
    headers = dict(step.headers)
    if step.content is not None:
        headers["Content-Length"] = str(step.content.length)
    return http.build_request(step.method, step.path, headers=headers)


def _no_answer(error: httpx.TransportError) -> NoAnswer:
    return NoAnswer(f"{type(error).__name__} {error}".strip(), sent=not isinstance(error, _NEVER_SENT))
