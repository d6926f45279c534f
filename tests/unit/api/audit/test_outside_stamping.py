"""Another house stamps the newest checkpoint once a day: kept, checked, missed, forged, taken away."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.audit.check import Break, Verdict, check_trail
from api.audit.export import ExportedTrail
from api.audit.outside_stamping import OutsideStamping
from api.audit.trust import CheckpointUnsound
from signer.errors import TimestampUnavailable
from signer.outside_authority import OutsideAuthority, OutsideTrust
from signer.timestamping import TimestampAuthorities
from store.audit import Act
from store.errors import DatabaseUnavailable
from tests.support.audit import LIMIT, AuditRoom, lift_all_guards
from tests.support.databases import execute
from tests.support.pki import Pki, make_pki
from tests.support.signing import counted_bytes
from tests.support.tsa import OtherAuthority
from tests.unit.api.audit.test_export import written


@dataclass
class House:
    """Another house with one authority, and our room that asks it."""

    room: AuditRoom
    pki: Pki
    asked: list[bytes] = field(default_factory=list)
    fault: Callable[[OtherAuthority], OtherAuthority] | None = None

    def ask(self, request: bytes) -> bytes:
        self.asked.append(request)
        good = OtherAuthority(pki=self.pki, at=self.room.clock().replace(microsecond=0) + timedelta(seconds=1))
        return (self.fault(good) if self.fault else good)(request)

    def stamping(self) -> OutsideStamping:
        trust = OutsideTrust(anchors=(self.pki.root.certificate,), policies=frozenset())
        authority = OutsideAuthority(
            name="house", ask=self.ask, trust=trust, now=self.room.clock, random_bytes=counted_bytes()
        )
        return OutsideStamping(
            checkpoints=self.room.checkpoints,
            timestamp=TimestampAuthorities([authority], now=self.room.clock).timestamp,
            trust=lambda: self.room.trust,
            copies=self.room.copies,
            now=self.room.clock,
        )

    def stamped(self) -> bool:
        """A new checkpoint, and a run."""
        self.room.act()
        self.room.checkpoint()
        return self.stamping().run()

    def verdict(self) -> Verdict:
        self.room.clock.advance(seconds=5)
        return self.room.check()


@pytest.fixture
def house(room: AuditRoom) -> House:
    pki = make_pki(room.clock())
    room.trust = replace(room.trust, anchors=(pki.root.certificate,))
    return House(room=room, pki=pki)


def test_the_newest_checkpoint_is_stamped_once_a_day(house: House) -> None:
    assert house.stamping().run() is False, "there is none yet"
    assert house.stamped() is True
    assert house.stamped() is False
    house.room.clock.advance(hours=24)
    assert house.stamped() is True
    assert len(house.asked) == 2
    assert house.stamping().run() is False
    verdict = house.verdict()
    assert (verdict.whole, verdict.stamps) == (True, 2)
    entries = house.room.trail.read(act=Act.CHECKPOINT_STAMP)
    assert [entry.object for entry in entries] == ["checkpoint:1", "checkpoint:3"]


def test_where_nothing_happened_since_nobody_is_asked_again(house: House) -> None:
    house.stamped()
    house.room.clock.advance(hours=25)
    assert house.stamping().run() is False
    assert list(house.stamping().alarms()) == []
    assert len(house.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        lambda good: replace(good, status=2),
        lambda good: replace(good, wrong_imprint=True),
        lambda good: replace(good, pki=make_pki(good.pki.at)),
        lambda good: replace(good, at=good.pki.at - timedelta(hours=1)),
    ],
    ids=["refused", "over something else", "a stranger", "of another time"],
)
def test_a_failure_is_an_alarm_and_stops_nothing(
    house: House, fault: Callable[[OtherAuthority], OtherAuthority]
) -> None:
    house.fault = fault
    with pytest.raises(TimestampUnavailable):
        house.stamped()
    assert list(house.stamping().alarms()) == []
    house.room.clock.advance(minutes=59)
    assert list(house.stamping().alarms()) == []
    house.room.clock.advance(minutes=2)
    (alarm,) = house.stamping().alarms()
    assert (alarm.name, alarm.severity.value) == ("audit-outside-stamp", "warning")
    house.room.act()
    assert house.room.checkpoint() == 1, "our own checkpoints go on"
    assert house.verdict().whole
    house.fault = None
    assert house.stamping().run() is True
    assert list(house.stamping().alarms()) == []


def test_a_day_and_an_hour_without_a_stamp_is_an_alarm(house: House) -> None:
    house.stamped()
    house.room.act()
    house.room.checkpoint()
    house.room.clock.advance(hours=24)
    assert list(house.stamping().alarms()) == []
    house.room.clock.advance(hours=2)
    assert [alarm.name for alarm in house.stamping().alarms()] == ["audit-outside-stamp"]


def test_a_run_that_died_before_its_row_is_taken_over(house: House) -> None:
    house.room.act()
    house.room.checkpoint()
    died = house.stamping()
    died._record = lambda _: (_ for _ in ()).throw(DatabaseUnavailable("gone"))  # type: ignore[method-assign]
    with pytest.raises(DatabaseUnavailable):
        died.run()
    assert house.verdict().stamps == 1, "the token outside counts by itself"
    assert house.stamping().run() is False
    assert len(house.asked) == 1
    assert house.room.checkpoints.outside.every().keys() == {1}


def tokens(house: House) -> list[Path]:
    return sorted(house.room.folder.glob("*/*.tst"))


def test_a_forged_token_is_found(house: House, database_url: str) -> None:
    house.stamped()
    lift_all_guards(database_url)
    execute(
        database_url,
        "UPDATE audit_outside_stamps SET token = X'3000'"
        if "sqlite" in database_url
        else "UPDATE audit_outside_stamps SET token = '\\x3000'",
    )
    assert _found(house) == Break.COPY_DIFFERS
    tokens(house)[0].write_bytes(b"\x30\x00")
    assert _found(house) == Break.CHECKPOINT_FORGED


def test_a_token_that_was_taken_away_is_found_by_its_copy(house: House, database_url: str) -> None:
    house.stamped()
    house.room.clock.advance(hours=24)
    house.stamped()
    lift_all_guards(database_url)
    execute(database_url, "DELETE FROM audit_outside_stamps WHERE number = 1")
    assert _found(house) == Break.CHECKPOINT_REMOVED


def test_a_token_of_a_house_that_nobody_trusts_does_not_hold(house: House) -> None:
    house.stamped()
    house.room.trust = replace(house.room.trust, anchors=())
    assert _found(house) == Break.CHECKPOINT_FORGED
    newest = house.room.checkpoints.newest()
    assert newest is not None
    with pytest.raises(CheckpointUnsound):
        house.room.trust.check_outside(newest, tokens(house)[0].read_bytes())


def test_rows_are_only_ever_appended(house: House, database_url: str) -> None:
    house.stamped()
    for statement in ("DELETE FROM audit_outside_stamps", "UPDATE audit_outside_stamps SET number = 9"):
        with pytest.raises(Exception, match="append-only"):
            execute(database_url, statement)


def test_an_export_takes_the_tokens_along(house: House, tmp_path: Path) -> None:
    house.stamped()
    trail = ExportedTrail(written(house.room, tmp_path / "export.jsonl"))
    verdict = check_trail(trail, house.room.trust, copies=None, at=trail.at, limit=LIMIT)
    assert (verdict.finding, verdict.stamps) == (None, 1)


def _found(house: House) -> Break | None:
    finding = house.verdict().finding
    return finding and finding.kind
