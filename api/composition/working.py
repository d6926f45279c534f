"""A worker in this process: it runs durable jobs, and gives signs of life."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from api.given import Now
from api.jobs import Job, running_jobs
from api.settings import Settings
from api.stores import Stores
from store.job_engine import Work
from store.job_watchdog import HEARTBEAT, SqlWatchdog
from store.job_worker import running_worker


@contextmanager
def working(settings: Settings, stores: Stores, works: Sequence[Work], now: Now) -> Iterator[None]:
    """A worker in this process, until the block ends; not to be entered while an event loop runs in this thread."""
    name = settings.jobs.worker or socket.gethostname()
    at_once = settings.jobs.at_once
    with (
        running_worker(stores.database, works, name=name, at_once=at_once, now=now) as watchdog,
        running_jobs([_heartbeat(watchdog, name, now)]),
    ):
        yield


def _heartbeat(watchdog: SqlWatchdog, name: str, now: Now) -> Job:
    """The sign of life of a worker."""
    return Job(name="heartbeat", every=HEARTBEAT, run=lambda: watchdog.beat(name, at=now()), lane="workers")
