"""`teken audit`: verify, show and export, with exit codes that a job can act upon; no token is needed."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.cli import COMMANDS, main
from api.cli.audit import audit
from api.cli.database import db
from api.settings_template import default_toml
from store.audit import AuditTrail
from store.database import open_database
from tests.support.audit import lift_all_guards, new_room
from tests.support.databases import execute


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data folder with seven entries, the first six of them under two checkpoints."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "teken.toml").write_text(default_toml(folder, 8123), encoding="utf-8")
    shutil.copy(sqlite_template, folder / "teken.sqlite3")
    with open_database(f"sqlite+pysqlite:///{folder}/teken.sqlite3", 1) as database:
        room = new_room(database, tmp_path)
        for _ in range(2):
            room.act(2)
            room.checkpoint()
    (tmp_path / "outside").rename(folder / "checkpoints")
    (folder / "pki").mkdir()
    (folder / "documents").mkdir()
    for label, certificate in room.world.hierarchy.certificates.items():
        (folder / "pki" / f"{label}.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    spki = room.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (folder / "pki" / "audit-1.spki").write_bytes(spki)
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(audit, [str(each) for each in arguments])


def tamper(data: Path, statement: str) -> None:
    url = f"sqlite+pysqlite:///{data}/teken.sqlite3"
    lift_all_guards(url)
    execute(url, statement)


def test_a_whole_trail_ends_with_0_and_the_check_is_noted(data: Path) -> None:
    done = run("verify", "--data", data)
    assert (done.exit_code, done.output) == (
        0,
        (
            "6 entries, 2 checkpoints, proven up to entry 5; 0 stamped by another house; 2 copies outside compared\n"
            "The trail is whole.\n"
        ),
    )
    with open_database(f"sqlite+pysqlite:///{data}/teken.sqlite3", 1) as database:
        newest = AuditTrail(database).read(after=6)[0]
    assert (newest.act, newest.actor, newest.outcome) == ("trail.check", "command-line", "done")


def test_a_broken_trail_ends_with_1_and_names_the_first_broken_link(data: Path) -> None:
    tamper(data, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2")
    done = run("verify", "--data", data)
    assert done.exit_code == 1
    assert "BROKEN at entry 2: edited" in done.output
    told = json.loads(run("verify", "--data", data, "--json").output)
    assert told["whole"] is False
    assert told["first_broken"] == {
        "kind": "edited",
        "sequence": 2,
        "checkpoint": None,
        "text": "entry 2 is not as it was written",
    }


def test_other_folders_can_be_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("verify", "--data", data, "--copies", tmp_path / "empty")
    assert done.exit_code == 1
    assert "BROKEN at entry 1: copy missing" in done.output


def test_an_export_is_verified_on_a_machine_that_has_nothing_else(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "trail.jsonl"
    assert run("export", "--data", data, target).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    shutil.copytree(data / "pki", tmp_path / "public")
    shutil.copytree(data / "checkpoints", tmp_path / "copies")
    shutil.rmtree(data)
    alone = ("verify", "--file", target, "--pki", tmp_path / "public", "--copies", tmp_path / "copies")
    done = run(*alone, "--json")
    assert done.exit_code == 0
    assert json.loads(done.output) == {
        "whole": True,
        "entries": 7,
        "checkpoints": 2,
        "proven_up_to": 5,
        "copies_compared": 2,
        "stamped_by_others": 0,
        "first_broken": None,
    }
    target.write_text(target.read_text().replace('"staff:2"', '"staff:7"'))
    assert run(*alone).exit_code == 1


def test_an_export_never_replaces_a_file(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("something dear")
    done = run("export", "--data", data, target)
    assert done.exit_code == 2
    assert "name a new file" in done.output
    assert target.read_text() == "something dear"


def test_entries_are_shown_and_filtered(data: Path) -> None:
    assert len(run("show", "--data", data).output.splitlines()) == 6
    one = run("show", "--data", data, "--object", "staff:2")
    assert one.output.split()[:3] == ["2", "2026-11-21T04:00:02Z", "service"]
    shown = json.loads(run("show", "--data", data, "--act", "timestamp", "--limit", "1", "--json").output)
    assert [entry["sequence"] for entry in shown] == [3]
    assert run("show", "--data", data, "--since", "2026-11-22").output == ""


def test_what_a_restored_backup_lacks_is_listed(data: Path, tmp_path: Path) -> None:
    assert run("lost", "--data", data).exit_code == 0
    url = f"sqlite+pysqlite:///{data}/teken.sqlite3"
    lift_all_guards(url)
    execute(url, "DELETE FROM audit_checkpoints WHERE number = 2")
    done = run("lost", "--data", data, "--json")
    assert done.exit_code == 1
    assert json.loads(done.output) == {"checkpoints": 1, "issued": [], "revoked": []}


def test_what_cannot_be_read_is_our_side_and_told_in_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "pki" / "audit-1.spki").unlink()
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", "--data", str(data)])
    assert ended.value.code == 3
    assert "teken audit new-key" in capsys.readouterr().err


def test_the_command_is_listed() -> None:
    assert "audit" in COMMANDS


def test_the_rights_of_the_service_on_postgresql_are_printed() -> None:
    printed = CliRunner().invoke(db, ["service-role", "teken_service"]).output
    assert (
        "GRANT SELECT, INSERT ON audit_entries, audit_checkpoints, audit_outside_stamps TO teken_service;"
        in printed.splitlines()
    )
