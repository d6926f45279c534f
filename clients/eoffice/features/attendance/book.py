"""What attendance keeps: its records, the office's clocks, and who may what."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

from eoffice.book import FeatureBook
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours
from eoffice.features.attendance.recap import Noted, Standing
from eoffice.model import Person, Record, Role

FEATURE: Final = "attendance"
LEADS: Final = frozenset({Role.LEADER, Role.RECORDS})
"""Who notes leave and illness, lets go of devices and seals the recap, in their own agency."""
ADMINISTERS: Final = frozenset({Role.ADMINISTRATOR})
"""Who says where and when people are present."""
PAGE: Final = 1_000
"""Records read at once."""


class Book(FeatureBook):
    """The records of this feature, by kind: `place` (where an agency's people are present), `hours`, `free-day`,
    `device` (whose a browser is), `trace` (the last position of a person, nothing older), `presence` (one person's one
    day), `recap` (one sheet of a sealed month)."""

    def __init__(self, office: Office) -> None:
        super().__init__(office, FEATURE)

    def presence(self, person_id: str, day: date) -> Record | None:
        """What is noted for that person's day."""
        return self.records.by_key(FEATURE, "presence", presence_key(person_id, day))

    def presences(self, agency_id: str, first: date, last: date) -> Iterator[Record]:
        """Every one of the agency's people, from `first` to `last`."""
        after = None
        while found := self.records.listed(
            FEATURE, "presence", agency_id=agency_id, since=first, until=last, after=after, limit=PAGE
        ):
            yield from found
            after = found[-1].id

    def noted(self, record: Record) -> Noted:
        """A `presence` in the words of the recap."""
        if record.day is None or record.owner_id is None:
            raise NotFound("Catatan presensi rusak. · A record of attendance is broken.", field="record")
        return Noted(
            person_id=record.owner_id,
            day=record.day,
            standing=Standing(record.state),
            came=self._clock(record, "in"),
            went=self._clock(record, "out"),
        )

    def sealed(self, agency_id: str, month: date) -> bool:
        """Whether the recap of that month has begun its way: what it counts changes no more."""
        return self.records.count(FEATURE, "recap", agency_id=agency_id, day=month) > 0

    def colleagues(self, agency_id: str) -> list[Person]:
        """Whose attendance the agency counts."""
        return [each for each in self.office.people.people().values() if each.agency_id == agency_id]

    def _clock(self, record: Record, act: str) -> time | None:
        at = record.data.get(act, {}).get("at")
        return self.local(datetime.fromisoformat(at)).time().replace(second=0, microsecond=0) if at else None


def presence_key(person_id: str, day: date) -> str:
    """One person, one day, one record."""
    return f"{person_id} {day.isoformat()}"


def require(person: Person, roles: frozenset[Role]) -> None:
    """Raises `NotYours`."""
    if not roles & person.roles:
        raise NotYours("Peran Anda tidak melakukan ini. · Your role does not do this.", field="role")
