"""What a meeting leaves behind: the list of who was there under the seal, and its minutes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from eoffice.errors import Outdated, Refused
from eoffice.features.meetings.book import FEATURE, Book, State
from eoffice.model import Paper, PaperState, Person, Record
from eoffice.once import released_once
from eoffice.words import on_weekday

LIST: Final = "daftar hadir"
MINUTES: Final = "notula"
LINES: Final = 150
"""People on one sheet of the list."""
ROLL_CALL: Final = "rollcall"
_GONE: Final = (PaperState.CANCELLED, PaperState.WITHDRAWN)


class Papers:
    """Papers of a meeting that was closed."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def seal_list(self, person: Person, meeting: Record) -> list[Paper]:
        """Send the list to be sealed, each sheet once. Raises `Refused`."""
        if meeting.state != State.CLOSED:
            raise Refused("Tutup presensinya dulu. · Close it first.", field="meeting")
        lines = self._lines(meeting)
        parts = [lines[start : start + LINES] for start in range(0, len(lines), LINES)] or [[]]
        papers = [
            self._sheet(person, meeting, turn, part, parts=len(parts)) for turn, part in enumerate(parts, start=1)
        ]
        self._book.office.wake.set()
        return [each for each in papers if each is not None]

    def draft_minutes(self, person: Person, meeting: Record, said: Mapping[str, list[str]]) -> Paper:
        """Minutes as a draft of this person, who reads and releases it. Raises `Refused`."""
        if meeting.state not in (State.OPEN, State.CLOSED):
            raise Refused("Acara belum dibuka. · It has not been opened yet.", field="meeting")
        known = {name: said.get(name, []) for name in ("discussion", "decisions", "signatory")}
        facts = {
            "subject": [f"Notula {meeting.data['title']}"[:200]],
            "notetaker": [person.name],
            "count": [self.count(meeting)],
        }
        paper = self._book.office.service.draft(person, FEATURE, MINUTES, {**self._event(meeting), **facts, **known})
        data = {"meeting": meeting.key}
        fresh = self._book.fresh("minutes", paper.id, meeting.agency_id, data, state="drafted", day=meeting.day)
        record, _ = self._book.records.add_once(fresh)
        self._book.records.change(record.id, version=record.version, paper_id=paper.id, at=self._book.office.now())
        return paper

    def count(self, meeting: Record) -> str:
        """How many were there, in words of the page."""
        guests = len(meeting.data["guests"])
        people = len(self._book.present(meeting))
        said = f"{people} dari {len(self._book.invited(meeting))} pegawai"
        return f"{said}, {guests} tamu" if guests else said

    def of(self, meeting: Record) -> list[Paper]:
        """Its papers so far."""
        records = [
            each
            for kind in ("list", "minutes")
            for each in self._book.records.listed(FEATURE, kind, agency_id=meeting.agency_id, day=meeting.day)
            if each.data["meeting"] == meeting.key and each.paper_id is not None
        ]
        return [self._book.office.papers.get(str(each.paper_id)) for each in records]

    def is_sealed(self, meeting: Record) -> bool:
        """Whether a list of it stands or is on its way."""
        return any(each.kind == LIST and each.state not in _GONE for each in self.of(meeting))

    def _sheet(self, person: Person, meeting: Record, turn: int, lines: list[str], *, parts: int) -> Paper | None:
        data = {"meeting": meeting.key}
        fresh = self._book.fresh(
            "list", f"{meeting.key} {turn}", meeting.agency_id, data, state="begun", day=meeting.day
        )
        record, _ = self._book.records.add_once(fresh)
        subject = f"Daftar hadir {meeting.data['title']}"[:180]
        sent = {
            **self._event(meeting),
            "subject": [subject if parts == 1 else f"{subject} ({turn}/{parts})"],
            "hours": [f"{self._clock(meeting.data['opened_at'])}–{self._clock(meeting.data['closed_at'])}"],
            "count": [self.count(meeting)],
            "first": [str((turn - 1) * LINES + 1)],
            "lines.pasted": ["\n".join(lines)],
        }
        try:
            return released_once(self._book.office, record, person, LIST, lambda: sent)[1]
        except Outdated:  # another request is at it
            return None

    def _event(self, meeting: Record) -> dict[str, list[str]]:
        day = meeting.day or date.fromisoformat(str(meeting.data["opened_at"])[:10])
        return {
            "event": [meeting.data["title"]],
            "held": [on_weekday(day)],
            "venue": [meeting.data["venue"]],
        }

    def _lines(self, meeting: Record) -> list[str]:
        """Name, office, when: those who were there, then guests; of a roll call also who was not."""
        present, invited = self._book.present(meeting), self._book.invited(meeting)
        there = [(each, present[each.id]) for each in invited if each.id in present]
        lines = [_line(each.name, each.office, self._when(record)) for each, record in there]
        lines += [_line(each, "Tamu", "hadir") for each in meeting.data["guests"]]
        if meeting.data["type"] == ROLL_CALL:
            lines += [_line(each.name, each.office, "tidak hadir") for each in invited if each.id not in present]
        return lines

    def _when(self, record: Record) -> str:
        return self._clock(record.data["at"]) if record.state == "code" else "dicatat"

    def _clock(self, at: str) -> str:
        return self._book.local(datetime.fromisoformat(at)).strftime("%H.%M")


def _line(*cells: str) -> str:
    return "\t".join(" ".join(each.split()) for each in cells)
