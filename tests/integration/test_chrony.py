"""Real chrony daemons, told never to touch the clock (`-x`): what `chronyc` really prints, and what it is worth."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from api.clock import ask_chronyc, chrony
from ca.clock_guard import ClockReading
from tests.support.service import ROOT, free_port

UNPACKED = ROOT / ".tools" / "chrony" / "usr"


def program(name: str) -> str:
    """Installed, or unpacked by `./check`; the test is skipped where there is none."""
    folders = os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(UNPACKED / "sbin"), str(UNPACKED / "bin")])
    found = shutil.which(name, path=folders)
    if found is None:
        pytest.skip(f"there is no {name}: `./check` unpacks Debian's package chrony into .tools, or install it")
    return found


@contextmanager
def daemon(folder: Path, *lines: str) -> Iterator[Callable[[], ClockReading]]:
    """A chronyd of our own with these lines, and how we read it."""
    folder.mkdir(mode=0o700)
    socket = folder / "chronyd.sock"
    own = (
        "cmdport 0",
        f"bindcmdaddress {socket}",
        f"pidfile {folder / 'pid'}",
        f"driftfile {folder / 'drift'}",
        "bindaddress 127.0.0.1",
    )
    (folder / "chrony.conf").write_text("\n".join([*lines, *own]) + "\n")
    with (folder / "log").open("wb") as log:
        command = [program("chronyd"), "-x", "-U", "-d", "-f", str(folder / "chrony.conf")]
        if os.geteuid() == 0:
            command += ["-u", "root"]
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(socket.exists, folder)
        yield chrony(partial(ask_chronyc, "-h", str(socket), program=program("chronyc")))
    finally:
        running.terminate()
        running.wait(timeout=10)


def until(so: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.1)


def test_one_that_follows_a_server_vouches_and_its_server_alone_does_not(tmp_path: Path) -> None:
    port = free_port()
    with daemon(tmp_path / "server", "local stratum 8", f"port {port}", "allow 127.0.0.1") as server:
        assert not server().is_synchronised, "it follows nothing but its own clock"
        line = f"server 127.0.0.1 port {port} iburst minpoll -2 maxpoll -2"
        with daemon(tmp_path / "client", line, "port 0") as client:
            until(lambda: client().is_synchronised, tmp_path / "client")
            reading = client()
            assert (reading.source, reading.leap_announced) == ("chrony", False)
            assert timedelta(0) <= reading.offset < timedelta(milliseconds=500)


def test_one_without_any_server_does_not_vouch(tmp_path: Path) -> None:
    with daemon(tmp_path / "alone", "port 0") as alone:
        assert alone() == ClockReading(is_synchronised=False, offset=alone().offset, source="chrony")


def test_one_that_ended_does_not_vouch(tmp_path: Path) -> None:
    with daemon(tmp_path / "gone", "port 0", "local stratum 8") as gone:
        pass
    assert gone() == ClockReading(is_synchronised=False, source="chrony")
