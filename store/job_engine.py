"""The engine of durable jobs, DBOS: its tables, its client, its threads. The only importer of dbos.

A job is a function of plain values that may run twice: it reads from our tables what is left to do, and every outcome
is one conditional update there. No secret is ever an argument or a result, because both are rows of the database.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Never

import dbos._serialization
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos._error import DBOSException
from dbos._sys_db import SystemDatabase
from sqlalchemy import Engine

from store.errors import DatabaseMisconfigured

VERSION: Final = "1"  # a constant: by default a deployment would strand what an older one left
_APPLICATION: Final = "teken"
_POLL_SECONDS: Final = 0.25
_RECOVERIES: Final = 20  # restarts of a worker that one job may see
_JSON: Final = DBOSPortableJSONSerializer()


def _refuse(*_: Any) -> Never:
    """In the place of pickle, which runs code: each row names the format that it is read in."""
    raise ValueError("a job row asks for pickle")


dbos._serialization.DefaultSerializer.deserialize = _refuse  # type: ignore[method-assign,assignment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of job."""

    name: str
    """Written out and kept for good: waiting jobs know their function by it."""
    queue: str
    run: Callable[..., object]
    """Takes texts and whole numbers; whatever it returns is dropped."""


def migrate(engine: Engine) -> None:
    """The engine's own tables, brought to the installed release; harmless when they are there already."""
    tables = _system_database(engine)
    tables.run_migrations()


def client_of(engine: Engine) -> DBOSClient:
    """Who asks the engine, without running anything."""
    return DBOSClient(
        system_database_engine=engine,
        serializer=_JSON,
        application_name=_APPLICATION,
        lazy=True,
        retry_connection_errors=False,
    )


@contextmanager
def running_engine(
    engine: Engine, works: Sequence[Work], *, name: str, at_once: int, patience: Callable[[], int]
) -> Iterator[None]:
    """Run jobs in threads of this process until the block ends, and `patience` seconds more for those that run then.

    Raises `DatabaseMisconfigured` where the engine's tables are not of this release.
    """
    DBOS(
        config={
            "name": _APPLICATION,
            "application_version": VERSION,
            "executor_id": name,
            "serializer": _JSON,
            "system_database_url": _plain_url(engine),
            "system_database_engine": engine,
            "run_migrations": False,
            "console_log_level": "WARNING",
        }
    )
    _log_as_we_do()
    for work in works:
        DBOS.workflow(name=work.name, max_recovery_attempts=_RECOVERIES)(work.run)
    try:
        _launch()
        for queue in dict.fromkeys(work.queue for work in works):
            DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=_POLL_SECONDS)
        yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=patience(), destroy_registry=True)


def _launch() -> None:
    try:
        DBOS.launch()
    except DBOSException as error:
        raise DatabaseMisconfigured(
            f"the tables of the jobs are not of this release ({type(error).__name__}): run `teken db upgrade`"
        ) from None


def _log_as_we_do() -> None:
    """Its own handler writes to the terminal; ours never quotes what a stranger wrote."""
    log = logging.getLogger("dbos")
    log.handlers.clear()
    log.propagate = True
    log.setLevel(logging.WARNING)


def _system_database(engine: Engine) -> SystemDatabase:
    return SystemDatabase.create(
        system_database_url=_plain_url(engine),
        engine_kwargs={},
        engine=engine,
        schema="dbos",
        serializer=_JSON,
        executor_id=None,
    )


def _plain_url(engine: Engine) -> str:
    """Only its kind is looked at, because the engine is given; so no password is handed on."""
    return "sqlite:///jobs" if engine.dialect.name == "sqlite" else "postgresql://jobs@database/jobs"
