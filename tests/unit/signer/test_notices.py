"""Notices: the right step, once for each certificate, step and channel, again after a failure, an alarm in the end."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from signer.model import Credential
from signer.notices import DeliveryFailed, Notice, NoticeService, due
from store.audit import AuditTrail
from store.credentials import SqlCredentialStore
from store.database import Database
from store.notices import SqlNoticeLog, ending
from tests.support.pki import NOON, Pki, make_pki
from tests.unit.store.samples import credential

STEPS = (60, 30, 7)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def ends_in(pki: Pki, left: timedelta) -> Credential:
    holder = pki.official_with(key=pki.official.key, not_before=NOON - 100 * DAY, not_after=NOON + left)
    return credential(holder)


@pytest.mark.parametrize(
    ("left", "step"),
    [
        (61 * DAY, None),
        (60 * DAY, 60),
        (31 * DAY, 60),
        (30 * DAY, 30),
        (8 * DAY, 30),
        (7 * DAY, 7),
        (DAY / 24, 7),
        (timedelta(0), None),
        (-DAY, None),
    ],
)
def test_the_step_is_the_last_one_reached(pki: Pki, left: timedelta, step: int | None) -> None:
    found = due([ends_in(pki, left)], STEPS, at=NOON)
    assert [notice.step_days for notice in found] == ([] if step is None else [step])


def test_who_waits_for_a_certificate_gets_no_notice(pki: Pki) -> None:
    assert due([replace(ends_in(pki, DAY), chain=())], STEPS, at=NOON) == []


class Channel:
    """Takes notices, or does not."""

    def __init__(self, name: str = "email") -> None:
        self.name = name
        self.taken: list[Notice] = []
        self.broken = False
        self.die = False

    def deliver(self, notice: Notice) -> None:
        if self.die:
            raise KeyboardInterrupt
        if self.broken:
            raise DeliveryFailed("unreachable")
        self.taken.append(notice)


class World:
    """A service of notices whose clock a test moves."""

    def __init__(self, database: Database, pki: Pki) -> None:
        self.at = NOON
        self.channel = Channel()
        self.alarms: list[tuple[str, int]] = []
        self.store = SqlCredentialStore(database)
        self.store.add(ends_in(pki, 61 * DAY), actor="ra-1", at=NOON)
        self.trail = AuditTrail(database)
        self.service = NoticeService(
            ending=lambda until: ending(database, until),
            log=SqlNoticeLog(database),
            channels=[self.channel],
            alarm=lambda channel, attempts: self.alarms.append((channel, attempts)),
            now=lambda: self.at,
            steps=STEPS,
        )

    def after(self, wait: timedelta) -> int:
        self.at += wait
        return self.service.send_due()


@pytest.fixture
def world(database: Database, pki: Pki) -> World:
    return World(database, pki)


def test_each_step_is_sent_once(world: World) -> None:
    for _ in range(70):
        world.after(DAY)
    assert [notice.step_days for notice in world.channel.taken] == [60, 30, 7]


def test_a_failure_is_tried_again_with_waits_that_grow(world: World) -> None:
    world.channel.broken = True
    attempts: list[datetime] = []
    world.after(DAY)
    for _ in range(60):
        before = len(world.trail.read(limit=1000))
        world.after(timedelta(minutes=1))
        if len(world.trail.read(limit=1000)) > before:
            attempts.append(world.at)
    waits = [(later - earlier) / timedelta(minutes=1) for earlier, later in pairwise(attempts)]
    assert waits == [2, 4, 8, 16]
    assert world.alarms == [("email", number) for number in (3, 4, 5, 6)]
    world.channel.broken = False
    assert world.after(timedelta(hours=1)) == 1
    assert world.after(timedelta(hours=7)) == 0


def test_a_sender_that_died_is_relieved_and_only_then(world: World) -> None:
    world.channel.die = True
    with pytest.raises(KeyboardInterrupt):
        world.after(DAY)
    world.channel.die = False
    assert world.after(timedelta(minutes=10)) == 0
    assert world.after(timedelta(minutes=30)) == 1


def test_one_channel_that_fails_stops_no_other(database: Database, world: World) -> None:
    bad, good = Channel("webhook"), world.channel
    bad.broken = True
    service = NoticeService(
        ending=lambda until: ending(database, until),
        log=SqlNoticeLog(database),
        channels=[bad, good],
        alarm=lambda *_: None,
        now=lambda: NOON + 2 * DAY,
    )
    assert service.send_due() == 1
    assert len(good.taken) == 1


def test_the_trail_knows_what_was_sent_and_no_name(world: World) -> None:
    world.after(DAY)
    entry = world.trail.read()[-1]
    assert (entry.act, entry.outcome, entry.object) == ("notice.send", "done", "credential:credential-1")
    assert "Wayan" not in repr(entry)
