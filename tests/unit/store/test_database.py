"""`store.database`: who may open what, and what a transaction promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

import ca.errors
import signer.errors
import verifier.errors
from signer.batch_model import BatchState
from signer.model import CredentialState
from store import schema
from store.audit import Act, append
from store.base import Base, SerialNumber
from store.batches import SqlBatchStore
from store.credentials import SqlCredentialStore
from store.database import Database, open_database
from store.errors import AlreadyExists, DatabaseMisconfigured, DatabaseUnavailable, StoreError
from store.jobs import SqlJobs
from store.tables import CrlRow, TimestampRow
from tests.support.databases import execute
from tests.support.pki import make_pki
from tests.unit.store.samples import NOON, credential

_BATCH = """
    INSERT INTO batches (id, state, client_id, credential_id, level, stamp, signed_as, documents, bytes, round,
                         created_at)
    VALUES ('{name}', '{state}', 'e-office', 'credential-1', 'B-B', '{{}}', '{{}}', 1, 1, 1,
            '2026-11-21 04:00:00+00:00')
"""
_ITEM = """
    INSERT INTO batch_items (batch_id, position, state, sha256, letter, logged, document_sha256, changed_at)
    VALUES ('{name}', {position}, '{state}', '{sha256}', '{{}}', {position} = 9,
            CASE '{state}' WHEN 'finished' THEN '00' END, '2026-11-21 04:00:00+00:00')
