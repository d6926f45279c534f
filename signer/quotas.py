"""How much a client and a credential may sign: per minute and per day, all processes together.

Counted before a passphrase is tried, so that a full quota costs nobody an attempt. What is counted and fails
afterwards stays counted: a quota bounds work, not success.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from signer.errors import QuotaExceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most of one subject; `None`: no limit."""

    per_minute: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One minute or one day (UTC)."""

    word: str
    starts_at: datetime
    seconds: int


class QuotaStore(Protocol):
    """What is counted, and what was decided for whom."""

    def limits_of(self, subject: str, /) -> Limits | None: ...

    def take(self, subject: str, window: Window, most: int, /) -> int | None:
        """Count one where fewer than `most` are; how many are now, or `None` where it is full."""
        ...


class Quotas:
    """Counts signings of clients and credentials. Safe in several threads and processes; `now` gives aware UTC."""

    def __init__(self, store: QuotaStore, *, client: Limits, credential: Limits, now: Callable[[], datetime]) -> None:
        """`client`, `credential`: what holds where nothing else was decided for one of them."""
        self._store = store
        self._client = client
        self._credential = credential
        self._now = now

    def count(self, *, client_id: str, credential_id: str) -> None:
        """One more signing; raises `QuotaExceeded` where one of the limits is reached."""
        self._take(f"client:{client_id}", self._client, "client")
        self._take(f"credential:{credential_id}", self._credential, "credential")

    def _take(self, subject: str, otherwise: Limits, what: str) -> None:
        limits = self._store.limits_of(subject) or otherwise
        at = self._now()
        for window, most in ((minute_of(at), limits.per_minute), (day_of(at), limits.per_day)):
            if most is not None and self._store.take(subject, window, most) is None:
                until = window.starts_at + timedelta(seconds=window.seconds)
                raise QuotaExceeded(
                    f"The quota of this {what} is used up: {most} in a {window.word}.",
                    field=what,
                    reason=f"quota-{window.word}",
                    policy=f'"{what}-{window.word}";q={most};w={window.seconds}',
                    until=until,
                )


def minute_of(at: datetime) -> Window:
    """The minute of an aware time."""
    return Window(word="minute", starts_at=at.astimezone(UTC).replace(second=0, microsecond=0), seconds=60)


def day_of(at: datetime) -> Window:
    """The day (UTC) of an aware time."""
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(word="day", starts_at=start, seconds=86_400)
