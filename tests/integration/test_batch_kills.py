"""`kill -9` at random moments of a batch, on SQLite and with two workers on PostgreSQL: none lost, none doubled."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.test_seals_live import seal_made
from tests.support.fresh import Launched, in_fresh_process
from tests.support.letters import letter
from tests.support.postgres import running
from tests.support.service import (
    RunningService,
    change_settings,
    launch,
    running_service,
    start_service,
    write_settings,
)
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm]

PATIENT = {"signatures_per_minute": 1_000_000, "verifications_per_minute": 1_000_000, "tokens_per_minute": 100_000}
LARGE = {"batch_documents": 1000}


class Office:
    """A client that fills one batch, consents whenever it may, and follows it whatever dies meanwhile."""

    def __init__(self, service: RunningService, seal: str | None = None) -> None:
        self.service = service
        self.request = service.sign_request | ({} if seal is None else {"credential": seal})
        self.sealed = seal is not None
        self.token = service.token()
        self.batch = ""

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.service.http.request(method, path, headers=headers, **more)

    def fill(self, count: int) -> None:
        opened = self.ask("POST", "/v1/batches", json={"credential": self.request["credential"], "level": "B-LT"})
        self.batch = f"/v1/batches/{opened.raise_for_status().json()['id']}"
        for number in range(count):
            document = letter() + f"\n% {number}\n".encode()
            sent = self.ask(
                "POST", f"{self.batch}/documents", content=document, headers={"Content-Type": "application/pdf"}
            )
            assert sent.status_code == 201, sent.text
        self.ask("POST", f"{self.batch}/close").raise_for_status()

    def counts(self) -> dict[str, int]:
        return dict(self.ask("GET", self.batch).raise_for_status().json()["counts"])

    def consent(self) -> None:
        """Where something is prepared; refused where nothing is, or while an earlier one is still in doubt."""
        given = self.ask("POST", f"{self.batch}/consent", json={"passphrase": self.request["passphrase"]})
        assert given.status_code in (200, 409, 423), given.text

    def follow(self, count: int) -> None:
        """Until everything is finished."""

        def look() -> dict[str, int]:
            counts = self.counts()
            assert counts["failed"] == 0, counts
            if not self.sealed and (counts["prepared"] or counts["reserved"]):
                self.consent()
            return counts

        follow(look, lambda counts: counts["finished"] == count)

    def items(self) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            after = {} if cursor is None else {"cursor": cursor}
            page = self.ask("GET", f"{self.batch}/documents", params={"limit": 100, **after}).json()
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def judge(self, count: int) -> None:
        """Each document once, valid, on record under a code of its own, and the trail is whole."""
        items = list(self.items())
        assert Counter(item["state"] for item in items) == {"finished": count}
        assert len({item["sha256"] for item in items}) == len({item["code"] for item in items}) == count
        for item in items:
            pdf = self.ask("GET", f"{self.batch}/documents/{item['position']}/signed").raise_for_status().content
            assert pdf.startswith(letter() + f"\n% {item['position']}\n".encode())
            report = self.service.verify(pdf).raise_for_status().json()
            assert report["indication"] == "TOTAL-PASSED", report
            assert len(report["signatures"]) == 1
            assert report["register"]["relation"] == "same-bytes"


def killed(service: RunningService, kills: int, seed: int, act: Callable[[Office], None], office: Office) -> None:
    """Kill the serving process, worker included, at random moments; start it again each time."""
    draw = random.Random(seed)  # noqa: S311 - moments, not secrets
    for _ in range(kills):
        act(office)
        time.sleep(draw.uniform(0, 0.8))
        office.service.process.send_signal(signal.SIGKILL)
        office.service.process.wait()
        office.service.http.close()
        office.service = start_service(service.directory, command="serve")


def nudge(office: Office) -> None:
    """Consent where something waits for it, and no patience with the answer."""
    try:
        counts = office.counts()
        if counts["prepared"] and not office.sealed:
            office.consent()
    except httpx.TransportError:
        return


def on_sqlite(folder: Path, count: int, kills: int, *, sealed: bool = False) -> None:
    write_settings(folder, limits=PATIENT, signing=LARGE)
    with running_service(folder) as born:
        office = Office(born)
    seal = made_for(folder, count) if sealed else None
    with running_service(folder, command="serve") as filling:
        office = Office(filling, seal)
        office.fill(count)
    office.service = start_service(folder, command="serve")
    try:
        killed(office.service, kills, count, nudge, office)
        office.follow(count)
        office.judge(count)
    finally:
        office.service.stop()


def made_for(folder: Path, count: int) -> str:
    """A seal that may seal exactly so many documents: whatever is counted twice is missing in the end."""
    seal, _ = in_fresh_process(seal_made, folder, "demonstration", "127.0.0.0/8", count)
    return seal


def on_postgres(folder: Path, count: int, kills: int, *, sealed: bool = False) -> None:
    with running() as server:
        write_settings(folder, store={"database_url": server.url(server.create())}, limits=PATIENT, signing=LARGE)
        with running_service(folder) as born:
            office = Office(born)
        change_settings(folder, jobs={"in_process": False})
        seal = made_for(folder, count) if sealed else None
        with running_service(folder, command="serve") as service:
            office = Office(service, seal)
            office.fill(count)
            kill_one_of_two(folder, kills, office, count)


def kill_one_of_two(folder: Path, kills: int, office: Office, count: int) -> None:
    draw = random.Random(kills)  # noqa: S311 - moments, not secrets
    workers: dict[str, Launched] = {}
    try:
        for name in ("one", "two"):
            workers[name] = launch(folder, "work", "--name", name)
        for _ in range(kills):
            nudge(office)
            time.sleep(draw.uniform(4, 8))  # a worker needs some seconds to begin
            name = draw.choice(["one", "two"])
            workers[name].kill()
            workers[name].wait()
            workers[name] = launch(folder, "work", "--name", name)
        office.follow(count)
        office.judge(count)
    finally:
        for worker in workers.values():
            worker.terminate()
        for worker in workers.values():
            worker.wait(timeout=60)


@pytest.mark.timeout(300)
def test_killed_three_times_a_batch_loses_and_doubles_nothing(tmp_path: Path) -> None:
    on_sqlite(tmp_path / "data", 60, 3)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_three_times_a_sealed_batch_loses_and_doubles_nothing(tmp_path: Path) -> None:
    on_sqlite(tmp_path / "data", 60, 3, sealed=True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_sealed_documents_and_ten_kills(tmp_path: Path) -> None:
    on_sqlite(tmp_path / "data", 1000, 10, sealed=True)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(300)
def test_with_two_workers_of_which_one_is_killed_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    on_postgres(tmp_path / "data", 60, 3)


@pytest.mark.postgres
@pytest.mark.timeout(300)
def test_with_two_workers_of_which_one_is_killed_a_sealed_batch_loses_and_doubles_nothing(tmp_path: Path) -> None:
    on_postgres(tmp_path / "data", 60, 3, sealed=True)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_a_thousand_sealed_documents_two_workers_and_ten_kills(tmp_path: Path) -> None:
    on_postgres(tmp_path / "data", 1000, 10, sealed=True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_documents_and_ten_kills(tmp_path: Path) -> None:
    on_sqlite(tmp_path / "data", 1000, 10)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_a_thousand_documents_two_workers_and_ten_kills(tmp_path: Path) -> None:
    on_postgres(tmp_path / "data", 1000, 10)