"""


def crl_row(**differences: object) -> dict[str, object]:
    row = {"issuer_id": "ca-1", "number": 1, "der": b"", "this_update": NOON, "next_update": NOON, "sha256": "00"}
    return row | differences


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite+pysqlite:///:memory:",
        "sqlite+pysqlite:///",
        "sqlite:////tmp/teken.db",
        "postgresql://teken@localhost/teken",
        "mysql://teken@localhost/teken",
        "",
    ],
)
def test_a_url_without_its_driver_or_without_a_place_is_refused(url: str) -> None:
    with pytest.raises(DatabaseMisconfigured, match=r"store\.url"):
        open_database(url, 1)


def test_a_time_without_a_zone_never_gets_in(database: Database) -> None:
    naive = datetime(2026, 11, 21)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="without a zone"), database.transaction() as session:
        session.execute(insert(CrlRow).values(**crl_row(this_update=naive)))


def test_a_time_of_another_zone_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    bali = timezone(timedelta(hours=8))
    with database.transaction() as session:
        session.execute(insert(CrlRow).values(**crl_row(this_update=datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=bali))))
    with database.transaction() as session:
        found = session.scalars(select(CrlRow.this_update)).one()
    assert (found, found.tzinfo) == (datetime(2026, 11, 21, 4, 0, 0, 5, tzinfo=UTC), UTC)


@pytest.mark.parametrize("serial", [0, -1, 1 << 160])
def test_a_serial_that_rfc_5280_forbids_never_gets_in(database: Database, serial: int) -> None:
    row = {"imprint": b"", "hash_algorithm": "sha256", "gen_time": NOON, "policy": "1.2", "tsu_id": "tsu-1"}
    with pytest.raises(ValueError, match="serial number"), database.transaction() as session:
        session.execute(insert(TimestampRow).values(serial=serial, **row))


def test_octets_of_serials_sort_as_the_numbers_do() -> None:
    numbers = [1, 255, 256, 1 << 63, 1 << 64, (1 << 160) - 1]
    octets = [SerialNumber().process_bind_param(number, None) for number in numbers]  # type: ignore[arg-type] - no dialect
    assert octets == sorted(octets, key=bytes)  # type: ignore[arg-type] - none is None


def test_an_error_in_the_block_takes_change_and_entry_back(database: Database) -> None:
    def change_and_fail() -> None:
        with database.transaction() as session:
            session.execute(insert(CrlRow).values(**crl_row()))
            append(session, Act.CRL_PUBLISH, "issuer:ca-1", at=NOON)
            raise KeyError

    with pytest.raises(KeyError):
        change_and_fail()
    with database.transaction() as session:
        assert session.scalars(select(CrlRow)).all() == []


def test_a_taken_key_says_so_and_says_no_more(database: Database) -> None:
    with database.transaction() as session:
        session.execute(insert(CrlRow).values(**crl_row(sha256="confidential")))
    with pytest.raises(AlreadyExists) as caught, database.transaction() as session:
        session.execute(insert(CrlRow).values(**crl_row(sha256="confidential")))
    assert "confidential" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_trail_that_cannot_be_written_fails_the_act(database: Database, database_url: str) -> None:
    execute(database_url, "ALTER TABLE audit_entries RENAME TO audit_entries_gone")

    def change() -> None:
        with database.transaction() as session:
            session.execute(insert(CrlRow).values(**crl_row()))
            append(session, Act.CRL_PUBLISH, "issuer:ca-1", at=NOON)

    with pytest.raises(DatabaseUnavailable):
        change()
    with database.transaction() as session:
        assert session.scalars(select(CrlRow)).all() == []


def test_a_database_that_does_not_answer_is_an_unavailable_of_every_domain(tmp_path: Path) -> None:
    with open_database(f"postgresql+psycopg://teken@/teken?host={tmp_path}", 1) as nowhere:
        for ask in (nowhere.ping, nowhere.revision, nowhere.upgrade):
            with pytest.raises(DatabaseUnavailable) as caught:
                ask()
            assert str(tmp_path) not in str(caught.value)
    assert issubclass(StoreError, signer.errors.Unavailable)
    assert issubclass(StoreError, ca.errors.CaUnavailable)
    assert issubclass(StoreError, verifier.errors.VerificationUnavailable)


def test_a_sqlite_file_is_its_owners_alone_with_all_its_companions(tmp_path: Path) -> None:
    with open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 1) as database:
        database.upgrade()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("teken.db", "teken.db-wal", "teken.db-shm"), 0o600)


def test_a_sqlite_file_without_a_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMisconfigured, match="create its folder"):
        open_database(f"sqlite+pysqlite:///{tmp_path / 'absent' / 'teken.db'}", 1)


def test_ping_says_nothing_when_all_is_well(database: Database) -> None:
    assert database.ping() is None


def test_sqlite_keeps_a_commit_through_a_power_cut(tmp_path: Path) -> None:
    with open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 1) as database, database.transaction() as session:
        pragmas = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_the_schema_goes_up_down_and_up_again(database: Database, database_url: str) -> None:
    assert database.revision() == database.head()
    schema.downgrade(database._engine)
    assert database.revision() is None
    left = {name for (name,) in execute(database_url, _TABLES[database._engine.dialect.name])}
    assert left.isdisjoint(Base.metadata.tables)
    database.upgrade()
    database.upgrade()
    assert database.revision() == database.head()


def test_no_release_is_taken_back_over_credentials_that_await_their_certificate(database: Database) -> None:
    waiting = replace(credential(make_pki().official), state=CredentialState.AWAITING_CERTIFICATE, chain=())
    SqlCredentialStore(database).add(waiting, actor="test", at=NOON)
    with pytest.raises(DatabaseMisconfigured, match="1 credential"):
        schema.downgrade(database._engine, "0005")
    assert database.revision() == database.head()
    assert SqlCredentialStore(database).get(waiting.id) == waiting


def test_batches_of_an_older_release_in_which_nothing_is_left_to_do_are_completed(
    database: Database, database_url: str
) -> None:
    schema.downgrade(database._engine, "0022")
    left = {"done": ("finished", "failed"), "waits": ("failed", "prepared"), "open": ("failed",)}
    for name, items in left.items():
        state = "open" if name == "open" else "closed"
        execute(database_url, _BATCH.format(name=name, state=state))
        for position, word in enumerate(items):
            execute(database_url, _ITEM.format(name=name, position=position, state=word, sha256=f"{position:064}"))
    database.upgrade()
    kept = [SqlBatchStore(database, SqlJobs(database)).get(name) for name in left]
    states = (BatchState.COMPLETED, BatchState.CLOSED, BatchState.OPEN)
    assert tuple(each.state for each in kept if each) == states
    assert execute(database_url, "SELECT count(*) FROM batch_items") == [(5,)]


def test_a_table_that_is_built_anew_keeps_the_rows_that_refer_to_it(database: Database, database_url: str) -> None:
    execute(database_url, _BATCH.format(name="kept", state="closed"))
    execute(database_url, _ITEM.format(name="kept", position=0, state="prepared", sha256=f"{0:064}"))
    schema.downgrade(database._engine, "0021")
    database.upgrade()
    assert execute(database_url, "SELECT count(*) FROM batch_items") == [(1,)]
    with pytest.raises(StoreError), database.transaction() as session:
        session.execute(text("DELETE FROM batches"))


def test_history_and_tables_agree_and_other_peoples_tables_are_left_alone(
    database: Database, database_url: str
) -> None:
    execute(database_url, "CREATE TABLE somebody_elses (id TEXT PRIMARY KEY)")
    assert schema.differences(database._engine) == []


def test_an_upgrade_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite+pysqlite:///{tmp_path / 'teken.db'}"
    execute(url, "CREATE TABLE timestamps (in_the_way TEXT)")  # the last but two of the tables
    with open_database(url, 1) as database:
        with pytest.raises(DatabaseUnavailable):
            database.upgrade()
        assert database.revision() is None
    assert execute(url, "SELECT name FROM sqlite_master") == [("timestamps",)]


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'",
}
