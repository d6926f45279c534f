"""Databases for tests: each test on SQLite and on PostgreSQL, migrated, empty and its own.

    def test_something(database: Database) -> None: ...

Raw access, for tests that play the attacker: `execute(database_url, "UPDATE …")`.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from store.chain import GENESIS
from store.database import Database, open_database
from tests.support.postgres import Postgres, running

THREADS = 20

_SHAPE = """
    SELECT relname::text, '' FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT tgname::text, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1
"""
_TABLES = """
    SELECT schemaname || '.' || tablename FROM pg_tables
     WHERE schemaname IN ('public', 'dbos') AND tablename NOT IN ('alembic_version', 'dbos_migrations')
"""


class PostgresDatabases:
    """Databases of one server, copied from a migrated template; one that was only filled is used again."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._template = server.create()
        with open_database(server.url(self._template), 1) as migrated:
            migrated.upgrade()
        self._shape = execute(server.url(self._template), _SHAPE)
        self._tables = [name for (name,) in execute(server.url(self._template), _TABLES)]
        self._clean: list[str] = []

    def take(self) -> str:
        """The name of a migrated, empty database."""
        return self._clean.pop() if self._clean else self._server.create(self._template)

    def empty(self) -> str:
        """The address of a new database that nobody has migrated; it ends with the server."""
        return self._server.url(self._server.create())

    def url(self, name: str) -> str:
        """For `open_database`."""
        return self._server.url(name)

    def give_back(self, name: str) -> None:
        """Empty it, unless the test touched tables or triggers: such a one is dropped."""
        url = self._server.url(name)
        if execute(url, _SHAPE) != self._shape:
            self._server.drop(name)
            return
        execute(
            url,
            "SET session_replication_role = replica",  # or the trail would refuse
            "; ".join(f"DELETE FROM {table}" for table in self._tables),  # noqa: S608 - our own; TRUNCATE is far slower
            f"INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '{GENESIS}')",  # noqa: S608 - a constant
        )
        self._clean.append(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresDatabases]:
    """One server a session (one a worker of pytest-xdist)."""
    with running() as server:
        yield PostgresDatabases(server)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A migrated SQLite file; closed, so that one file is all of it. Tests copy it, and never open it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with open_database(f"sqlite+pysqlite:///{path}", 1) as migrated:
        migrated.upgrade()
    made = path.read_bytes()
    yield path
    assert path.read_bytes() == made, "a test wrote into the template of all"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "teken.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+pysqlite:///{path}"
        return
    postgres: PostgresDatabases = request.getfixturevalue("postgres")
    name = postgres.take()
    yield postgres.url(name)
    postgres.give_back(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The same on SQLite alone, where what is tested stands above the store."""
    path = tmp_path / "teken.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+pysqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, open."""
    with open_database(database_url, THREADS, software="teken/test") as opened:
        yield opened


def execute(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Raw SQL beside the store, as somebody with the database's password would; rows of the last statement."""
    parts = make_url(url)
    if parts.drivername.startswith("sqlite"):
        connection = sqlite3.connect(str(parts.database))
        try:
            rows = [connection.execute(statement).fetchall() for statement in statements]
            connection.commit()
        finally:
            connection.close()
        return rows[-1]
    with psycopg.connect(host=str(parts.query["host"]), user=parts.username, dbname=parts.database) as session:
        cursors = [session.execute(statement) for statement in statements]  # type: ignore[call-overload] - our own text
        return cursors[-1].fetchall() if cursors[-1].description else []


def lift_audit_guard(url: str) -> None:
    """What an attacker with the owner's rights does first: drop the triggers that refuse to edit the trail."""
    if url.startswith("sqlite"):
        names = ("audit_entries_no_update", "audit_entries_no_delete", "audit_entries_only_next")
        execute(url, *(f"DROP TRIGGER {name}" for name in names))
    else:
        execute(url, "DROP TRIGGER audit_entries_no_change ON audit_entries")
