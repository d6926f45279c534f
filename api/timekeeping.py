"""The clock that timestamps trust: its source by the settings, its guard, and the monitor that asks it."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Lock

import structlog

from api.alarms import Alarm, Severity
from api.clock import ClockSource, chrony, servers, unsafe_trusted_local
from api.jobs import Job
from api.settings import ClockChoice, TsaSettings
from ca.clock_guard import ClockGuard, ClockLimits
from store.audit import Act, AuditTrail, Outcome

_log = structlog.get_logger("teken.clock")


class Timekeeper:
    """Asks the source of time and keeps the guard. A process that stamps runs `job`; one that stamps once asks once."""

    def __init__(self, guard: ClockGuard, source: ClockSource, *, every: timedelta) -> None:
        self._guard = guard
        self._source = source
        self._every = every
        self._first = Lock()
        self._asked = False

    def look(self) -> None:
        """Ask the source now."""
        self._guard.observe(self._source())
        self._asked = True

    def time(self) -> datetime:
        """The time now (aware, UTC), proven; raises `ca.errors.ClockNotProven`."""
        if not self._asked:
            with self._first:
                if not self._asked:
                    self.look()
        return self._guard.time()

    def job(self) -> Job:
        """The monitor, in a lane of its own: whatever else hangs, the clock is asked."""
        return Job(name="clock", every=self._every, run=self.look, lane="clock")

    def alarms(self) -> Iterator[Alarm]:
        """Why no timestamp can be made now."""
        _, why_not = self._guard.state()
        if why_not:
            text = f"no timestamps are made ({why_not}): look at chrony and at [tsa] in teken.toml"
            yield Alarm(name="clock-not-proven", severity=Severity.CRITICAL, text=text)


def timekeeper(
    settings: TsaSettings,
    trail: AuditTrail,
    *,
    now: Callable[[], datetime],
    monotonic: Callable[[], float] = time.monotonic,
) -> Timekeeper:
    """The one of this process; its changes go to the audit trail."""

    def tell(proven: bool, why_not: str, at: datetime) -> None:
        outcome = Outcome.DONE if proven else Outcome.FAILED
        (_log.info if proven else _log.warning)("clock", proven=proven, why_not=why_not)
        trail.record(Act.CLOCK_PROOF, "clock:tsa", at=at, outcome=outcome, reason=why_not or None)

    limits = ClockLimits(
        offset=timedelta(milliseconds=settings.clock_offset_milliseconds),
        life=timedelta(seconds=3 * settings.clock_every_seconds),
    )
    guard = ClockGuard(now=now, monotonic=monotonic, on_change=tell, limits=limits)
    return Timekeeper(guard, source_of(settings), every=timedelta(seconds=settings.clock_every_seconds))


def unsafe_choice(settings: TsaSettings) -> str | None:
    """What whoever starts the service or checks its settings has to read, once: the clock proves nothing."""
    if settings.clock is ClockChoice.TRUSTED_LOCAL:
        return "tsa.clock = trusted-local: nobody checks the clock, so timestamps prove nothing"
    return None


def source_of(settings: TsaSettings) -> ClockSource:
    """Who is asked."""
    if settings.clock is ClockChoice.SERVERS:
        return servers(settings.ntp_servers)
    if settings.clock is ClockChoice.TRUSTED_LOCAL:
        return unsafe_trusted_local()
    return chrony()
