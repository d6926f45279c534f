"""The auditor's check names the first broken link: where, and what was done."""

import hashlib
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.audit.check import Break, Verdict
from api.audit.trust import AuditTrust
from store import chain
from store.audit import Act
from tests.support.audit import AuditRoom, lift_all_guards
from tests.support.databases import execute


@pytest.fixture
def kept(room: AuditRoom, database_url: str) -> AuditRoom:
    """Three checkpoints over entries 1-3, 4-7 and 8-11; entry 12 is the timestamp of the last one, 13 and 14 wait."""
    for _ in range(3):
        room.act(3)
        room.checkpoint()
    room.act(2)
    lift_all_guards(database_url)
    return room


def named(verdict: Verdict) -> tuple[Break, int] | None:
    return verdict.finding and (verdict.finding.kind, verdict.finding.sequence)


def test_an_untouched_trail_is_whole(kept: AuditRoom) -> None:
    verdict = kept.check()
    assert verdict.whole
    assert (verdict.entries, verdict.checkpoints, verdict.covered, verdict.copies) == (14, 3, 11, 3)


def test_an_empty_trail_is_whole(room: AuditRoom) -> None:
    assert room.check().whole


MOVE = "UPDATE audit_entries SET sequence = {1} WHERE sequence = {0}"
SWAP_5_AND_10 = [MOVE.format(5, 100), MOVE.format(10, 5), MOVE.format(100, 10)]
HEAD_AT_6 = "UPDATE audit_head SET sequence = 6, hash = (SELECT hash FROM audit_entries WHERE sequence = 6)"


@pytest.mark.parametrize(
    ("tampering", "kind", "sequence"),
    [
        (["UPDATE audit_entries SET actor = 'somebody else' WHERE sequence = 5"], Break.EDITED, 5),
        (["UPDATE audit_entries SET actor = 'somebody else' WHERE sequence = 14"], Break.EDITED, 14),
        (["UPDATE audit_entries SET details = 'no json' WHERE sequence = 2"], Break.EDITED, 2),
        (["DELETE FROM audit_entries WHERE sequence = 5"], Break.CUT, 5),
        (["DELETE FROM audit_entries WHERE sequence < 3"], Break.CUT, 1),
        (SWAP_5_AND_10, Break.REORDERED, 5),
        (["UPDATE audit_entries SET sequence = -3 WHERE sequence = 5"], Break.INSERTED, 1),
        (["DELETE FROM audit_entries WHERE sequence > 9"], Break.TAIL_CUT, 10),
        (["DELETE FROM audit_entries WHERE sequence > 6", HEAD_AT_6], Break.TAIL_CUT, 7),
        (["DELETE FROM audit_entries", "UPDATE audit_head SET sequence = 0"], Break.TAIL_CUT, 1),
        (["DELETE FROM audit_head"], Break.TAIL_CUT, 1),
        (["DELETE FROM audit_entries WHERE sequence = 14"], Break.TAIL_CUT, 14),
        (["DELETE FROM audit_checkpoints WHERE number = 2"], Break.CHECKPOINT_REMOVED, 4),
        (["DELETE FROM audit_checkpoints WHERE number > 1"], Break.CHECKPOINT_REMOVED, 4),
        (["DELETE FROM audit_checkpoints"], Break.CHECKPOINT_REMOVED, 1),
        (["UPDATE audit_checkpoints SET body = '{}' WHERE number = 2"], Break.CHECKPOINT_FORGED, 4),
        (["UPDATE audit_checkpoints SET signature = timestamp WHERE number = 3"], Break.CHECKPOINT_FORGED, 8),
        (["UPDATE audit_checkpoints SET timestamp = signature WHERE number = 1"], Break.CHECKPOINT_FORGED, 1),
        (["UPDATE audit_checkpoints SET number = 4 WHERE number = 3"], Break.CHECKPOINT_REMOVED, 8),
    ],
)
def test_what_was_done_is_named_with_its_place(
    kept: AuditRoom, database_url: str, tampering: list[str], kind: Break, sequence: int
) -> None:
    execute(database_url, *tampering)
    assert named(kept.check()) == (kind, sequence)


