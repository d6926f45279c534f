"""Alive, ready, counted: red when a check says no or nothing, and never a reason that a stranger could use."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

from litestar import Litestar
from litestar.testing import TestClient

from api.alarms import Alarm, Severity, Watch, crl_alarms, raised_by
from api.health import HealthCheck, NotReady, watched
from tests.support.api_memory import (
    NOON,
    Clock,
    MemoryCrls,
    MemoryService,
    a_crl,
    memory_service,
    settings_in,
)

Http = TestClient[Litestar]


def service_with(folder: Path, *checks: HealthCheck) -> MemoryService:
    return memory_service(settings_in(folder), adjust=lambda services: replace(services, checks=checks))


def fails(message: str) -> Callable[[], object]:
    def ask() -> object:
        raise NotReady(message)

    return ask


def test_a_running_process_is_alive(http: Http) -> None:
    answer = http.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert answer.headers["cache-control"] == "no-store"


def test_ready_means_that_every_check_answers(tmp_path: Path) -> None:
    with service_with(tmp_path, HealthCheck(name="database", ask=int), HealthCheck(name="hsm", ask=int)).http() as http:
        answer = http.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "checks": {"database": "ok", "hsm": "ok"}},
    )


def test_one_red_check_is_named_and_its_reason_is_not(tmp_path: Path) -> None:
    red = HealthCheck(name="hsm", ask=fails("the token refused the PIN 1234"))
    with service_with(tmp_path, HealthCheck(name="database", ask=int), red).http() as http:
        answer = http.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "checks": {"database": "ok", "hsm": "failed"}}


def test_a_check_that_hangs_is_red_in_time_and_not_asked_twice(tmp_path: Path) -> None:
    released, asked = Event(), []

    def hang() -> None:
        asked.append(1)
        released.wait(60)

    with service_with(tmp_path, HealthCheck(name="hsm", ask=hang, seconds=0.05)).http() as http:
        first = http.get("/readyz")
        second = http.get("/readyz?again")
        released.set()

    assert (first.status_code, second.status_code) == (503, 503)
    assert len(asked) == 1


def test_asking_often_costs_one_check(tmp_path: Path) -> None:
    asked: list[int] = []
    service = service_with(tmp_path, HealthCheck(name="hsm", ask=lambda: asked.append(1)))
    with service.http() as http:
        for _ in range(5):
            http.get("/readyz")
        service.clock.forward(3)
        http.get("/readyz")

    assert len(asked) == 2


def watching(*alarms: Alarm) -> HealthCheck:
    return watched(Watch(name="crl-ca-1-g1", look=lambda: alarms))


SMALL = Alarm(name="crl-ca-1-g1-size", severity=Severity.WARNING, text="600 KiB")
GRAVE = Alarm(name="crl-ca-1-g1-1-hour", severity=Severity.CRITICAL, text="ends soon")


def test_a_warning_is_told_and_the_service_stays_ready(tmp_path: Path) -> None:
    with service_with(tmp_path, watching(SMALL)).http() as http:
        answer = http.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": {"crl-ca-1-g1": "warning"}})


def test_a_critical_alarm_is_red(tmp_path: Path) -> None:
    with service_with(tmp_path, watching(SMALL, GRAVE)).http() as http:
        answer = http.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]) == (503, {"crl-ca-1-g1": "failed"})


def test_the_job_is_dead_and_the_crl_ends_in_a_minute(tmp_path: Path) -> None:
    crls, clock = MemoryCrls({"ca-1-g1": a_crl(hours=48)}), Clock()
    watch = Watch(
        name="crl-ca-1-g1",
        look=lambda: crl_alarms(crls.current("ca-1-g1"), "ca-1-g1", is_root=False, at=clock()),
    )
    service = memory_service(
        settings_in(tmp_path),
        adjust=lambda services: replace(
            services, checks=(watched(watch),), alarms=lambda: raised_by([watch]), now=clock
        ),
    )
    service.peer = "127.0.0.1"
    told = []
    with service.http() as http:
        for hours in (0, 24.5, 36.5, 47 + 59 / 60):
            clock.at = NOON + timedelta(hours=hours)
            gauge = [line for line in http.get("/metrics").text.splitlines() if line.startswith("teken_alarm{")]
            told.append((http.get("/readyz").status_code, *gauge))
    assert told == [
        (200,),
        (503, 'teken_alarm{name="crl-ca-1-g1-half-life",severity="critical"} 1.0'),
        (503, 'teken_alarm{name="crl-ca-1-g1-12-hours",severity="critical"} 1.0'),
        (503, 'teken_alarm{name="crl-ca-1-g1-1-hour",severity="critical"} 1.0'),
    ]


def test_counters_are_read_from_the_inside_only(http: Http, service: MemoryService) -> None:
    assert http.get("/metrics").status_code == 404

    service.peer = "127.0.0.1"
    assert http.get("/metrics").status_code == 200
    assert http.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404

    service.peer = "::1"
    assert http.get("/metrics").status_code == 200


def test_requests_and_the_gate_are_counted(http: Http, service: MemoryService) -> None:
    service.peer = "127.0.0.1"
    http.get("/v1/signatures/0123456789ABCDEFGHJKMNPQRS")
    http.request("PROPFIND", "/v1")
    answer = http.get("/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'teken_hsm_gate{counter="calls"} 3.0' in answer.text
    assert 'method="GET",route="/v1/signatures/{code}",status="401"' in answer.text
    assert 'method="other",route="(no route)",status="405"' in answer.text
    assert "0123456789ABCDEFGHJKMNPQRS" not in answer.text
