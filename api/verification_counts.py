"""Verifications counted: in memory while they happen, in the database by a job. Nothing of whom or what is kept."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from api.jobs import Job, run_once
from signer.appointments import OFFICE_CLOCK
from store.verification_counts import Verified
from verifier.model import Indication, ValidationReport

EVERY: Final = timedelta(seconds=15)
"""How much of it a killed process takes along."""


class Face(StrEnum):
    """Where a check was asked for. The value is what is stored, for good."""

    PAGE = "page"
    """The citizen's page."""
    API = "api"
    GATEWAY = "gateway"


class Outcome(StrEnum):
    """How a check ended. The value is what is stored, for good."""

    PASSED = "passed"
    FAILED = "failed"
    """Changed, or signed with a certificate that was not good."""
    UNSURE = "unsure"
    """Neither could be proven."""
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"
    NOT_FOUND = "not-found"
    """A code or digest that is not on record."""


_OUTCOMES: Final = {
    Indication.TOTAL_PASSED: Outcome.PASSED,
    Indication.TOTAL_FAILED: Outcome.FAILED,
    Indication.INDETERMINATE: Outcome.UNSURE,
    Indication.NO_SIGNATURE: Outcome.UNSIGNED,
    Indication.UNREADABLE: Outcome.UNREADABLE,
}

Note = Callable[[ValidationReport | None], None]
"""Told of each check that came to an end: its report, `None` where nothing is on record."""


class Counts(Protocol):
    """`store.verification_counts.SqlVerificationCounts`."""

    def add(self, counted: Counter[Verified], /) -> None: ...


class VerificationTally:
    """Counts in this process. Nobody who verifies waits for the database, or fails because it does not answer."""

    def __init__(self, counts: Counts, *, now: Callable[[], datetime]) -> None:
        self._counts = counts
        self._now = now
        self._lock = threading.Lock()
        self._waiting: Counter[Verified] = Counter()

    def at(self, face: Face) -> Note:
        """What the checks of one face are told to."""

        def note(report: ValidationReport | None) -> None:
            outcome = Outcome.NOT_FOUND if report is None else _OUTCOMES[report.indication]
            day = self._now().astimezone(OFFICE_CLOCK).date()
            with self._lock:
                self._waiting[Verified(day=day, face=face.value, outcome=outcome.value)] += 1

        return note

    def write(self) -> None:
        """Add what waits to the database. What cannot be written waits on."""
        with self._lock:
            waiting, self._waiting = self._waiting, Counter()
        try:
            if waiting:
                self._counts.add(waiting)
        except Exception:
            with self._lock:
                self._waiting += waiting
            raise

    def job(self) -> Job:
        """For every process that verifies."""
        return Job(name="verification-counts", every=EVERY, run=self.write, lane="figures")

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What waits when the block ends is written too."""
        try:
            yield
        finally:
            run_once(self.job())
