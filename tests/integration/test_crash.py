"""`kill -9` in the middle of signing, again and again: what a client was given is there, and all the rest explained."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.support.letters import letter
from tests.support.service import ROOT, UNCHECKED_CLOCK, RunningService, copied, environment, start_service, teken

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

ROUNDS = 6
THREADS = 4
SEED = 20261121
LEFTOVERS = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from api.first_start import settings_in
from api.custody import expected_labels
from api.hsm import hsm_settings
from api.stores import open_stores
from hsm_config.gate import open_gate
from hsm_config.token_objects import remove_leftovers
settings = settings_in(Path(sys.argv[1]))
with open_stores(settings) as stores:
    expected = expected_labels(hsm_settings(settings), settings.pki.certificates, stores.custody)
with open_gate(hsm_settings(settings)) as gate:
    print(json.dumps(asdict(remove_leftovers(gate, expected))))
"""

Given = dict[str, bytes]
"""Signed documents by their verification code."""


def sign_until_the_end(service: RunningService, given: Given) -> None:
    """Sign letter after letter until the service is gone; keep what arrived whole."""
    number = 0
    while True:
        number += 1
        try:
            answer = service.sign(letter(), reason=f"Surat ke-{number}")
        except httpx.TransportError:
            return
        assert answer.status_code == 201, answer.text
        given[answer.headers["teken-verification-code"]] = answer.content


def killed_while_signing(service: RunningService, seconds: float, *, reserved: bool) -> Given:
    """What clients were given until the service was killed, `seconds` after the first signature.

    `reserved`: and then at the next moment in which a signing is written down and not yet ended. Fails when one of the
    service's workers outlives it.
    """
    given: Given = {}
    with ThreadPoolExecutor(THREADS) as threads:
        running = [threads.submit(sign_until_the_end, service, given) for _ in range(THREADS)]
        wait_until(lambda: bool(given), seconds=20)
        service.verify(letter())  # so that there is a worker that could be orphaned
        time.sleep(seconds)
        if reserved:
            wait_until(lambda: any(state == "reserved" for _, state, _, _ in rows(service.directory)), seconds=20)
        workers = children(service.process.pid)
        service.process.send_signal(signal.SIGKILL)
        for each in running:
            each.result()
    service.stop()
    assert workers
    wait_until(lambda: not any(map(is_alive, workers)), seconds=10)
    return given


def wait_until(so: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.002)


def children(pid: int) -> set[int]:
    """Processes that `pid` started and that still live."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for each in tasks for child in each.read_text().split()}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def rows(folder: Path) -> list[tuple[str, str, str | None, str | None]]:
    """Token, state, failure and digest of every signing, as the database has them."""
    connection = sqlite3.connect(f"file:{folder}/teken.sqlite3?mode=ro", uri=True)
    try:
        return connection.execute("SELECT token, state, failure, document_sha256 FROM signatures").fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def survivor(born: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(born, tmp_path_factory.mktemp("crash") / "data")


@pytest.fixture(scope="module")
def given(survivor: Path) -> Given:
    """Everything that clients got in all rounds."""
    draw = random.Random(SEED)  # noqa: S311 - chooses moments, nothing secret
    everything: Given = {}
    for number in range(ROUNDS):
        service = start_service(survivor, arguments=("--no-demo",))
        everything |= killed_while_signing(service, draw.uniform(0, 0.6), reserved=number % 2 == 1)
    return everything


@pytest.fixture(scope="module")
def restarted(survivor: Path, given: Given) -> Iterator[RunningService]:
    """The service after the last kill, when it had the time to settle what was interrupted."""
    service = start_service(survivor, arguments=("--no-demo",))
    try:
        wait_until(lambda: all(state != "reserved" for _, state, _, _ in rows(survivor)), seconds=15)
        yield service
    finally:
        service.stop()


def test_everything_that_a_client_was_given_is_there_to_the_last_byte(restarted: RunningService, given: Given) -> None:
    assert len(given) >= ROUNDS
    bearer = restarted.bearer()
    for code, pdf in given.items():
        assert restarted.http.get(f"/v1/signatures/{code}/document", headers=bearer).content == pdf
        assert restarted.http.get(f"/v/{code}").status_code == 200


def test_no_signing_stays_unexplained(restarted: RunningService, survivor: Path, given: Given) -> None:
    states = {state for _, state, _, _ in rows(survivor)}
    assert states <= {"signed", "failed"}
    assert {failure for _, state, failure, _ in rows(survivor) if state == "failed"} == {"interrupted"}
    assert {code for code, state, _, _ in rows(survivor) if state == "signed"} >= given.keys()


def test_nothing_half_written_is_served(restarted: RunningService, survivor: Path) -> None:
    bearer = restarted.bearer()
    for code, state, _, digest in rows(survivor):
        document = restarted.http.get(f"/v1/signatures/{code}/document", headers=bearer)
        if state == "signed":
            assert sha256(document.content).hexdigest() == digest
        else:
            assert (document.status_code, restarted.http.get(f"/v/{code}").status_code) == (404, 404)


def test_the_doctor_finds_nothing_wrong_and_the_token_has_no_leftovers(
    restarted: RunningService, survivor: Path
) -> None:
    restarted.stop()
    done = teken(survivor, "doctor", "--json")
    findings = json.loads(done.stdout)
    said = [each["text"] for each in findings if each["name"] == "audit"]
    assert [text.startswith("whole, proven up to entry") for text in said] == [True], said
    assert (done.returncode, [each for each in findings if each["health"] != "well"]) == (0, [UNCHECKED_CLOCK])
    words = [sys.executable, "-c", LEFTOVERS, str(survivor)]
    looked = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, check=True, timeout=60)
    assert json.loads(looked.stdout) == {"removed": [], "broken": [], "missing": [], "unexpected": []}
