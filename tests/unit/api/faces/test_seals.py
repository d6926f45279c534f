"""Seals at the doors of staff: who may do what, what is refused with which word, once under one key, and the trail."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from signer.people import Role
from store.audit import AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from tests.support.api_memory import MemoryService
from tests.support.office import TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

SEAL = {"name": "Segel Dinas Contoh"}
LENT: dict[str, Any] = {"client": "sikd", "networks": ["192.0.2.0/24", "2001:db8::/32"], "documents": 10, "hours": 2}


def refused(answer: Response, status: int) -> dict[str, Any]:
    """The problem that it has to be."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["nextStep"]
    return problem


@pytest.fixture(autouse=True)
def application(database: Database, office: TestOffice, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, office.settings.store.url().partition(":///")[2])  # answers under a key
    for name, scopes in (("sikd", {"signature:create"}), ("reader", {"signature:read"})):
        client = Client(
            id=name,
            name=name,
            scopes=frozenset(scopes),
            state=ClientState.ACTIVE,
            created_at=datetime(2026, 11, 20, tzinfo=UTC),
        )
        SqlClientStore(database).add(client, "00" * 32)


@pytest.fixture
def seal(administrator: Door) -> str:
    made = administrator.post("/v1/seals", SEAL)
    assert made.status_code == 201, made.text
    return str(made.json()["credential"])


def test_made_by_one_person_and_lent_by_another_and_all_of_it_is_in_the_trail(
    administrator: Door, approver: Door, seal: str, database: Database, office: TestOffice
) -> None:
    shown = approver.get(f"/v1/seals/{seal}").json()
    pki = office.settings.pki
    assert (shown["name"], shown["organisation"], shown["status"]) == (SEAL["name"], pki.organisation, "ISSUE")
    lent = approver.post(f"/v1/seals/{seal}/activations", LENT)
    assert lent.status_code == 201, lent.text
    told = lent.json()
    assert (told["used"], told["documents"], told["networks"], told["endedAt"]) == (0, 10, LENT["networks"], None)
    assert administrator.get(f"/v1/seals/{seal}/activations").json()["items"] == [told]
    assert administrator.get(lent.headers["location"]).json() == told
    assert refused(administrator.get(f"/v1/seals/{seal}/activations/none"), 404)["field"] == "activation"
    ended = approver.post(f"/v1/seals/{seal}/activations/{told['activation']}/deactivate")
    assert ended.json()["items"][0]["endedAt"] is not None
    trail = AuditTrail(database).read(limit=100)
    acts = [
        (entry.act, entry.actor, entry.role) for entry in trail if entry.act in ("seal.activate", "seal.deactivate")
    ]
    assert acts == [("seal.activate", "approver", "approver"), ("seal.deactivate", "approver", "approver")]
    enrolled = [entry.actor for entry in trail if entry.act == "credential.enrol"]
    assert enrolled == ["administrator"]


@pytest.mark.parametrize("role", Role)
def test_each_route_is_for_its_role_alone(http: Http, service: MemoryService, seal: str, role: Role) -> None:
    door = Door(http, service, role)
    routes = {
        "enrol": (lambda: door.post("/v1/seals", SEAL), {Role.ADMINISTRATOR}),
        "renew": (lambda: door.post(f"/v1/seals/{seal}/renew"), {Role.ADMINISTRATOR}),
        "activate": (lambda: door.post("/v1/seals/none/activations", LENT), {Role.APPROVER}),
        "deactivate": (lambda: door.post(f"/v1/seals/{seal}/activations/none/deactivate"), {Role.APPROVER}),
        "list": (lambda: door.get("/v1/seals"), {Role.ADMINISTRATOR, Role.APPROVER, Role.REGISTRAR}),
        "show": (lambda: door.get(f"/v1/seals/{seal}"), {Role.ADMINISTRATOR, Role.APPROVER, Role.REGISTRAR}),
        "permissions": (
            lambda: door.get(f"/v1/seals/{seal}/activations"),
            {Role.ADMINISTRATOR, Role.APPROVER, Role.REGISTRAR},
        ),
    }
    for name, (ask, allowed) in routes.items():
        answer = ask()
        closed = answer.status_code == 403 and answer.json()["type"].endswith("scope-missing")
        assert closed is (role not in allowed), (name, answer.text)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"client": "nobody"}, 422, "client"),
        ({"client": "reader"}, 422, "client"),
        ({"client": "approver"}, 422, "client"),
        ({"networks": ["192.0.2.1/24"]}, 422, "networks"),
        ({"networks": []}, 400, "networks"),
        ({"networks": ["192.0.2.0/24"] * 17}, 400, "networks"),
        ({"documents": 0}, 400, "documents"),
        ({"documents": 100_001}, 400, "documents"),
        ({"hours": 25}, 400, "hours"),
        ({"hours": 0}, 400, "hours"),
        ({"forever": True}, 400, ""),
    ],
)
def test_what_has_no_bound_is_refused_with_its_field(
    approver: Door, seal: str, change: dict[str, Any], status: int, field: str
) -> None:
    problem = refused(approver.post(f"/v1/seals/{seal}/activations", {**LENT, **change}), status)
    assert (problem.get("field") or "").startswith(field)
    assert approver.get(f"/v1/seals/{seal}/activations").json()["items"] == []


