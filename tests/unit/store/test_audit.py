"""`store.audit` and `store.chain`: whatever is done to the trail afterwards is noticed, and most of it is refused."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import select

from store.audit import Act, AuditTrail, Origin, Outcome, acting, append
from store.database import Database
from store.errors import AuditRefused
from store.tables import AuditRow
from tests.support.databases import execute, lift_audit_guard
from tests.unit.store.samples import NOON, together

ENTRIES = 8


@pytest.fixture
def trail(database: Database) -> AuditTrail:
    """A trail with eight entries."""
    trail = AuditTrail(database)
    for number in range(1, ENTRIES + 1):
        trail.record(Act.STAFF_LOGIN, f"staff:{number}", at=NOON, details={"factor": "passkey"})
    return trail


def test_an_untouched_trail_holds(trail: AuditTrail) -> None:
    assert trail.verify() is None


def test_an_empty_trail_holds(database: Database) -> None:
    assert AuditTrail(database).verify() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3",
        "DELETE FROM audit_entries WHERE sequence = 3",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_refuses_to_edit_the_trail(trail: AuditTrail, database_url: str, statement: str) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        execute(database_url, statement)
    assert trail.verify() is None


def test_the_database_refuses_to_replace_or_empty_the_trail(trail: AuditTrail, database_url: str) -> None:
    columns = "actor, role, act, object, outcome, software, details, previous, hash"
    statement = {
        True: f"INSERT OR REPLACE INTO audit_entries (sequence, time, {columns})"  # noqa: S608 - our own columns
        f" SELECT sequence, time, {columns} FROM audit_entries WHERE sequence = 3",
        False: "TRUNCATE audit_entries",
    }[database_url.startswith("sqlite")]
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        execute(database_url, statement)
    assert trail.verify() is None


@pytest.mark.parametrize(
    ("tampering", "noticed_at"),
    [
        ("UPDATE audit_entries SET actor = 'somebody else' WHERE sequence = 3", 3),
        ("UPDATE audit_entries SET time = '2026-11-20T04:00:00.000000Z' WHERE sequence = 1", 1),
        ("UPDATE audit_entries SET outcome = 'refused' WHERE sequence = 8", 8),
        ("UPDATE audit_entries SET reason = '' WHERE sequence = 4", 4),
        ("UPDATE audit_entries SET request_id = 'r' WHERE sequence = 4", 4),
        ("UPDATE audit_entries SET software = 'x' WHERE sequence = 4", 4),
        ("UPDATE audit_entries SET role = 'x' WHERE sequence = 4", 4),
        ('UPDATE audit_entries SET details = \'{"factor": "passkey"}\' WHERE sequence = 5', 5),
        ("UPDATE audit_entries SET details = 'not even json' WHERE sequence = 5", 5),
        ("UPDATE audit_entries SET hash = 'not even hex' WHERE sequence = 5", 5),
        ("UPDATE audit_entries SET previous = 'not even hex' WHERE sequence = 5", 5),
        ("DELETE FROM audit_entries WHERE sequence = 4", 4),
        ("DELETE FROM audit_entries WHERE sequence = 1", 1),
        ("DELETE FROM audit_entries WHERE sequence = 8", 8),
        ("DELETE FROM audit_entries", 1),
        ("UPDATE audit_entries SET sequence = 9 WHERE sequence = 8", 8),
        ("UPDATE audit_entries SET sequence = -1 WHERE sequence = 1", -1),
        ("UPDATE audit_head SET hash = '00' WHERE id = 1", 9),
        ("UPDATE audit_head SET sequence = 9 WHERE id = 1", 9),
    ],
)
def test_what_somebody_did_to_the_trail_is_noticed(
    trail: AuditTrail, database_url: str, tampering: str, noticed_at: int
) -> None:
    lift_audit_guard(database_url)
    execute(database_url, tampering)
    assert trail.verify() == noticed_at


def test_two_entries_in_each_others_place_are_noticed(trail: AuditTrail, database_url: str) -> None:
    lift_audit_guard(database_url)
    moves = ((3, 100), (6, 3), (100, 6))
    move = "UPDATE audit_entries SET sequence = {1} WHERE sequence = {0}"
    execute(database_url, *(move.format(*each) for each in moves))
    assert trail.verify() == 3


def test_an_entry_written_past_the_store_is_noticed(trail: AuditTrail, database_url: str) -> None:
    columns = "actor, role, act, object, outcome, software, details, previous, hash"
    execute(
        database_url,
        f"INSERT INTO audit_entries (sequence, time, {columns}) SELECT 9, time, {columns}"  # noqa: S608 - our own columns
        " FROM audit_entries WHERE sequence = 8",
        "UPDATE audit_head SET sequence = 9 WHERE id = 1",
    )
    assert trail.verify() == 9


def test_the_chain_is_the_one_of_the_reference(database: Database) -> None:
    with acting(Origin(actor="ra-1", role="registration officer", request_id="r-7")):
        AuditTrail(database).record(
            Act.STAFF_LOGIN, "staff:1", at=NOON + timedelta(microseconds=5), reason="ok", details={"b": 1, "a": ["ñ"]}
        )
    row = (
        '{"act":"staff.login","actor":"ra-1","details":"{\\"a\\":[\\"ñ\\"],\\"b\\":1}","object":"staff:1",'
        '"outcome":"done","reason":"ok","request_id":"r-7","role":"registration officer","sequence":1,'
        '"software":"teken/test","time":"2026-11-21T04:00:00.000005Z"}'
    )
    (entry,) = AuditTrail(database).read()
    assert entry.previous == "00" * 32
    assert entry.hash == hashlib.sha256(b"\x01" + bytes(32) + row.encode()).hexdigest()


def test_eight_writers_at_once_leave_no_gap_and_no_fork(database: Database) -> None:
    trail = AuditTrail(database)

    def write(writer: int) -> None:
        for number in range(10):
            with database.transaction() as session:
                append(session, Act.STAFF_LOGIN, f"staff:{writer}", at=NOON, details={"number": number})
                append(session, Act.TRAIL_EXPORT, f"staff:{writer}", at=NOON)

    assert together(8, write) == [None] * 8
    with database.transaction() as session:
        sequences = session.scalars(select(AuditRow.sequence).order_by(AuditRow.sequence)).all()
    assert sequences == list(range(1, 161))
    assert trail.verify() is None


def test_entries_of_a_transaction_that_failed_leave_no_gap(database: Database) -> None:
    trail = AuditTrail(database)

    def fail_after_an_entry() -> None:
        with database.transaction() as session:
            append(session, Act.STAFF_LOGIN, "staff:1", at=NOON)
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_an_entry()
    trail.record(Act.STAFF_LOGIN, "staff:2", at=NOON)
    assert [(entry.sequence, entry.object) for entry in trail.read()] == [(1, "staff:2")]


NIK, NIP = "5171000000000001", "190001012000011001"  # of nobody: the date of birth does not exist


@pytest.mark.parametrize(
    "text",
    [NIK, NIP, f"NIK {NIK}", f"nik:{NIK};", "19000101 200001 1 001", "5171-0000-0000-0001", "5171.0000.0000.0001"],
)
@pytest.mark.parametrize(
    "place",
    [
        lambda text: {"details": {"note": text}},
        lambda text: {"details": {"deep": [{"er": text}]}},
        lambda text: {"details": {text: 1}},
        lambda text: {"actor": text},
        lambda text: {"reason": text},
    ],
)
def test_a_nik_or_a_nip_never_enters_the_trail(database: Database, text: str, place: Callable[[str], dict]) -> None:
    trail = AuditTrail(database)
    with pytest.raises(AuditRefused) as caught:
        trail.record(Act.STAFF_LOGIN, "staff:1", at=NOON, **place(text))
    assert text not in str(caught.value)
    assert trail.read() == ()


def test_a_nik_as_a_number_is_refused_too(database: Database) -> None:
    with pytest.raises(AuditRefused):
        AuditTrail(database).record(Act.STAFF_LOGIN, "staff:1", at=NOON, details={"id": int(NIK)})


def test_a_nik_is_no_name_of_an_object(database: Database) -> None:
    with pytest.raises(AuditRefused):
        AuditTrail(database).record(Act.STAFF_LOGIN, f"staff:{NIK}", at=NOON)


@pytest.mark.parametrize(
    "text",
    [
        "a" + "1" * 16 + "b" + "0" * 46,
        "1" * 64,
        "2026-11-21T04:00:00.000000Z",
        "2026-11-21 04:00:00",
        "17 octets: 01" + "23" * 16,
        "B.00.1.2.3/123/DINAS/2026",
        "081200000000",
    ],
)
def test_digests_times_serials_and_letter_numbers_are_welcome(database: Database, text: str) -> None:
    AuditTrail(database).record(Act.STAFF_LOGIN, "staff:1", at=NOON, details={"text": text})
    assert json.loads(AuditTrail(database).read()[0].details) == {"text": text}


@pytest.mark.parametrize("value", [1.5, b"octets", {1, 2}, datetime(2026, 11, 21), object()])  # noqa: DTZ001 - any object
def test_details_that_have_no_one_spelling_are_refused(database: Database, value: object) -> None:
    with pytest.raises(AuditRefused, match="details hold"):
        AuditTrail(database).record(Act.STAFF_LOGIN, "staff:1", at=NOON, details={"value": value})


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(AuditRefused, match="zone"):
        AuditTrail(database).record(Act.STAFF_LOGIN, "staff:1", at=NOON.replace(tzinfo=None))


def test_the_trail_can_be_read_in_pages_and_by_what_auditors_ask(database: Database) -> None:
    trail = AuditTrail(database)
    for number in range(6):
        trail.record(
            Act.STAFF_LOGIN if number % 2 else Act.TRAIL_EXPORT,
            f"staff:{number}",
            at=NOON + timedelta(hours=number),
            actor=f"actor {number // 3}",
            outcome=Outcome.REFUSED,
        )
    assert [entry.sequence for entry in trail.read(limit=2)] == [1, 2]
    assert [entry.sequence for entry in trail.read(after=4)] == [5, 6]
    assert [entry.sequence for entry in trail.read(actor="actor 1")] == [4, 5, 6]
    assert [entry.sequence for entry in trail.read(object="staff:3")] == [4]
    assert [entry.sequence for entry in trail.read(act=Act.STAFF_LOGIN)] == [2, 4, 6]
    between = trail.read(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=3))
    assert [entry.sequence for entry in between] == [2, 3]
    assert {entry.outcome for entry in between} == {"refused"}


def test_acts_outside_of_a_request_are_the_services_own(database: Database) -> None:
    trail = AuditTrail(database)
    with acting(Origin(actor="auditor-1", role="auditor", request_id="r-1")):
        trail.record(Act.TRAIL_EXPORT, "trail", at=NOON)
    trail.record(Act.TRAIL_EXPORT, "trail", at=NOON)
    assert [(e.actor, e.role, e.request_id) for e in trail.read()] == [
        ("auditor-1", "auditor", "r-1"),
        ("service", "service", None),
    ]
