"""Staff over HTTP: who is refused and how, then a registration from proposal to revocation."""

from pathlib import Path

import pytest
from cryptography import x509

from signer.people import Role
from tests.support.api_memory import MemoryService, memory_service
from tests.support.office import PASSPHRASE, TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, CUSTODIAN = Role
NEW = {"name": "I Wayan Contoh", "unit": "Dinas Contoh"}


BODIES: dict[str, dict[str, object]] = {
    "decision": {"approve": True},
    "revoke": {"reason": "keyCompromise"},
    "raise-reason": {},
    "release": {"approval": "x"},
    "proposal": {"reason": "superseded", "serials": ["17"]},
    "revocations": {"reason": "superseded", "serials": ["17"], "approval": "x"},
}
REQUESTS = (
    ("GET", "/v1/registrations", {REGISTRAR, APPROVER}),
    ("POST", "/v1/registrations", {REGISTRAR}),
    ("POST", "/v1/registrations/x/link", {REGISTRAR}),
    ("GET", "/v1/approvals", {ADMINISTRATOR, REGISTRAR, APPROVER}),
    ("POST", "/v1/approvals/x/decision", {APPROVER}),
    ("GET", "/v1/credentials", {ADMINISTRATOR, REGISTRAR, APPROVER}),
    ("POST", "/v1/certificates/17/suspend", {REGISTRAR}),
    ("POST", "/v1/certificates/17/resume", {REGISTRAR}),
    ("POST", "/v1/certificates/17/revoke", {ADMINISTRATOR, REGISTRAR}),
    ("POST", "/v1/certificates/17/raise-reason", {ADMINISTRATOR, REGISTRAR}),
    ("POST", "/v1/certificates/17/hold", {REGISTRAR}),
    ("POST", "/v1/certificates/17/release-proposal", {ADMINISTRATOR, REGISTRAR}),
    ("POST", "/v1/certificates/17/release", {ADMINISTRATOR, REGISTRAR}),
    ("POST", "/v1/revocations/proposal", {ADMINISTRATOR, REGISTRAR}),
    ("POST", "/v1/revocations", {ADMINISTRATOR, REGISTRAR}),
    ("POST", "/v1/certificates/17/renew", {REGISTRAR}),
)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: f"{asked[0]} {asked[1]}")
def test_a_role_without_the_permission_is_refused_at_the_door(
    http: Http, service: MemoryService, role: Role, asked: tuple[str, str, set[Role]]
) -> None:
    (method, path, allowed), door = asked, Door(http, service, role)
    answer = door.get(path) if method == "GET" else door.post(path, {})
    assert (answer.json().get("type") == "/problems/scope-missing") is (role not in allowed)


@pytest.mark.parametrize(("method", "path", "_"), REQUESTS)
def test_an_application_is_no_staff_even_with_every_scope(
    http: Http, service: MemoryService, method: str, path: str, _: object
) -> None:
    body = BODIES.get(path.rpartition("/")[2], NEW)
    answer = http.request(method, path, json=None if method == "GET" else body, headers=service.bearer())
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/staff-refused")


def test_a_token_with_more_than_the_role_allows_gains_nothing(http: Http, service: MemoryService) -> None:
    answer = http.post("/v1/registrations", json=NEW, headers=service.bearer("auditor"))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-permitted")


