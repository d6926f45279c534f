"""Durable jobs on DBOS: enqueued, listed, resumed, cancelled, deleted, run. The only importer of dbos.

A job is a function of plain values that may run twice: it reads from our tables what is left to do, and every outcome
is one conditional update there. No secret is ever an argument or a result, because both are rows of the database.
What is not in the open part of DBOS is here: the watchdog over dead workers, one worker on SQLite, and retention.
"""

import fcntl
import hashlib
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Never

import dbos._serialization
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos._error import DBOSException
from dbos._sys_db import SystemDatabase
from sqlalchemy import Engine, Row, TableClause, column, delete, func, insert, select, table, text, tuple_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from store.audit import Act, append
from store.database import Database
from store.errors import DatabaseMisconfigured, DatabaseUnavailable
from store.job_queues import QUEUES
from store.job_tables import JobRescueRow, JobWorkerRow

APPLICATION: Final = "teken"
VERSION: Final = "1"  # a constant: by default a deployment would strand what an older one left
HEARTBEAT: Final = timedelta(seconds=10)
SILENCE: Final = timedelta(seconds=60)
RESCUES: Final = 3
POLL_SECONDS: Final = 0.25
RECOVERIES: Final = 20  # restarts of a worker that one job may see
_STOPPING_SECONDS: Final = 30
_SLICE: Final = 1000
_WATCHDOG: Final = 0x7E4E_0B5E  # any fixed number: the advisory lock of whoever is the watchdog now
_ENDED: Final = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_RETRIED: Final = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_SEEN: Final = ("workflow_uuid", "name", "queue_name", "status", "executor_id", "created_at", "updated_at")
_JSON: Final = DBOSPortableJSONSerializer()


def _refuse(*_: Any) -> Never:
    """In the place of pickle, which runs code: each row names the format that it is read in."""
    raise ValueError("a job row asks for pickle")


dbos._serialization.DefaultSerializer.deserialize = _refuse  # type: ignore[method-assign,assignment]


class JobFailed(Exception):
    """A job ended with an error. Holds the error's kind and nothing else: the text would become a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of job."""

    name: str
    """Written out and kept for good: waiting jobs know their function by it."""
    queue: str
    run: Callable[..., object]
    """Takes texts and whole numbers; whatever it returns is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCount:
    """How many jobs of one queue are in one state."""

    queue: str
    state: str
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job, as operators see it; its arguments are in its key and nothing of them is a secret."""

    key: str
    kind: str
    queue: str
    state: str
    """In the engine's words."""
    worker: str | None
    """Who ran it last."""
    asked_at: datetime
    changed_at: datetime


def migrate(engine: Engine) -> None:
    """The engine's own tables, brought to the installed release; harmless when they are there already."""
    tables = _system_database(engine)
    tables.run_migrations()


