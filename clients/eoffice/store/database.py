"""The engine, and the one way to it: `Database.transaction()`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from eoffice.errors import Misconfigured
from eoffice.store.steps import STEPS
from eoffice.store.tables import METADATA, VERSION, schema_version

SQLITE: Final = "sqlite+pysqlite:///"
POSTGRESQL: Final = "postgresql+psycopg://"
_LOCK: Final = 0xE0FF1CE  # any fixed number: PostgreSQL's advisory lock that lets one process make the tables


class Database:
    """One open database, shared by all threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose changes are committed together when the block ends, or not at all.

        What it reads nobody changes before it ends: SQLite has one writer at a time, PostgreSQL the rows that were
        read for update.
        """
        with self._engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads, and waits for nobody."""
        with self._engine.connect() as connection:
            yield connection

    def prepare(self) -> None:
        """Make the tables where there are none, and bring those of an earlier release to this one's: all or nothing.

        Raises `Misconfigured` for tables of a later release.
        """
        with self.transaction() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if not inspect(connection).has_table(schema_version.name):
                METADATA.create_all(connection)
                connection.execute(schema_version.insert().values(version=VERSION))
            found = int(connection.execute(schema_version.select()).scalar_one())
            if found > VERSION:
                raise Misconfigured(f"the database has tables of version {found}; this release knows {VERSION}")
            for version in range(found + 1, VERSION + 1):
                STEPS[version](Operations(MigrationContext.configure(connection)))
            connection.execute(schema_version.update().values(version=VERSION))

    def ping(self) -> bool:
        """Whether it answers."""
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def open_database(url: str) -> Database:
    """The database at `url`: `sqlite+pysqlite:///<absolute path>` or `postgresql+psycopg://…`.

    Raises `Misconfigured` for any other, and where the file cannot be made.
    """
    if url.startswith(POSTGRESQL):
        options = "-c timezone=UTC -c idle_in_transaction_session_timeout=60s"
        return Database(create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"options": options}))
    if url.startswith(SQLITE) and len(url) > len(SQLITE):
        return Database(_sqlite(url))
    raise Misconfigured(f"database: write {SQLITE}<path of a file> or {POSTGRESQL}<user>@<host>/<name>")


def _sqlite(url: str) -> Engine:
    try:
        Path(str(make_url(url).database)).touch(mode=0o600)
    except OSError as error:
        raise Misconfigured(f"database: the file cannot be made ({error.strerror})") from None
    # None: the driver begins nothing by itself, and the first statement of a transaction takes the write lock
    engine = create_engine(url, hide_parameters=True, connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
