"""The life of a seal as operators and an e-office see it: commands beside a running service, and its HTTP doors."""

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.letters import letter
from tests.support.service import RunningService, copied, hire, running_service, staff_login, teken
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(900)]

TITLE, BODY = "Segel Dinas Contoh", "Pemerintah Contoh"
HERE = "127.0.0.0/8"


class Staff:
    """Commands of people with accounts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def asks(self, account: str, *words: str) -> subprocess.CompletedProcess[str]:
        return teken(self.folder, *words, *staff_login(self.folder, account), "--json")

    def does(self, account: str, *words: str) -> Any:
        done = self.asks(account, *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def activate(self, seal: str, documents: int, network: str = HERE) -> str:
        limits = ("--client", "demonstration", "--network", network, "--documents", str(documents), "--hours", "2")
        return str(self.does("pemeriksa", "seal", "activate", seal, *limits)["permission"])


class Application:
    """The client that seals."""

    def __init__(self, service: RunningService, seal: str) -> None:
        self.service = service
        self.bearer = service.bearer()
        self.batch_of = {"credential": seal, "stamp": {}, "level": "B-LT"}

    def refused(self, status: int = 403) -> str:
        answer = self.service.http.post("/v1/batches", json=self.batch_of, headers=self.bearer)
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"]
        return str(answer.json()["reason"])

    def sealed(self, first: int, count: int) -> list[dict[str, Any]]:
        """The documents of a batch once nothing moves any more."""
        opened = self.service.http.post("/v1/batches", json=self.batch_of, headers=self.bearer)
        assert opened.status_code == 201, opened.text
        path = f"/v1/batches/{opened.json()['id']}"
        for number in range(first, first + count):
            document, kind = letter() + f"\n% {number}\n".encode(), {"Content-Type": "application/pdf"}
            sent = self.service.http.post(f"{path}/documents", content=document, headers={**self.bearer, **kind})
            assert sent.status_code == 201, sent.text
        self.service.http.post(f"{path}/close", headers=self.bearer).raise_for_status()
        follow(
            lambda: self.service.http.get(path, headers=self.bearer).json()["counts"],
            lambda counts: counts["finished"] + counts["failed"] == count,
        )
        items = self.service.http.get(f"{path}/documents", headers=self.bearer).json()["items"]
        return [{**each, "path": f"{path}/documents/{each['position']}/signed"} for each in items]


def test_the_life_of_a_seal(born: Path, tmp_path: Path) -> None:
    folder = copied(born, tmp_path / "data")
    staff = Staff(folder)
    with running_service(folder) as service:
        hire(folder)
        seal, serial = made(staff)
        office = Application(service, seal)
        assert office.refused() == "seal-not-active"
        limits_are_kept(staff, office, seal)
        a_pin_and_a_keeper(staff, office, seal)
        the_day_ends(folder, office)
        renewed = staff.does("kepala", "seal", "renew", seal)
        assert office.refused(409) == "retired"
        office = Application(service, renewed["credential"])
        assert office.refused() == "seal-not-active"
        staff.activate(renewed["credential"], 5)
        (one,) = office.sealed(100, 1)
        assert one["state"] == "finished"
        revoked(staff, office, renewed["serial"])
        assert [each["status"] for each in staff.does("kepala", "seal", "list") if each["serial"] == serial] == [
            "RENEW"
        ]
        people = staff.does("pendaftar", "search")
        assert TITLE not in str(people)
        assert TITLE in str(staff.does("pendaftar", "search", "--seals"))
    assert teken(folder, "audit", "verify").returncode == 0


def made(staff: Staff) -> tuple[str, str]:
    """By an administrator; an approver may not, and the administrator may not lend it."""
    enrol = ("seal", "enrol", TITLE, "--organisation", BODY, "--organisation-identifier", "NTRID-0000000000")
    assert "seal:enrol" in staff.asks("pemeriksa", *enrol).stderr
    seal = staff.does("kepala", *enrol)
    limits = ("--client", "demonstration", "--network", HERE, "--documents", "1")
    assert "seal:activate" in staff.asks("kepala", "seal", "activate", seal["credential"], *limits).stderr
    unknown = ("--client", "demonstrasi", "--network", HERE, "--documents", "1")
    assert "application" in staff.asks("pemeriksa", "seal", "activate", seal["credential"], *unknown).stderr
    return seal["credential"], seal["serial"]


def limits_are_kept(staff: Staff, office: Application, seal: str) -> None:
    """One document, a batch, the count's end inside of a batch; then another network, and a permission taken back."""
    staff.activate(seal, 25)
    (one,) = office.sealed(0, 1)
    is_a_seal(office.service, one, office)
    assert [each["state"] for each in office.sealed(1, 22)] == ["finished"] * 22
    last = office.sealed(23, 4)
    told = [(each["state"], each["failure"]) for each in last]
    assert told == [("finished", None)] * 2 + [("failed", "seal-used-up")] * 2
    assert office.refused() == "seal-used-up"
    shown = staff.does("pemeriksa", "seal", "show", seal)
    assert [(each["used"], each["documents"]) for each in shown["permissions"]] == [(25, 25)]
    staff.activate(seal, 5, "192.0.2.0/24")
    assert office.refused() == "seal-network"
    permission = staff.activate(seal, 5)
    staff.does("pemeriksa", "seal", "deactivate", permission)
    assert office.refused() == "seal-deactivated"
    assert staff.asks("pemeriksa", "seal", "deactivate", permission).returncode == 1
    staff.activate(seal, 5)


