"""Webhooks of a running service: delivered by its own worker, also after it was killed; seen at the command line."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from signer.hooks.delivering import EVENT, SIGNATURE
from tests.support.hooks import is_signed
from tests.support.letters import letter
from tests.support.local_servers import LocalHttp, local_http
from tests.support.service import RunningService, free_port, running_service, start_service, teken, write_settings

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("webhooks") / "data"
    write_settings(directory, events={"networks": ["127.0.0.0/8"]}, limits={"tokens_per_minute": 10_000})
    return directory


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[RunningService]:
    with running_service(folder) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[LocalHttp]:
    with local_http() as server:
        server.say("/hook", status=204)
        yield server


def ask(service: RunningService, method: str, path: str, **more: Any) -> httpx.Response:
    return service.http.request(method, path, headers={"Authorization": f"Bearer {service.token()}"}, **more)


def until(told: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_signature_is_told_and_the_list_says_the_same(service: RunningService, receiver: LocalHttp) -> None:
    added = ask(service, "POST", "/v1/webhooks", json={"url": receiver.url("/hook"), "types": ["signature.signed"]})
    assert added.status_code == 201, added.text
    secret, hook = added.json()["secret"], added.json()["webhook"]["id"]
    before = ask(service, "GET", "/v1/events", params={"limit": 200}).json()["next"]
    signed = service.sign(letter())
    assert signed.status_code == 201, signed.text
    until(lambda: receiver.asked)
    ((_, _, headers, body),) = receiver.asked
    assert is_signed(secret, headers[SIGNATURE], body)
    (event,) = ask(service, "GET", "/v1/events", params={"cursor": before}).json()["items"]
    assert (headers[EVENT], json.loads(body)) == (event["id"], event)
    assert event["subject"] == signed.headers["teken-verification-code"]
    until(lambda: ask(service, "GET", f"/v1/webhooks/{hook}").json()["waiting"] == 0)
    (line,) = ask(service, "GET", f"/v1/webhooks/{hook}/deliveries").json()["items"]
    assert (line["state"], line["status"], line["attempts"]) == ("delivered", 204, 1)
    assert 'teken_webhooks{state="active"}' in service.http.get("/metrics").text
    for file in (service.directory.parent / "data.log", *service.directory.glob("*.sqlite3*")):
        assert secret.encode() not in file.read_bytes()

    listed = json.loads(teken(service.directory, "webhooks", "list", "--json").stdout)
    assert [(each["id"], each["host"], each["state"]) for each in listed] == [(hook, receiver.host, "active")]
    shown = teken(service.directory, "webhooks", "show", hook)
    assert "signature.signed" in shown.stdout
    again = teken(service.directory, "webhooks", "replay", hook, "--delivery", "1")
    assert again.returncode == 0, again.stderr
    until(lambda: len(receiver.asked) == 2)
    assert receiver.asked[1][2][EVENT] == event["id"]
    assert "paused" in teken(service.directory, "webhooks", "pause", hook).stdout
    assert "active" in teken(service.directory, "webhooks", "resume", hook).stdout
    for wrong in (("pause", "unknown"), ("replay", hook), ("replay", hook, "--delivery", "99")):
        assert teken(service.directory, "webhooks", *wrong).returncode == 2
    assert ask(service, "DELETE", f"/v1/webhooks/{hook}").status_code == 200


def test_what_was_recorded_before_a_kill_is_delivered_after_it(folder: Path, service: RunningService) -> None:
    port = free_port()  # nobody receives yet
    added = ask(service, "POST", "/v1/webhooks", json={"url": f"http://127.0.0.1:{port}/hook"}).json()
    codes = [service.sign(letter()).headers["teken-verification-code"] for _ in range(2)]
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    service.http.close()
    with local_http(port=port) as receiver:
        receiver.say("/hook", status=200)
        restarted = start_service(folder, command="serve")
        try:
            until(lambda: len(receiver.asked) >= len(codes))
        finally:
            restarted.stop()
    got = [json.loads(body) for _, _, _, body in receiver.asked]
    assert list(dict.fromkeys(each["subject"] for each in got)) == codes
    assert all(is_signed(added["secret"], headers[SIGNATURE], body) for _, _, headers, body in receiver.asked)
