"""Errands to Teken: written with the change that needs them, done later, and never lost in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, insert, or_, select, update

from eoffice.store import tables as t
from eoffice.store.database import Database

LEASE: Final = timedelta(minutes=5)
"""How long one worker has an errand for itself; after that a dead worker's errand is somebody else's."""


class ErrandKind(StrEnum):
    """What is to be done."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    DISPATCH = "dispatch"
    """A signed letter goes to the agencies that it names."""
    TELL = "tell"
    """The paper's feature is told what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One errand that somebody has taken."""

    id: str
    """Also the key under which Teken carries it out once."""
    kind: ErrandKind
    paper_id: str
    details: Mapping[str, Any]
    attempts: int


class Errands:
    """The errands that wait, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, at: datetime) -> Errand | None:
        """The next one that is due and that nobody has; none where nothing is."""
        e = t.errands.c
        free = or_(e.taken_until.is_(None), e.taken_until < at)
        due = select(e.id).where(e.done_at.is_(None), e.due_at <= at, free).order_by(e.due_at, e.id).limit(1)
        taken = (
            update(t.errands)
            .where(e.id == due.with_for_update(skip_locked=True).scalar_subquery(), e.done_at.is_(None), free)
            .values(taken_until=at + LEASE, attempts=e.attempts + 1)
            .returning(e.id, e.kind, e.paper_id, e.details, e.attempts)
        )
        with self._database.transaction() as connection:
            row = connection.execute(taken).one_or_none()
        return None if row is None else Errand(**{**row._mapping, "kind": ErrandKind(row.kind)})

    def done(self, errand_id: str, *, at: datetime) -> None:
        """It is carried out, or can never be."""
        values = {"done_at": at, "taken_until": None}
        with self._database.transaction() as connection:
            connection.execute(update(t.errands).where(t.errands.c.id == errand_id).values(values))

    def later(self, errand_id: str, *, due_at: datetime, problem: str) -> None:
        """It did not work now; `problem`: a word for the log, never a stranger's text."""
        values = {"due_at": due_at, "taken_until": None, "last_problem": problem}
        with self._database.transaction() as connection:
            connection.execute(update(t.errands).where(t.errands.c.id == errand_id).values(values))

    def waiting(self) -> int:
        """How many are not done."""
        query = select(t.errands.c.id).where(t.errands.c.done_at.is_(None))
        with self._database.reading() as connection:
            return len(connection.execute(query).all())

    def last_event(self) -> str | None:
        """The newest event of Teken's that was read to its end."""
        with self._database.reading() as connection:
            return connection.scalar(select(t.heard.c.last_event).where(t.heard.c.source == "teken"))

    def heard(self, event_id: str) -> None:
        """Everything up to this event is done with."""
        with self._database.transaction() as connection:
            known = update(t.heard).where(t.heard.c.source == "teken").values(last_event=event_id)
            if connection.execute(known).rowcount == 0:
                connection.execute(insert(t.heard).values(source="teken", last_event=event_id))


def add_errand(
    connection: Connection, errand_id: str, kind: ErrandKind, paper_id: str, *, at: datetime, **details: Any
) -> None:
    """One more, in the transaction that needs it."""
    connection.execute(
        insert(t.errands).values(id=errand_id, kind=kind.value, paper_id=paper_id, details=details, due_at=at)
    )
