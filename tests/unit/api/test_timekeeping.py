"""The clock in a service: asked on time, told in the trail, red when nobody vouches for it."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.alarms import Watch
from api.health import watched
from api.settings import ClockChoice, TsaSettings
from api.timekeeping import Timekeeper, source_of, timekeeper, unsafe_choice
from ca.clock_guard import ClockGuard, ClockReading
from ca.errors import ClockNotProven
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.api_memory import NOON, Clock, memory_service, settings_in

EVERY = timedelta(seconds=15)


def reading(seconds: float) -> ClockReading:
    return ClockReading(is_synchronised=True, offset=timedelta(seconds=seconds), source="test")


def keeper(clock: Clock, ticks: Callable[[], float], offset: Callable[[], float]) -> Timekeeper:
    guard = ClockGuard(now=clock, monotonic=ticks, on_change=lambda *_: None)
    return Timekeeper(guard, lambda: reading(offset()), every=EVERY)


def ticking(clock: Clock) -> Callable[[], float]:
    """A monotonic clock that goes with the wall clock."""
    return lambda: (clock() - NOON) / timedelta(seconds=1)


def test_whoever_stamps_first_asks_the_clock_first() -> None:
    asked: list[float] = []

    def offset() -> float:
        asked.append(0)
        return 0

    made = keeper(Clock(), lambda: 0.0, offset)
    assert made.time() == made.time() == NOON
    assert len(asked) == 1


def test_readiness_is_red_while_the_clock_is_off_and_green_when_it_is_back(tmp_path: Path) -> None:
    clock, off = Clock(), [2.0]
    made = keeper(clock, ticking(clock), lambda: off[0])
    check = watched(Watch(name="clock", look=made.alarms))
    service = memory_service(
        settings_in(tmp_path), adjust=lambda services: replace(services, checks=(check,), now=clock)
    )
    told = []
    with service.http() as http:
        for seconds in (2.0, 0.0, -2.0, 0.1):
            clock.forward(15)
            off[0] = seconds
            made.look()
            told.append(http.get("/readyz").status_code)
        clock.forward(46)  # and the monitor is dead
        told.append(http.get("/readyz").status_code)
    assert told == [503, 200, 503, 200, 503]


def test_every_change_stands_in_the_audit_trail(database: Database) -> None:
    clock, ticks, trail = Clock(), [0.0], AuditTrail(database)
    settings = TsaSettings(clock=ClockChoice.TRUSTED_LOCAL)
    made = timekeeper(settings, trail, now=clock, monotonic=lambda: ticks[0])
    made.time()
    clock.forward(2)
    for _ in range(3):
        with pytest.raises(ClockNotProven, match="moved"):
            made.time()
    made.look()
    assert made.time()
    entries = trail.read(act=Act.CLOCK_PROOF)
    assert [(entry.outcome, entry.reason) for entry in entries] == [
        ("done", None),
        ("failed", "the clock was moved"),
        ("done", None),
    ]


def test_the_monitor_is_a_job_in_a_lane_of_its_own() -> None:
    made = keeper(Clock(), time.monotonic, lambda: 0)
    job = made.job()
    assert (job.every, job.lane) == (EVERY, "clock")
    job.run()


def test_only_a_clock_that_nobody_checks_is_an_unsafe_choice() -> None:
    assert "prove nothing" in (unsafe_choice(TsaSettings(clock=ClockChoice.TRUSTED_LOCAL)) or "")
    assert unsafe_choice(TsaSettings()) is None


def test_the_settings_choose_who_is_asked() -> None:
    assert source_of(TsaSettings(clock=ClockChoice.TRUSTED_LOCAL))().source == "trusted-local"
    assert callable(source_of(TsaSettings()))
    assert callable(source_of(TsaSettings(clock=ClockChoice.SERVERS, ntp_servers=("a", "b", "c"))))
