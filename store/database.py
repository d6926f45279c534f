"""The engine, and the one way to a session: `Database.transaction()`.

Every store method opens one transaction, makes its change, appends its audit entries and leaves; leaving seals the
audit chain and commits. No session reaches a route, and nobody else commits.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from store import chain, schema
from store.errors import AlreadyExists, DatabaseMisconfigured, DatabaseUnavailable, IllegalMove, StoreError

SQLITE = "sqlite+pysqlite:///"
POSTGRESQL = "postgresql+psycopg://"

_REFUSALS: Final[dict[str, type[StoreError]]] = {
    "23505": AlreadyExists,  # PostgreSQL, appendix A: unique_violation
    "SQLITE_CONSTRAINT_UNIQUE": AlreadyExists,
    "SQLITE_CONSTRAINT_PRIMARYKEY": AlreadyExists,
    "23514": IllegalMove,  # check_violation
    "SQLITE_CONSTRAINT_CHECK": IllegalMove,
}


class Database(AbstractContextManager["Database"]):
    """One open database. Safe to share between threads; close it by leaving the `with` block."""

    def __init__(self, engine: Engine, *, software: str) -> None:
        self._engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._software = software

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes and audit entries are committed together when the block ends, or not at all.

        Raises `AlreadyExists` when a unique key is taken, `IllegalMove` when a check of a table speaks against the
        row, and `DatabaseUnavailable` for everything else that the database objects to; a mistake of ours in a value
        (a time without a zone) stays a `ValueError`.
        """
        try:
            with self._sessions() as session:
                yield session
                chain.seal(session, software=self._software)  # locks the head of the chain: last step before commit
                session.commit()
        except StatementError as error:
            if isinstance(error.orig, ValueError):
                raise error.orig from None
            code = _code(error)
            raise _REFUSALS.get(code, DatabaseUnavailable)(f"the database refused a statement ({code})") from None
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(f"the database does not answer ({type(error).__name__})") from None

    def upgrade(self) -> None:
        """Bring the schema to this release, in one transaction, then the tables of the job engine; harmless when both
        are there already."""
        from store.job_engine import migrate  # noqa: PLC0415 - half a second that only who migrates has to spend

        with _translated():
            schema.upgrade(self._engine)
            migrate(self._engine)

    @property
    def engine(self) -> Engine:
        """For the job engine, which shares the database and its connections."""
        return self._engine

    def revision(self) -> str | None:
        """The revision that the schema has; `None` for an empty database."""
        with _translated():
            return schema.revision(self._engine)

    def head(self) -> str:
        """The revision that this release needs."""
        return schema.head()

    def ping(self) -> None:
        """Raises `DatabaseUnavailable` when the database does not answer; for readiness."""
        with _translated(), self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(url: str, threads: int, *, software: str = "teken") -> Database:
    """The database at `url`, with as many connections as `threads` may ask at once.

    `url`: `sqlite+pysqlite:///<absolute path>` or `postgresql+psycopg://…`, driver written out; `software`: name and
    version that audit entries carry. Connects lazily; a file that is absent is made for its owner alone, because it
    holds sealed keys. Raises `DatabaseMisconfigured` for any other URL, and where the file cannot be made.
    """
    if url.startswith(POSTGRESQL):
        return Database(_open_postgresql(url, threads), software=software)
    if url.startswith(SQLITE) and len(url) > len(SQLITE) and ":memory:" not in url:
        return Database(_open_sqlite(url, threads), software=software)
    raise DatabaseMisconfigured(f"store.url: write {SQLITE}<path of a file> or {POSTGRESQL}<user>@<host>/<name>")


def _open_postgresql(url: str, threads: int) -> Engine:
    # a frozen process must not keep its locks; our statements are short, and compiling one costs more than running it
    options = "-c timezone=UTC -c idle_in_transaction_session_timeout=60s -c jit=off"
    return create_engine(
        url, pool_size=threads, pool_pre_ping=True, hide_parameters=True, connect_args={"options": options}
    )


def _open_sqlite(url: str, threads: int) -> Engine:
    try:
        Path(str(make_url(url).database)).touch(mode=0o600)  # its companions (-wal, -shm) take over the mode
    except OSError as error:
        raise DatabaseMisconfigured(
            f"store.url: the file cannot be made or written ({error.strerror}); create its folder, or choose another"
        ) from None
    # IMMEDIATE: the first write takes the write lock at once, so no transaction fails half-way for want of it
    engine = create_engine(url, pool_size=threads, hide_parameters=True, connect_args={"isolation_level": "IMMEDIATE"})

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(f"the database does not answer ({type(error).__name__})") from None


def _code(error: StatementError) -> str:
    """A word for the log: SQLSTATE or SQLite's error name, never the text, which quotes rows."""
    original = error.orig
    return str(getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", type(original).__name__))