def a_pin_and_a_keeper(staff: Staff, office: Application, seal: str) -> None:
    """A PIN closes every door that takes none; administrators alone give one, and say who keeps a seal."""
    assert "seal:enrol" in staff.asks("pemeriksa", "seal", "pin", seal, "--set").stderr
    assert len(staff.does("kepala", "seal", "pin", seal, "--set")["pin"]) == 26
    assert office.refused() == "seal-pin-needed"
    assert staff.does("kepala", "seal", "pin", seal) == {"pin": "set"}
    assert staff.does("kepala", "seal", "pin", seal, "--remove") == {"pin": "none"}
    assert "account" in staff.asks("kepala", "seal", "keepers", seal, "--add", "account:meja-uji").stderr
    made = teken(staff.folder, "account", "add", "meja-uji", "--client", "demonstration")
    assert made.returncode == 0, made.stderr
    named = staff.does("kepala", "seal", "keepers", seal, "--add", "account:meja-uji")
    assert named == {"keepers": ["account:meja-uji"]}
    assert staff.does("kepala", "seal", "keepers", seal, "--remove", "account:meja-uji") == {"keepers": []}
    assert teken(staff.folder, "account", "disable", "meja-uji").stdout.split() == [
        "meja-uji",
        "disabled",
        "demonstration",
    ]


def is_a_seal(service: RunningService, item: dict[str, Any], office: Application) -> None:
    """For machines and for people: a seal of a body, and no person's signature."""
    pdf = service.http.get(item["path"], headers=office.bearer).raise_for_status().content
    report = service.verify(pdf).json()
    (signature,) = report["signatures"]
    assert (report["indication"], signature["isSeal"]) == ("TOTAL-PASSED", True)
    assert (signature["signer"]["subject"], signature["signer"]["organisation"]) == (TITLE, BODY)
    for page in (service.upload(pdf), service.http.get(f"/v/{item['code']}")):
        assert page.status_code == 200
        assert f"Segel elektronik {BODY} ({TITLE})" in page.text
        assert "Siapa yang menyegel?" in page.text
        assert "itandatangani" not in page.text.partition("<main")[2].partition('class="panel technical')[0]
        assert "isegel" in page.text


def the_day_ends(folder: Path, office: Application) -> None:
    """What was permitted yesterday; the rows grow older, because the clock of this machine is nobody's to turn."""
    with sqlite3.connect(folder / "teken.sqlite3") as database:
        for column in ("granted_at", "expires_at"):
            older = f"datetime({column}, '-1 day') || substr({column}, 20)"  # to the microsecond: they keep their order
            database.execute(f"UPDATE seal_permissions SET {column} = {older}")  # noqa: S608 - two names of ours
    assert office.refused() == "seal-expired"


def revoked(staff: Staff, office: Application, serial: str) -> None:
    """By the serial number, like any certificate."""
    revoke = ("revoke", serial, "--reason", "keyCompromise", "--yes", *staff_login(staff.folder, "pendaftar"))
    done = teken(staff.folder, *revoke)
    assert done.returncode == 0, done.stderr
    assert office.refused(409) == "revoked"
