"""Starting: the first time makes everything, later times change nothing, and whatever is in the way is told."""

import hashlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.fresh import Launched
from tests.support.letters import letter
from tests.support.service import (
    ROOT,
    copied,
    environment,
    free_port,
    launch,
    log_of,
    running_service,
    start_service,
    teken,
    wait_until_ready,
    write_settings,
)

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

MADE = ("pki", "demonstration", "documents", "hsm")
HOUSEKEEPING = ("audit_entries", "audit_head", "audit_checkpoints", "timestamps", "crls", "crl_numbers", "ocsp_answers")
"""Tables that the timed work of a running service may write to."""


def files(folder: Path) -> dict[str, str]:
    """Digest of everything that a start made beside token and database, which have locks and logs of their own."""
    made = [folder / "teken.toml", *(each for name in MADE for each in (folder / name).rglob("*") if each.is_file())]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in made
        if "tokens" not in path.parts
    }


def counts(folder: Path) -> dict[str, int]:
    """Rows of every table that only signing, enrolling and the like may change."""
    connection = sqlite3.connect(f"file:{folder}/teken.sqlite3?mode=ro", uri=True)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - our own names
            for name in tables
            if name not in HOUSEKEEPING
        }
    finally:
        connection.close()


def test_a_second_start_is_quick_and_changes_nothing(born: Path, tmp_path: Path) -> None:
    folder = copied(born, tmp_path / "data")
    before, rows = files(folder), counts(folder)
    with running_service(folder) as service:
        assert service.processor_seconds() < 5
        letter = (folder / "demonstration" / "surat-contoh.pdf").read_bytes()
        assert service.verify(letter).json()["indication"] == "TOTAL-PASSED"
        [invited] = re.findall(r"First administrator +http://[^/]+(/staff/\S+)$", log_of(folder).read_text(), re.M)
        assert service.http.get(invited).status_code == 200
        assert service.http.get("/staff/nobody").status_code == 404
    assert (files(folder), counts(folder)) == (before, rows)


def test_a_folder_that_was_moved_goes_on_where_it_is(born: Path, tmp_path: Path) -> None:
    folder = copied(born, tmp_path / "before").rename(tmp_path / "Data Contoh")
    with running_service(folder) as service:
        assert service.http.get("/readyz").json()["status"] == "ready"


def test_a_fresh_start_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "notes.txt").write_text("penting")
    done = subprocess.run(
        [sys.executable, "-m", "api", "start", "--fresh", str(kept)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert f"{kept} is not empty: name another folder, or remove it yourself" in done.stderr
    assert [each.name for each in kept.iterdir()] == ["notes.txt"]


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = teken(tmp_path / "data", "start", "--port", str(port))
    assert done.returncode == 3
    assert f"127.0.0.1 port {port} cannot be used" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "data" / "hsm").exists()


def test_a_first_start_that_was_killed_in_the_ceremony_is_taken_up_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    process = launch(folder, "start", "--port", str(free_port()))
    log = log_of(folder)
    deadline = time.monotonic() + 60  # early: two keys and two certificates are still to be made
    while "Make the key ca-1-g1" not in log.read_text() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list((folder / "pki").glob("*.cer")), "the kill came too late"
    assert "key root-g1 made" in (folder / "pki" / "ceremony.txt").read_text()

    with running_service(folder) as service:
        assert len(list((folder / "pki").glob("root-*.cer"))) == 1
        assert service.sign(letter()).status_code == 201


def test_a_first_start_that_was_killed_in_the_demonstration_goes_on(born: Path, tmp_path: Path) -> None:
    folder = copied(born, tmp_path / "data")
    for name in ("letter.json", "client", "request.json"):  # killed when the client was made and its file not yet
        (folder / "demonstration" / name).unlink()
    with running_service(folder) as service:
        assert service.client[0] == "demonstration-2"
        assert service.sign(letter()).status_code == 201


def test_of_two_first_starts_at_once_one_serves_one_hierarchy(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    write_settings(folder)
    ports = [free_port(), free_port()]
    processes = [launch(folder, "start", "--no-demo", "--port", str(port)) for port in ports]
    try:
        refused = first_ended(processes)
        assert refused.returncode == 3
        assert "a worker runs on this SQLite database already" in log_of(folder).read_text(errors="replace")
        (other,) = (each for each in processes if each is not refused)
        wait_until_ready(ports[processes.index(other)], other, log_of(folder))
        assert len(list((folder / "pki").glob("root-*.cer"))) == 1
    finally:
        for process in processes:
            process.terminate()
            process.wait(timeout=30)


def first_ended(processes: list[Launched]) -> Launched:
    """SQLite bears one worker, so of two services on one folder the later one ends by itself."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for process in processes:
            if process.poll() is not None:
                return process
        time.sleep(0.05)
    raise AssertionError("both serve the same SQLite database")


def test_serving_needs_a_folder_that_was_started(born: Path, tmp_path: Path) -> None:
    nothing = teken(tmp_path / "nothing", "serve")
    assert (nothing.returncode, "run `./start` first" in nothing.stderr) == (2, True)
    service = start_service(copied(born, tmp_path / "data"), command="serve")
    service.stop()
