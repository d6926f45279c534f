"""How much a client and a credential may sign: per minute and per day, all processes together.

Counted before a passphrase is tried, so that a full quota costs nobody an attempt; many documents under one consent
all at once, or none of them. What is counted and fails afterwards stays counted: a quota bounds work, not success.
"""

from collections.abc import Callable, Iterator, Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one subject may sign in one window."""

    subject: str
    """`client:<id>` or `credential:<id>`."""
    window: Window
    most: int

    @property
    def what(self) -> str:
        """`client` or `credential`."""
        return self.subject.partition(":")[0]


class QuotaStore(Protocol):
    """What is counted, and what was decided for whom."""

    def limits_of(self, subject: str, /) -> Limits | None: ...

    def take(self, shares: Sequence[Share], count: int, /) -> Share | None:
        """Count `count` in each of them; or in none, and give the one that has no room for so many."""
        ...


class Quotas:
    """Counts signings of clients and credentials. Safe in several threads and processes; `now` gives aware UTC."""

    def __init__(self, store: QuotaStore, *, client: Limits, credential: Limits, now: Callable[[], datetime]) -> None:
        """`client`, `credential`: what holds where nothing else was decided for one of them."""
        self._store = store
        self._client = client
        self._credential = credential
        self._now = now

    def count(self, *, client_id: str, credential_id: str, documents: int = 1) -> None:
        """So many more signings; raises `QuotaExceeded` where one of the limits has no room for all of them."""
        shares = (
            *self._shares(f"client:{client_id}", self._client),
            *self._shares(f"credential:{credential_id}", self._credential),
        )
        full = self._store.take(shares, documents) if shares else None
        if full is not None:
            raise _exceeded(full)

    def _shares(self, subject: str, otherwise: Limits) -> Iterator[Share]:
        limits, at = self._store.limits_of(subject) or otherwise, self._now()
        for window, most in ((minute_of(at), limits.per_minute), (day_of(at), limits.per_day)):
            if most is not None:
                yield Share(subject=subject, window=window, most=most)


def _exceeded(full: Share) -> QuotaExceeded:
    what, window = full.what, full.window
    return QuotaExceeded(
        f"The quota of this {what} is used up: {full.most} in a {window.word}.",
        field=what,
        reason=f"quota-{window.word}",
        policy=f'"{what}-{window.word}";q={full.most};w={window.seconds}',
        until=window.starts_at + timedelta(seconds=window.seconds),
    )


def minute_of(at: datetime) -> Window:
    """The minute of an aware time."""
    return Window(word="minute", starts_at=at.astimezone(UTC).replace(second=0, microsecond=0), seconds=60)


def day_of(at: datetime) -> Window:
    """The day (UTC) of an aware time."""
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(word="day", starts_at=start, seconds=86_400)
