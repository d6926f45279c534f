"""Durable jobs at the desk: administrators see what waits, runs and failed, begin it anew or end it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from api.office.desk import Caller, Desk
from api.office.job_errors import JobRefused, JobUnknown
from api.permissions import Permission
from store.job_watchdog import SILENCE, SqlWatchdog
from store.jobs import JobView, SqlJobs

Job = JobView
"""One of them, for whoever may not look into the store."""

LONGEST_KEY: Final = 300
"""Characters of a stranger's text that is looked for as a key."""


class JobState(StrEnum):
    """How a job stands, in our words."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


ENGINE_WORDS: Final[Mapping[JobState, tuple[str, ...]]] = {
    JobState.QUEUED: ("ENQUEUED", "DELAYED"),
    JobState.RUNNING: ("PENDING",),
    JobState.FAILED: ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
    JobState.CANCELLED: ("CANCELLED",),
    JobState.DONE: ("SUCCESS",),
}
"""Each state in the words of the engine."""
_OURS: Final = {word: state for state, words in ENGINE_WORDS.items() for word in words}
UNDONE: Final = tuple(each for each in JobState if each is not JobState.DONE)
"""What somebody may want to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that runs jobs."""

    name: str
    heard_at: datetime
    silent: bool
    """For so long that its jobs are given to others."""


def state_of(job: JobView) -> JobState:
    """Of one job."""
    return _OURS[job.state]


class JobOffice:
    """Every act names its caller. Every `key` is a stranger's text. `now` gives aware UTC."""

    def __init__(self, *, desk: Desk, jobs: SqlJobs, watchdog: SqlWatchdog, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._jobs = jobs
        self._watchdog = watchdog
        self._now = now

    def page(
        self, caller: Caller, *, states: Collection[JobState] = UNDONE, after: str | None = None, limit: int = 50
    ) -> tuple[JobView, ...]:
        """At most `limit` jobs in one of `states`, the newest first; those behind the one with the key `after`."""
        with self._desk.acting(caller, Permission.JOB_READ):
            words = [word for state in states for word in ENGINE_WORDS[state]]
            return self._jobs.find(states=words, limit=limit, after=after and after[:LONGEST_KEY])

    def get(self, caller: Caller, key: str) -> JobView:
        """One of them; raises `JobUnknown`."""
        with self._desk.acting(caller, Permission.JOB_READ):
            return self._known(key)

    def counts(self, caller: Caller) -> Mapping[JobState, int]:
        """How many jobs are in each state."""
        with self._desk.acting(caller, Permission.JOB_READ):
            counted = dict.fromkeys(JobState, 0)
            for each in self._jobs.counts():
                counted[_OURS[each.state]] += each.jobs
            return counted

    def workers(self, caller: Caller) -> tuple[Worker, ...]:
        """Every worker that was ever heard, by name."""
        with self._desk.acting(caller, Permission.JOB_READ):
            living = self._now() - SILENCE
            heard = sorted(self._watchdog.heard().items())
            return tuple(Worker(name=name, heard_at=at, silent=at < living) for name, at in heard)

    def retry(self, caller: Caller, key: str) -> JobView:
        """Begin a failed or cancelled job anew: it takes up what is left, and does nothing twice. The job that does it,
        which has another key where the old one failed. Raises `JobUnknown` and `JobRefused`."""
        with self._desk.acting(caller, Permission.JOB_MANAGE) as member:
            begun = self._jobs.retry(self._known(key).key, actor=member.id, at=self._now())
            if begun is None:
                message = "Only a failed or cancelled job is begun anew."
                raise JobRefused(message, field="job", reason="not-ended-badly")
            return self._known(begun)

    def cancel(self, caller: Caller, key: str) -> JobView:
        """End a job that waits or runs: it is not begun again. Raises `JobUnknown` and `JobRefused`."""
        with self._desk.acting(caller, Permission.JOB_MANAGE) as member:
            if not self._jobs.end(self._known(key).key, actor=member.id, at=self._now()):
                raise JobRefused("Only a job that waits or runs is cancelled.", field="job", reason="ended")
            return self._known(key)

    def _known(self, key: str) -> JobView:
        job = self._jobs.get(key[:LONGEST_KEY])
        if job is None:
            raise JobUnknown("There is no such job; ended ones are forgotten.", field="job", reason="unknown")
        return job
