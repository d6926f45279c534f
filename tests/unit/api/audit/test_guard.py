"""No checkpoint, no act: the guard closes in time, opens again, and costs nothing."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.audit.guard import GuardedCertificateLog, trail_proven
from api.audit.nightly import NightlyCheck
from api.health import NotReady
from ca.csr import request_for
from ca.model import CertificateState
from ca.profiles import OFFICIAL
from store.audit import Act
from store.certificates import SqlCertificateLog
from store.errors import DatabaseUnavailable, TrailNotProven
from tests.support.audit import AuditRoom, lift_all_guards
from tests.support.ca_hierarchy import PERSON
from tests.support.databases import execute


def test_acts_go_on_while_entries_wait_no_longer_than_they_may(room: AuditRoom) -> None:
    guard = room.guard()
    guard.require()
    room.act()
    room.clock.advance(minutes=15)
    guard.require()


def test_acts_stop_when_entries_wait_too_long_and_go_on_with_the_next_checkpoint(room: AuditRoom) -> None:
    guard = room.guard()
    room.act()
    room.clock.advance(minutes=15, seconds=1)
    with pytest.raises(TrailNotProven, match=r"since 2026-11-21 04:00 UTC: look at the job `checkpoint`"):
        guard.require()
    with pytest.raises(NotReady, match="teken work --once"):
        trail_proven(guard).ask()
    room.checkpoint()
    guard.forget()
    guard.require()
    trail_proven(guard).ask()


def test_a_checkpoint_of_another_process_is_seen_within_seconds(room: AuditRoom) -> None:
    guard = room.guard()
    room.act()
    room.clock.advance(minutes=16)
    with pytest.raises(TrailNotProven):
        guard.require()
    room.checkpoint()
    room.clock.advance(seconds=5)
    guard.require()


def test_asking_before_every_signature_asks_the_database_once(room: AuditRoom) -> None:
    asked: list[int] = []
    guard = room.guard()
    guard._waiting_since = lambda: asked.append(1)
    for _ in range(1000):
        guard.require()
    assert len(asked) == 1
    room.clock.advance(seconds=5)
    guard.require()
    room.clock.advance(hours=-1)
    guard.require()
    assert len(asked) == 3


def test_a_database_that_does_not_answer_stops_acts(room: AuditRoom, database_url: str) -> None:
    execute(database_url, "ALTER TABLE audit_checkpoints RENAME TO gone")
    with pytest.raises(DatabaseUnavailable):
        room.guard().require()


def test_issuing_and_revoking_refuse_before_anything_is_written(room: AuditRoom, database_url: str) -> None:
    world = room.world
    room.act()
    guard = room.guard()
    world.log = GuardedCertificateLog(room.database, lambda _: guard.require())  # type: ignore[assignment] - the port's other keeper
    request = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    certificate = world.issuance().issue(request, PERSON, OFFICIAL, "officer-1")

    room.clock.advance(minutes=16)
    before = execute(database_url, "SELECT count(*) FROM audit_entries")
    another = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    with pytest.raises(TrailNotProven):
        world.issuance().issue(another, PERSON, OFFICIAL, "officer-1")
    with pytest.raises(TrailNotProven):
        world.revoke(certificate)
    which = {"serial": certificate.serial_number, "issuer_id": "ca-1-g1", "actor": "officer-1", "at": room.clock()}
    for stop_or_go in (world.log.hold, world.log.release):
        with pytest.raises(TrailNotProven):
            stop_or_go(**which)
    with pytest.raises(TrailNotProven):
        world.log.raise_to_key_compromise(**which, invalidity_date=None)
    assert execute(database_url, "SELECT count(*) FROM audit_entries") == before
    row = SqlCertificateLog(room.database).find(serial=certificate.serial_number, issuer_id="ca-1-g1")
    assert row is not None
    assert row.state is CertificateState.ISSUED

    room.checkpoint()
    guard.forget()
    world.revoke(certificate)
    room.checkpoint()
    newest = room.checkpoints.newest()
    assert newest is not None
    assert newest.content.revoked == (f"ca-1-g1/{certificate.serial_number:020x}",)


def test_the_trail_is_checked_once_a_day(room: AuditRoom) -> None:
    room.act()
    room.checkpoint()
    nightly = NightlyCheck(room.reading(), now=room.clock)
    assert [nightly.run(), nightly.run()] == [2, 0]
    room.clock.advance(hours=23)
    assert NightlyCheck(room.reading(), now=room.clock).run() == 0
    room.checkpoint()
    room.clock.advance(hours=2)
    assert nightly.run() > 0
    nightly.health().ask()


def test_entries_that_wait_are_the_guards_affair(room: AuditRoom) -> None:
    """After a long pause the check may come before the first checkpoint."""
    room.act()
    room.clock.advance(hours=1)
    nightly = NightlyCheck(room.reading(), now=room.clock)
    nightly.run()
    nightly.health().ask()
    with pytest.raises(TrailNotProven):
        room.guard().require()


def test_a_break_turns_readiness_red_in_every_process_from_then_on(room: AuditRoom, database_url: str) -> None:
    room.act(3)
    room.checkpoint()
    lift_all_guards(database_url)
    execute(database_url, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2")
    for _ in range(2):  # the second one is a restarted process
        nightly = NightlyCheck(room.reading(), now=room.clock)
        nightly.run()
        with pytest.raises(NotReady, match="edited at 2"):
            nightly.health().ask()
    noted = room.trail.newest(Act.TRAIL_CHECK)
    assert noted is not None
    assert (noted.outcome, noted.reason) == ("failed", "edited")
