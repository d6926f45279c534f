"""Checking in and out, and what leaders note by hand."""

import hashlib
from datetime import date, timedelta
from typing import Any, Final

from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.attendance.book import FEATURE, LEADS, Book, presence_key, require
from eoffice.features.attendance.places import Places
from eoffice.features.attendance.recap import STANDINGS, Standing
from eoffice.features.attendance.rules import Place, Position, believe, trace_of, trace_row
from eoffice.model import Person, Record

LONGEST_NOTE: Final = 31
"""Days that one note covers."""


class Desk:
    """One person's day, and the leader's word over it."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._places = Places(book)

    def check_in(self, person: Person, device: str, position: Position) -> Record:
        """Present from now on. Raises `Refused` where that is not believed, or the day is noted already."""
        today = self._book.today()
        if (found := self._book.presence(person.id, today)) is not None:
            said = STANDINGS[Standing(found.state)]
            raise Refused(f"Hari ini sudah dicatat: {said.id}. · Today is noted already: {said.en}.", field="position")
        seen = self._believed(person, device, position)
        key = presence_key(person.id, today)
        fresh = self._book.fresh(
            "presence", key, person.agency_id, {"in": seen}, state=Standing.PRESENT, owner=person.id, day=today
        )
        return self._book.records.add_once(fresh)[0]

    def check_out(self, person: Person, device: str, position: Position) -> Record:
        """Gone from now on; a later one takes its place. Raises `Refused`."""
        found = self._book.presence(person.id, self._book.today())
        if found is None or "in" not in found.data:
            raise Refused("Belum ada presensi masuk hari ini. · You have not checked in today.", field="position")
        data = {**found.data, "out": self._believed(person, device, position)}
        return self._book.records.change(found.id, version=found.version, data=data, at=self._book.office.now())

    def note(
        self, leader: Person, person_id: str, *, first: date, last: date, standing: Standing, reason: str
    ) -> list[Record]:
        """Note days by hand for somebody else of the own agency; what was noted before stays readable beneath.

        Raises `NotFound`, `NotYours`, `Refused`.
        """
        person = self._colleague(leader, person_id)
        if person.id == leader.id:
            raise NotYours("Bukan untuk diri sendiri. · Somebody else notes this for you.", field="person")
        count = (last - first).days + 1
        if not 1 <= count <= LONGEST_NOTE:
            raise Refused(f"1 sampai {LONGEST_NOTE} hari. · 1 to {LONGEST_NOTE} days.", field="last")
        if any(self._book.sealed(person.agency_id, each.replace(day=1)) for each in (first, last)):
            raise Refused("Rekap bulan itu sudah disegel. · The recap of that month is sealed.", field="first")
        days = [first + timedelta(days=each) for each in range(count)]
        return [self._noted(leader, person, each, standing, reason) for each in days]

    def let_go(self, leader: Person, person_id: str) -> None:
        """Let somebody of the own agency check in from another device. Raises `NotFound`, `NotYours`."""
        person, records, at = self._colleague(leader, person_id), self._book.records, self._book.office.now()
        trace = records.by_key(FEATURE, "trace", person.id)
        if trace is None or trace.data.get("device") is None:
            return
        device = records.by_key(FEATURE, "device", trace.data["device"])
        records.change(trace.id, version=trace.version, data={**trace.data, "device": None}, at=at)
        if device is not None:
            records.change(device.id, version=device.version, data={"owner": None}, at=at)

    def bound(self, person_id: str) -> bool:
        """Whether the person's check-ins are bound to a device."""
        trace = self._book.records.by_key(FEATURE, "trace", person_id)
        return trace is not None and trace.data.get("device") is not None

    def _believed(self, person: Person, device: str, position: Position) -> dict[str, Any]:
        """Judge it and remember it. The trace is changed under its version: of two at once, one is told so."""
        book, at = self._book, self._book.office.now()
        fresh = book.fresh("trace", person.id, person.agency_id, {}, state="kept", owner=person.id)
        trace, _ = book.records.add_once(fresh)
        places = [Place(**each.data) for each in self._places.of(person.agency_id)]
        seen = believe(position, places, trace_of(trace.data), at=at)
        digest = hashlib.sha256(device.encode()).hexdigest()
        self._claim(person, trace, digest)
        book.records.change(trace.id, version=trace.version, data={**trace_row(seen.trace), "device": digest}, at=at)
        return {
            "at": at.isoformat(),
            "place": seen.place.name,
            "distance": seen.distance,
            "accuracy": round(position.accuracy),
        }

    def _claim(self, person: Person, trace: Record, digest: str) -> None:
        """One device for one person and one person for one device, until a leader lets it go."""
        if trace.data.get("device") not in (None, digest):
            raise Refused(
                "Presensi Anda terikat pada perangkat lain. Minta pimpinan melepasnya. · Your check-ins are bound to "
                "another device. Ask your leader to let it go.",
                field="device",
            )
        data = {"owner": person.id}
        device, _ = self._book.records.add_once(
            self._book.fresh("device", digest, person.agency_id, data, state="kept")
        )
        if device.data["owner"] is None:
            at = self._book.office.now()
            self._book.records.change(device.id, version=device.version, data=data, at=at)
        elif device.data["owner"] != person.id:
            raise Refused(
                "Perangkat ini dipakai pegawai lain untuk presensi. · Somebody else checks in with this device.",
                field="device",
            )

    def _noted(self, leader: Person, person: Person, day: date, standing: Standing, reason: str) -> Record:
        at = self._book.office.now()
        noted = {"by": leader.id, "at": at.isoformat(), "reason": reason}
        key = presence_key(person.id, day)
        fresh = self._book.fresh(
            "presence", key, person.agency_id, {"noted": [noted]}, state=standing, owner=person.id, day=day
        )
        record, new = self._book.records.add_once(fresh)
        if new:
            return record
        data = {**record.data, "noted": [*record.data.get("noted", []), {**noted, "was": record.state}]}
        return self._book.records.change(record.id, version=record.version, state=standing, data=data, at=at)

    def _colleague(self, leader: Person, person_id: str) -> Person:
        require(leader, LEADS)
        person = self._book.office.people.people().get(person_id)
        if person is None or person.agency_id != leader.agency_id:
            raise NotFound("Pegawai tidak ditemukan. · There is no such person here.", field="person")
        return person
