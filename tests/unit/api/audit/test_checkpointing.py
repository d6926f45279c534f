"""A checkpoint is made over what waits, once, and never over what was changed."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.audit.copies import CopiesFolder, CopyRefused
from api.audit.trust import AuditTrust, fingerprint
from ca.errors import CaUnavailable, SigningKeyUnavailable
from store.audit import Act, Outcome
from store.chain import GENESIS
from store.checkpoints import Checkpoint, CheckpointBody, SqlCheckpoints
from store.errors import AlreadyExists, TrailBroken
from tests.support.audit import AuditRoom, lift_all_guards
from tests.support.ca_keys import SilentKey, WrongKey
from tests.support.databases import execute


def test_a_checkpoint_says_what_it_covers(room: AuditRoom) -> None:
    room.act(2)
    serial = "certificate:ca-1-g1/0000000000000000abcd"
    for act, outcome in (
        (Act.CERTIFICATE_ISSUE, Outcome.DONE),
        (Act.CERTIFICATE_REVOKE, Outcome.DONE),
        (Act.CERTIFICATE_REVOKE, Outcome.REFUSED),
    ):
        room.trail.record(act, serial, at=room.clock(), outcome=outcome)
    assert room.checkpoint() == 1

    newest = room.checkpoints.newest()
    assert newest is not None
    assert newest.content == CheckpointBody(
        number=1,
        time="2026-11-21T04:00:03Z",
        first=1,
        last=5,
        count=5,
        head=room.trail.read(after=4)[0].hash,
        previous=GENESIS,
        issued=("ca-1-g1/0000000000000000abcd",),
        revoked=("ca-1-g1/0000000000000000abcd",),
        key=fingerprint(room.key.public_key()),
    )
    assert room.trust.check(newest) == room.clock()


def test_checkpoints_follow_each_other_without_a_gap(room: AuditRoom) -> None:
    for _ in range(3):
        room.act(2)
        room.checkpoint()
    bodies = [checkpoint.content for _, checkpoint in room.checkpoints.every()]
    assert [(each.number, each.first, each.last) for each in bodies] == [(1, 1, 2), (2, 3, 5), (3, 6, 8)]
    hashes = [GENESIS, *(checkpoint.hash for _, checkpoint in room.checkpoints.every())]
    assert [each.previous for each in bodies] == hashes[:-1]
    assert room.check().finding is None


def test_where_nothing_happened_no_checkpoint_is_made_of_the_last_ones_timestamp(room: AuditRoom) -> None:
    assert room.checkpoint() == 0
    room.act()
    assert [room.checkpoint() for _ in range(3)] == [1, 0, 0]
    assert room.checkpoints.waiting_since() is None


def test_a_long_stretch_takes_several(room: AuditRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.checkpoints.LIMIT", 4)
    room.act(9)
    assert room.checkpoint() == 3
    assert room.check().covered >= 9


def test_each_checkpoint_is_outside_as_a_file_that_is_never_written_again(room: AuditRoom) -> None:
    room.act()
    room.checkpoint()
    path = room.folder / "000000" / "0000000001.json"
    before = path.read_bytes()
    assert json.loads(before).keys() == {"body", "signature", "timestamp"}
    assert room.copies.read(1) == room.checkpoints.newest()
    assert room.copies.write(Checkpoint(body=json.loads(before)["body"], signature=b"other", timestamp=b"")) is False
    assert path.read_bytes() == before


def test_without_a_place_outside_checkpoints_are_made_all_the_same(room: AuditRoom) -> None:
    room.act()
    assert room.checkpointer(copies=None).run() == 1
    assert room.check(copies=False).finding is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 4",
        "DELETE FROM audit_entries WHERE sequence = 4",
        "DELETE FROM audit_entries WHERE sequence = 6",
        "UPDATE audit_checkpoints SET body = 'nothing' WHERE number = 1",
        "UPDATE audit_checkpoints SET signature = timestamp WHERE number = 1",
        "UPDATE audit_checkpoints SET timestamp = signature WHERE number = 1",
    ],
)
def test_what_was_changed_is_never_signed(room: AuditRoom, database_url: str, tampering: str) -> None:
    room.act(2)
    room.checkpoint()
    room.act(3)
    lift_all_guards(database_url)
    execute(database_url, tampering)
    with pytest.raises(TrailBroken):
        room.checkpoint()
    assert list(room.copies.numbers()) == [1]


def test_a_database_that_is_older_than_the_copies_outside_gets_no_second_checkpoint_of_a_number(
    room: AuditRoom, database_url: str
) -> None:
    room.act(2)
    room.checkpoint()
    room.act(2)
    room.checkpoint()
    head = room.trail.read(after=2)[0]  # the timestamp of the first checkpoint: back to there
    lift_all_guards(database_url)
    execute(
        database_url,
        "DELETE FROM audit_checkpoints WHERE number = 2",
        "DELETE FROM audit_entries WHERE sequence > 3",
        f"UPDATE audit_head SET sequence = 3, hash = '{head.hash}'",  # noqa: S608 - our own hash
    )
    room.act(4)
    assert room.trail.verify() is None
    with pytest.raises(TrailBroken, match="another checkpoint 2"):
        room.checkpoint()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_was_copied_and_not_recorded_is_taken_over(room: AuditRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.act(2)
    with monkeypatch.context() as dying:
        dying.setattr(SqlCheckpoints, "record", interrupted)
        with pytest.raises(KeyboardInterrupt):
            room.checkpoint()
    assert (room.checkpoints.newest(), list(room.copies.numbers())) == (None, [1])
    assert room.check().finding is None
    room.act()
    assert room.checkpoint() == 2
    assert room.checkpoints.newest() == room.copies.read(2)
    assert room.check().finding is None


def test_whoever_comes_second_with_a_number_gives_way(room: AuditRoom) -> None:
    """Another process records its own checkpoint between our reading and our recording."""
    room.act(2)
    slow = room.checkpointer(copies=None)
    signed: list[bytes] = []

    def stamp(digest: bytes, algorithm: str) -> bytes:
        if not signed:
            signed.append(digest)
            room.checkpointer(copies=None).run()
        return room.tsa.timestamp(digest, algorithm)

    slow._timestamp = stamp
    slow.run()
    assert [number for number, _ in room.checkpoints.every()] == [1, 2]
    assert room.check(copies=False).finding is None


def test_a_number_is_recorded_once(room: AuditRoom) -> None:
    room.act()
    room.checkpoint()
    newest = room.checkpoints.newest()
    assert newest is not None
    with pytest.raises(AlreadyExists):
        room.checkpoints.record(newest)


@pytest.mark.parametrize(("key", "error"), [(SilentKey, SigningKeyUnavailable), (WrongKey, TrailBroken)])
def test_a_key_that_fails_leaves_nothing(room: AuditRoom, key: type[SilentKey], error: type[Exception]) -> None:
    room.act()
    with pytest.raises(error):
        room.checkpointer(key=key(room.key)).run()
    assert room.checkpoints.newest() is None
    assert list(room.copies.numbers()) == []


def test_a_clock_that_is_not_proven_leaves_nothing(room: AuditRoom) -> None:
    def refuse(_: bytes, __: str) -> bytes:
        raise CaUnavailable("time not available")

    room.act()
    with pytest.raises(CaUnavailable):
        room.checkpointer(timestamp=refuse).run()
    assert room.checkpoints.newest() is None
    assert list(room.copies.numbers()) == []


def test_a_place_outside_that_is_gone_leaves_nothing_in_the_database(room: AuditRoom, tmp_path: Path) -> None:
    room.act()
    with pytest.raises(CopyRefused, match="mount or make the folder"):
        room.checkpointer(copies=CopiesFolder(tmp_path / "not mounted")).run()
    assert room.checkpoints.newest() is None


def test_a_stranger_with_a_key_of_his_own_makes_no_checkpoint(room: AuditRoom) -> None:
    room.act()
    with pytest.raises(TrailBroken, match="not signed by an audit key"):
        room.checkpointer(key=ec.generate_private_key(ec.SECP256R1())).run()


def test_a_new_audit_key_goes_on_where_the_old_one_ended(room: AuditRoom) -> None:
    room.act()
    room.checkpoint()
    new = ec.generate_private_key(ec.SECP256R1())
    room.trust = AuditTrust(
        keys={**room.trust.keys, fingerprint(new.public_key()): new.public_key()}, units=room.trust.units
    )
    room.key = new
    room.act()
    assert room.checkpoint() == 1
    assert room.check().finding is None
