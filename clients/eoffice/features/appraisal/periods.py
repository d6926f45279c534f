"""Half-years, in which goals are set and appraised."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.errors import Refused

_JULY: Final = 7
_ROMAN: Final = {1: "I", 2: "II"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One half of a year."""

    year: int
    half: int
    """1 or 2."""

    @property
    def name(self) -> str:
        """In addresses and records: `2026-2`."""
        return f"{self.year}-{self.half}"

    @property
    def title(self) -> str:
        """As it is printed."""
        return f"Semester {_ROMAN[self.half]} {self.year}"

    @property
    def first(self) -> date:
        """The day on which it begins."""
        return date(self.year, 1 if self.half == 1 else _JULY, 1)

    @property
    def before(self) -> "Period":
        """The one before."""
        return Period(year=self.year - 1, half=2) if self.half == 1 else Period(year=self.year, half=1)


def period_named(name: str) -> Period:
    """The one that a record names."""
    year, half = name.split("-")
    return Period(year=int(year), half=int(half))


def period_on(day: date) -> Period:
    """The one that the day is in."""
    return Period(year=day.year, half=1 if day.month < _JULY else 2)


def period_of(text: str, *, today: date) -> Period:
    """The one of that name; none: today's. Only today's and the one before are open. Raises `Refused`."""
    now = period_on(today)
    for each in (now, now.before):
        if text in ("", each.name):
            return each
    raise Refused("Pilih periode dari daftar. · Choose a period from the list.", field="period")
