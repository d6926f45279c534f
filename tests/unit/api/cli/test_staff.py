"""`teken staff first`: a link for the very first administrator, shown here alone, until somebody has come in."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.staff import staff
from api.office.identity_key import KEY_BYTES
from api.settings_file import load_settings
from signer.errors import NotPermitted
from signer.people import Role
from store.database import open_database
from store.staff import SqlStaffStore
from tests.support.service import write_settings
from tests.unit.api.office.test_first_administrator import with_factor

NUMBER = "5171" + "0" * 12


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder that is no demonstration, in which nobody has an account."""
    folder = tmp_path / "data"
    write_settings(folder, demonstration=False, pki={"pen": 99999}, tsa={"clock": "chrony"})
    shutil.copy(sqlite_template, folder / "teken.sqlite3")
    load_settings(folder / "teken.toml").people.identity_key_file.write_text("07" * KEY_BYTES)
    (folder / "number").write_text(f"{NUMBER}\n")
    return folder


def first(data: Path, *words: str) -> Result:
    return CliRunner().invoke(staff, ["first", *words, "--data", str(data), "--number-file", str(data / "number")])


def test_the_first_administrator_gets_a_link_until_they_have_come_in(data: Path) -> None:
    made = first(data, "kepala", "--name", "Ni Contoh Kepala")
    assert made.exit_code == 0, made.output
    address, told = made.output.splitlines()
    assert address.startswith("http://127.0.0.1")
    assert "/staff/" in address
    assert told.startswith("For kepala alone. Good once, until ")
    again = json.loads(first(data, "--json").stdout)
    assert (again["id"], again["link"] != address) == ("kepala", True), "the only account, whatever name is asked for"
    assert NUMBER not in made.output
    with open_database(f"sqlite+pysqlite:///{data}/teken.sqlite3", 1) as database:
        [member] = SqlStaffStore(database).all()
        assert (member.id, member.name, member.role) == ("kepala", "Ni Contoh Kepala", Role.ADMINISTRATOR)
        with_factor(database, "kepala")
    refused = first(data).exception
    assert isinstance(refused, NotPermitted)
    assert refused.reason == "not-first"
