"""Timed work that keeps the service honest: fresh CRLs, a living responder, nothing left unexplained.

Jobs of one lane run in turn in one thread, lanes side by side: a long import never delays a CRL. A job that fails is
logged and comes again at its time. Each job is harmless when it runs twice or in two processes at once.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from api.logging import frames_of

_log = structlog.get_logger("teken.jobs")

EVERYDAY: Final = "jobs"
"""The lane of whatever nobody waits for."""
STATUS: Final = "status"
"""The lane of CRLs: whoever asks a certificate's status waits for them."""


class Wake:
    """Asks for a job before its time, from any thread; what is asked within `joined` is one run.

    Nothing is lost where no jobs run in this process: a process that runs them finds the work at the job's time.
    """

    def __init__(self, joined: timedelta = timedelta(milliseconds=500)) -> None:
        self.joined = joined
        self._asked = threading.Event()
        self._bell = threading.Event()

    def __call__(self) -> None:
        self._asked.set()
        self._bell.set()

    def taken(self) -> bool:
        """Whether somebody asked since the last time."""
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    def rings(self, bell: threading.Event) -> None:
        """`bell` is what the lane of the job waits on."""
        self._bell = bell


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of timed work."""

    name: str
    every: timedelta
    run: Callable[[], object]
    """What it returns (a count, a flag) is logged unless it is zero or `None`."""
    lane: str = EVERYDAY
    wake: Wake | None = None


@contextmanager
def running_jobs(jobs: Sequence[Job], clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Run every job at once and then at its time, in a thread for each lane, until the block ends."""
    with ExitStack() as lanes:
        for lane in dict.fromkeys(job.lane for job in jobs):
            lanes.enter_context(_running_lane(lane, [job for job in jobs if job.lane == lane], clock))
        yield


@contextmanager
def _running_lane(lane: str, jobs: Sequence[Job], clock: Callable[[], float]) -> Iterator[None]:
    stop, bell = threading.Event(), threading.Event()
    for job in jobs:
        if job.wake is not None:
            job.wake.rings(bell)
    thread = threading.Thread(target=_keep_running, args=(jobs, stop, bell, clock), name=lane, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        bell.set()
        thread.join(timeout=30)


def _keep_running(
    jobs: Sequence[Job], stop: threading.Event, bell: threading.Event, clock: Callable[[], float]
) -> None:
    due = {job.name: clock() for job in jobs}
    while not stop.is_set():
        bell.clear()  # before the look at who asked, so that nobody is missed
        for job in jobs:
            if job.wake is not None and job.wake.taken():
                due[job.name] = min(due[job.name], clock() + job.wake.joined.total_seconds())
            if clock() >= due[job.name] and not stop.is_set():
                run_once(job)
                due[job.name] = clock() + job.every.total_seconds()
        bell.wait(max(0.05, min(due.values()) - clock()))


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
