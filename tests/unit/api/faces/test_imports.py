"""A file of officials over HTTP: every bad row named, one approval for the whole, portions that go on after a crash."""

import pytest
from httpx import Response

import api.office.imports
from signer.people import Role
from tests.support.api_memory import MemoryService
from tests.support.office import PASSPHRASE, TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

CSV = "nama,unit_kerja,surel\n" + "".join(f"Contoh {each},Dinas {each},\n" for each in ("Satu", "Dua", "Tiga"))
BAD = "nama,unit_kerja,surel\nContoh Satu,Dinas,bukan surel\n,Dinas,\n"


class Sender:
    """Sends files as the registrar does."""

    def __init__(self, http: Http, service: MemoryService) -> None:
        self._http, self._service = http, service

    def __call__(self, content: str, kind: str = "text/csv", role: Role = Role.REGISTRAR) -> Response:
        headers = self._service.bearer(role.value) | {"Content-Type": kind}
        return self._http.post("/v1/imports?name=pejabat.csv", content=content.encode(), headers=headers)


@pytest.fixture
def send(http: Http, service: MemoryService) -> Sender:
    return Sender(http, service)


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.REGISTRAR])
def test_only_a_registrar_sends_a_file(send: Sender, role: Role) -> None:
    assert send(CSV, role=role).status_code == 403


@pytest.mark.parametrize(
    ("content", "kind", "status", "reason"),
    [
        (CSV, "application/pdf", 415, "unsupported"),
        ("", "text/csv", 400, "empty"),
        ("nama,nik\nContoh,5171000000000001\n", "text/csv", 422, None),
        ("x" * (20 * 1024 * 1024 + 1), "text/csv", 413, None),
    ],
)
def test_what_is_no_file_of_officials_is_refused(
    send: Sender, content: str, kind: str, status: int, reason: str | None
) -> None:
    answer = send(content, kind)
    assert answer.status_code == status
    assert reason is None or answer.json()["reason"] == reason
    assert "5171000000000001" not in answer.text


def test_every_bad_row_is_named_and_nothing_is_kept(send: Sender, registrar: Door, approver: Door) -> None:
    answer = send(BAD).json()
    assert (answer["id"], answer["approval"], answer["errors"]) == (None, None, 2)
    assert [(each["row"], each["column"], each["code"]) for each in answer["findings"]] == [
        (2, "surel", "email"),
        (3, "nama", "missing"),
    ]
    assert approver.get("/v1/approvals").json()["items"] == []
    assert registrar.get("/v1/registrations").json()["items"] == []


def test_nothing_is_taken_in_without_a_second_person(send: Sender, registrar: Door, approver: Door) -> None:
    taken = send(CSV).json()
    here = f"/v1/imports/{taken['id']}"
    assert registrar.post(f"{here}/portions", {}).json()["reason"] == "missing"
    approval = {"approval": taken["approval"]["id"]}
    assert registrar.post(f"{here}/portions", approval).json()["reason"] == "proposed"
    approver.post(f"/v1/approvals/{approval['approval']}/decision", {"approve": False})
    assert registrar.post(f"{here}/portions", approval).json()["reason"] == "rejected"
    assert registrar.get("/v1/registrations").json()["items"] == []
    assert registrar.get(here).json()["states"] == {"waiting": 3}
    other = send(CSV.replace("Tiga", "Empat")).json()
    approver.post(f"/v1/approvals/{other['approval']['id']}/decision", {"approve": True})
    assert registrar.post(f"{here}/portions", {"approval": other["approval"]["id"]}).json()["reason"] == "other"
    assert registrar.get("/v1/imports/unknown").json()["field"] == "import"


def test_an_approved_file_is_taken_in_by_portions_and_each_row_stands_approved(
    office: TestOffice, send: Sender, registrar: Door, approver: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.office.imports, "PORTION", 2)
    taken = send(CSV).json()
    here, approval = f"/v1/imports/{taken['id']}", {"approval": taken["approval"]["id"]}
    approver.post(f"/v1/approvals/{approval['approval']}/decision", {"approve": True})
    first = registrar.post(f"{here}/portions", approval).json()
    assert (first["open"], first["states"]) == (1, {"registered": 2, "waiting": 1})
    assert send(CSV).json()["id"] == taken["id"], "the same file is the same import"
    assert send(CSV).json()["approval"] is None, "and needs no second approval"
    assert registrar.post(f"{here}/portions", {}).json()["open"] == 0
    assert registrar.get(here).json()["states"] == {"registered": 3}
    found = registrar.get("/v1/registrations").json()["items"]
    assert {(each["state"], each["approval"]) for each in found} == {("approved", approval["approval"])}
    assert approver.get("/v1/approvals").json()["items"] == []
    link = registrar.post(f"/v1/registrations/{found[0]['id']}/link").json()["link"]
    office.people.registrations.complete(link.rpartition("/")[2], PASSPHRASE)
    assert len(registrar.get("/v1/credentials", status="ISSUE").json()["items"]) == 1
