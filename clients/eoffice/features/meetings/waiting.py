"""Meetings of today to which somebody is invited, and those of theirs that have no minutes yet."""

from datetime import timedelta
from typing import Final

from eoffice.compose import Office
from eoffice.feature import Line, Link, Waiting
from eoffice.features.meetings.book import FEATURE, Book, State
from eoffice.features.meetings.papers import MINUTES, ROLL_CALL, Papers
from eoffice.model import PaperState, Person, Record
from eoffice.text import Text
from eoffice.words import on_weekday

MINUTES_WAIT: Final = timedelta(days=7)
"""How long after its day a meeting is shown to who called it because it has no minutes."""
_MOST: Final = 50
_GONE: Final = (PaperState.CANCELLED, PaperState.WITHDRAWN)


def waits(office: Office, person: Person) -> list[Waiting]:
    """Of today, and of the last seven days."""
    book = Book(office)
    return [
        Waiting(
            name="meetings-today",
            title=Text("Acara hari ini", "Meetings of today"),
            lines=[_line(book, person, each) for each in _today(book, person)],
            more=Link(path="/meetings", title=Text("Acara instansi", "Meetings of the agency")),
        ),
        Waiting(
            name="meetings-minutes",
            title=Text("Acara Anda tanpa notula", "Meetings of yours without minutes"),
            lines=[
                Line(path=f"/meetings/{each.key}/minutes", title=each.data["title"], small=_when(each))
                for each in _without_minutes(book, person)
            ],
        ),
    ]


def _today(book: Book, person: Person) -> list[Record]:
    invited = book.records.listed(FEATURE, "invited", agency_id=person.agency_id, day=book.today(), limit=_MOST)
    meetings = book.records.by_keys(FEATURE, "meeting", [each.data["meeting"] for each in invited]).values()
    to_come = [each for each in meetings if each.state in (State.PLANNED, State.OPEN)]
    return sorted(to_come, key=lambda each: (each.data["begins"], each.key))


def _line(book: Book, person: Person, meeting: Record) -> Line:
    state, tone = Text("Direncanakan", "Planned"), ""
    if meeting.state == State.OPEN:
        state, tone = Text("Presensi dibuka", "Say that you are there"), "signing"
        if book.records.by_key(FEATURE, "present", f"{meeting.key} {person.id}") is not None:
            state, tone = Text("Hadir", "Present"), "signed"
    return Line(
        path=f"/meetings/{meeting.key}", title=meeting.data["title"], small=_when(meeting), state=state, tone=tone
    )


def _without_minutes(book: Book, person: Person) -> list[Record]:
    since, today = book.today() - MINUTES_WAIT, book.today()
    closed = book.records.listed(
        FEATURE, "meeting", owner_id=person.id, state=State.CLOSED, since=since, until=today, limit=_MOST
    )
    return [each for each in closed if each.data["type"] != ROLL_CALL and not _has_minutes(book, each)]


def _has_minutes(book: Book, meeting: Record) -> bool:
    return any(each.kind == MINUTES and each.state not in _GONE for each in Papers(book).of(meeting))


def _when(meeting: Record) -> str:
    day = "" if meeting.day is None else f"{on_weekday(meeting.day)} · "
    return f"{day}{meeting.data['begins'].replace(':', '.')} · {meeting.data['venue']}"
