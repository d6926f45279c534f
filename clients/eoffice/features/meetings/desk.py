"""Opening a meeting, being there, and closing it."""

from typing import Final

from eoffice.errors import NotFound, Outdated, Refused
from eoffice.features.meetings.book import Book, State
from eoffice.features.meetings.codes import TRIES, code_at, is_code
from eoffice.model import Person, Record

MOST_GUESTS: Final = 50


class Desk:
    """What hosts and guests do on the day."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._records = book.records

    def open(self, person: Person, key: str) -> Record:
        """From now on people say that they are there. Raises `NotFound`, `NotYours`, `Refused`."""
        meeting = self._book.hosted(person, key)
        if meeting.state == State.OPEN:
            return meeting
        if meeting.state != State.PLANNED or meeting.day != self._book.today():
            raise Refused("Presensi dibuka pada hari acara. · It is opened on its day.", field="meeting")
        data = {**meeting.data, "opened_at": self._book.office.now().isoformat()}
        return self._change(meeting, State.OPEN, data)

    def close(self, person: Person, key: str) -> Record:
        """Nobody comes any more. Raises `NotFound`, `NotYours`, `Refused`."""
        meeting = self._open(self._book.hosted(person, key))
        data = {**meeting.data, "closed_at": self._book.office.now().isoformat()}
        return self._change(meeting, State.CLOSED, data)

    def code(self, meeting: Record) -> str:
        """What the host shows now."""
        return code_at(meeting.data["secret"], self._book.office.now())

    def here(self, person: Person, key: str, typed: str) -> Record:
        """Somebody is there, who types the code that is shown.

        Every try is counted before it is looked at. Raises `NotFound`, `Refused`.
        """
        meeting = self._open(self._book.seen(person, key))
        self._count(person, meeting)
        if not is_code(meeting.data["secret"], typed, self._book.office.now()):
            raise Refused(
                "Kode tidak cocok. Ketik kode yang sedang ditampilkan. · This is not the code on the screen now.",
                field="code",
            )
        return self._note(person, meeting, state="code", by=person)

    def by_hand(self, host: Person, key: str, person_id: str) -> Record:
        """Somebody whose phone does not work, say. Raises `NotFound`, `NotYours`, `Refused`."""
        meeting = self._open(self._book.hosted(host, key))
        person = {each.id: each for each in self._book.invited(meeting)}.get(person_id)
        if person is None:
            raise NotFound("Orang ini tidak diundang. · This person is not invited.", field="person")
        return self._note(person, meeting, state="hand", by=host)

    def guest(self, host: Person, key: str, name: str) -> Record:
        """Somebody from elsewhere. Raises `NotFound`, `NotYours`, `Refused`."""
        meeting = self._open(self._book.hosted(host, key))
        guests = [*meeting.data["guests"], name]
        if not 2 <= len(name) <= 100 or len(guests) > MOST_GUESTS:
            raise Refused(f"Nama, paling banyak {MOST_GUESTS} tamu. · A name, {MOST_GUESTS} at most.", field="guest")
        return self._change(meeting, State.OPEN, {**meeting.data, "guests": guests})

    def _open(self, meeting: Record) -> Record:
        if meeting.state != State.OPEN:
            raise Refused("Presensi belum dibuka atau sudah ditutup. · It is not open now.", field="meeting")
        return meeting

    def _count(self, person: Person, meeting: Record) -> None:
        key = f"{meeting.key} {person.id}"
        fresh = self._book.fresh("tries", key, person.agency_id, {"count": 0}, state="kept", owner=person.id)
        tries, _ = self._records.add_once(fresh)
        if tries.data["count"] >= TRIES:
            raise Refused(
                "Terlalu banyak percobaan. Minta penyelenggara mencatat Anda. · Too many tries. Ask the host.",
                field="code",
            )
        try:
            data = {"count": tries.data["count"] + 1}
            self._records.change(tries.id, version=tries.version, data=data, at=self._book.office.now())
        except Outdated:
            raise Refused("Coba sekali lagi. · Try once more.", field="code") from None

    def _note(self, person: Person, meeting: Record, *, state: str, by: Person) -> Record:
        key = f"{meeting.key} {person.id}"
        data = {"meeting": meeting.key, "at": self._book.office.now().isoformat(), "by": by.id}
        fresh = self._book.fresh("present", key, person.agency_id, data, state=state, owner=person.id, day=meeting.day)
        return self._records.add_once(fresh)[0]

    def _change(self, meeting: Record, state: State, data: dict[str, object]) -> Record:
        return self._records.change(
            meeting.id, version=meeting.version, state=state, data=data, at=self._book.office.now()
        )
