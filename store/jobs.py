"""Durable jobs: enqueued with the rows that they are about, looked at, begun anew, cancelled, forgotten.

What is not in the open part of DBOS is ours: pages of jobs in a fixed order, retries with their audit entry, retention.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, TableClause, column, delete, select, table, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from store.audit import Act, append
from store.database import Database
from store.errors import DatabaseUnavailable
from store.job_engine import VERSION, client_of
from store.job_queues import QUEUES
from store.job_tables import JobRescueRow

_SLICE: Final = 1000
_ENDED: Final = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_RETRIED: Final = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_SEEN: Final = ("workflow_uuid", "name", "queue_name", "status", "executor_id", "created_at", "updated_at")


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


class SqlJobs:
    """What doors need of the jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._client = client_of(database.engine)

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
        self._client.cancel_workflows([key])  # what waits is never begun; what runs is not begun again
        return True

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
