"""Where and when people are present: places, hours, free days."""

from datetime import date, time
from typing import Final

from eoffice.errors import NotFound, Refused
from eoffice.features.attendance.book import ADMINISTERS, FEATURE, PAGE, Book, require
from eoffice.features.attendance.recap import Hours
from eoffice.features.attendance.rules import Place
from eoffice.model import Person, Record

SMALLEST_CIRCLE: Final = 30
LARGEST_CIRCLE: Final = 1_000
"""Metres."""
MOST_PLACES: Final = 20
"""Of one agency."""


class Places:
    """What administrators say of each agency."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def of(self, agency_id: str) -> list[Record]:
        """Where people of the agency are present."""
        return self._book.records.listed(FEATURE, "place", agency_id=agency_id, state="open", limit=MOST_PLACES)

    def add(self, administrator: Person, agency_id: str, place: Place) -> Record:
        """Raises `NotYours`, `Refused`."""
        require(administrator, ADMINISTERS)
        self._require_agency(agency_id)
        if not SMALLEST_CIRCLE <= place.radius <= LARGEST_CIRCLE:
            said = f"{SMALLEST_CIRCLE} sampai {LARGEST_CIRCLE} m. · {SMALLEST_CIRCLE} to {LARGEST_CIRCLE} m."
            raise Refused(f"Radius {said}", field="radius")
        if len(self.of(agency_id)) >= MOST_PLACES:
            raise Refused(f"Paling banyak {MOST_PLACES} lokasi. · {MOST_PLACES} places at most.", field="name")
        data = {
            "name": place.name,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "radius": place.radius,
        }
        record = self._book.fresh("place", self._book.office.new_id(), agency_id, data, state="open")
        return self._book.records.add_once(record)[0]

    def close(self, administrator: Person, record_id: str) -> None:
        """Nobody is present there from now on. Raises `NotFound`, `NotYours`."""
        require(administrator, ADMINISTERS)
        place = self._book.records.get(record_id)
        if (place.feature, place.kind) != (FEATURE, "place"):
            raise NotFound("Lokasi tidak ditemukan. · There is no such place.", field="place")
        self._book.records.change(place.id, version=place.version, state="closed", at=self._book.office.now())

    def set_hours(self, administrator: Person, agency_id: str, hours: Hours) -> None:
        """When work begins and ends. Raises `NotYours`, `Refused`."""
        require(administrator, ADMINISTERS)
        self._require_agency(agency_id)
        if hours.begins >= hours.ends:
            raise Refused("Jam masuk harus sebelum jam pulang. · Work begins before it ends.", field="begins")
        data = {"begins": hours.begins.isoformat(), "ends": hours.ends.isoformat()}
        record, new = self._book.records.add_once(self._book.fresh("hours", agency_id, agency_id, data, state="open"))
        if not new:
            at = self._book.office.now()
            self._book.records.change(record.id, version=record.version, data=data, at=at)

    def hours(self, agency_id: str) -> Hours:
        """Of that agency; the usual ones where nobody said."""
        found = self._book.records.by_key(FEATURE, "hours", agency_id)
        if found is None:
            return Hours()
        return Hours(begins=time.fromisoformat(found.data["begins"]), ends=time.fromisoformat(found.data["ends"]))

    def free(self, administrator: Person, day: date, name: str) -> None:
        """A day on which nobody of the province works. Raises `NotYours`."""
        require(administrator, ADMINISTERS)
        home = administrator.agency_id
        self._book.records.add_once(
            self._book.fresh("free-day", day.isoformat(), home, {"name": name}, state="free", day=day)
        )

    def free_days(self, first: date, last: date) -> dict[date, str]:
        """With their names."""
        found = self._book.records.listed(FEATURE, "free-day", since=first, until=last, limit=PAGE)
        return {each.day: str(each.data["name"]) for each in found if each.day is not None}

    def _require_agency(self, agency_id: str) -> None:
        if agency_id not in self._book.office.people.agencies():
            raise Refused("Pilih instansi dari daftar. · Choose an agency from the list.", field="agency")
