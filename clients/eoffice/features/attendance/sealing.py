"""A month's recap becomes sealed papers: each sheet once, whatever stops in between."""

from datetime import date, timedelta
from typing import Any, Final

from eoffice.errors import Outdated, Refused
from eoffice.features.attendance.book import FEATURE, LEADS, Book, require
from eoffice.features.attendance.places import Places
from eoffice.features.attendance.recap import (
    Standing,
    Tally,
    days_of,
    tallied,
    working_days,
)
from eoffice.model import Agency, Paper, PaperState, Person, Record
from eoffice.once import released_once

KIND: Final = "rekap presensi"
LINES: Final = 150
"""People on one paper."""
CORRECTIONS: Final = timedelta(days=3)
"""After the end of a month, for leaders to note what is missing; then the clock seals it."""
BEGUN: Final = "begun"
VOID: Final = "void"


class Sealing:
    """Recaps, out of what was noted."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._places = Places(book)

    def tallies(self, agency_id: str, month: date) -> tuple[int, list[Tally]]:
        """How many working days the month has had, and each person's count, by name."""
        days, today = days_of(month), self._book.today()
        free = self._places.free_days(days[0], days[-1])
        working = [each for each in working_days(month, free.keys()) if each <= today]
        noted = [self._book.noted(each) for each in self._book.presences(agency_id, days[0], days[-1])]
        people = [each.id for each in self._book.colleagues(agency_id)]
        return len(working), tallied(people, noted, working, self._places.hours(agency_id))

    def seal(self, person: Person, month: date) -> list[Paper]:
        """Send the recap of the person's agency to be sealed; what is on its way already stays as it is.

        Raises `NotYours`, and `Refused` before the month has ended.
        """
        require(person, LEADS)
        if month >= self._book.today().replace(day=1):
            raise Refused("Bulan ini belum berakhir. · This month has not ended.", field="month")
        papers = [self._sheet(person, month, each) for each in self._records(person.agency_id, month)]
        self._book.office.wake.set()
        return papers

    def seal_due(self) -> None:
        """Every agency that has places and a seal, some days into the next month."""
        month = (self._book.today() - CORRECTIONS).replace(day=1) - timedelta(days=1)
        month = month.replace(day=1)
        for agency in self._book.office.people.agencies().values():
            person = self._who_seals(agency)
            if person is not None and not self._voided(agency.id, month):
                self.seal(person, month)

    def on_paper(self, paper: Paper) -> None:
        """A recap that was given up or withdrawn makes room for another."""
        if paper.state not in (PaperState.CANCELLED, PaperState.WITHDRAWN):
            return
        for record in self._book.office.records.of_paper(paper.id):
            if record.state == BEGUN:
                self._book.records.change(record.id, version=record.version, state=VOID, at=self._book.office.now())

    def recaps(self, agency_id: str, month: date) -> list[Record]:
        """The sheets of that month that count."""
        return self._book.records.listed(FEATURE, "recap", agency_id=agency_id, day=month, state=BEGUN)

    def _records(self, agency_id: str, month: date) -> list[Record]:
        """One for each sheet; how many there are is settled with the first."""
        people, edition = len(self._book.colleagues(agency_id)), self._voided(agency_id, month)

        def sheet(part: int, parts: int) -> Record:
            key, data = f"{agency_id} {month:%Y-%m} {edition} {part}", {"part": part, "parts": parts}
            fresh = self._book.fresh("recap", key, agency_id, data, state=BEGUN, day=month)
            return self._book.records.add_once(fresh)[0]

        first = sheet(1, max(1, -(-people // LINES)))
        parts = first.data["parts"]
        return [first, *(sheet(part, parts) for part in range(2, parts + 1))]

    def _sheet(self, person: Person, month: date, record: Record) -> Paper:
        office = self._book.office
        try:
            return released_once(office, record, person, KIND, lambda: self._sent(record, month))[1]
        except Outdated:  # another process is at it: its draft counts
            record = self._book.records.get(record.id)
            return released_once(office, record, person, KIND, lambda: self._sent(record, month))[1]

    def _sent(self, record: Record, month: date) -> dict[str, list[str]]:
        days, tallies = self.tallies(record.agency_id, month)
        first = (record.data["part"] - 1) * LINES
        names = {each.id: each.name for each in self._book.colleagues(record.agency_id)}
        lines = [_line(each, names) for each in tallies[first : first + LINES]]
        hours = self._places.hours(record.agency_id)
        return {
            "subject": [f"Rekapitulasi presensi {month:%m/%Y}"],
            "month": [month.isoformat()],
            "days": [str(days)],
            "hours": [f"{hours.begins:%H.%M}–{hours.ends:%H.%M}"],
            "part": [str(record.data["part"])],
            "parts": [str(record.data["parts"])],
            "lines.pasted": ["\n".join(lines)],
        }

    def _voided(self, agency_id: str, month: date) -> int:
        return self._book.records.count(FEATURE, "recap", agency_id=agency_id, day=month, state=VOID)

    def _who_seals(self, agency: Agency) -> Person | None:
        """In whose name the clock drafts: somebody who may."""
        if agency.seal is None or not self._places.of(agency.id):
            return None
        return next((each for each in self._book.colleagues(agency.id) if each.roles & LEADS), None)


def _line(tally: Tally, names: dict[str, str]) -> str:
    counts: list[Any] = [
        tally.standings[Standing.PRESENT],
        tally.late,
        tally.early,
        *(tally.standings[each] for each in (Standing.DUTY, Standing.LEAVE, Standing.SICK, Standing.PERMIT)),
        tally.missing,
    ]
    return "\t".join([names[tally.person_id], *map(str, counts)])
