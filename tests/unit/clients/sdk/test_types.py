"""What a type checker makes of the clients, as those who use the package have it: strict, and never `Any`."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.pages import ROOT

USE = """
from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import teken
from teken.types import EventBody, RecordBody

def blocking(client: teken.Teken) -> None:
    assert_type(client.signatures.get("code"), RecordBody)
    assert_type(client.events.read(), Iterator[EventBody])

async def awaiting(client: teken.AsyncTeken) -> None:
    assert_type(await client.signatures.get("code"), RecordBody)
    assert_type(client.events.read(), AsyncIterator[EventBody])
"""
MISUSE = """
import teken

def blocking(client: teken.Teken) -> None:
    client.signatures.get()
    client.signatures.get(code=1)
    client.signatures.got("code")

async def awaiting(client: teken.AsyncTeken) -> None:
    client.signatures.get("code").code
"""


def checked(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(program)
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", ROOT / ".mypy_cache"]
    return subprocess.run(
        [*words, folder / "program.py"],
        cwd=folder,
        env={"MYPYPATH": str(ROOT / "clients" / "sdk" / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_clients_are_typed_and_misuse_is_found(tmp_path: Path) -> None:
    good, bad = checked(USE, tmp_path), checked(MISUSE, tmp_path)

    assert good.returncode == 0, good.stdout
    assert [line.rpartition("[")[2] for line in bad.stdout.splitlines() if "error:" in line] == [
        "call-arg]",
        "arg-type]",
        "attr-defined]",
        "attr-defined]",
    ], bad.stdout
