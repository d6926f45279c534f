"""A worker: it runs durable jobs in threads of its process, alone on a SQLite file or under its name."""

import fcntl
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from store.database import Database
from store.errors import DatabaseMisconfigured
from store.job_engine import Work, running_engine
from store.job_watchdog import SqlWatchdog

_STOPPING_SECONDS: Final = 30


class JobFailed(Exception):
    """A job ended with an error. Holds the error's kind and nothing else: the text would become a row."""


@contextmanager
def running_worker(
    database: Database, works: Sequence[Work], *, name: str, at_once: int, now: Callable[[], datetime]
) -> Iterator[SqlWatchdog]:
    """Run jobs in threads of this process until the block ends; what a worker of this `name` left is begun again.

    `at_once`: jobs of one queue side by side. Whoever enters gives signs of life to the watchdog that comes back. Not
    to be entered while an event loop runs in this thread. Raises `DatabaseMisconfigured` where another worker is in the
    way, or the schema is not of this release.
    """
    watchdog, running = SqlWatchdog(database), _Running()

    def patience() -> int:
        return _STOPPING_SECONDS if running.any() else 0

    counted = [replace(work, run=running.counted(work.run)) for work in works]
    with _alone(database, name):
        watchdog.beat(name, at=now())
        with running_engine(database.engine, counted, name=name, at_once=at_once, patience=patience):
            yield watchdog


class _Running:
    """How many job functions run in this process: who stops lets them end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def any(self) -> bool:
        return self._count > 0

    def counted(self, run: Callable[..., object]) -> Callable[..., None]:
        """`run` as a job: its result is dropped, and of its error only the kind is kept."""

        def job(*arguments: Any) -> None:
            self._add(1)
            try:
                run(*arguments)
            except Exception as error:
                logging.getLogger("teken.jobs").warning("a job failed: %s", type(error).__name__)
                raise JobFailed(type(error).__name__) from None
            finally:
                self._add(-1)

        return job

    def _add(self, count: int) -> None:
        with self._lock:
            self._count += count


@contextmanager
def _alone(database: Database, name: str) -> Iterator[None]:
    """The only worker on a SQLite file; the only one of its name on PostgreSQL."""
    engine = database.engine
    if engine.dialect.name == "sqlite":
        with _locked_file(Path(f"{engine.url.database}.worker")):
            yield
        return
    number = int.from_bytes(hashlib.sha256(f"teken worker {name}".encode()).digest()[:8], "big", signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}):
            raise DatabaseMisconfigured(
                f"a worker named {name!r} runs on this database already: end it, or give this one a name of its own"
                " with [jobs] worker or --name"
            )
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})


@contextmanager
def _locked_file(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseMisconfigured(
                "a worker runs on this SQLite database already, and SQLite bears one: end it, or start this process"
                " with [jobs] in_process = false, or use PostgreSQL"
            ) from None
        yield  # the lock ends with the handle, also when this process is killed
    finally:
        os.close(handle)
