"""Durable jobs: enqueued with the rows that they are about, run once, never lost, never pickled."""

import base64
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from signer.batch_model import SEAL
from store import schema
from store.audit import Act, AuditTrail
from store.database import Database, open_database
from store.errors import DatabaseMisconfigured
from store.job_engine import Work
from store.job_queues import QUEUES
from store.job_watchdog import RESCUES, SqlWatchdog
from store.job_worker import running_worker
from store.jobs import JobCount, SqlJobs
from tests.support.databases import execute
from tests.support.job_worker import TABLES, utc_now

ROOT = Path(__file__).resolve().parents[3]
QUEUE = "counting"


def until(true: Callable[[], object], *, seconds: float = 30) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def enqueue(database: Database, *keys: str, job: str = "count", arguments: tuple[str | int, ...] = ()) -> SqlJobs:
    jobs = SqlJobs(database)
    with database.transaction() as session:
        for key in keys:
            jobs.enqueue(session, QUEUE, job, key, *arguments)
    return jobs


def is_postgresql(url: str) -> bool:
    return url.startswith("postgresql")


def status_table(url: str) -> str:
    return "dbos.workflow_status" if is_postgresql(url) else "workflow_status"


def test_a_job_runs_once_and_the_same_key_twice_is_one_job(database: Database) -> None:
    ran: list[tuple[object, ...]] = []
    jobs = enqueue(database, "job-1", "job-1", arguments=("contoh", 7))
    work = Work(name="count", queue=QUEUE, run=lambda *arguments: ran.append(arguments))
    with running_worker(database, [work], name="one", at_once=2, now=utc_now):
        until(lambda: jobs.state("job-1") == "SUCCESS")
    assert ran == [("contoh", 7)]
    assert jobs.counts() == (JobCount(queue=QUEUE, state="SUCCESS", jobs=1),)


def test_what_is_rolled_back_was_never_enqueued(database: Database) -> None:
    jobs = SqlJobs(database)

    def change_of_mind() -> None:
        with database.transaction() as session:
            jobs.enqueue(session, QUEUE, "count", "job-1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    assert jobs.state("job-1") is None


def test_a_job_that_fails_ends_in_error_and_its_text_is_nowhere(database: Database, database_url: str) -> None:
    def fail() -> None:
        raise ValueError("a passphrase that must not be kept")

    jobs = enqueue(database, "job-1")
    with running_worker(database, [Work(name="count", queue=QUEUE, run=fail)], name="one", at_once=1, now=utc_now):
        until(lambda: jobs.state("job-1") == "ERROR")
    (row,) = execute(database_url, f"SELECT * FROM {status_table(database_url)}")  # noqa: S608 - ours
    assert "passphrase" not in repr(row)


class Attack:
    """Runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (os.mkdir, (str(self.path),))


def test_a_poisoned_row_ends_in_error_and_nothing_is_executed(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    jobs = enqueue(database, "job-1", "job-2")
    poison = base64.b64encode(pickle.dumps(Attack(tmp_path / "executed"))).decode()
    execute(
        database_url,
        f"UPDATE {status_table(database_url)} SET inputs = '{poison}', serialization = 'py_pickle'"  # noqa: S608 - ours
        " WHERE workflow_uuid = 'job-1'",
    )
    with running_worker(
        database, [Work(name="count", queue=QUEUE, run=lambda: None)], name="one", at_once=1, now=utc_now
    ):
        until(lambda: jobs.state("job-1") == "ERROR")
        until(lambda: jobs.state("job-2") == "SUCCESS")
    assert jobs.counts()
    assert not (tmp_path / "executed").exists()


def test_a_second_worker_on_the_same_file_or_of_the_same_name_is_refused(database: Database) -> None:
    works = [Work(name="count", queue=QUEUE, run=lambda: None)]
    expected = "has|bears one|named 'one'"
    with (
        running_worker(database, works, name="one", at_once=1, now=utc_now),
        pytest.raises(DatabaseMisconfigured, match=expected),
        running_worker(database, works, name="one", at_once=1, now=utc_now),
    ):
        pass
    with running_worker(database, works, name="one", at_once=1, now=utc_now):
        pass  # the place is free again


def test_ended_jobs_are_forgotten_after_their_time(database: Database) -> None:
    jobs = enqueue(database, "job-1")
    work = Work(name="count", queue=QUEUE, run=lambda: None)
    with running_worker(database, [work], name="one", at_once=1, now=utc_now):
        until(lambda: jobs.state("job-1") == "SUCCESS")
    enqueue(database, "job-2")
    assert jobs.forget_ended(before=utc_now() - timedelta(hours=1)) == 0
    assert jobs.forget_ended(before=utc_now() + timedelta(hours=1)) == 1
    assert (jobs.state("job-1"), jobs.state("job-2")) == (None, "ENQUEUED")


def test_a_worker_without_the_tables_of_the_jobs_says_what_to_run(tmp_path: Path) -> None:
    with open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 5) as database:
        schema.upgrade(database.engine)
        with (
            pytest.raises(DatabaseMisconfigured, match="teken db upgrade"),
            running_worker(database, [], name="one", at_once=1, now=utc_now),
        ):
            pass


# --- processes that are killed or frozen --------------------------------------------------------------------------


@pytest.fixture
def crew(database_url: str) -> Iterator["Crew"]:
    execute(database_url, *TABLES)
    hired = Crew(database_url)
    yield hired
    hired.dismiss()
    execute(database_url, "DROP TABLE counted", "DROP TABLE begun")


class Crew:
    """Workers in processes of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._hired: list[subprocess.Popen[str]] = []

    def hire(self, name: str, seconds: float = 0.02) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "tests.support.job_worker", self.url, name, str(seconds)]
        worker = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._hired.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        return worker

    def dismiss(self) -> None:
        for worker in self._hired:
            worker.kill()
            worker.communicate()

    def enqueue(self, database: Database, chunks: int, items: int) -> None:
        jobs = SqlJobs(database)
        with database.transaction() as session:
            for chunk in range(chunks):
                for item in range(items):
                    session.execute(
                        text("INSERT INTO counted (chunk, item) VALUES (:chunk, :item)"), {"chunk": chunk, "item": item}
                    )
                jobs.enqueue(session, QUEUE, "count", f"chunk-{chunk}", chunk)

    def ended(self) -> int:
        return int(str(execute(self.url, "SELECT count(*) FROM counted WHERE ended > 0")[0][0]))

    def most(self) -> tuple[object, ...]:
        """The smallest and the greatest number of endings of one item: (1, 1) is each exactly once."""
        return execute(self.url, "SELECT min(ended), max(ended) FROM counted")[0]


