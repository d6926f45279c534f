"""Incoming letters and their dispositions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from eoffice.errors import NotFound
from eoffice.model import Disposition, Incoming, Verdict
from eoffice.numbering import Series
from eoffice.store import tables as t
from eoffice.store.database import Database
from eoffice.store.numbers import next_of

AGENDA: Final = "agenda surat masuk"
MOST_ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A letter that is about to be registered."""

    id: str
    agency_id: str
    sender: str
    subject: str
    number: str | None
    dated: date | None
    sha256: str
    verdict: Verdict
    paper_id: str | None


class IncomingLetters:
    """The registers of incoming letters, one for each agency."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, arrival: Arrival, *, at: datetime, year: int) -> Incoming:
        """Into the agency's register, with its place in it; the same file twice is the letter that is there."""
        i = t.incoming.c
        known = select(t.incoming).where(i.agency_id == arrival.agency_id, i.sha256 == arrival.sha256)
        with self._database.transaction() as connection:
            agenda = next_of(connection, Series(agency_id=arrival.agency_id, name=AGENDA, year=year))
            row = connection.execute(known).one_or_none()  # asked under the lock of the register
            if row is not None:
                connection.rollback()
                return _incoming(row)
            values = {**asdict(arrival), "verdict": _plain(arrival.verdict), "agenda": agenda, "year": year}
            made = insert(t.incoming).values({**values, "arrived_at": at}).returning(t.incoming)
            return _incoming(connection.execute(made).one())

    def page(self, agency_id: str, *, before: tuple[datetime, str] | None = None) -> tuple[Incoming, ...]:
        """Newest first, at most `MOST_ON_A_PAGE`."""
        i = t.incoming.c
        query = select(t.incoming).where(i.agency_id == agency_id)
        if before is not None:
            at, last = before
            query = query.where((i.arrived_at < at) | ((i.arrived_at == at) & (i.id < last)))
        with self._database.reading() as connection:
            ordered = query.order_by(i.arrived_at.desc(), i.id.desc()).limit(MOST_ON_A_PAGE)
            return tuple(_incoming(row) for row in connection.execute(ordered))

    def get(self, incoming_id: str, *, agency_id: str) -> Incoming:
        """Raises `NotFound`, also for another agency's."""
        i = t.incoming.c
        query = select(t.incoming).where(i.id == incoming_id, i.agency_id == agency_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("Surat masuk tidak ditemukan. · There is no such letter.", field="letter")
        return _incoming(row)

    def read(self, incoming_id: str, *, agency_id: str, by: str, at: datetime) -> Incoming:
        """As `get`; the first reader is noted."""
        i = t.incoming.c
        first = update(t.incoming).where(i.id == incoming_id, i.agency_id == agency_id, i.read_at.is_(None))
        with self._database.transaction() as connection:
            connection.execute(first.values(read_at=at, read_by=by))
        return self.get(incoming_id, agency_id=agency_id)

    def dispose(self, disposition: Disposition) -> None:
        """One more."""
        with self._database.transaction() as connection:
            connection.execute(insert(t.dispositions).values(asdict(disposition)))

    def done(self, disposition_id: str, *, person_id: str, report: str, at: datetime) -> None:
        """Raises `NotFound` for somebody else's, and for one that is done."""
        d = t.dispositions.c
        own = update(t.dispositions).where(d.id == disposition_id, d.to_person == person_id, d.done_at.is_(None))
        with self._database.transaction() as connection:
            if connection.execute(own.values(report=report, done_at=at)).rowcount == 0:
                raise NotFound("Disposisi tidak ditemukan. · There is no such disposition.", field="disposition")

    def dispositions(self, incoming_id: str) -> tuple[Disposition, ...]:
        """Every one of a letter, oldest first."""
        d = t.dispositions.c
        query = select(t.dispositions).where(d.incoming_id == incoming_id).order_by(d.given_at, d.id)
        with self._database.reading() as connection:
            return tuple(Disposition(**row._mapping) for row in connection.execute(query))

    def mine(self, person_id: str) -> tuple[tuple[Disposition, Incoming], ...]:
        """What somebody still has to do, the nearest deadline first."""
        d = t.dispositions.c
        query = (
            select(t.dispositions, t.incoming)
            .join(t.incoming, t.incoming.c.id == d.incoming_id)
            .where(d.to_person == person_id, d.done_at.is_(None))
            .order_by(d.until.is_(None), d.until, d.given_at, d.id)
        )
        with self._database.reading() as connection:
            return tuple(_pair(row) for row in connection.execute(query))


def _pair(row: Row[Any]) -> tuple[Disposition, Incoming]:
    mapping = row._mapping
    disposition = Disposition(**{column.name: mapping[column] for column in t.dispositions.columns})
    return disposition, _letter({column.name: mapping[column] for column in t.incoming.columns})


def _incoming(row: Row[Any]) -> Incoming:
    return _letter(dict(row._mapping))


def _letter(values: Mapping[str, Any]) -> Incoming:
    said = dict(values["verdict"])
    verdict = Verdict(**{**said, "signers": tuple(said["signers"]), "at": datetime.fromisoformat(said["at"])})
    known = {name: value for name, value in values.items() if name not in ("verdict", "year")}
    return Incoming(**known, verdict=verdict)


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "signers": list(verdict.signers), "at": verdict.at.isoformat()}
