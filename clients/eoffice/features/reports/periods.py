"""Periods of reports: days, months, quarters and years, and when the report on one is due."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from babel.dates import format_date

from eoffice.errors import Refused
from eoffice.text import Text
from eoffice.words import on_day

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
_WORD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|-Q([1-4]))?")
_ROMAN: Final = ("I", "II", "III", "IV")


class Every(StrEnum):
    """How often somebody reports."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


EVERY: Final = {
    Every.DAY: Text("Harian", "Daily"),
    Every.MONTH: Text("Bulanan", "Monthly"),
    Every.QUARTER: Text("Triwulanan", "Quarterly"),
    Every.YEAR: Text("Tahunan", "Yearly"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period, from its first to its last day."""

    every: Every
    first: date
    last: date

    @property
    def word(self) -> str:
        """As forms and records keep it: `2026`, `2026-Q4`, `2026-11`, `2026-11-22`."""
        if self.every is Every.DAY:
            return self.first.isoformat()
        if self.every is Every.MONTH:
            return f"{self.first:%Y-%m}"
        if self.every is Every.QUARTER:
            return f"{self.first.year}-Q{self._quarter}"
        return str(self.first.year)

    @property
    def title(self) -> Text:
        """As people say it: `Triwulan IV 2026`."""
        if self.every is Every.DAY:
            return Text(on_day(self.first), format_date(self.first, "d MMMM y", locale="en"))
        if self.every is Every.MONTH:
            return Text(*(format_date(self.first, "LLLL y", locale=each) for each in ("id", "en")))
        if self.every is Every.QUARTER:
            year, quarter = self.first.year, self._quarter
            return Text(f"Triwulan {_ROMAN[quarter - 1]} {year}", f"Quarter {quarter} of {year}")
        return Text(f"Tahun {self.first.year}", f"Year {self.first.year}")

    @property
    def _quarter(self) -> int:
        return (self.first.month + 2) // 3

    def due(self, days: int) -> date:
        """The last day to report on it, so many days after its end."""
        return self.last + timedelta(days=days)


def period_at(every: Every, day: date) -> Period:
    """The period of this sort that `day` lies in."""
    if every is Every.DAY:
        return Period(every=every, first=day, last=day)
    months = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}[every]
    first = date(day.year, day.month - (day.month - 1) % months, 1)
    following = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
    return Period(every=every, first=first, last=following - timedelta(days=1))


def period_of(word: str) -> Period:
    """The period that `Period.word` names. Raises `Refused` for every other word."""
    found = _WORD.fullmatch(word)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise _unknown()
    year, month, day, quarter = (int(each or 0) for each in found.groups())
    every = Every.DAY if day else Every.MONTH if month else Every.QUARTER if quarter else Every.YEAR
    try:
        return period_at(every, date(year, month or 3 * quarter or 1, day or 1))
    except ValueError:
        raise _unknown() from None


def ended(every: Every, *, since: date, today: date, most: int) -> tuple[Period, ...]:
    """The periods that are over, newest first: those that ended between `since` and yesterday, at most `most`."""
    return tuple(period for period, _ in zip(_backwards(every, since, today), range(most), strict=False))


def _backwards(every: Every, since: date, today: date) -> Iterator[Period]:
    period = period_at(every, today)
    while True:
        period = period_at(every, period.first - timedelta(days=1))
        if period.last < since:
            return
        yield period


def _unknown() -> Refused:
    return Refused("Pilih tahun dan periodenya. · Choose the year and the period.", field="period")
