"""The register of numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from eoffice.numbering import Series
from eoffice.store import tables as t
from eoffice.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One number of the register."""

    sequence: int
    number: str
    paper_id: str
    drawn_at: datetime
    void: str | None
    """Why its paper was given up."""


class Numbers:
    """The register, for reading; numbers are drawn where papers are released."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, series: Series) -> tuple[Drawn, ...]:
        """Every number of one row, in order."""
        n = t.numbers.c
        query = select(n.sequence, n.number, n.paper_id, n.drawn_at, n.void).where(
            n.agency_id == series.agency_id, n.series == series.name, n.year == series.year
        )
        with self._database.reading() as connection:
            return tuple(Drawn(**row._mapping) for row in connection.execute(query.order_by(n.sequence)))


def draw(connection: Connection, paper_id: str, series: Series, *, written: Callable[[int], str], at: datetime) -> str:
    """The next number of the row, for this paper; the row is locked until the transaction ends."""
    sequence = next_of(connection, series)
    number = written(sequence)
    connection.execute(
        insert(t.numbers).values(
            agency_id=series.agency_id,
            series=series.name,
            year=series.year,
            sequence=sequence,
            paper_id=paper_id,
            number=number,
            drawn_at=at,
        )
    )
    return number


def next_of(connection: Connection, series: Series) -> int:
    """The next place of the row; the row is locked until the transaction ends, and what is rolled back is not drawn."""
    key = {"agency_id": series.agency_id, "name": series.name, "year": series.year}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(t.series).values(**key, last=0).on_conflict_do_nothing())
    row = [column == key[column.name] for column in t.series.primary_key.columns]
    following = update(t.series).where(*row).values(last=t.series.c.last + 1).returning(t.series.c.last)
    return int(connection.execute(following).scalar_one())
