"""Whatever somebody with the database's password does to the audit trail, short of computing it anew, is noticed."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.audit import Act, AuditEntry, AuditTrail, Origin, acting
from store.chain import canonical
from store.database import open_database
from tests.support.databases import lift_audit_guard
from tests.unit.store.samples import NOON

ENTRIES = 6
COLUMNS = tuple(AuditEntry.__dataclass_fields__)
TEXTS = tuple(name for name in COLUMNS if name != "sequence")
ROWS = st.integers(1, ENTRIES)


@pytest.fixture(scope="module")
def honest(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trail of six entries whose guard was lifted, closed."""
    path = tmp_path_factory.mktemp("trail") / "honest.db"
    shutil.copy(sqlite_template, path)
    url = f"sqlite+pysqlite:///{path}"
    with open_database(url, 1) as database:
        for number in range(ENTRIES):
            with acting(Origin(actor=f"actor {number}", request_id=f"r-{number}")):
                AuditTrail(database).record(
                    Act.STAFF_LOGIN, f"staff:{number}", at=NOON, reason="ok", details={"n": number}
                )
    lift_audit_guard(url)
    return path


@pytest.fixture
def raw(honest: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The attacker's own connection to a copy."""
    shutil.copy(honest, tmp_path / "copy.db")
    connection = sqlite3.connect(tmp_path / "copy.db", isolation_level=None)
    yield connection
    connection.close()


def read(raw: sqlite3.Connection) -> list[tuple[object, ...]]:
    return raw.execute(f"SELECT {', '.join(COLUMNS)} FROM audit_entries ORDER BY sequence").fetchall()  # noqa: S608 - our columns


def verify(raw: sqlite3.Connection) -> int | None:
    """As a database administrator's changes look to the auditor; the changes are taken back afterwards."""
    path = raw.execute("PRAGMA database_list").fetchone()[2]
    with open_database(f"sqlite+pysqlite:///{path}", 1) as database:
        return AuditTrail(database).verify()


def restore(raw: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    raw.execute("DELETE FROM audit_entries")
    raw.executemany(f"INSERT INTO audit_entries VALUES ({', '.join('?' * len(COLUMNS))})", rows)  # noqa: S608 - marks


FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@FEW
@given(
    row=ROWS,
    column=st.sampled_from(TEXTS),
    value=st.one_of(st.none(), st.text(max_size=70), st.binary(max_size=70), st.integers(-(2**63), 2**63 - 1)),
)
def test_an_edited_entry_is_noticed(raw: sqlite3.Connection, row: int, column: str, value: object) -> None:
    rows = read(raw)
    try:
        raw.execute(f"UPDATE audit_entries SET {column} = ? WHERE sequence = ?", (value, row))  # noqa: S608 - our columns
    except (sqlite3.IntegrityError, UnicodeEncodeError):
        return  # not even the table takes it
    changed = read(raw) != rows
    noticed = verify(raw)
    restore(raw, rows)
    assert (noticed == row) if changed else (noticed is None)


@FEW
@given(order=st.permutations(range(1, ENTRIES + 1)), kept=st.integers(0, ENTRIES))
def test_entries_that_were_cut_or_moved_are_noticed(raw: sqlite3.Connection, order: list[int], kept: int) -> None:
    rows = read(raw)
    tampered = [(place, *rows[source - 1][1:]) for place, source in enumerate(order[:kept], start=1)]
    restore(raw, tampered)
    noticed = verify(raw)
    restore(raw, rows)
    assert (noticed is None) == (tampered == rows)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
        max_leaves=8,
    )
)
def test_the_order_of_keys_never_changes_what_is_hashed(value: object) -> None:
    assert canonical(value) == canonical(_reversed(value))


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(each) for key, each in reversed(value.items())}
    return [_reversed(each) for each in value] if isinstance(value, list) else value