class SqlJobs:
    """What doors and watchdog need of the jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._client = DBOSClient(
            system_database_engine=database.engine,
            serializer=_JSON,
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue(self, session: Session, queue: str, job: str, key: str, *arguments: str | int) -> None:
        """In the caller's transaction; the same key twice is one job."""
        self._client.enqueue_in_transaction(
            session,
            {"queue_name": queue, "workflow_name": job, "workflow_id": key, "app_version": VERSION},
            *arguments,
        )

    def counts(self) -> tuple[JobCount, ...]:
        """Jobs by queue and state; neither their arguments nor their results are looked at."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for job in self._client.list_workflows(load_input=False, load_output=False):
            found[job.queue_name or "", job.status] += 1
        return tuple(JobCount(queue=queue, state=state, jobs=jobs) for (queue, state), jobs in sorted(found.items()))

    def state(self, key: str) -> str | None:
        """The state of one job, in the engine's words; `None` where there is none."""
        found = self._client.list_workflows(workflow_ids=[key], load_input=False, load_output=False)
        return found[0].status if found else None

    def find(self, *, states: Sequence[str], limit: int, after: str | None = None) -> tuple[JobView, ...]:
        """At most `limit` jobs in one of `states`, those that were asked for last at the beginning, and of one moment
        by key backwards; those that follow the job with the key `after`, none where that is forgotten meanwhile."""
        with self._database.transaction() as session:
            jobs = _engines_table(session)
            newest_first = (jobs.c.created_at, jobs.c.workflow_uuid)
            query = select(jobs).where(jobs.c.status.in_(states))
            if after is not None:
                place = session.execute(select(*newest_first).where(jobs.c.workflow_uuid == after)).one_or_none()
                if place is None:
                    return ()
                query = query.where(tuple_(*newest_first) < tuple_(*place))
            found = session.execute(query.order_by(*(each.desc() for each in newest_first)).limit(limit))
            return tuple(map(_seen, found))

    def get(self, key: str) -> JobView | None:
        """One job."""
        with self._database.transaction() as session:
            jobs = _engines_table(session)
            row = session.execute(select(jobs).where(jobs.c.workflow_uuid == key)).one_or_none()
            return None if row is None else _seen(row)

    def heard(self) -> Mapping[str, datetime]:
        """When each worker was heard last."""
        with self._database.transaction() as session:
            return {row.name: row.heard_at for row in session.scalars(select(JobWorkerRow))}

    def retry(self, key: str, *, actor: str, at: datetime) -> str | None:
        """Begin a cancelled or failed job anew; its key, a new one where it had ended with an error. `None` where it is
        in another state, or its row is not one that we wrote."""
        with _told_as_ours():
            found = self._client.list_workflows(workflow_ids=[key], load_output=False)
        if not found or found[0].status not in _RETRIED or not isinstance(found[0].input, dict):
            return None
        job, given = found[0], found[0].input
        failed = job.status == "ERROR"  # the engine never runs such a one again
        fresh = f"{key}/again-{at:%Y%m%dT%H%M%S%f}" if failed else key
        with self._database.transaction() as session:
            session.execute(delete(JobRescueRow).where(JobRescueRow.job == key))
            if failed:
                self.enqueue(session, job.queue_name or "", job.name, fresh, *given["args"])
            append(session, Act.JOB_RETRY, f"job:{key}", at=at, actor=actor)
        if not failed:
            self._client.resume_workflows([key], queue_name=job.queue_name or QUEUES.get(job.name))
        return fresh

    def end(self, key: str, *, actor: str, at: datetime) -> bool:
        """Cancel a job that waits or runs; whether it did."""
        job = self.get(key)
        if job is None or job.state in _ENDED:
            return False
        with self._database.transaction() as session:
            append(session, Act.JOB_CANCEL, f"job:{key}", at=at, actor=actor)
        self.cancel(key)
        return True

    def cancel(self, *keys: str) -> None:
        """What waits is never begun; what runs is not begun again."""
        self._client.cancel_workflows(list(keys))

    def beat(self, worker: str, *, at: datetime) -> None:
        """The worker lives."""
        with self._database.transaction() as session:
            heard = update(JobWorkerRow).where(JobWorkerRow.name == worker).values(heard_at=at)
            if session.scalar(heard.returning(JobWorkerRow.name)) is None:
                session.execute(insert(JobWorkerRow).values(name=worker, heard_at=at))

    def rescue(self, *, at: datetime) -> int:
        """Resume what workers hold that fell silent; returns how many jobs. One process at a time does it.

        A false alarm does no harm: whoever was only frozen has lost its job to the one that took it over. A job that
        was taken over three times is cancelled instead, and `given_up` counts it.
        """
        with self._database.transaction() as session:
            if session.get_bind().dialect.name == "postgresql" and not session.scalar(
                select(func.pg_try_advisory_xact_lock(_WATCHDOG))
            ):
                return 0
            living = set(session.scalars(select(JobWorkerRow.name).where(JobWorkerRow.heard_at >= at - SILENCE)))
            held = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
            left = [job for job in held if job.executor_id not in living]
            times = {row.job: row.times for row in session.scalars(select(JobRescueRow))} if left else {}
            by_queue: dict[str | None, list[str]] = defaultdict(list)
            for job in left:
                if times.get(job.workflow_id, 0) < RESCUES:
                    by_queue[job.queue_name].append(job.workflow_id)
                else:
                    self.cancel(job.workflow_id)
            for queue, keys in by_queue.items():
                self._client.resume_workflows(keys, queue_name=queue)  # without the name: no limits at all
            for job in left:
                _count_rescue(session, job.workflow_id, times.get(job.workflow_id, 0))
        return sum(map(len, by_queue.values()))

    def given_up(self) -> int:
        """Jobs that were cancelled because three workers fell silent over them."""
        with self._database.transaction() as session:
            return int(session.scalar(select(func.count()).where(JobRescueRow.given_up)) or 0)

    def forget_ended(self, *, before: datetime) -> int:
        """Delete the rows of jobs that ended before `before`; returns how many. What must stay is in our own tables."""
        forgotten = 0
        while keys := [
            job.workflow_id
            for job in self._client.list_workflows(
                status=_ENDED,
                completed_before=before.isoformat(),
                limit=_SLICE,
                load_input=False,
                load_output=False,
            )
        ]:
            self._client.delete_workflows(keys)
            forgotten += len(keys)
        return forgotten


