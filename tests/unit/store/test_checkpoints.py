"""Checkpoints in the database: appended, never changed; their body has one spelling."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.audit import Act, AuditTrail
from store.chain import GENESIS
from store.checkpoints import LIMIT, Checkpoint, CheckpointBody, SqlCheckpoints, Stretch, signed_bytes
from store.database import Database
from store.errors import AlreadyExists, TrailBroken
from tests.support.databases import execute, lift_audit_guard
from tests.unit.store.samples import MINUTE, NOON, digest

BODY = CheckpointBody(
    number=1,
    time="2026-11-21T04:00:00Z",
    first=1,
    last=2,
    count=2,
    head=digest("head"),
    previous=GENESIS,
    issued=("ca-1-g1/00ab",),
    revoked=(),
    key=digest("key"),
)


def checkpoint(**differences: object) -> Checkpoint:
    return Checkpoint(body=replace(BODY, **differences).text(), signature=b"signature", timestamp=b"token")


@pytest.fixture
def checkpoints(database: Database) -> SqlCheckpoints:
    trail = AuditTrail(database)
    for number in range(3):
        trail.record(Act.STAFF_LOGIN, f"staff:{number}", at=NOON + number * MINUTE)
    return SqlCheckpoints(database)


def test_what_was_recorded_comes_back(checkpoints: SqlCheckpoints) -> None:
    assert checkpoints.newest() is None
    checkpoints.record(checkpoint())
    checkpoints.record(checkpoint(number=2, first=3, last=3))
    assert checkpoints.newest() == checkpoint(number=2, first=3, last=3)
    assert [number for number, _ in checkpoints.every()] == [1, 2]


def test_a_number_is_used_once(checkpoints: SqlCheckpoints) -> None:
    checkpoints.record(checkpoint())
    with pytest.raises(AlreadyExists):
        checkpoints.record(checkpoint(last=3))
    assert checkpoints.newest() == checkpoint()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_checkpoints SET body = ''", "DELETE FROM audit_checkpoints WHERE number = 1"]
)
def test_the_database_refuses_to_edit_them(checkpoints: SqlCheckpoints, database_url: str, statement: str) -> None:
    checkpoints.record(checkpoint())
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        execute(database_url, statement)
    assert checkpoints.newest() == checkpoint()


def test_the_database_refuses_to_replace_or_empty_them(checkpoints: SqlCheckpoints, database_url: str) -> None:
    checkpoints.record(checkpoint())
    statement = "TRUNCATE audit_checkpoints"
    if database_url.startswith("sqlite"):
        replacing = "INSERT OR REPLACE INTO audit_checkpoints SELECT number, last, '', signature, timestamp"
        statement = f"{replacing} FROM audit_checkpoints"
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        execute(database_url, statement)
    assert checkpoints.newest() == checkpoint()


def test_the_oldest_entry_without_a_checkpoint_says_since_when(checkpoints: SqlCheckpoints) -> None:
    assert checkpoints.waiting_since() == NOON
    checkpoints.record(checkpoint())
    assert checkpoints.waiting_since() == NOON + 2 * MINUTE
    checkpoints.record(checkpoint(number=2, first=3, last=3))
    assert checkpoints.waiting_since() is None


def test_the_next_stretch_goes_on_after_the_newest_checkpoint(checkpoints: SqlCheckpoints, database: Database) -> None:
    entries = AuditTrail(database).read()
    whole = Stretch(first=1, last=3, count=3, head=entries[2].hash, issued=(), revoked=())
    assert checkpoints.next_stretch() == whole
    assert checkpoints.next_stretch(until=2) == replace(whole, last=2, count=2, head=entries[1].hash)
    checkpoints.record(checkpoint(head=entries[1].hash))
    assert checkpoints.next_stretch() == replace(whole, first=3, count=1)
    checkpoints.record(checkpoint(number=2, first=3, last=3, head=entries[2].hash))
    assert checkpoints.next_stretch() is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2",
        "DELETE FROM audit_entries WHERE sequence = 2",
        "DELETE FROM audit_entries WHERE sequence = 3",
        "UPDATE audit_head SET sequence = 7",
    ],
)
def test_over_what_was_changed_there_is_no_stretch(
    checkpoints: SqlCheckpoints, database_url: str, tampering: str
) -> None:
    lift_audit_guard(database_url)
    execute(database_url, tampering)
    with pytest.raises(TrailBroken, match="teken audit verify"):
        checkpoints.next_stretch()


def test_a_checkpoint_of_another_chain_is_not_built_upon(checkpoints: SqlCheckpoints) -> None:
    checkpoints.record(checkpoint())
    with pytest.raises(TrailBroken, match="entry 3"):
        checkpoints.next_stretch()


def test_a_stretch_has_a_limit() -> None:
    serial = f"ca-1-g1/{2**135:040x}"
    fullest = replace(BODY, issued=(serial,) * LIMIT)
    assert len(fullest.text()) < 1024 * 1024


@given(
    number=st.integers(1, 2**40),
    issued=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), max_size=4).map(tuple),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - given its zone below
)
def test_a_body_is_read_as_it_was_written(number: int, issued: tuple[str, ...], at: datetime) -> None:
    whole_second = at.replace(microsecond=0, tzinfo=UTC)
    body = CheckpointBody.over(
        replace(BODY.stretch, issued=issued), number=number, previous=GENESIS, key="", at=whole_second
    )
    assert CheckpointBody.parse(body.text()) == body
    assert body.at == whole_second


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "7",
        "null",
        BODY.text() + " ",
        BODY.text().replace('"number":1', '"number":"1"'),
        BODY.text().replace('"number":1', '"number":true'),
        BODY.text().replace('"number":1', '"number":1.0'),
        BODY.text().replace('"count":2,', ""),
        BODY.text().replace('"count":2,', '"count":2,"more":1,'),
        BODY.text().replace("2026-11-21T04:00:00Z", "yesterday"),
        BODY.text().replace("[]", "null"),
        "[" * 100_000,
    ],
)
def test_another_spelling_is_no_body(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        CheckpointBody.parse(text)


def test_what_is_signed_is_never_mistaken_for_anything_else() -> None:
    assert signed_bytes(BODY.text()) == b"teken audit checkpoint 1\x00" + BODY.text().encode()
