"""Work that goes on after its answer went out: in threads of this process, which ends them before it ends itself."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Final

AT_ONCE: Final = 2
"""Rounds that are signed at the same time; a third one waits its turn, and its page says so."""


@contextmanager
def beside(at_once: int = AT_ONCE) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Starts work under the name of whoever asked for it; what was started is finished before this ends."""
    with ThreadPoolExecutor(at_once, thread_name_prefix="rounds") as threads:

        def start(work: Callable[[], None]) -> None:
            threads.submit(copy_context().run, work)

        yield start
