"""Timed work that keeps the service honest: fresh CRLs, a living responder, nothing left unexplained.

One thread runs every job in turn; a job that fails is logged and comes again at its time. Each job is harmless when it
runs twice or in two processes at once.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from api.logging import frames_of

_log = structlog.get_logger("teken.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of timed work."""

    name: str
    every: timedelta
    run: Callable[[], object]
    """What it returns (a count, a flag) is logged unless it is zero or `None`."""


@contextmanager
def running_jobs(jobs: Sequence[Job], clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Run every job at once and then at its time, in a thread of its own, until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep_running, args=(jobs, stop, clock), name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)


def _keep_running(jobs: Sequence[Job], stop: threading.Event, clock: Callable[[], float]) -> None:
    due = {job.name: clock() for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if clock() >= due[job.name] and not stop.is_set():
                run_once(job)
                due[job.name] = clock() + job.every.total_seconds()
        stop.wait(max(0.05, min(due.values()) - clock()))


def run_once(job: Job) -> bool:
    """Run one job now; whether it went well. Its error goes to the log and no further."""
    try:
        done = job.run()
    except Exception as error:
        _log.error("job failed", job=job.name, error=type(error).__name__, frames=frames_of(error))
        return False
    if done:
        _log.info("job done", job=job.name, done=done)
    return True
