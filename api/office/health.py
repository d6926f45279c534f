"""How the service stands, for administrators: checks, alarms, what ends when, and the calendar of renewals."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Protocol

from api.alarms import Alarm
from api.endings import Ending
from api.health import FAILED, OK, WARNING, HealthCheck
from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.appointments import OFFICE_CLOCK
from signer.archive import ArchiveProgress
from signer.timestamping import AuthorityCount
from store.archive_calendar import FailingRenewal

MONTHS: Final = 36
"""How far the calendar looks ahead; what comes later is one number."""
FAILING_SHOWN: Final = 50


class Calendar(Protocol):
    """`store.archive_calendar.SqlArchiveCalendar`."""

    def due(self, bounds: Sequence[datetime], /) -> tuple[int, ...]: ...

    def failing(self, *, limit: int) -> tuple[FailingRenewal, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """One look at the service."""

    at: datetime
    checks: Mapping[str, str]
    """Each check's name, and `ok`, `warning` or `failed`."""
    alarms: tuple[Alarm, ...]
    endings: tuple[Ending, ...]
    """What ends first at the beginning."""
    timestamping: tuple[AuthorityCount, ...]
    gate: Mapping[str, float]
    """What the HSM gate counted since this process began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMonth:
    """Renewals of one month."""

    month: date
    """Its first day."""
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalCalendar:
    """When kept documents get their next timestamp."""

    progress: ArchiveProgress | None
    due_now: int
    """Due already, or before this month began."""
    months: tuple[DueMonth, ...]
    later: int
    failing: tuple[FailingRenewal, ...]


class HealthOffice:
    """Each look under the right of its caller. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        desk: Desk,
        checks: Sequence[HealthCheck],
        alarms: Callable[[], Iterable[Alarm]],
        endings: Callable[[], tuple[Ending, ...]],
        timestamping: Callable[[], Iterable[AuthorityCount]],
        gate: Callable[[], Mapping[str, float]],
        calendar: Calendar,
        progress: Callable[[], ArchiveProgress | None],
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._checks = checks
        self._alarms = alarms
        self._endings = endings
        self._timestamping = timestamping
        self._gate = gate
        self._calendar = calendar
        self._progress = progress
        self._now = now
        self._asking = Asking(checks)

    def look(self, caller: Caller) -> HealthReport:
        """How everything is at this moment."""
        with self._desk.acting(caller, Permission.OPERATION_READ):
            return HealthReport(
                at=self._now(),
                checks=self._asking.answers(),
                alarms=tuple(self._alarms()),
                endings=self._endings(),
                timestamping=tuple(self._timestamping()),
                gate=self._gate(),
            )

    def calendar(self, caller: Caller) -> RenewalCalendar:
        """Renewals to come, by month, as the office's calendar has them."""
        with self._desk.acting(caller, Permission.OPERATION_READ):
            first = self._now().astimezone(OFFICE_CLOCK).date().replace(day=1)
            months = [_month(first, number) for number in range(MONTHS + 1)]
            bounds = [datetime.combine(each, time(), OFFICE_CLOCK) for each in months]
            before, *each_month, later = self._calendar.due(bounds)
            return RenewalCalendar(
                progress=self._progress(),
                due_now=before,
                months=tuple(DueMonth(month=month, due=due) for month, due in zip(months, each_month, strict=False)),
                later=later,
                failing=self._calendar.failing(limit=FAILING_SHOWN),
            )


class Asking:
    """Asks checks side by side, in threads of its own; one that still hangs since last time is not asked twice."""

    def __init__(self, checks: Sequence[HealthCheck]) -> None:
        self._checks = checks
        self._threads = ThreadPoolExecutor(max(1, len(checks)), thread_name_prefix="console-health")
        self._running: dict[str, Future[object]] = {}
        self._lock = threading.Lock()

    def answers(self) -> dict[str, str]:
        """Each check's name, and `ok`, `warning`, or `failed` where it did not say yes in time."""
        with self._lock:
            for check in self._checks:
                if check.name not in self._running or self._running[check.name].done():
                    self._running[check.name] = self._threads.submit(check.ask)
            asked = dict(self._running)
        wait(asked.values(), timeout=max((check.seconds for check in self._checks), default=0))
        return {name: _answer(each) for name, each in asked.items()}


def _answer(asked: Future[object]) -> str:
    if not asked.done() or asked.exception() is not None:
        return FAILED
    said = asked.result()
    return WARNING if isinstance(said, tuple) and said else OK


def _month(first: date, number: int) -> date:
    months = first.year * 12 + first.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)
