"""Work that is answered within seconds or goes on alone: what it comes to is kept, and a repeated call gets it."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from litestar.concurrency import sync_to_thread

from api.faces.esign.errors import EsignRefused

HARD_STOP_SECONDS: Final = 5.5
"""Counted from the end of the body: a client gives up after seven and then knows nothing."""
RETRY_SECONDS: Final = 3

Result = TypeVar("Result")
_log = structlog.get_logger("teken.esign")
_working: set[asyncio.Task[object]] = set()  # the loop itself would forget a task that nobody holds


async def within_hard_stop(
    work: Callable[[], Result], *, after: Callable[[], None], seconds: float = HARD_STOP_SECONDS
) -> Result:
    """What `work` gives, which runs in a thread; `after` is called on the event loop when it is over.

    Raises as `work`, and `EsignRefused` (503) after `seconds`; the work itself goes on.
    """
    task = asyncio.ensure_future(_run(work, after))
    _working.add(task)
    task.add_done_callback(_working.discard)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(_note)
        raise EsignRefused(
            "Tanda tangan belum selesai; ulangi permintaan yang sama sebentar lagi.",
            status=503,
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    return task.result()


async def _run(work: Callable[[], Result], after: Callable[[], None]) -> Result:
    try:
        return await sync_to_thread(work)
    finally:
        after()


def _note(task: "asyncio.Task[Result]") -> None:
    """A failure that nobody waits for any more."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.warning("late failure", error=type(error).__qualname__)
