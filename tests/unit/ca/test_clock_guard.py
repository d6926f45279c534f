"""The clock is proven or nothing is stamped: off by two seconds, moved, monitor silent, leap second, recovery."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import core, tsp

from ca.clock_guard import ClockGuard, ClockReading
from ca.errors import ClockNotProven
from ca.timestamp import TimestampAuthority
from tests.support.ca_hierarchy import NOON, World, new_world


class Response(core.Sequence):
    """TimeStampResp, whose token is optional (asn1crypto insists on one)."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", core.Any, {"optional": True})]  # noqa: RUF012 - asn1crypto


GOOD = ClockReading(is_synchronised=True, offset=timedelta(milliseconds=3), source="test")


@dataclass
class Clocks:
    """A wall clock that can be set and a monotonic one that cannot."""

    wall: datetime = NOON
    ticks: float = 1000.0
    told: list[tuple[bool, str]] = field(default_factory=list)

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def step(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)

    def guard(self) -> ClockGuard:
        return ClockGuard(
            now=lambda: self.wall,
            monotonic=lambda: self.ticks,
            on_change=lambda proven, why, _: self.told.append((proven, why)),
        )


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def guard(clocks: Clocks) -> ClockGuard:
    guard = clocks.guard()
    guard.observe(GOOD)
    return guard


def refused(guard: ClockGuard) -> str:
    with pytest.raises(ClockNotProven) as error:
        guard.time()
    return str(error.value)


def test_before_the_first_reading_there_is_no_time(clocks: Clocks) -> None:
    assert "no source of time" in refused(clocks.guard())


def test_a_good_reading_gives_the_time(clocks: Clocks, guard: ClockGuard) -> None:
    clocks.pass_by(30)
    assert guard.time() == NOON + timedelta(seconds=30)


@pytest.mark.parametrize("offset", [2.0, -2.0, 0.501, -0.501])
def test_a_clock_that_is_off_stops_at_the_reading(clocks: Clocks, guard: ClockGuard, offset: float) -> None:
    guard.observe(ClockReading(is_synchronised=True, offset=timedelta(seconds=offset), source="test"))
    assert f"{abs(offset):.3f} s" in refused(guard)


@pytest.mark.parametrize("offset", [0.5, -0.5])
def test_half_a_second_is_accepted(guard: ClockGuard, offset: float) -> None:
    guard.observe(ClockReading(is_synchronised=True, offset=timedelta(seconds=offset), source="test"))
    assert guard.time()


def test_a_clock_that_nobody_synchronises_stops(guard: ClockGuard) -> None:
    guard.observe(ClockReading(is_synchronised=False, source="test"))
    assert "not synchronised" in refused(guard)


def test_a_monitor_that_died_stops_the_stamping_after_45_seconds(clocks: Clocks, guard: ClockGuard) -> None:
    clocks.pass_by(45)
    assert guard.time()
    clocks.pass_by(0.1)
    assert "silent" in refused(guard)


@pytest.mark.parametrize("step", [2.0, -2.0, 0.6, -0.6, 86_400.0])
def test_a_clock_that_was_moved_stops_at_the_next_token_and_stays_stopped(
    clocks: Clocks, guard: ClockGuard, step: float
) -> None:
    clocks.pass_by(5)
    clocks.step(step)
    assert "moved" in refused(guard)
    clocks.step(-step)
    assert "moved" in refused(guard)


@pytest.mark.parametrize("step", [0.4, -0.4])
def test_a_gentle_correction_is_no_move(clocks: Clocks, guard: ClockGuard, step: float) -> None:
    clocks.pass_by(5)
    clocks.step(step)
    assert guard.time()


def test_it_recovers_when_it_is_proven_again(clocks: Clocks, guard: ClockGuard) -> None:
    clocks.step(2)
    refused(guard)
    clocks.step(-2)
    guard.observe(GOOD)
    assert guard.time() == NOON


def test_each_change_is_told_once(clocks: Clocks, guard: ClockGuard) -> None:
    for _ in range(3):
        guard.time()
    clocks.step(2)
    for _ in range(3):
        refused(guard)
    guard.observe(GOOD)
    assert clocks.told == [(True, ""), (False, "the clock was moved"), (True, "")]


def test_a_trail_that_cannot_be_written_changes_nothing(clocks: Clocks) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    guard = ClockGuard(now=lambda: clocks.wall, monotonic=lambda: clocks.ticks, on_change=full)
    guard.observe(GOOD)
    assert guard.time()
    clocks.step(3)
    assert "moved" in refused(guard)


@pytest.mark.parametrize(("second", "stopped"), [(-3, False), (-2, True), (0, True), (2, True), (3, False)])
def test_nothing_is_stamped_around_a_leap_second(clocks: Clocks, second: int, stopped: bool) -> None:
    midnight = datetime(2027, 1, 1, tzinfo=UTC)
    clocks.wall = midnight - timedelta(seconds=20)
    guard = clocks.guard()
    guard.observe(ClockReading(is_synchronised=True, leap_announced=True, source="test"))
    clocks.pass_by(20 + second)
    if stopped:
        assert "leap second" in refused(guard)
        guard.observe(GOOD)
        assert "leap second" in refused(guard)
    else:
        assert guard.time()


def stamping(world: World, guard: ClockGuard) -> TimestampAuthority:
    world_tsa = world.tsa()
    world_tsa._clock = guard.time
    return world_tsa


def answer_of(tsa: TimestampAuthority) -> dict[str, Any]:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True}).dump()
    return dict(Response.load(tsa.respond(query), strict=True)["status"].native)


def test_the_authority_answers_time_not_available_and_comes_back(clocks: Clocks, guard: ClockGuard) -> None:
    tsa = stamping(new_world(), guard)
    assert answer_of(tsa)["status"] == "granted"
    clocks.step(2)
    refusal = answer_of(tsa)
    assert (refusal["status"], refusal.get("fail_info")) == ("rejection", {"time_not_available"})
    with pytest.raises(ClockNotProven):
        tsa.timestamp(bytes(32), "sha256")
    guard.observe(GOOD)
    assert answer_of(tsa)["status"] == "granted"


def test_a_clock_that_moves_while_the_token_is_signed_releases_nothing(clocks: Clocks, guard: ClockGuard) -> None:
    world = new_world()
    tsa = stamping(world, guard)
    real = tsa._check

    def and_the_clock_moves(*of_the_token: Any) -> None:
        real(*of_the_token)
        clocks.step(2)

    tsa._check = and_the_clock_moves
    assert answer_of(tsa).get("fail_info") == {"time_not_available"}
    assert world.stamps.records == {}
