"""When each duty is due, and who is at it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite

from eoffice.store import tables as t
from eoffice.store.database import Database

LEASE: Final = timedelta(minutes=15)
"""How long one worker has a duty for itself; after that a dead worker's duty is somebody else's."""


class DutyBook:
    """The duties that were ever done, over all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, name: str, *, at: datetime) -> bool:
        """Whether it is due, and nobody else is at it: then it is the caller's. A new one is due at once."""
        d = t.duties.c
        mine = (
            update(t.duties)
            .where(d.name == name, d.due_at <= at, or_(d.taken_until.is_(None), d.taken_until < at))
            .values(taken_until=at + LEASE)
        )
        with self._database.transaction() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            connection.execute(dialect.insert(t.duties).values(name=name, due_at=at).on_conflict_do_nothing())
            return connection.execute(mine).rowcount == 1

    def done(self, name: str, *, due_at: datetime) -> None:
        """It was tried; `due_at`: when it is due again."""
        values = {"due_at": due_at, "taken_until": None}
        with self._database.transaction() as connection:
            connection.execute(update(t.duties).where(t.duties.c.name == name).values(values))
