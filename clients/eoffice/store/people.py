"""Agencies, people, their passwords and their logins."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update

from eoffice.model import Agency, Person, Role
from eoffice.store import tables as t
from eoffice.store.database import Database

TRIES: Final = 50
"""Wrong passwords in a row, from everywhere together, after which somebody waits."""
WAIT: Final = timedelta(minutes=15)
_PEOPLE: Final = select(t.people, t.agencies.c.outside).join(t.agencies, t.agencies.c.id == t.people.c.agency_id)


class People:
    """Who works here, and where."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_agency(self, agency: Agency) -> None:
        """Add it, or change the one of that id."""
        values = {
            "name": agency.name,
            "code": agency.code,
            "address": agency.address,
            "seal": agency.seal,
            "outside": agency.outside,
        }
        with self._database.transaction() as connection:
            known = update(t.agencies).where(t.agencies.c.id == agency.id).values(values)
            if connection.execute(known).rowcount == 0:
                connection.execute(insert(t.agencies).values(id=agency.id, **values))

    def put_person(self, person: Person, *, password_hash: str | None = None) -> None:
        """Add somebody, or change who has that id; without a hash the password stays as it is."""
        values: dict[str, Any] = {
            "name": person.name,
            "office": person.office,
            "agency_id": person.agency_id,
            "rank": person.rank,
            "credential": person.credential,
            "roles": sorted(person.roles),
        }
        if password_hash is not None:
            values |= {"password_hash": password_hash, "failures": 0, "locked_until": None}
        with self._database.transaction() as connection:
            if connection.execute(update(t.people).where(t.people.c.id == person.id).values(values)).rowcount == 0:
                connection.execute(insert(t.people).values(id=person.id, **values))

    def agencies(self) -> dict[str, Agency]:
        """Every agency, by id, in the order of their names."""
        query = select(t.agencies).order_by(t.agencies.c.name, t.agencies.c.id)
        with self._database.reading() as connection:
            return {row.id: Agency(**row._mapping) for row in connection.execute(query)}

    def people(self) -> dict[str, Person]:
        """Everybody who is active, by id, in the order of their names."""
        query = _PEOPLE.where(t.people.c.disabled_at.is_(None)).order_by(t.people.c.name, t.people.c.id)
        with self._database.reading() as connection:
            return {row.id: _person(row) for row in connection.execute(query)}

    def person(self, person_id: str) -> Person | None:
        """Somebody, active or not."""
        with self._database.reading() as connection:
            row = connection.execute(_PEOPLE.where(t.people.c.id == person_id)).one_or_none()
            return _person(row) if row else None

    def try_login(self, person_id: str, *, at: datetime) -> str | None:
        """Count one try and tell the hash to compare with; none: unknown, disabled, without a password, or waiting.

        The try is counted before the password is looked at, so that many at once are many.
        """
        p = t.people.c
        counted = (
            update(t.people)
            .where(p.id == person_id, p.disabled_at.is_(None), p.password_hash.is_not(None))
            .where(p.locked_until.is_(None) | (p.locked_until <= at))
            .values(failures=p.failures + 1)
            .returning(p.password_hash, p.failures)
        )
        with self._database.transaction() as connection:
            row = connection.execute(counted).one_or_none()
            if row is None:
                return None
            if row.failures >= TRIES:
                waits = update(t.people).where(p.id == person_id).values(failures=0, locked_until=at + WAIT)
                connection.execute(waits)
            return str(row.password_hash)

    def begin_session(self, person_id: str, token_sha256: str, *, at: datetime, life: timedelta) -> None:
        """The password was right."""
        row = {"token_sha256": token_sha256, "person_id": person_id, "seen_at": at, "expires_at": at + life}
        with self._database.transaction() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.expires_at < at))
            connection.execute(insert(t.sessions).values(row))
            right = update(t.people).where(t.people.c.id == person_id).values(failures=0, locked_until=None)
            connection.execute(right)

    def of_session(self, token_sha256: str, *, at: datetime, idle: timedelta) -> Person | None:
        """Whose login this is, where it is still good."""
        s = t.sessions.c
        seen = (
            update(t.sessions)
            .where(s.token_sha256 == token_sha256, s.expires_at > at, s.seen_at > at - idle)
            .values(seen_at=at)
            .returning(s.person_id)
        )
        with self._database.transaction() as connection:
            person_id = connection.scalar(seen)
            if person_id is None:
                return None
            query = _PEOPLE.where(t.people.c.id == person_id, t.people.c.disabled_at.is_(None))
            row = connection.execute(query).one_or_none()
            return _person(row) if row else None

    def end_session(self, token_sha256: str) -> None:
        """Log out."""
        with self._database.transaction() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.token_sha256 == token_sha256))


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        office=row.office,
        agency_id=row.agency_id,
        rank=row.rank,
        credential=row.credential,
        roles=frozenset(Role(each) for each in row.roles),
        active=row.disabled_at is None,
        outside=row.outside,
    )
