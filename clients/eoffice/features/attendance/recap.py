"""A month of attendance, counted: pure, over days and what was noted for them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Final

from eoffice.errors import Refused
from eoffice.text import Text

SATURDAY: Final = 5


class Standing(StrEnum):
    """What one day was for one person."""

    PRESENT = "present"
    DUTY = "duty"
    """On duty elsewhere."""
    LEAVE = "leave"
    SICK = "sick"
    PERMIT = "permit"


STANDINGS: Final[Mapping[Standing, Text]] = {
    Standing.PRESENT: Text("Hadir", "Present"),
    Standing.DUTY: Text("Dinas luar", "On duty elsewhere"),
    Standing.LEAVE: Text("Cuti", "On leave"),
    Standing.SICK: Text("Sakit", "Ill"),
    Standing.PERMIT: Text("Izin", "Excused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One day of one person, as it was noted."""

    person_id: str
    day: date
    standing: Standing
    came: time | None = None
    """On the office's clocks; none where nobody checked in."""
    went: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When work begins and ends."""

    begins: time = time(7, 30)
    ends: time = time(16, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One person's month, in days."""

    person_id: str
    standings: Mapping[Standing, int]
    late: int
    early: int
    """Left before the end, or never checked out."""
    missing: int
    """Working days for which nothing was noted."""


def month_of(text: str) -> date:
    """The first day of `2026-11`. Raises `Refused`."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Refused("Tulis bulan sebagai tttt-bb. · Write the month as yyyy-mm.", field="month") from None


def days_of(month: date) -> list[date]:
    """Every day of the month that begins on `month`."""
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return [month + timedelta(days=each) for each in range((after - month).days)]


def working_days(month: date, free: AbstractSet[date]) -> list[date]:
    """Monday to Friday, without the days that are free for everybody."""
    return [each for each in days_of(month) if each.weekday() < SATURDAY and each not in free]


def tallied(people: Sequence[str], noted: Sequence[Noted], days: Sequence[date], hours: Hours) -> list[Tally]:
    """One tally for each of `people`, in their order; what was noted on other days than `days` does not count."""
    wanted = set(days)
    by_person: dict[str, list[Noted]] = {each: [] for each in people}
    for each in noted:
        if each.day in wanted and each.person_id in by_person:
            by_person[each.person_id].append(each)
    return [_tally(person, lines, len(wanted), hours) for person, lines in by_person.items()]


def _tally(person_id: str, lines: Sequence[Noted], days: int, hours: Hours) -> Tally:
    came = [each for each in lines if each.standing is Standing.PRESENT and each.came is not None]
    return Tally(
        person_id=person_id,
        standings={each: sum(line.standing is each for line in lines) for each in Standing},
        late=sum(each.came > hours.begins for each in came if each.came),
        early=sum(each.went is None or each.went < hours.ends for each in came),
        missing=days - len({each.day for each in lines}),
    )