def rewrite(room: AuditRoom, url: str, *, start: int) -> None:
    """Change entry `start`, and compute every hash after it anew, the head too: the perfect forgery of a chain."""
    entries = list(room.trail.entries(10**6))
    previous = entries[start - 2].hash if start > 1 else chain.GENESIS
    statements = []
    for entry in entries[start - 1 :]:
        row = {name: getattr(entry, name) for name in chain.HASHED}
        if entry.sequence == start:
            row["actor"] = "somebody else"
        own = chain.chained(previous, row)
        statements.append(
            f"UPDATE audit_entries SET actor = '{row['actor']}', previous = '{previous}', hash = '{own}'"  # noqa: S608 - ours
            f" WHERE sequence = {entry.sequence}"
        )
        previous = own
    statements.append(f"UPDATE audit_head SET sequence = {len(entries)}, hash = '{previous}'")  # noqa: S608 - ours
    execute(url, *statements)


def test_whoever_computes_the_whole_chain_anew_fails_at_the_checkpoint(kept: AuditRoom, database_url: str) -> None:
    rewrite(kept, database_url, start=5)
    assert kept.trail.verify() is None, "the chain alone does not notice it"
    assert named(kept.check()) == (Break.RECOMPUTED, 4)


def test_and_whoever_takes_the_checkpoints_away_as_well_fails_at_the_copies_outside(
    kept: AuditRoom, database_url: str
) -> None:
    rewrite(kept, database_url, start=5)
    execute(database_url, "DELETE FROM audit_checkpoints WHERE number > 1")
    assert named(kept.check()) == (Break.CHECKPOINT_REMOVED, 4)


def test_a_tail_that_was_cut_with_its_checkpoint_is_missed_by_the_copy_outside(
    kept: AuditRoom, database_url: str
) -> None:
    head = kept.trail.read(after=7)[0]
    execute(
        database_url,
        "DELETE FROM audit_checkpoints WHERE number = 3",
        "DELETE FROM audit_entries WHERE sequence > 8",
        f"UPDATE audit_head SET sequence = 8, hash = '{head.hash}'",  # noqa: S608 - our own hash
    )
    assert kept.trail.verify() is None
    verdict = kept.check()
    assert named(verdict) == (Break.TAIL_CUT, 9)
    assert verdict.finding is not None
    assert verdict.finding.checkpoint == 3
    assert kept.check(copies=False).whole, "which is why there must be a place outside"


def test_a_copy_that_says_something_else_is_named(kept: AuditRoom) -> None:
    path = kept.folder / "000000" / "0000000002.json"
    shutil.copy(kept.folder / "000000" / "0000000001.json", path)
    assert named(kept.check()) == (Break.COPY_DIFFERS, 4)
    path.write_text("not even JSON")
    assert named(kept.check()) == (Break.COPY_DIFFERS, 4)


def test_a_copy_that_is_gone_is_named(kept: AuditRoom) -> None:
    (kept.folder / "000000" / "0000000002.json").unlink()
    assert named(kept.check()) == (Break.COPY_MISSING, 4)


def test_an_empty_place_outside_is_named(kept: AuditRoom) -> None:
    shutil.rmtree(kept.folder / "000000")
    assert named(kept.check()) == (Break.COPY_MISSING, 1)


def test_copies_may_begin_when_the_place_was_named(room: AuditRoom) -> None:
    room.act()
    room.checkpointer(copies=None).run()
    room.act()
    room.checkpoint()
    verdict = room.check()
    assert verdict.whole
    assert verdict.copies == 1


def test_entries_that_wait_too_long_are_named(kept: AuditRoom) -> None:
    kept.clock.advance(minutes=14)
    assert kept.check().whole
    kept.clock.advance(minutes=2)
    assert named(kept.check()) == (Break.NOT_COVERED, 13)


def test_an_idle_trail_needs_no_checkpoint(room: AuditRoom) -> None:
    room.act()
    room.checkpoint()
    room.clock.advance(days=30)
    assert room.check().whole
    room.guard().require()


def test_checkpoints_of_another_house_prove_nothing(kept: AuditRoom) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    kept.trust = AuditTrust(keys={hashlib.sha256(b"").hexdigest(): other}, units=kept.trust.units)
    assert named(kept.check()) == (Break.CHECKPOINT_FORGED, 1)


def test_stamps_of_another_house_prove_nothing(kept: AuditRoom) -> None:
    kept.trust = AuditTrust(keys=kept.trust.keys, units=(kept.world.hierarchy.responder,))
    assert named(kept.check()) == (Break.CHECKPOINT_FORGED, 1)


def test_what_is_appended_while_somebody_checks_is_not_judged(room: AuditRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.act(3)
    room.checkpoint()
    room.act(3)
    read = room.trail.entries

    def entries(last: int) -> object:
        room.act(2)
        room.checkpoint()
        room.trail.record(Act.STAFF_LOGIN, "staff:late", at=room.clock())
        return read(last)

    monkeypatch.setattr(room.trail, "entries", entries)
    assert room.check().whole
