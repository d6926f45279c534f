"""Who may do what at the command line outside of a demonstration: nobody without a name, and no role too much."""

import hashlib
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from api.cli.audit import audit
from api.cli.credentials import enrol, resume, suspend
from signer.errors import NotPermitted, StaffRefused
from signer.people import Role, StaffMember
from store.audit import Act, AuditTrail
from store.database import open_database
from store.staff import SqlStaffStore
from tests.support.pki import NOON
from tests.support.service import write_settings


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder that is no demonstration, with an auditor and an administrator."""
    folder = tmp_path / "data"
    write_settings(folder, demonstration=False, pki={"pen": 99999}, tsa={"clock": "chrony"})
    shutil.copy(sqlite_template, folder / "teken.sqlite3")
    with open_database(f"sqlite+pysqlite:///{folder}/teken.sqlite3", 1) as database:
        for role in (Role.AUDITOR, Role.ADMINISTRATOR):
            person = hashlib.sha256(role.value.encode()).hexdigest()
            member = StaffMember(id=role.value, name="Contoh", role=role, identity_hash=person)
            secret = hashlib.sha256(b"rahasia").hexdigest()
            SqlStaffStore(database).add(member, secret, actor="test", at=NOON)
    (folder / "secret").write_text("rahasia\n")
    (folder / "wrong").write_text("salah\n")
    return folder


def run(command: click.Command, *words: str, data: Path) -> Result:
    return CliRunner().invoke(command, [*words, "--data", str(data)])


def test_nobody_enrols_alone(data: Path) -> None:
    refused = run(enrol, "I Wayan Contoh", data=data).exception
    assert isinstance(refused, NotPermitted)
    assert all(word in str(refused) for word in ("teken register", "teken approve", "teken link"))


@pytest.mark.parametrize(
    ("command", "words"),
    [(suspend, ("x",)), (resume, ("x",)), (audit, ("show",)), (audit, ("export", "new-file"))],
)
def test_every_act_has_its_person(data: Path, command: click.Command, words: tuple[str, ...]) -> None:
    refused = run(command, *words, data=data).exception
    assert isinstance(refused, NotPermitted)
    assert "--as NAME --secret-file FILE" in str(refused)
    assert not (Path.cwd() / "new-file").exists()


@pytest.mark.parametrize(("name", "secret"), [("auditor", "wrong"), ("nobody", "secret")])
def test_a_wrong_login_reads_nothing(data: Path, name: str, secret: str) -> None:
    told = run(audit, "show", "--as", name, "--secret-file", str(data / secret), data=data)
    assert isinstance(told.exception, StaffRefused)
    assert told.output == ""


def test_an_administrator_does_not_read_the_trail_and_the_refusal_is_in_it(data: Path) -> None:
    told = run(audit, "show", "--as", "administrator", "--secret-file", str(data / "secret"), data=data)
    assert isinstance(told.exception, NotPermitted)
    assert told.output == ""
    with open_database(f"sqlite+pysqlite:///{data}/teken.sqlite3", 1) as database:
        (entry,) = AuditTrail(database).read(act=Act.RIGHT_REFUSE)
    assert (entry.actor, entry.reason) == ("administrator", "audit:read")


def test_an_auditor_reads_and_exports_under_their_own_name(data: Path) -> None:
    login = ("--as", "auditor", "--secret-file", str(data / "secret"))
    shown = run(audit, "show", *login, data=data)
    assert (shown.exit_code, "staff.login staff:auditor done" in shown.output) == (0, True)
    assert run(audit, "export", str(data / "export.jsonl"), *login, data=data).exit_code == 0
    with open_database(f"sqlite+pysqlite:///{data}/teken.sqlite3", 1) as database:
        (entry,) = AuditTrail(database).read(act=Act.TRAIL_EXPORT)
    assert entry.actor == "auditor"
