"""`check-config` and `doctor`: whatever is wrong is found, said in one line with its fix, and nothing is changed."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from store.database import open_database
from store.jobs import SqlJobs
from tests.support.service import copied, free_port, teken_in_turn

pytestmark = pytest.mark.hsm


Said = CompletedProcess[str]


def findings_of(done: Said) -> dict[str, str]:
    """What the doctor finds ill, by name; exit code and JSON have to agree."""
    findings = json.loads(done.stdout)
    assert all(set(each) == {"name", "health", "text"} for each in findings)
    ill = {each["name"]: each["text"] for each in findings if each["health"] == "ill"}
    assert done.returncode == (1 if ill else 0)
    return ill


def lose_the_token(folder: Path) -> None:
    shutil.rmtree(folder / "hsm" / "tokens")


def change_the_pin(folder: Path) -> None:
    (folder / "hsm" / "user.pin").write_text("0123456789\n")


def lose_the_pin(folder: Path) -> None:
    (folder / "hsm" / "user.pin").unlink()


def show_the_pin(folder: Path) -> None:
    (folder / "hsm" / "user.pin").chmod(0o644)


def fall_behind(folder: Path) -> None:
    on_database(folder, "UPDATE alembic_version SET version_num = '0000'")


def edit_the_trail(folder: Path) -> None:
    on_database(
        folder, "DROP TRIGGER audit_entries_no_update", "UPDATE audit_entries SET actor = 'x' WHERE sequence = 5"
    )


def lose_the_database(folder: Path) -> None:
    for file in folder.glob("teken.sqlite3*"):
        file.unlink()


def lose_the_vault(folder: Path) -> None:
    shutil.rmtree(folder / "documents")


def lose_a_certificate(folder: Path) -> None:
    next((folder / "pki").glob("tsu-*.cer")).unlink()


def lose_the_identity_key(folder: Path) -> None:
    register_somebody(folder)
    (folder / "identity.key").unlink()


def take_another_identity_key(folder: Path) -> None:
    register_somebody(folder)
    (folder / "identity.key").write_text("00" * 32 + "\n")


def show_the_identity_key(folder: Path) -> None:
    (folder / "identity.key").chmod(0o644)


def register_somebody(folder: Path) -> None:
    on_database(
        folder,
        "UPDATE officials SET nip_hash = 'ab' WHERE signatory_id = (SELECT min(signatory_id) FROM officials)",
    )


def misspell_a_setting(folder: Path) -> None:
    toml = folder / "teken.toml"
    toml.write_text(toml.read_text().replace("token_label", "tokenlabel"))


def break_the_settings(folder: Path) -> None:
    with (folder / "teken.toml").open("a") as toml:
        toml.write("\n[server\n")


def leave_a_job_to_nobody(folder: Path) -> None:
    path = f"sqlite+pysqlite:///{folder / 'teken.sqlite3'}"
    with open_database(path, 2) as database, database.transaction() as session:
        SqlJobs(database).enqueue(session, "seal", "batch-seal", "contoh/batch-seal/0/1", "contoh", 0)
    on_database(folder, "UPDATE job_workers SET heard_at = '2026-01-01 00:00:00.000000'")


def nothing(folder: Path) -> None:
    """A service that is well."""


def on_database(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "teken.sqlite3")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


HARMS: dict[Callable[[Path], None], tuple[str, str]] = {
    lose_the_token: ("token", "does the folder named in"),
    change_the_pin: ("token", "correct pin_file"),
    lose_the_pin: ("token", "create it or correct pin_file"),
    show_the_pin: ("token", "chmod 600"),
    fall_behind: ("store", "run `teken db upgrade`"),
    edit_the_trail: ("audit", "tell the auditor"),
    lose_the_database: ("store", "mount or restore it"),
    lose_the_vault: ("store", "mount or restore it"),
    lose_a_certificate: ("hierarchy", "put it back from the backup"),
    lose_the_identity_key: ("identity key", "restore it from the backup"),
    take_another_identity_key: ("identity key", "restore the right one from the backup"),
    show_the_identity_key: ("identity key", "chmod 600"),
    leave_a_job_to_nobody: ("workers", "or `teken work`"),
    misspell_a_setting: ("settings", "did you mean hsm.token_label?"),
    break_the_settings: ("settings", "correct that place"),
}
"""What goes wrong, under which name it is found, and the fix that is told."""

STOPS_SERVING = (
    lose_the_token,
    change_the_pin,
    fall_behind,
    lose_the_database,
    lose_the_vault,
    lose_a_certificate,
    lose_the_identity_key,
    take_another_identity_key,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the commands said of one folder."""

    folder: Path
    before: list[Path]
    doctor: Said
    check_config: Said
    serve: Said | None


