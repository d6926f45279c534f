"""Reports: letters by agency and kind, checks by face and outcome, pages that nobody had to print.

Figures over all applications; no person, no letter and no application is in them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from api.office.desk import Caller, Desk
from api.permissions import Permission
from api.settings import ReportSettings
from signer.appointments import OFFICE_CLOCK
from signer.errors import Refused
from signer.model import SigningAct
from store.figures import LetterCount, LetterSum
from store.verification_counts import Verified

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199
"""No letter was signed before the one or will be after the other; at its ends the calendar has no other zone."""
LONGEST: Final = timedelta(days=5 * 366)
DAILY: Final = timedelta(days=62)
"""Up to so long a stretch is shown day by day, a longer one month by month."""
GRAMS_PER_SHEET: Final = 5
"""A4 (210 x 297 mm) of 80 g/m2: 4.99 g."""


class Letters(Protocol):
    """`store.figures.SqlFigures`."""

    def letters(self, since: datetime, until: datetime, /) -> tuple[LetterCount, ...]: ...

    def sum(self, since: datetime, until: datetime, /) -> LetterSum: ...

    def signings(self, since: datetime, until: datetime, /) -> Mapping[SigningAct, int]: ...


class Checks(Protocol):
    """`store.verification_counts.SqlVerificationCounts`."""

    def between(self, first: date, last: date, /) -> Mapping[Verified, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One day or one month of a report."""

    first: date
    last: date
    """Belongs to it."""
    letters: int
    pages_not_printed: int
    checks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """Pages that nobody printed, and how that was reckoned: pages x copies, and a page for each copy elsewhere."""

    pages: int
    """Of all letters, each counted once."""
    copies: int
    """Prints of one letter that the house would have made (`reports.copies`)."""
    copies_elsewhere: int
    """Pages of prints for those whom letters name as getting a copy (*tembusan*)."""
    rupiah_per_page: int

    @property
    def not_printed(self) -> int:
        """Pages."""
        return self.pages * self.copies + self.copies_elsewhere

    @property
    def rupiah(self) -> int:
        """Money for paper and toner."""
        return self.not_printed * self.rupiah_per_page

    @property
    def kilograms(self) -> int:
        """Paper, printed on one side."""
        return self.not_printed * GRAMS_PER_SHEET // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures from one day to another, both included, as the office's calendar has them."""

    first: date
    last: date
    letters: tuple[LetterCount, ...]
    """By agency and kind, the most letters first."""
    signings: Mapping[SigningAct, int]
    checks: Mapping[Verified, int]
    steps: tuple[Step, ...]
    daily: bool
    savings: Savings

    @property
    def count(self) -> int:
        """Letters."""
        return sum(each.letters for each in self.letters)

    @property
    def checked(self) -> int:
        """Checks."""
        return sum(self.checks.values())


class ReportOffice:
    """Each report under the right of its caller. `now` gives aware UTC."""

    def __init__(
        self, *, desk: Desk, letters: Letters, checks: Checks, settings: ReportSettings, now: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._letters = letters
        self._checks = checks
        self._settings = settings
        self._now = now

    def today(self) -> date:
        """As the office's calendar has it."""
        return self._now().astimezone(OFFICE_CLOCK).date()

    def report(self, caller: Caller, first: date, last: date) -> Report:
        """From `first` to `last`; raises `Refused` where there is no such stretch, or it is longer than five years."""
        with self._desk.acting(caller, Permission.REPORT_READ):
            if first > last:
                raise Refused("The last day lies before the first one.", field="last", reason="before-the-first")
            if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
                raise Refused("No letter is of such a year.", field="first", reason="no-day")
            if last - first > LONGEST:
                raise Refused("Five years at once, and no more.", field="first", reason="too-long")
            checks, daily = self._checks.between(first, last), last - first < DAILY
            whole = self._letters.sum(_begin(first), _end(last))
            return Report(
                first=first,
                last=last,
                letters=self._letters.letters(_begin(first), _end(last)),
                signings=self._letters.signings(_begin(first), _end(last)),
                checks=checks,
                steps=tuple(self._step(*each, checks) for each in _stretches(first, last, daily=daily)),
                daily=daily,
                savings=self._savings(whole),
            )

    def _step(self, first: date, last: date, checks: Mapping[Verified, int]) -> Step:
        found = self._letters.sum(_begin(first), _end(last))
        return Step(
            first=first,
            last=last,
            letters=found.letters,
            pages_not_printed=self._savings(found).not_printed,
            checks=sum(count for each, count in checks.items() if first <= each.day <= last),
        )

    def _savings(self, of: LetterSum) -> Savings:
        return Savings(
            pages=of.pages,
            copies=self._settings.copies,
            copies_elsewhere=of.copies,
            rupiah_per_page=self._settings.rupiah_per_page,
        )


def _stretches(first: date, last: date, *, daily: bool) -> list[tuple[date, date]]:
    """Days or months, the first and the last of which may be cut."""
    found, begin = [], first
    while begin <= last:
        after = begin + timedelta(days=1) if daily else _next_month(begin)
        found.append((begin, min(after - timedelta(days=1), last)))
        begin = after
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE_CLOCK)


def _end(day: date) -> datetime:
    return _begin(day) + timedelta(days=1)
