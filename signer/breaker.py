"""A breaker: who failed several times rests, then is tried by one caller before everybody comes back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

FAILURES_UNTIL_REST: Final = 3
REST: Final = timedelta(seconds=30)
LONGEST_REST: Final = timedelta(minutes=10)


class Breaker:
    """Closed, open, half-open. Safe for threads; `now` gives aware times."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._failures = 0
        self._rest = REST
        self._opens_at: datetime | None = None
        self._on_trial = False

    @property
    def rests(self) -> bool:
        """Whether it failed often enough, and nobody has seen it work since."""
        with self._lock:
            return self._opens_at is not None

    def permits(self) -> bool:
        """Whether the caller may try now, and then has to say how it went.

        After a rest one caller tries; the others are turned away until it has said so, or for another rest where it
        never does.
        """
        at = self._now()
        with self._lock:
            if self._opens_at is None:
                return True
            if at < self._opens_at:
                return False
            self._opens_at, self._on_trial = at + self._rest, True
            return True

    def succeeded(self) -> None:
        """It works: everybody may come."""
        with self._lock:
            self._failures, self._rest, self._opens_at, self._on_trial = 0, REST, None, False

    def failed(self) -> None:
        """It did not; the third time in a row it rests, and each failed trial doubles the rest."""
        at = self._now()
        with self._lock:
            self._failures += 1
            if self._on_trial:
                self._rest = min(2 * self._rest, LONGEST_REST)
                self._opens_at, self._on_trial = at + self._rest, False
            elif self._opens_at is None and self._failures >= FAILURES_UNTIL_REST:
                self._opens_at = at + self._rest