def test_without_an_office_the_door_says_so(tmp_path: Path, office: TestOffice) -> None:
    closed = memory_service(office.settings)
    with closed.http() as http:
        answer = http.get("/v1/credentials", headers=closed.bearer())
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/office-closed")


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "name", "missing"),
        ({"name": ""}, "name", "invalid"),
        ({"name": "x" * 65}, "name", "invalid"),
        ({"name": 7}, "name", "invalid"),
        ({"name": "A", "grade": "IV/e"}, "request", "unknown-field"),
        ({"name": "A", "purpose": "holiday"}, "purpose", "invalid"),
        ({"name": "A", "purpose": "transfer"}, "credential", "missing"),
        ({"purpose": "lost-passphrase"}, "credential", "missing"),
        ({"purpose": "renewal", "credential": "x"}, "purpose", "elsewhere"),
        ({"name": "A", "nik": 5171}, "nik", "invalid"),
        ({"name": "A", "nik": "12ab"}, "nik", "not-a-nik"),
        ({"name": "A", "nip": "123"}, "nip", "not-a-nip"),
        ({"name": "Wayan 5171000000000001"}, "name", "personal-number"),
        ([], "request", "invalid"),
    ],
)
def test_a_bad_registration_names_its_field(registrar: Door, body: object, field: str, reason: str) -> None:
    answer = registrar.post("/v1/registrations", body)
    assert answer.status_code in (400, 422)
    assert (answer.json()["field"], answer.json()["reason"]) == (field, reason)
    assert "5171" not in answer.text
    assert registrar.get("/v1/registrations").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"serial": "xyz"}, "serial"),
        ({"status": "ISSUED"}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_a_bad_query_names_its_field(registrar: Door, query: dict[str, str], field: str) -> None:
    answer = registrar.get("/v1/credentials", **query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("serial", ["0", "-1", "0x", "g", "1" * 41])
def test_what_is_no_serial_number_is_refused(registrar: Door, serial: str) -> None:
    assert registrar.get(f"/v1/certificates/{serial}").status_code == 400


def test_from_a_proposal_to_a_revocation(
    office: TestOffice, registrar: Door, approver: Door, http: Http, service: MemoryService
) -> None:
    proposed = registrar.post("/v1/registrations", NEW | {"nik": "5171000000000001"})
    assert proposed.status_code == 201
    registration = proposed.json()
    assert registrar.get(proposed.headers["location"]).json() == registration
    assert registrar.post(f"/v1/registrations/{registration['id']}/link").status_code == 422

    [waiting] = approver.get("/v1/approvals").json()["items"]
    assert (waiting["id"], waiting["proposedBy"]) == (registration["approval"], "registrar")
    decided = approver.post(f"/v1/approvals/{waiting['id']}/decision", {"approve": True, "note": "Sesuai berkas."})
    assert (decided.status_code, decided.json()["state"]) == (200, "approved")
    again = approver.post(f"/v1/approvals/{waiting['id']}/decision", {"approve": False})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/approval-refused")

    link = registrar.post(f"/v1/registrations/{registration['id']}/link")
    assert (link.status_code, link.headers["cache-control"]) == (201, "private, no-store")
    token = link.json()["link"].removeprefix("http://127.0.0.1:8000/enrol/")
    office.people.registrations.complete(token, PASSPHRASE)

    [official] = registrar.get("/v1/credentials", name="wayan", status="ISSUE").json()["items"]
    assert official["signatory"] == registration["signatory"]
    assert registrar.get(f"/v1/credentials/{official['signatory']}").json() == official
    here = f"/v1/certificates/{official['serial']}"
    assert registrar.get(here).json() == official
    assert registrar.post(f"{here}/suspend").json()["status"] == "SUSPEND"
    assert registrar.post(f"{here}/resume").json()["status"] == "ISSUE"
    assert registrar.post(f"{here}/renew").status_code == 201
    second = registrar.post(f"{here}/renew")
    assert (second.status_code, second.json()["reason"]) == (422, "open")
    administrator = Door(http, service, ADMINISTRATOR)
    forbidden = administrator.post(f"{here}/revoke", {"reason": "superseded"})
    assert (forbidden.status_code, forbidden.json()["type"]) == (403, "/problems/not-permitted")
    alone = registrar.post(f"{here}/revoke", {"reason": "superseded"})
    assert (alone.status_code, alone.json()["field"], alone.json()["reason"]) == (409, "reason", "second-person")
    revoked = administrator.post(f"{here}/revoke", {"reason": "keyCompromise"})
    assert (revoked.status_code, revoked.json()["status"], revoked.json()["unchanged"]) == (200, "REVOKE", False)
    office.holds.revoked.add(int(official["serial"], 16))
    assert administrator.post(f"{here}/revoke", {"reason": "keyCompromise"}).json()["unchanged"] is True
    ended = registrar.post(f"{here}/resume")
    assert (ended.status_code, ended.json()["type"]) == (409, "/problems/credential-unusable")


def test_pages_follow_one_another(registrar: Door) -> None:
    for number in range(5):
        assert registrar.post("/v1/registrations", {"name": f"Official {number}"}).status_code == 201
    names: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = registrar.get("/v1/credentials", **query).json()
        names += [each["name"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert names == [f"Official {number}" for number in range(5)]


@pytest.mark.parametrize("path", ["/v1/registrations/x", "/v1/approvals/x", "/v1/credentials/x", "/v1/certificates/17"])
def test_what_does_not_exist_is_a_problem(registrar: Door, path: str) -> None:
    answer = registrar.get(path)
    assert answer.status_code in (404, 409, 422)
    assert answer.json()["reason"] == "unknown"


# what needs a second person


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/revocations/proposal", {"serials": ["17"]}, "reason"),
        ("/v1/revocations/proposal", {"reason": "cACompromise", "serials": ["17"]}, "reason"),
        ("/v1/revocations/proposal", {"reason": "superseded"}, "serials"),
        ("/v1/revocations/proposal", {"reason": "superseded", "serials": ["xyz"]}, "serials[0]"),
        ("/v1/revocations/proposal", {"reason": "superseded", "serials": ["17"] * 1001}, "serials"),
        ("/v1/revocations/proposal", {"reason": "superseded", "officials": ["nobody"]}, "officials"),
        ("/v1/revocations", {"reason": "superseded", "serials": ["17"]}, "approval"),
        ("/v1/revocations", {"reason": "superseded", "serials": ["17"], "approval": "x"}, "approval"),
        ("/v1/certificates/17/release", {}, "approval"),
        ("/v1/certificates/17/release", {"approval": "x"}, "approval"),
        ("/v1/certificates/17/release-proposal", None, "serial"),
        ("/v1/certificates/17/revoke", {"reason": "keyCompromise", "invalidityDate": "2026-01-01"}, "invalidityDate"),
        (
            "/v1/certificates/17/revoke",
            {"reason": "superseded", "invalidityDate": "2020-01-01T00:00:00Z"},
            "invalidityDate",
        ),
        ("/v1/certificates/17/raise-reason", {"invalidityDate": "2999-01-01T00:00:00Z"}, "invalidityDate"),
        ("/v1/certificates/17/raise-reason", {}, "serial"),
    ],
)
def test_a_bad_request_for_two_names_its_field(registrar: Door, path: str, body: object, field: str) -> None:
    answer = registrar.post(path, body)
    assert answer.status_code in (400, 409, 422)
    assert answer.json()["field"] == field


def test_a_list_is_revoked_once_as_approved_with_an_outcome_each(
    office: TestOffice, registrar: Door, approver: Door
) -> None:
    credential = office.enrolled()
    asked = {"reason": "cessationOfOperation", "serials": ["17"], "officials": [credential.signatory.id]}
    proposed = registrar.post("/v1/revocations/proposal", asked)
    assert (proposed.status_code, proposed.json()["kind"]) == (201, "bulk-revocation")
    carried = asked | {"approval": proposed.json()["id"]}
    assert registrar.post("/v1/revocations", carried).json()["reason"] == "proposed"
    assert registrar.post(f"/v1/approvals/{carried['approval']}/decision", {"approve": True}).status_code == 403
    assert approver.post(f"/v1/approvals/{carried['approval']}/decision", {"approve": True}).status_code == 200
    assert registrar.post("/v1/revocations", carried | {"reason": "superseded"}).json()["reason"] == "other"
    done = registrar.post("/v1/revocations", carried)
    assert (done.status_code, done.headers["cache-control"]) == (200, "private, no-store")
    unknown, revoked = done.json()["items"]
    assert (unknown["revoked"], unknown["problem"]) == (False, "/problems/credential-unknown")
    assert revoked == {
        "serial": f"{credential.certificate.serial_number:x}",
        "revoked": True,
        "problem": None,
        "detail": None,
    }
    again = registrar.post("/v1/revocations", carried)
    assert (again.status_code, again.json()["reason"]) == (409, "used")


def test_what_another_ca_issued_is_not_revoked_by_one_person(office: TestOffice, registrar: Door) -> None:
    serial = office.enrolled().certificate.serial_number
    office.holds.of_others.add(serial)
    refused = registrar.post(f"/v1/certificates/{serial:x}/revoke", {"reason": "keyCompromise"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "other-issuer")
    assert registrar.get(f"/v1/certificates/{serial:x}").json()["status"] == "ISSUE"


def test_a_hold_ends_with_a_second_person(office: TestOffice, registrar: Door, approver: Door) -> None:
    here = f"/v1/certificates/{office.enrolled().certificate.serial_number:x}"
    office.holds.allowed = False
    refused = registrar.post(f"{here}/hold")
    assert (refused.status_code, refused.json()["reason"]) == (409, "hold-not-allowed")
    office.holds.allowed = True
    assert registrar.post(f"{here}/hold").json()["status"] == "SUSPEND"
    approval = registrar.post(f"{here}/release-proposal").json()["id"]
    assert registrar.post(f"{here}/release", {"approval": approval}).json()["reason"] == "proposed"
    approver.post(f"/v1/approvals/{approval}/decision", {"approve": True})
    assert registrar.post(f"{here}/release", {"approval": approval}).status_code == 200
    assert registrar.post(f"{here}/release", {"approval": approval}).json()["reason"] == "used"
    assert [act for act, _ in office.holds.acts] == ["hold", "release"]


def test_a_reason_is_raised_by_a_registrar(
    office: TestOffice, registrar: Door, http: Http, service: MemoryService
) -> None:
    credential = office.enrolled()
    here = f"/v1/certificates/{credential.certificate.serial_number:x}"
    office.credentials.revoke(credential.id, x509.ReasonFlags.superseded, "registrar")
    forbidden = Door(http, service, ADMINISTRATOR).post(f"{here}/raise-reason", {})
    assert (forbidden.status_code, forbidden.json()["type"]) == (403, "/problems/not-permitted")
    raised = registrar.post(f"{here}/raise-reason", {"invalidityDate": "2026-01-01T00:00:00Z"})
    assert (raised.json()["status"], office.holds.acts[-1][0]) == ("REVOKE", "raise")