@pytest.fixture(scope="module")
def seen(born: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Callable[[Path], None], Seen]:
    """Each harm done to a service of its own, and all of them looked at."""
    folders = {harm: copied(born, tmp_path_factory.mktemp(harm.__name__) / "data") for harm in (nothing, *HARMS)}
    for harm, folder in folders.items():
        harm(folder)
    before = {harm: tree(folder) for harm, folder in folders.items()}
    asked = {harm: [("doctor", "--json"), ("check-config", "--json")] for harm in folders}
    for harm in STOPS_SERVING:
        asked[harm].append(("serve", "--port", str(free_port())))
    said = iter(teken_in_turn(*((folders[harm], words) for harm in folders for words in asked[harm])))
    return {
        harm: Seen(
            folder=folder,
            before=before[harm],
            doctor=next(said),
            check_config=next(said),
            serve=next(said) if harm in STOPS_SERVING else None,
        )
        for harm, folder in folders.items()
    }


def tree(folder: Path) -> list[Path]:
    """Everything there but SQLite's companions, which come and go."""
    return sorted(path for path in folder.rglob("*") if not path.name.startswith("teken.sqlite3-"))


def test_a_healthy_service_has_no_findings(seen: dict[Callable[[Path], None], Seen]) -> None:
    assert findings_of(seen[nothing].doctor) == {}
    assert json.loads(seen[nothing].check_config.stdout) == {"ok": True, "demonstration": True}


def test_an_unsafe_choice_is_said_once_by_whoever_checks_and_by_no_other_command(
    seen: dict[Callable[[Path], None], Seen],
) -> None:
    found = [each for each in json.loads(seen[nothing].doctor.stdout) if each["health"] == "warning"]
    assert [(each["name"], "trusted-local" in each["text"]) for each in found] == [("clock", True)]
    assert "trusted-local" not in seen[nothing].doctor.stderr
    assert seen[nothing].check_config.stderr.count("trusted-local") == 1
    (said,) = teken_in_turn((seen[nothing].folder, ("search", "Wayan")))
    assert "trusted-local" not in said.stdout + said.stderr


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_wrong_is_found_and_its_fix_is_named(
    seen: dict[Callable[[Path], None], Seen], harm: Callable[[Path], None]
) -> None:
    name, fix = HARMS[harm]
    assert fix in findings_of(seen[harm].doctor)[name]


@pytest.mark.parametrize("harm", HARMS)
def test_who_looks_changes_nothing(seen: dict[Callable[[Path], None], Seen], harm: Callable[[Path], None]) -> None:
    assert tree(seen[harm].folder) == seen[harm].before


@pytest.mark.parametrize("harm", HARMS)
def test_settings_are_good_unless_they_are_the_fault(
    seen: dict[Callable[[Path], None], Seen], harm: Callable[[Path], None]
) -> None:
    told = json.loads(seen[harm].check_config.stdout)
    name, fix = HARMS[harm]
    assert told["ok"] is (name != "settings")
    assert seen[harm].check_config.returncode == (0 if told["ok"] else 1)
    assert told["ok"] or fix in told["text"]


@pytest.mark.parametrize("harm", STOPS_SERVING)
def test_a_service_that_is_not_well_does_not_serve(
    seen: dict[Callable[[Path], None], Seen], harm: Callable[[Path], None]
) -> None:
    refused = seen[harm].serve
    assert refused is not None
    assert (refused.returncode, HARMS[harm][1] in refused.stderr) == (3, True), refused.stderr
    assert "Traceback" not in refused.stderr


def test_jobs_are_listed_ended_and_begun_anew(seen: dict[Callable[[Path], None], Seen]) -> None:
    folder, key = seen[leave_a_job_to_nobody].folder, "contoh/batch-seal/0/1"
    words = [
        ("jobs", "list", "--json"),
        ("jobs", "retry", key),
        ("jobs", "cancel", key),
        ("jobs", "cancel", key),
        ("jobs", "show", key, "--json"),
        ("jobs", "list", "--state", "queued", "--json"),
        ("jobs", "retry", key),
        ("jobs", "show", "none"),
    ]
    listed, early, ended, twice, shown, queued, begun, unknown = teken_in_turn(*((folder, each) for each in words))
    assert [(each["key"], each["state"]) for each in json.loads(listed.stdout)["jobs"]] == [(key, "queued")]
    assert (early.returncode, ended.returncode, twice.returncode) == (1, 0, 1)
    assert json.loads(shown.stdout)["state"] == "cancelled"
    assert json.loads(queued.stdout)["jobs"] == []
    assert (begun.returncode, begun.stdout) == (0, f"{key}\n")
    assert (unknown.returncode, "forgotten" in unknown.stderr) == (1, True)


def test_a_start_makes_no_other_identity_key_behind_anybodys_back(
    seen: dict[Callable[[Path], None], Seen],
) -> None:
    folder = seen[lose_the_identity_key].folder
    (said,) = teken_in_turn((folder, ("start", "--no-demo", "--port", str(free_port()))))
    assert (said.returncode, "restore it from the backup" in said.stderr) == (3, True), said.stderr
    assert not (folder / "identity.key").exists()


def test_a_folder_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    commands = ("doctor", "check-config", "serve", "work")
    for said in teken_in_turn(*((tmp_path / "nothing", (command,)) for command in commands)):
        assert (said.returncode, "name the folder with --data" in said.stderr) == (2, True)
