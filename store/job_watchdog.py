"""The watchdog over workers: who was heard, and what those hold that fell silent."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from store.database import Database
from store.job_engine import client_of
from store.job_tables import JobRescueRow, JobWorkerRow

HEARTBEAT: Final = timedelta(seconds=10)
SILENCE: Final = timedelta(seconds=60)
RESCUES: Final = 3
_WATCHDOG: Final = 0x7E4E_0B5E  # any fixed number: the advisory lock of whoever is the watchdog now


class SqlWatchdog:
    """Signs of life, and the jobs of workers that give none."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._client = client_of(database.engine)

    def beat(self, worker: str, *, at: datetime) -> None:
        """The worker lives."""
        with self._database.transaction() as session:
            heard = update(JobWorkerRow).where(JobWorkerRow.name == worker).values(heard_at=at)
            if session.scalar(heard.returning(JobWorkerRow.name)) is None:
                session.execute(insert(JobWorkerRow).values(name=worker, heard_at=at))

    def heard(self) -> Mapping[str, datetime]:
        """When each worker was heard last."""
        with self._database.transaction() as session:
            return {row.name: row.heard_at for row in session.scalars(select(JobWorkerRow))}

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
                    self._client.cancel_workflows([job.workflow_id])
            for queue, keys in by_queue.items():
                self._client.resume_workflows(keys, queue_name=queue)  # without the name: no limits at all
            for job in left:
                _count_rescue(session, job.workflow_id, times.get(job.workflow_id, 0))
        return sum(map(len, by_queue.values()))

    def given_up(self) -> int:
        """Jobs that were cancelled because three workers fell silent over them."""
        with self._database.transaction() as session:
            return int(session.scalar(select(func.count()).where(JobRescueRow.given_up)) or 0)


def _count_rescue(session: Session, job: str, before: int) -> None:
    given_up = before >= RESCUES
    if before:
        changed = update(JobRescueRow).where(JobRescueRow.job == job)
        session.execute(changed.values(times=before + 1, given_up=given_up))
    else:
        session.execute(insert(JobRescueRow).values(job=job, times=1, given_up=given_up))