@contextmanager
def running_worker(
    database: Database, works: Sequence[Work], *, name: str, at_once: int, now: Callable[[], datetime]
) -> Iterator[SqlJobs]:
    """Run jobs in threads of this process until the block ends; what a worker of this `name` left is begun again.

    `at_once`: jobs of one queue side by side. Not to be entered while an event loop runs in this thread. Raises
    `DatabaseMisconfigured` where another worker is in the way, or the schema is not of this release.
    """
    jobs, running = SqlJobs(database), _Running()
    with _alone(database, name):
        jobs.beat(name, at=now())
        DBOS(
            config={
                "name": APPLICATION,
                "application_version": VERSION,
                "executor_id": name,
                "serializer": _JSON,
                "system_database_url": _plain_url(database.engine),
                "system_database_engine": database.engine,
                "run_migrations": False,
                "console_log_level": "WARNING",
            }
        )
        _log_as_we_do()
        for work in works:
            DBOS.workflow(name=work.name, max_recovery_attempts=RECOVERIES)(running.counted(work.run))
        try:
            _launch()
            for queue in dict.fromkeys(work.queue for work in works):
                DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=POLL_SECONDS)
            yield jobs
        finally:
            wait = _STOPPING_SECONDS if running.any() else 0
            DBOS.destroy(workflow_completion_timeout_sec=wait, destroy_registry=True)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """The engine's tables are asked outside of our transactions."""
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(f"the tables of the jobs do not answer ({type(error).__name__})") from None


def _engines_table(session: Session) -> TableClause:
    """What is read of the engine's jobs: its own client gives them no order within a moment, and so no pages."""
    schema = None if session.get_bind().dialect.name == "sqlite" else "dbos"
    return table("workflow_status", *(column(name) for name in _SEEN), schema=schema)


def _seen(job: Row[Any]) -> JobView:
    def moment(milliseconds: int) -> datetime:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)

    return JobView(
        key=job.workflow_uuid,
        kind=job.name,
        queue=job.queue_name or "",
        state=job.status,
        worker=job.executor_id or None,
        asked_at=moment(job.created_at),
        changed_at=moment(job.updated_at),
    )


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


def _count_rescue(session: Session, job: str, before: int) -> None:
    given_up = before >= RESCUES
    if before:
        changed = update(JobRescueRow).where(JobRescueRow.job == job)
        session.execute(changed.values(times=before + 1, given_up=given_up))
    else:
        session.execute(insert(JobRescueRow).values(job=job, times=1, given_up=given_up))


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
