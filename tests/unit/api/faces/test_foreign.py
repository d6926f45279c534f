"""Another CA over HTTP: answers in, and two people for what is decided and what is asked of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from api.office.foreign import ForeignOffice
from api.permissions import ROLE_PERMISSIONS
from signer.model import CredentialState
from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.api_memory import MemoryService, memory_service
from tests.support.office import TestOffice
from tests.support.office_doors import Door, Http, database, office, pki
from tests.support.pki import NOON, Pki
from tests.unit.signer.foreign.test_exchange import Desk

__all__ = ["database", "office", "pki"]

TITLE = {"name": "Drs. I Wayan Contoh"}


@pytest.fixture
def desk(database: Database, pki: Pki) -> Desk:
    return Desk(database, pki)


@pytest.fixture
def service(office: TestOffice, desk: Desk) -> MemoryService:
    foreign = ForeignOffice(
        desk=office.people.office.desk,
        approvals=office.people.approvals,
        exchange=lambda: desk.foreign,
        log=desk.log,
        now=lambda: NOON,
    )
    people = replace(office.people, foreign=foreign)
    made = memory_service(office.settings, adjust=lambda same: replace(same, people=people))
    for role, rights in ROLE_PERMISSIONS.items():
        made.clients.add(role.value, scopes=frozenset(str(each) for each in rights))
    return made


@pytest.fixture
def http(service: MemoryService) -> Iterator[Http]:
    with service.http() as client:
        yield client


@pytest.fixture
def registrar(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.REGISTRAR)


@pytest.fixture
def approver(http: Http, service: MemoryService) -> Door:
    return Door(http, service, Role.APPROVER)


def send(http: Http, service: MemoryService, content: bytes, kind: str = "application/x-pem-file") -> dict[str, object]:
    headers = service.bearer("registrar") | {"Content-Type": kind}
    return {"status": 0, **http.post("/v1/foreign/answers", content=content, headers=headers).json()}


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.REGISTRAR])
@pytest.mark.parametrize("path", ["exports", "decisions/proposal", "decisions"])
def test_only_a_registrar_deals_with_another_ca(http: Http, service: MemoryService, role: Role, path: str) -> None:
    assert Door(http, service, role).post(f"/v1/foreign/{path}", {}).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("decisions/proposal", {"fingerprint": "x", "take": True, "reason": "x"}, "fingerprint"),
        ("decisions/proposal", {"fingerprint": "5a" * 32, "take": True, "reason": ""}, "reason"),
        ("decisions/proposal", {"fingerprint": "5a" * 32, "take": True, "reason": "x"}, "fingerprint"),
        ("revocations/proposal", {"credential": "nobody", "reason": "superseded"}, "credential"),
        ("revocations/proposal", {"credential": "x", "reason": "cACompromise"}, "reason"),
        (
            "revocations/proposal",
            {"credential": "x", "reason": "superseded", "invalidityDate": "2020-01-01T00:00:00Z"},
            "invalidityDate",
        ),
        ("revocations", {"credential": "x", "reason": "superseded", "approval": "x"}, "approval"),
    ],
)
def test_what_is_wrong_is_named(registrar: Door, path: str, body: object, field: str) -> None:
    answer = registrar.post(f"/v1/foreign/{path}", body)
    assert answer.status_code in (400, 409, 422)
    assert answer.json()["field"] == field


@pytest.mark.parametrize(("content", "kind"), [(b"no certificate", "application/x-pem-file"), (b"x", "text/html")])
def test_what_is_no_answer_is_refused(http: Http, service: MemoryService, content: bytes, kind: str) -> None:
    assert "type" in send(http, service, content, kind)


def test_requests_go_out_and_a_good_answer_is_installed(
    http: Http, service: MemoryService, registrar: Door, desk: Desk
) -> None:
    waiting = desk.enrol()
    exported = registrar.post("/v1/foreign/exports").json()
    assert [each["signatory"] for each in exported["requests"]] == [waiting.signatory.id]
    assert exported["requests"][0]["csr"].startswith("-----BEGIN CERTIFICATE REQUEST-----")
    answer = send(http, service, desk.answer())
    assert (answer["state"], answer["credential"]) == ("accepted", waiting.id)
    assert desk.state(waiting) is CredentialState.ACTIVE
    assert send(http, service, b"garbage")["type"] == "/problems/foreign-certificate-refused"


@pytest.mark.parametrize("take", [True, False])
def test_a_differing_answer_is_decided_by_two(  # noqa: PLR0917 - fixtures
    http: Http, service: MemoryService, registrar: Door, approver: Door, desk: Desk, database: Database, take: bool
) -> None:
    waiting = desk.enrol()
    answer = send(http, service, desk.answer(**TITLE))
    assert answer["state"] == "undecided"
    assert registrar.get("/v1/foreign/answers").json()["items"][0]["fingerprint"] == answer["fingerprint"]
    decision = {"fingerprint": answer["fingerprint"], "take": take, "reason": "Gelar di dalam nama."}
    approval = registrar.post("/v1/foreign/decisions/proposal", decision).json()
    assert approval["kind"] == "foreign-decision"
    act = {**decision, "approval": approval["id"]}
    assert registrar.post("/v1/foreign/decisions", act).json()["reason"] == "proposed"
    assert desk.state(waiting) is CredentialState.AWAITING_CERTIFICATE
    approver.post(f"/v1/approvals/{approval['id']}/decision", {"approve": True})
    for change in ({"take": not take}, {"reason": "Lain."}):
        assert registrar.post("/v1/foreign/decisions", {**act, **change}).json()["reason"] == "other"
    done = registrar.post("/v1/foreign/decisions", act).json()
    assert done["state"] == ("accepted" if take else "refused")
    assert (desk.state(waiting) is CredentialState.ACTIVE) is take
    assert registrar.post("/v1/foreign/decisions", act).json()["reason"] == "unknown"
    (entry,) = AuditTrail(database).read(act=Act.FOREIGN_DECIDE)
    assert (entry.actor, entry.role) == ("registrar", "registrar")


def test_a_revocation_stops_here_at_once_and_is_asked_for_by_two(
    http: Http, service: MemoryService, registrar: Door, approver: Door, desk: Desk
) -> None:
    credential = desk.enrol()
    send(http, service, desk.answer())
    since = (NOON - timedelta(days=1)).isoformat()
    asked = {"credential": credential.id, "reason": "keyCompromise", "invalidityDate": since}
    approval = registrar.post("/v1/foreign/revocations/proposal", asked).json()
    assert approval["kind"] == "foreign-revocation"
    assert desk.state(credential) is CredentialState.SUSPENDED
    act = {**asked, "approval": approval["id"]}
    assert registrar.post("/v1/foreign/revocations", act).json()["reason"] == "proposed"
    assert registrar.post("/v1/foreign/exports").json()["revocations"] == []
    approver.post(f"/v1/approvals/{approval['id']}/decision", {"approve": True})
    assert registrar.post("/v1/foreign/revocations", {**act, "reason": "superseded"}).status_code in (409, 422)
    assert registrar.post("/v1/foreign/revocations", act).json() == {"credential": credential.id}
    (one,) = registrar.post("/v1/foreign/exports").json()["revocations"]
    kept = desk.credentials.get(credential.id)
    assert kept is not None
    assert (one["serial"], one["reason"]) == (f"{kept.certificate.serial_number:x}", "keyCompromise")
    assert one["invalidityDate"].startswith("2026-") or one["invalidityDate"] == since
    assert registrar.post("/v1/foreign/revocations", act).json()["reason"] == "used"
