"""When each duty is due, and who is at it."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite

from eoffice.store import tables as t
from eoffice.store.database import Database


class DutyBook:
    """The duties that were ever done, over all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, name: str, *, at: datetime, lease: timedelta) -> bool:
        """Whether it is due, and nobody else is at it: then it is the caller's for as long as `lease`. A new one is due
        at once."""
        d = t.duties.c
        mine = (
            update(t.duties)
            .where(d.name == name, d.due_at <= at, or_(d.taken_until.is_(None), d.taken_until < at))
            .values(taken_until=at + lease)
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
