"""The command line beside a running service: enrol, sign, verify, clients, the database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import COMMANDS
from api.cli import teken as command_line
from store.schema import head
from tests.support.letters import letter
from tests.support.service import PASSPHRASE, RunningService, teken, teken_in_turn
from tests.support.tagged_letters import widgets, with_text

pytestmark = pytest.mark.hsm

GROUPS = {"client": ("add", "disable"), "db": ("upgrade",), "jobs": ("list", "show", "retry", "cancel")}
HELP = [(name,) for name in COMMANDS] + [(group, name) for group, names in GROUPS.items() for name in names]


@pytest.mark.parametrize("words", [(), *HELP], ids=lambda words: " ".join(words) or "teken")
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    for flag in ("-h", "--help"):
        said = CliRunner().invoke(command_line, [*words, flag])
        assert said.exit_code == 0
        assert said.output.startswith("Usage: ")
        assert len(said.output.splitlines()) > 3


def test_a_command_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    said = CliRunner().invoke(command_line, ["sing"])
    assert said.exit_code == 2
    assert "No such command 'sing'" in said.output


def test_an_official_signs_a_file_and_anybody_verifies_it(
    service: RunningService, second_official: dict[str, str], tmp_path: Path
) -> None:
    folder, file, passphrase = service.directory, tmp_path / "surat.pdf", tmp_path / "passphrase"
    file.write_bytes(letter())
    passphrase.write_text(PASSPHRASE)
    sign = ("sign", str(file), "--credential", second_official["credential"], "--passphrase-file", str(passphrase))

    signed, again = teken_in_turn((folder, (*sign, "--json")), (folder, sign))
    assert signed.returncode == 0, signed.stderr
    assert (again.returncode, "exists: name another file with --output" in again.stderr) == (2, True)
    record = json.loads(signed.stdout)
    assert Path(record["file"]) == tmp_path / "surat.signed.pdf"
    assert service.http.get(f"/v/{record['code']}").status_code == 200

    pdf, changed = Path(record["file"]).read_bytes(), tmp_path / "changed.pdf"
    changed.write_bytes(pdf[:1000] + bytes([pdf[1000] ^ 1]) + pdf[1001:])
    words, good, bad = teken_in_turn(
        (folder, ("verify", record["file"])),
        (folder, ("verify", record["file"], "--json")),
        (folder, ("verify", str(changed), "--json")),
    )
    assert (words.returncode, words.stdout.split()[0]) == (0, "TOTAL-PASSED")
    assert "Ni Luh Contoh Lestari" in words.stdout
    told, over_http = json.loads(good.stdout), service.verify(pdf).json()
    assert good.returncode == 0
    assert told.keys() == over_http.keys()
    assert (told["indication"], told["verdict"], told["signatures"]) == tuple(
        over_http[key] for key in ("indication", "verdict", "signatures")
    )
    assert (bad.returncode, json.loads(bad.stdout)["indication"]) == (1, "TOTAL-FAILED")


def test_several_files_are_signed_with_one_passphrase_and_each_has_its_own_outcome(
    service: RunningService, second_official: dict[str, str], tmp_path: Path
) -> None:
    folder, out, passphrase = service.directory, tmp_path / "out", tmp_path / "passphrase"
    files = [tmp_path / name for name in ("a.pdf", "bukan.pdf", "b.pdf")]
    for file in files:
        file.write_bytes(with_text(b"1 0 0 1 300 400 Tm (^) Tj") if file.name != "bukan.pdf" else b"bukan PDF")
    passphrase.write_text(PASSPHRASE)
    who = ("--credential", second_official["credential"], "--passphrase-file", str(passphrase))
    asked = ("sign", *map(str, files), *who, "--tag", "^", "--level", "B-B", "--out", str(out), "--json")
    signed, again, both = teken_in_turn((folder, asked), (folder, asked), (folder, (*asked[:3], *who, "--output", "x")))
    assert signed.returncode == 1, signed.stderr
    told = json.loads(signed.stdout)
    assert [each.get("error") for each in told] == [None, "DocumentRefused", None]
    assert sorted(path.name for path in out.iterdir()) == ["a.signed.pdf", "b.signed.pdf"]
    assert "(2 of 3)" in signed.stderr
    [(left, bottom, right, top)] = widgets((out / "a.signed.pdf").read_bytes())
    assert left < 300 < right
    assert bottom < 405 < top
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert (both.returncode, "--output is for one FILE" in both.stderr) == (2, True)


def test_a_wrong_passphrase_is_tried_once_and_not_for_every_file(
    service: RunningService, second_official: dict[str, str], tmp_path: Path
) -> None:
    wrong = tmp_path / "passphrase"
    wrong.write_text("tebakan yang salah sekali")
    files = [tmp_path / f"{number}.pdf" for number in range(3)]
    for file in files:
        file.write_bytes(letter())
    credential = second_official["credential"]
    refused = teken(
        service.directory, "sign", *map(str, files), "--credential", credential, "--passphrase-file", str(wrong)
    )
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("PassphraseWrong: ")
    assert "4 attempts" in refused.stderr
    assert "(2 of 3)" not in refused.stderr


def test_what_cannot_be_signed_is_told_in_one_sentence(service: RunningService, tmp_path: Path) -> None:
    file, passphrase = tmp_path / "surat.pdf", tmp_path / "passphrase"
    file.write_bytes(b"bukan PDF")
    passphrase.write_text(PASSPHRASE)
    sign = ("sign", str(file), "--credential", "nobody", "--passphrase-file", str(passphrase))
    refused = teken(service.directory, *sign)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("DocumentRefused: ")
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "surat.signed.pdf").exists()


def test_a_weak_passphrase_enrols_nobody(service: RunningService, tmp_path: Path) -> None:
    weak = tmp_path / "passphrase"
    weak.write_text("12345678")
    refused = teken(service.directory, "enrol", "I Gede Contoh Lemah", "--passphrase-file", str(weak))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].startswith("PassphraseTooWeak: ")
    assert "12345678" not in refused.stderr


def test_an_application_is_added_used_and_disabled(service: RunningService) -> None:
    added = teken(service.directory, "client", "add", "Aplikasi surat", "--scope", "signature:read", "--json")
    client = json.loads(added.stdout)
    pair = (client["client_id"], client["client_secret"])
    bearer = service.bearer(pair)
    assert service.http.get("/v1/signatures/x", headers=bearer).status_code == 404
    assert service.http.post("/v1/signatures", headers=bearer).status_code == 403
    assert teken(service.directory, "client", "disable", pair[0]).returncode == 0
    assert service.http.get("/v1/signatures/x", headers=bearer).status_code == 401
    twice = teken(service.directory, "client", "disable", pair[0])
    assert (twice.returncode, "no active application has this identifier" in twice.stderr) == (2, True)


def test_scopes_of_an_application_are_shown_given_and_taken_away(service: RunningService) -> None:
    added = teken(service.directory, "client", "add", "Aplikasi surat", "--scope", "signature:read", "--json")
    pair = (json.loads(added.stdout)["client_id"], json.loads(added.stdout)["client_secret"])
    bearer = service.bearer(pair)
    changes = ("--add", "signature:withdraw", "--remove", "signature:read", "--json")
    changed = teken(service.directory, "client", "scopes", pair[0], *changes)
    assert json.loads(changed.stdout) == {"client_id": pair[0], "scopes": ["signature:withdraw"]}
    assert service.http.get("/v1/signatures/x", headers=bearer).status_code == 403
    assert teken(service.directory, "client", "scopes", pair[0]).stdout == "signature:withdraw\n"
    for wrong, told in (
        (("scopes", "nobody"), "no active application"),
        (("scopes", pair[0], "--add", "audit:read"), "audit:read"),
        (("scopes", pair[0], "--add", "event:read", "--remove", "event:read"), "either --add or --remove"),
    ):
        refused = teken(service.directory, "client", *wrong)
        assert (refused.returncode, told in refused.stderr) == (2, True)


def test_what_cannot_be_is_told_and_what_is_done_already_is_harmless(service: RunningService) -> None:
    folder = service.directory
    add = ("client", "add", "Aplikasi surat", "--id")
    taken, malformed, upgraded, worked = teken_in_turn(
        (folder, (*add, "demonstration")),
        (folder, (*add, "a b")),
        (folder, ("db", "upgrade")),
        (folder, ("work", "--once")),
    )
    assert (taken.returncode, "is taken: choose another one" in taken.stderr) == (2, True)
    assert (malformed.returncode, "client id: 1 to 64" in malformed.stderr) == (2, True)
    assert (upgraded.returncode, upgraded.stdout.strip()) == (0, f"{head()} -> {head()}")
    assert worked.returncode == 0
