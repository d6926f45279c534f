"""The audit trail refuses to be edited, by triggers: a bug of ours must not be able to change the past.

Whoever may drop triggers can still do it; the chain, its checkpoints and the rights of the service's database role
(INSERT and SELECT only on `audit_entries`) are for them.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

_SQLITE: Final = {
    "audit_entries_no_update": "BEFORE UPDATE ON audit_entries",
    "audit_entries_no_delete": "BEFORE DELETE ON audit_entries",
    "audit_head_no_delete": "BEFORE DELETE ON audit_head",
    # INSERT OR REPLACE deletes without a DELETE trigger, so an entry may only come after the last one
    "audit_entries_only_next": (
        "BEFORE INSERT ON audit_entries WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_entries)"
    ),
}
_POSTGRESQL: Final = {
    "audit_entries_no_change": "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries",
    "audit_head_no_delete": "BEFORE DELETE OR TRUNCATE ON audit_head",
}
_SQLITE_CHECKPOINTS: Final = {
    "audit_checkpoints_no_update": "BEFORE UPDATE ON audit_checkpoints",
    "audit_checkpoints_no_delete": "BEFORE DELETE ON audit_checkpoints",
    "audit_checkpoints_only_next": (
        "BEFORE INSERT ON audit_checkpoints"
        " WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM audit_checkpoints)"
    ),
}
_POSTGRESQL_CHECKPOINTS: Final = {
    "audit_checkpoints_no_change": "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints",
}
_SQLITE_STAMPS: Final = {
    "audit_outside_stamps_no_update": "BEFORE UPDATE ON audit_outside_stamps",
    "audit_outside_stamps_no_delete": "BEFORE DELETE ON audit_outside_stamps",
    "audit_outside_stamps_only_later": (
        "BEFORE INSERT ON audit_outside_stamps"
        " WHEN NEW.number <= (SELECT coalesce(max(number), 0) FROM audit_outside_stamps)"
    ),
}
_POSTGRESQL_STAMPS: Final = {
    "audit_outside_stamps_no_change": "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_outside_stamps",
}
_REFUSAL: Final = "the audit trail is append-only"


def add_triggers(connection: Connection) -> None:
    """Make the trail append-only."""
    if connection.dialect.name == "sqlite":
        for name, when in _SQLITE.items():
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
        return
    connection.exec_driver_sql(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for name, when in _POSTGRESQL.items():
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )


def drop_triggers(connection: Connection) -> None:
    """Take the refusal back, so that the tables can go."""
    for name, when in (_SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL).items():
        table = "audit_head" if "audit_head" in when else "audit_entries"
        on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION refuse_audit_change()")


def add_checkpoint_triggers(connection: Connection) -> None:
    """Make the checkpoints append-only as well; the function that refuses is there since the trail's own triggers."""
    _add(connection, _SQLITE_CHECKPOINTS, _POSTGRESQL_CHECKPOINTS)


def drop_checkpoint_triggers(connection: Connection) -> None:
    """Take it back, so that the table can go."""
    _drop(connection, _SQLITE_CHECKPOINTS, _POSTGRESQL_CHECKPOINTS, "audit_checkpoints")


def add_stamp_triggers(connection: Connection) -> None:
    """The same for the timestamps of others over them."""
    _add(connection, _SQLITE_STAMPS, _POSTGRESQL_STAMPS)


def drop_stamp_triggers(connection: Connection) -> None:
    """Take it back, so that the table can go."""
    _drop(connection, _SQLITE_STAMPS, _POSTGRESQL_STAMPS, "audit_outside_stamps")


def _add(connection: Connection, sqlite: Mapping[str, str], postgresql: Mapping[str, str]) -> None:
    if connection.dialect.name == "sqlite":
        for name, when in sqlite.items():
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
        return
    for name, when in postgresql.items():
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )


def _drop(connection: Connection, sqlite: Mapping[str, str], postgresql: Mapping[str, str], table: str) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    for name in sqlite if on_sqlite else postgresql:
        connection.exec_driver_sql(f"DROP TRIGGER {name}{'' if on_sqlite else f' ON {table}'}")