def test_a_persons_credential_and_an_unknown_one_are_no_seals(
    approver: Door, administrator: Door, office: TestOffice, seal: str
) -> None:
    person = office.enrolled()
    for credential in (person.id, "none"):
        for answer in (
            approver.get(f"/v1/seals/{credential}"),
            approver.get(f"/v1/seals/{credential}/activations"),
            approver.post(f"/v1/seals/{credential}/activations", LENT),
            administrator.post(f"/v1/seals/{credential}/renew"),
        ):
            assert refused(answer, 422)["reason"] == "unknown"
    other = administrator.post("/v1/seals", {"name": "Segel lain"}).json()["credential"]
    lent = approver.post(f"/v1/seals/{seal}/activations", LENT).json()["activation"]
    wrong = approver.post(f"/v1/seals/{other}/activations/{lent}/deactivate")
    assert refused(wrong, 403)["reason"] == "unknown"
    assert approver.get(f"/v1/seals/{seal}/activations").json()["items"][0]["endedAt"] is None


def test_under_one_key_a_seal_is_made_once_and_lent_once(
    http: Http, service: MemoryService, administrator: Door, approver: Door, seal: str
) -> None:
    def post(door: Door, path: str, body: object) -> Any:
        return http.post(path, json=body, headers={**door.headers, "Idempotency-Key": "kunci-1"})

    first, again = post(administrator, "/v1/seals", SEAL), post(administrator, "/v1/seals", SEAL)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert refused(post(administrator, "/v1/seals", {"name": "Segel lain"}), 422)["reason"] == "reused"
    path = f"/v1/seals/{seal}/activations"
    lent = [post(approver, path, LENT).json() for _ in range(3)]
    assert lent[0] == lent[1] == lent[2]
    assert len(approver.get(path).json()["items"]) == 1
    assert post(approver, f"{path}/none/deactivate", None).status_code == 422, "the key belongs to the activation"


def test_seals_are_listed_page_by_page_and_stay_out_of_the_search_for_officials(
    administrator: Door, registrar: Door, office: TestOffice, seal: str
) -> None:
    person = office.enrolled()
    for number in range(3):
        administrator.post("/v1/seals", {"name": f"Segel {number}"})
    listed: list[str] = []
    query = {"limit": "2"}
    while True:
        page = registrar.get("/v1/seals", **query).json()
        listed += [each["credential"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(listed) == len(set(listed)) == 4
    assert seal in listed
    assert person.id not in listed
    people = registrar.get("/v1/credentials").json()["items"]
    assert [(each["credential"], each["kind"]) for each in people] == [(person.id, "official")]
    assert {each["kind"] for each in registrar.get("/v1/credentials", kind="seal").json()["items"]} == {"seal"}
    certificates = registrar.get("/v1/certificates").json()["items"]
    assert sorted(each["kind"] for each in certificates) == ["official", *["seal"] * 4]
    assert len(registrar.get("/v1/certificates", kind="seal").json()["items"]) == 4


def test_a_seal_is_suspended_and_revoked_like_any_certificate_and_renewed_by_nobodys_link(
    administrator: Door, approver: Door, registrar: Door, office: TestOffice, seal: str
) -> None:
    serial = registrar.get(f"/v1/seals/{seal}").json()["serial"]
    stopped = registrar.post(f"/v1/certificates/{serial}/suspend").json()
    assert (stopped["kind"], stopped["status"]) == ("seal", "SUSPEND")
    assert refused(approver.post(f"/v1/seals/{seal}/activations", LENT), 409)["reason"] == "suspended"
    assert registrar.post(f"/v1/certificates/{serial}/resume").json()["status"] == "ISSUE"
    assert refused(registrar.post(f"/v1/certificates/{serial}/renew"), 422)["reason"] == "seal"
    renewed = administrator.post(f"/v1/seals/{seal}/renew").json()
    assert renewed["credential"] != seal
    assert registrar.get(f"/v1/seals/{seal}").json()["status"] == "RENEW"
    gone = registrar.post(f"/v1/certificates/{renewed['serial']}/revoke", {"reason": "keyCompromise"}).json()
    assert (gone["kind"], gone["status"], gone["unchanged"]) == ("seal", "REVOKE", False)
    late = approver.post(f"/v1/seals/{renewed['credential']}/activations", LENT)
    assert refused(late, 409)["reason"] == "revoked"


def test_activations_come_in_pages_the_newest_first(approver: Door, seal: str) -> None:
    path = f"/v1/seals/{seal}/activations"
    made = [approver.post(path, LENT).json()["activation"] for _ in range(3)]
    first = approver.get(path, limit="2").json()
    rest = approver.get(path, limit="2", cursor=first["next"]).json()
    whole = approver.get(path).json()
    assert first["items"] + rest["items"] == whole["items"]
    assert (len(first["items"]), rest["next"], whole["next"]) == (2, None, None)
    assert {each["activation"] for each in whole["items"]} == set(made)
    assert refused(approver.get(path, cursor="WyJ4IiwieCJd"), 410)["field"] == "cursor"