def test_killed_and_started_again_a_worker_loses_and_doubles_nothing(database: Database, crew: Crew) -> None:
    crew.enqueue(database, chunks=6, items=5)
    for _ in range(3):
        worker, before = crew.hire("one"), crew.ended()
        until(lambda before=before: crew.ended() > before)
        worker.kill()
        worker.wait()
    crew.hire("one")
    until(lambda: crew.ended() == 30)
    assert crew.most() == (1, 1)


@pytest.mark.postgres
@pytest.mark.timeout(240)
def test_what_a_frozen_worker_held_is_resumed_elsewhere_and_nothing_is_doubled(database: Database, crew: Crew) -> None:
    if database.engine.dialect.name == "sqlite":
        return  # one worker is all that SQLite bears: nobody else is there to resume it
    crew.enqueue(database, chunks=6, items=5)
    frozen = crew.hire("one", 0.2)
    until(lambda: crew.ended() > 1)
    frozen.send_signal(signal.SIGSTOP)
    watchdog = SqlWatchdog(database)
    assert watchdog.rescue(at=datetime.now(UTC)) == 0, "silent, and not yet for long enough"
    crew.hire("two")
    watchdog.beat("two", at=datetime.now(UTC) + timedelta(seconds=62))
    assert watchdog.rescue(at=datetime.now(UTC) + timedelta(seconds=61)) > 0
    until(lambda: crew.ended() == 30, seconds=150)  # frozen in a transaction it keeps its locks for a minute
    frozen.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert crew.most() == (1, 1)


def test_a_job_over_which_workers_keep_dying_is_given_up(database: Database, crew: Crew) -> None:
    crew.enqueue(database, chunks=1, items=1)
    jobs, watchdog = SqlJobs(database), SqlWatchdog(database)
    later = datetime.now(UTC) + timedelta(hours=1)
    for number in range(RESCUES + 1):
        worker = crew.hire(f"worker-{number}", 60)
        until(lambda: jobs.state("chunk-0") == "PENDING")
        worker.kill()
        worker.wait()
        assert watchdog.given_up() == 0
        watchdog.rescue(at=later)
    assert jobs.state("chunk-0") == "CANCELLED"
    assert watchdog.given_up() == 1


