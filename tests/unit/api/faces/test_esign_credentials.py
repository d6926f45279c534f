"""API credentials at the administrators' doors: told once, changed, switched off, and nobody else's business."""

from typing import Any

import pytest

from signer.model import Secret
from store.api_credentials import SqlApiCredentials
from store.audit import AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door
from tests.support.pki import NOON

PATH = "/v1/esign-credentials"
ASKED: dict[str, Any] = {"userName": "kantor", "client": "sikd", "networks": ["192.0.2.0/24"]}


@pytest.fixture(autouse=True)
def application(database: Database) -> None:
    client = Client(
        id="sikd", name="SIKD", scopes=frozenset({"signature:create"}), state=ClientState.ACTIVE, created_at=NOON
    )
    SqlClientStore(database).add(client, "00" * 32, actor="test")


def test_the_password_is_told_once_and_good(administrator: Door, database: Database) -> None:
    made = administrator.post(PATH, ASKED)
    assert made.status_code == 201, made.text
    assert made.headers["Cache-Control"] == "private, no-store"
    password = made.json()["password"]
    found = SqlApiCredentials(database).authenticate("kantor", Secret(password))
    assert found is not None
    assert found.networks == ("192.0.2.0/24",)
    shown = administrator.get(f"{PATH}/kantor")
    assert shown.json()["enabled"] is True
    assert password not in shown.text + administrator.get(PATH).text
    assert password not in str(AuditTrail(database).read())


def test_terms_change_and_the_switch_is_one_of_them(administrator: Door) -> None:
    administrator.post(PATH, ASKED)
    changed = administrator.patch(f"{PATH}/kantor", {"enabled": False, "geometry": "size", "kind": "Nota Dinas"})
    assert changed.status_code == 200, changed.text
    assert administrator.get(f"{PATH}/kantor").json() == changed.json()
    told = changed.json()
    assert (told["enabled"], told["geometry"], told["kind"]) == (False, "size", "Nota Dinas")
    assert told["networks"] == ["192.0.2.0/24"]


def test_another_password_and_the_end(administrator: Door, database: Database) -> None:
    first = administrator.post(PATH, ASKED).json()["password"]
    rotated = administrator.post(f"{PATH}/kantor/password")
    assert rotated.status_code == 201, rotated.text
    assert SqlApiCredentials(database).authenticate("kantor", Secret(first)) is None
    assert SqlApiCredentials(database).authenticate("kantor", Secret(rotated.json()["password"])) is not None


def test_pages(administrator: Door) -> None:
    for name in ("a-satu", "b-dua", "c-tiga"):
        assert administrator.post(PATH, ASKED | {"userName": name}).status_code == 201
    first = administrator.get(PATH, limit="2").json()
    second = administrator.get(PATH, limit="2", cursor=first["next"]).json()
    assert [each["userName"] for each in first["items"] + second["items"]] == ["a-satu", "b-dua", "c-tiga"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changes", "status", "field", "reason"),
    [
        ({"userName": "a b"}, 422, "userName", "bad-name"),
        ({"client": "nobody"}, 422, "client", "unknown"),
        ({"networks": ["10.0.0.1/8"]}, 422, "networks", "no-network"),
    ],
)
def test_what_makes_no_sense_is_named(
    administrator: Door, changes: dict[str, Any], status: int, field: str, reason: str
) -> None:
    answer = administrator.post(PATH, ASKED | changes)
    assert (answer.status_code, answer.json()["field"], answer.json()["reason"]) == (status, field, reason)


def test_an_unknown_one_is_404(administrator: Door) -> None:
    for answer in (
        administrator.get(f"{PATH}/nobody"),
        administrator.post(f"{PATH}/nobody/password"),
        administrator.patch(f"{PATH}/nobody", {"enabled": True}),
    ):
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/api-credential-unknown"


def test_only_administrators(registrar: Door, approver: Door, auditor: Door) -> None:
    for door in (registrar, approver, auditor):
        assert door.get(PATH).status_code == 403
        assert door.post(PATH, ASKED).status_code == 403
