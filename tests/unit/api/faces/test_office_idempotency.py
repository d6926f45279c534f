"""`Idempotency-Key` for staff: what makes something is carried out once, and no secret is kept to find that out."""

from pathlib import Path

import pytest

from tests.support.office import TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
NIK, NIP = "5171000000000001", "198001012005011001"
NEW = {"name": "I Wayan Contoh", "unit": "Dinas Contoh", "nik": NIK, "nip": NIP}


def test_an_official_is_proposed_once(registrar: Door) -> None:
    first = registrar.post("/v1/registrations", NEW, **KEY)
    again = registrar.post("/v1/registrations", NEW, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["cache-control"] == "private, no-store"
    assert len(registrar.get("/v1/registrations").json()["items"]) == 1


@pytest.mark.parametrize("other", [{"name": "I Made Contoh"}, {"nik": "5171000000000002"}, {"nip": NIP[:-1] + "2"}])
def test_somebody_else_under_the_same_key_is_refused(registrar: Door, other: dict[str, str]) -> None:
    registrar.post("/v1/registrations", NEW, **KEY)
    answer = registrar.post("/v1/registrations", NEW | other, **KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/key-reused")
    assert NIK not in answer.text


def test_keys_are_each_persons_own(registrar: Door, approver: Door) -> None:
    approval = registrar.post("/v1/registrations", NEW, **KEY).json()["approval"]
    here = f"/v1/approvals/{approval}/decision"
    decided = approver.post(here, {"approve": True}, **KEY)
    assert (decided.status_code, approver.post(here, {"approve": True}, **KEY).json()) == (200, decided.json())
    assert approver.post(here, {"approve": True}).status_code == 409


def test_a_refused_act_frees_the_key(registrar: Door) -> None:
    assert registrar.post("/v1/registrations", NEW | {"nik": "12ab"}, **KEY).status_code == 422
    assert registrar.post("/v1/registrations", NEW, **KEY).status_code == 201


def test_a_one_time_link_is_made_once_under_a_key_and_kept_nowhere(
    registrar: Door, approver: Door, tmp_path: Path
) -> None:
    made = registrar.post("/v1/registrations", NEW).json()
    approver.post(f"/v1/approvals/{made['approval']}/decision", {"approve": True})
    path = f"/v1/registrations/{made['id']}/link"
    first, again = registrar.post(path, **KEY), registrar.post(path, **KEY)
    assert (first.status_code, again.status_code) == (201, 409)
    assert (again.json()["type"], again.json()["reason"]) == ("/problems/already-told", "told-once")
    assert first.headers["location"] == again.headers["location"] == f"/v1/registrations/{made['id']}"
    secret = first.json()["link"].rpartition("/")[2]
    assert not [file for file in tmp_path.glob("**/*.db*") if secret.encode() in file.read_bytes()]
    assert registrar.post(path).json()["link"] != first.json()["link"]


def test_no_personal_number_is_kept_with_the_key(registrar: Door, office: TestOffice, tmp_path: Path) -> None:
    assert registrar.post("/v1/registrations", NEW, **KEY).status_code == 201
    for file in tmp_path.glob("**/*.db*"):
        content = file.read_bytes()
        assert NIK.encode() not in content, file
        assert NIP.encode() not in content, file