def test_jobs_of_one_moment_are_read_page_by_page_without_a_gap(database: Database, database_url: str) -> None:
    jobs = enqueue(database, *(f"job-{number}" for number in range(5)))
    execute(database_url, f"UPDATE {status_table(database_url)} SET created_at = 1700000000000")  # noqa: S608 - ours
    seen: list[str] = []
    while page := jobs.find(states=["ENQUEUED"], limit=2, after=seen[-1] if seen else None):
        seen += [each.key for each in page]
    assert seen == [f"job-{number}" for number in reversed(range(5))]
    assert jobs.find(states=["ERROR"], limit=5) == ()
    assert jobs.find(states=["ENQUEUED"], limit=5, after="forgotten") == ()


def test_what_failed_begins_anew_with_what_it_was_given_and_what_is_done_does_not(database: Database) -> None:
    ran: list[tuple[object, ...]] = []

    def fail_once(*given: object) -> None:
        ran.append(given)
        if len(ran) == 1:
            raise ValueError("once")

    jobs = enqueue(database, "job-1", arguments=("contoh", 7))
    (queued,) = jobs.find(states=["ENQUEUED"], limit=5)
    assert (queued.key, queued.kind, queued.queue) == ("job-1", "count", QUEUE)
    assert jobs.retry("job-1", actor="operator", at=utc_now()) is None, "it waits already"
    with running_worker(database, [Work(name="count", queue=QUEUE, run=fail_once)], name="one", at_once=1, now=utc_now):
        until(lambda: jobs.state("job-1") == "ERROR")
        again = jobs.retry("job-1", actor="operator", at=utc_now())
        assert again is not None
        until(lambda: jobs.state(again) == "SUCCESS")
    assert ran == [("contoh", 7)] * 2
    failed = jobs.get("job-1")
    assert failed is not None
    assert (failed.state, failed.worker) == ("ERROR", "one")
    assert jobs.retry(again, actor="operator", at=utc_now()) is None
    assert jobs.retry("none", actor="operator", at=utc_now()) is None
    assert set(SqlWatchdog(database).heard()) == {"one"}
    (entry,) = AuditTrail(database).read(act=Act.JOB_RETRY)
    assert (entry.actor, entry.object) == ("operator", "job:job-1")


def test_what_waits_is_cancelled_once_and_begun_anew_after_it_was_given_up(
    database: Database, database_url: str
) -> None:
    ran: list[int] = []
    jobs = enqueue(database, "job-1", arguments=(7,))
    assert jobs.end("job-1", actor="operator", at=utc_now())
    assert not jobs.end("job-1", actor="operator", at=utc_now())
    assert not jobs.end("none", actor="operator", at=utc_now())
    execute(database_url, "INSERT INTO job_rescues (job, times, given_up) VALUES ('job-1', 4, TRUE)")
    assert SqlWatchdog(database).given_up() == 1
    with running_worker(
        database, [Work(name="count", queue=QUEUE, run=ran.append)], name="one", at_once=1, now=utc_now
    ):
        time.sleep(0.5)
        assert not ran
        assert jobs.retry("job-1", actor="operator", at=utc_now()) == "job-1"
        until(lambda: jobs.state("job-1") == "SUCCESS")
    assert ran == [7]
    assert SqlWatchdog(database).given_up() == 0
    assert [entry.act for entry in AuditTrail(database).read(limit=9)] == ["job.cancel", "job.retry"]


def test_what_was_cancelled_waits_again_in_the_queue_of_its_kind(database: Database) -> None:
    jobs = SqlJobs(database)
    with database.transaction() as session:
        jobs.enqueue(session, QUEUES[SEAL], SEAL, "job-1", "contoh", 0)
    assert jobs.end("job-1", actor="operator", at=utc_now())
    assert jobs.retry("job-1", actor="operator", at=utc_now()) == "job-1"
    again = jobs.get("job-1")
    assert again is not None
    assert (again.state, again.queue) == ("ENQUEUED", QUEUES[SEAL])
