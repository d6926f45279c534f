"""No time without proof of time (RFC 3161, 2.1; EN 319 421, 7.7.2): fails closed.

A monitor tells the guard what it read of the clock. A good reading is believed for 45 seconds and then no more, so a
monitor that died stops the stamping by itself. Between readings the wall clock is held against the monotonic one: if
they drift apart, somebody moved the clock.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from ca.errors import ClockNotProven

_log = logging.getLogger(__name__)

_LEAP_WINDOW: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLimits:
    """How far the clock may be off, and how long a reading is believed."""

    offset: timedelta = timedelta(milliseconds=500)
    life: timedelta = timedelta(seconds=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """What a source of time says of our clock."""

    is_synchronised: bool
    offset: timedelta = timedelta(0)
    """How far our clock may be from the true time, either way, the source's own doubt included."""
    leap_announced: bool = False
    """Whether the last minute of this UTC day has 61 or 59 seconds."""
    source: str
    """Who says so, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Good:
    """The last good reading, on both clocks."""

    wall: datetime
    monotonic: float


class ClockGuard:
    """Gives the time to whoever stamps it, or refuses. Safe to share between threads."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        on_change: Callable[[bool, str, datetime], object],
        limits: ClockLimits | None = None,
    ) -> None:
        """`monotonic`: seconds of a clock that nobody can set. `on_change` is called with proven or not, the reason
        and the time, once at each change, for the audit trail; what it raises is logged and changes nothing."""
        self._now = now
        self._monotonic = monotonic
        self._on_change = on_change
        self._limits = limits or ClockLimits()
        self._lock = Lock()
        self._good: _Good | None = None
        self._why_not = "no source of time was asked yet"
        self._leap_at: datetime | None = None
        self._was_proven: bool | None = None

    def observe(self, reading: ClockReading) -> None:
        """Take what the monitor read. A bad reading ends a good one at once."""
        at, ticks = self._now(), self._monotonic()
        with self._lock:
            if reading.leap_announced:
                self._leap_at = _next_midnight(at)
            self._why_not = self._against(reading)
            self._good = None if self._why_not else _Good(wall=at, monotonic=ticks)
        self.state()

    def time(self) -> datetime:
        """The time now (aware, UTC), proven; raises `ClockNotProven` with the reason."""
        at, why_not = self.state()
        if why_not:
            raise ClockNotProven(why_not)
        return at

    def state(self) -> tuple[datetime, str]:
        """The time now, and why it is not proven; an empty text where it is."""
        with self._lock:
            at, ticks = self._now(), self._monotonic()
            why_not = self._judge(at, ticks)
            changed = self._was_proven is not (not why_not)
            self._was_proven = not why_not
        if changed:
            self._tell(why_not, at)
        return at, why_not

    def _against(self, reading: ClockReading) -> str:
        if not reading.is_synchronised:
            return f"{reading.source}: the clock is not synchronised"
        if abs(reading.offset) > self._limits.offset:
            return f"{reading.source}: the clock is off by up to {abs(reading.offset).total_seconds():.3f} s"
        return ""

    def _judge(self, at: datetime, ticks: float) -> str:
        if self._good is None:
            return self._why_not
        elapsed = timedelta(seconds=ticks - self._good.monotonic)
        if not timedelta(0) <= elapsed <= self._limits.life:
            self._good, self._why_not = None, "the monitor of the clock is silent"
        elif abs(at - self._good.wall - elapsed) > self._limits.offset:
            self._good, self._why_not = None, "the clock was moved"  # until the next good reading
        elif self._leap_at is not None and abs(at - self._leap_at) <= _LEAP_WINDOW:
            return "a leap second passes"
        return self._why_not

    def _tell(self, why_not: str, at: datetime) -> None:
        try:
            self._on_change(not why_not, why_not, at)
        except Exception:
            _log.exception("the clock's state changed, and nobody could be told")


def _next_midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
