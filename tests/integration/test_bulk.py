"""Imports and another CA in the real service: kill -9 and go on; a letter signed with a foreign certificate at B-LT."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.first_start import initialise, prepare_folder
from api.given import utc_now
from tests.support.service import ROOT, teken

pytestmark = [
    pytest.mark.hsm,
    pytest.mark.timeout(480),
]

ROWS = 150
NEVER_ENDS = """
CREATE TRIGGER never_ends AFTER INSERT ON registrations WHEN (SELECT count(*) FROM registrations) > 140 BEGIN
  SELECT count(*) FROM (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n);
END
"""
"""However late we look, the import is not over: towards its end it counts forever, in a transaction of its own."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """A folder with accounts, and the secret of a registrar."""

    folder: Path
    secret: Path

    def teken(self, *arguments: str) -> subprocess.Popen[str]:
        login = ("--data", str(self.folder), "--as", "ra-1", "--secret-file", str(self.secret))
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "api", *arguments, *login],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.teken(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err

    def count(self, query: str) -> int:
        with sqlite3.connect(self.folder / "teken.sqlite3") as database:
            return int(database.execute(query).fetchone()[0])

    def change(self, statement: str) -> None:
        with sqlite3.connect(self.folder / "teken.sqlite3", timeout=60) as database:
            database.execute(statement)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    base = tmp_path_factory.mktemp("bulk")
    settings = prepare_folder(base / "data", port=8000, fresh=True)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=secrets.token_bytes)
    made = Office(folder=base / "data", secret=base / "ra-1.secret")
    for account, role, number, more in (
        ("adm", "administrator", "111111111111111111", ()),
        ("ra-1", "registrar", "222222222222222222", ("--as", "adm", "--secret-file", str(base / "adm.secret"))),
    ):
        (base / "number").write_text(number)
        person = ("--name", account, "--role", role, "--number-file", str(base / "number"))
        told = teken(base / "data", "staff", "add", account, *person, "--json", *more)
        made_account = json.loads(told.stdout)
        if "link" in made_account:
            opened = teken(base / "data", "staff", "open", "--json", stdin=made_account["link"] + "\n")
            made_account = json.loads(opened.stdout)
        (base / f"{account}.secret").write_text(made_account["secret"])
    return made


def _names(count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [f"Pejabat {letters[number // 26]}{letters[number % 26]}" for number in range(count)]


def test_an_import_killed_again_and_again_ends_with_every_official_once(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "pejabat.csv"
    file.write_text("nama;unit_kerja\n" + "".join(f"{name};Biro Contoh\n" for name in _names(ROWS)))
    office.change(NEVER_ENDS)
    for target in (20, 60, 100):
        process = office.teken("import", "officials", str(file))
        deadline = time.monotonic() + 100
        while office.count("SELECT count(*) FROM registrations") < target and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert target <= office.count("SELECT count(*) FROM registrations") < ROWS
    office.change("DROP TRIGGER never_ends")
    code, out = office.run("import", "officials", str(file), "--json")
    assert code == 0, out
    assert json.loads(out)["states"] == {"registered": ROWS}
    assert office.count("SELECT count(*) FROM registrations") == ROWS
    assert office.count("SELECT count(DISTINCT name) FROM officials") == ROWS
    assert office.count("SELECT count(*) FROM approvals WHERE state = 'proposed'") == ROWS


def test_a_bad_file_names_its_rows_and_takes_nothing_in(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "salah.csv"
    file.write_text("nama;unit_kerja\nNi Luh Baik;Biro\n5171010101700001;Biro\n")
    before = office.count("SELECT count(*) FROM imports")
    code, out = office.run("import", "officials", str(file))
    assert code == 1
    assert "baris 3, kolom nama" in out
    assert "5171" not in out
    assert office.count("SELECT count(*) FROM imports") == before
