"""What features keep beside their papers."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypedDict, Unpack

from sqlalchemy import ColumnElement, Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from eoffice.errors import NotFound, Outdated
from eoffice.model import Record, RecordChange
from eoffice.store import tables as t
from eoffice.store.database import Database

MOST_AT_ONCE: Final = 1_000
"""Records of one answer."""
_IN_ONE_STATEMENT: Final = 500


class Chosen(TypedDict, total=False):
    """Which of a feature's records; what is not said, or none, does not matter."""

    agency_id: str | None
    owner_id: str | None
    state: str | None
    day: date | None
    since: date | None
    """The first day that counts."""
    until: date | None
    """The last one."""


class Records:
    """Every feature's records. Who may see one is for the feature to say."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_once(self, record: Record) -> tuple[Record, bool]:
        """Keep it, unless its key is there: then the one that is, and False."""
        with self._database.transaction() as connection:
            new = _added(connection, [record]) == 1
            return _record(_by_key(connection, record.feature, record.kind, record.key)), new

    def add_many(self, records: Sequence[Record]) -> int:
        """Keep all in one transaction; those whose key is there are passed over. How many are new."""
        with self._database.transaction() as connection:
            return sum(
                _added(connection, records[start : start + _IN_ONE_STATEMENT])
                for start in range(0, len(records), _IN_ONE_STATEMENT)
            )

    def get(self, record_id: str) -> Record:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            row = connection.execute(select(t.records).where(t.records.c.id == record_id)).one_or_none()
        if row is None:
            raise NotFound("Catatan tidak ditemukan. · There is no such record.", field="record")
        return _record(row)

    def by_key(self, feature: str, kind: str, key: str) -> Record | None:
        """The one of that key."""
        with self._database.reading() as connection:
            row = _by_key(connection, feature, kind, key)
            return None if row is None else _record(row)

    def by_keys(self, feature: str, kind: str, keys: Sequence[str]) -> dict[str, Record]:
        """Those of these keys that there are, by key."""
        r = t.records.c
        parts = [keys[start : start + _IN_ONE_STATEMENT] for start in range(0, len(keys), _IN_ONE_STATEMENT)]
        queries = [select(t.records).where(r.feature == feature, r.kind == kind, r.key.in_(part)) for part in parts]
        with self._database.reading() as connection:
            return {row.key: _record(row) for query in queries for row in connection.execute(query)}

    def listed(
        self, feature: str, kind: str, *, after: str | None = None, limit: int = 50, **chosen: Unpack[Chosen]
    ) -> list[Record]:
        """Newest first, and by key where they came together; `after`: the id of the last one that was shown; at most
        `MOST_AT_ONCE`."""
        r = t.records.c
        query = select(t.records).where(*_conditions(feature, kind, chosen))
        if after is not None:
            last = self.get(after)
            query = query.where(
                (r.created_at < last.created_at) | ((r.created_at == last.created_at) & (r.key > last.key))
            )
        query = query.order_by(r.created_at.desc(), r.key).limit(min(limit, MOST_AT_ONCE))
        with self._database.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def count(self, feature: str, kind: str, **chosen: Unpack[Chosen]) -> int:
        """How many there are."""
        query = select(func.count()).select_from(t.records).where(*_conditions(feature, kind, chosen))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def of_paper(self, paper_id: str) -> list[Record]:
        """Those of which this paper came, by kind and key."""
        r = t.records.c
        query = select(t.records).where(r.paper_id == paper_id).order_by(r.kind, r.key)
        with self._database.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def change(
        self,
        record_id: str,
        *,
        version: int,
        state: str | None = None,
        data: Mapping[str, Any] | None = None,
        paper_id: str | None = None,
        at: datetime,
    ) -> Record:
        """What is not named stays. Raises `NotFound`, and `Outdated` where somebody changed it since `version`."""
        named = {"state": state, "data": None if data is None else _plain(data), "paper_id": paper_id}
        values = {name: value for name, value in named.items() if value is not None}
        with self._database.transaction() as connection:
            row = _changed(connection, record_id, version, {**values, "changed_at": at})
        if row is not None:
            return _record(row)
        self.get(record_id)
        raise _outdated()

    def change_all(self, changes: Sequence[RecordChange], *, at: datetime) -> None:
        """All of them in one transaction, or none. Raises `Outdated` where one is not there, or was changed since."""
        with self._database.transaction() as connection:
            for each in sorted(changes, key=lambda change: change.id):  # in one order, so that no two wait in a ring
                values = {"state": each.state, "data": _plain(each.data), "changed_at": at}
                if _changed(connection, each.id, each.version, values) is None:
                    raise _outdated()


def _changed(connection: Connection, record_id: str, version: int, values: Mapping[str, Any]) -> Row[Any] | None:
    """None: there is none of that version."""
    r = t.records.c
    changed = (
        update(t.records)
        .where(r.id == record_id, r.version == version)
        .values({**values, "version": r.version + 1})
        .returning(t.records)
    )
    return connection.execute(changed).one_or_none()


def _outdated() -> Outdated:
    return Outdated(
        "Catatan ini sudah diubah orang lain. Muat ulang halamannya. · Somebody changed this record. Reload.",
        field="version",
    )


def _added(connection: Connection, records: Sequence[Record]) -> int:
    r = t.records.c
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = dialect.insert(t.records).values([_row(each) for each in records])
    once = made.on_conflict_do_nothing(index_elements=[r.feature, r.kind, r.key]).returning(r.id)
    return len(connection.execute(once).all())


def _by_key(connection: Connection, feature: str, kind: str, key: str) -> Any:
    r = t.records.c
    query = select(t.records).where(r.feature == feature, r.kind == kind, r.key == key)
    return connection.execute(query).one_or_none()


def _conditions(feature: str, kind: str, chosen: Chosen) -> list[ColumnElement[bool]]:
    r = t.records.c
    conditions = [r.feature == feature, r.kind == kind]
    equal = {
        r.agency_id: chosen.get("agency_id"),
        r.owner_id: chosen.get("owner_id"),
        r.state: chosen.get("state"),
        r.day: chosen.get("day"),
    }
    conditions += [column == value for column, value in equal.items() if value is not None]
    if (since := chosen.get("since")) is not None:
        conditions.append(r.day >= since)
    if (until := chosen.get("until")) is not None:
        conditions.append(r.day <= until)
    return conditions


def _row(record: Record) -> dict[str, Any]:
    return {column.name: getattr(record, column.name) for column in t.records.columns} | {"data": _plain(record.data)}


def _plain(data: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(dict(data)))


def _record(row: Row[Any]) -> Record:
    return Record(**row._mapping)
