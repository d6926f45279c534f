"""The schema's history, applied in-process from the package's own `migrations/`. The web process never migrates."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from store import (  # noqa: F401 - the metadata has to have seen every table
    account_tables,
    activation_tables,
    archive_tables,
    batch_tables,
    bulk_tables,
    checkpoints_tables,
    code_tables,
    custody_tables,
    esign_tables,
    event_tables,
    factor_tables,
    fake_tables,
    figure_tables,
    gateway_tables,
    job_tables,
    letter_tables,
    oauth_tables,
    people_tables,
    place_tables,
    round_tables,
    seal_tables,
    status_tables,
    tables,
    webhook_tables,
)
from store.base import Base

_LOCK = 0x7E4E  # any fixed number: PostgreSQL's advisory lock that lets one process migrate at a time


def upgrade(engine: Engine) -> None:
    """To the newest revision, in one transaction, one process at a time."""
    with _changing(engine) as connection:
        command.upgrade(_config(connection), "head")


def downgrade(engine: Engine, to: str = "base") -> None:
    """Back to revision `to`; loses what the newer tables hold. For tests and for a release taken back."""
    with _changing(engine) as connection:
        command.downgrade(_config(connection), to)


def revision(engine: Engine) -> str | None:
    """What the database has."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """What this release needs."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise RuntimeError("store/migrations/versions holds no revision: the installation is incomplete")
    return newest


def differences(engine: Engine) -> list[object]:
    """What autogenerate would still change: empty when tables and history agree. Other people's tables do not count."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": is_ours, "compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Whether a reflected name is one of our tables (or anything inside one): the job engine's share the database."""
    return kind != "table" or name in Base.metadata.tables


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """One transaction in which tables may change; raises `RuntimeError` when a row would lose what it refers to."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
            connection.commit()
            return
        # SQLite changes a table by building it anew, and dropping the old one would take its children along
        # (https://www.sqlite.org/lang_altertable.html, 7); the switch does nothing inside a transaction
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself never opens a transaction for DDL
            yield connection
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if orphans:
                raise RuntimeError(f"the migration would orphan rows of {sorted({str(row[0]) for row in orphans})}")
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    config.attributes["connection"] = connection
    return config
