"""A worker in a process of its own, for tests that kill or freeze it.

    python -m tests.support.job_worker URL NAME SECONDS

Its one kind of job, `count`, takes one row of `counted` at a time: it says that it begins in `begun`, works for SECONDS
and then ends the row, unless somebody else has.
"""

import sys
import time
from datetime import UTC, datetime

from sqlalchemy import text

from store.database import Database, open_database
from store.job_engine import Work
from store.job_worker import running_worker
from tests.support.databases import execute

TABLES = (
    "CREATE TABLE counted (chunk INTEGER, item INTEGER, ended INTEGER DEFAULT 0)",
    "CREATE TABLE begun (chunk INTEGER, item INTEGER)",
)


def utc_now() -> datetime:
    return datetime.now(UTC)


def counting(database: Database, url: str, seconds: float) -> Work:
    """The kind of job; idle waiting stands for the signing."""

    def run(chunk: int) -> None:
        for (item,) in execute(url, f"SELECT item FROM counted WHERE chunk = {chunk} AND ended = 0"):  # noqa: S608 - a number of ours
            with database.transaction() as session:
                session.execute(text("INSERT INTO begun VALUES (:chunk, :item)"), {"chunk": chunk, "item": item})
                session.commit()
            time.sleep(seconds)
            with database.transaction() as session:
                session.execute(
                    text("UPDATE counted SET ended = ended + 1 WHERE chunk = :chunk AND item = :item AND ended = 0"),
                    {"chunk": chunk, "item": item},
                )

    return Work(name="count", queue="counting", run=run)


def main(url: str, name: str, seconds: str) -> None:
    """Work until somebody ends this process; says `ready` first."""
    with (
        open_database(url, 10, software="teken/test") as database,
        running_worker(
            database, [counting(database, url, float(seconds))], name=name, at_once=2, now=utc_now
        ) as watchdog,
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            watchdog.beat(name, at=utc_now())
            time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
