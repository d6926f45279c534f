"""Operations of the CA over HTTP with a second person, and the trail for auditors alone."""

import pytest

from api.office.operations import Operation
from signer.people import Role
from store.audit import Act, AuditTrail, Outcome
from store.database import Database
from tests.support.api_memory import MemoryService
from tests.support.office import TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_only_an_administrator_proposes_an_operation(http: Http, service: MemoryService, role: Role) -> None:
    door = Door(http, service, role)
    assert door.post("/v1/ca/operations/crl/proposal").status_code == 403
    assert door.post("/v1/ca/operations/crl", {"approval": "x"}).status_code in (403, 409)


@pytest.mark.parametrize("path", ["destroy/proposal", "destroy", "next_tsu"])
def test_an_unknown_operation_is_not_found(administrator: Door, path: str) -> None:
    answer = administrator.post(f"/v1/ca/operations/{path}", {"approval": "x"})
    assert (answer.status_code, answer.json()["field"]) == (404, "operation")


@pytest.mark.parametrize("operation", Operation)
def test_an_operation_needs_a_second_person_and_happens_once(
    office: TestOffice, administrator: Door, approver: Door, operation: Operation
) -> None:
    here = f"/v1/ca/operations/{operation}"
    proposed = administrator.post(f"{here}/proposal")
    assert (proposed.status_code, proposed.json()["kind"]) == (201, "ca-operation")
    approval = {"approval": proposed.json()["id"]}
    assert administrator.post(here, approval).json()["reason"] == "proposed"
    assert administrator.post(f"/v1/approvals/{approval['approval']}/decision", {"approve": True}).status_code == 403
    assert approver.post(f"/v1/approvals/{approval['approval']}/decision", {"approve": True}).status_code == 200
    other = next(each for each in Operation if each is not operation)
    assert administrator.post(f"/v1/ca/operations/{other}", approval).json()["reason"] == "other"
    done = administrator.post(here, approval)
    assert (done.status_code, done.json()) == (200, {"operation": operation.value, "outcome": f"{operation} done"})
    assert administrator.post(here, approval).json()["reason"] == "used"
    assert office.operated == [(operation, "administrator")]


def test_what_cannot_be_today_spends_no_approval(office: TestOffice, administrator: Door, approver: Door) -> None:
    here = "/v1/ca/operations/next-responder"
    approval = administrator.post(f"{here}/proposal").json()["id"]
    approver.post(f"/v1/approvals/{approval}/decision", {"approve": True})
    office.impossible.add(Operation.NEXT_RESPONDER)
    refused = administrator.post(here, {"approval": approval})
    assert (refused.status_code, refused.json()["reason"]) == (422, "made-today")
    assert approver.get(f"/v1/approvals/{approval}").json()["state"] == "approved"
    office.impossible.clear()
    assert administrator.post(here, {"approval": approval}).status_code == 200


# the trail


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.AUDITOR])
def test_who_is_no_auditor_is_turned_away_and_noted(
    http: Http, service: MemoryService, database: Database, role: Role
) -> None:
    answer = http.get("/v1/audit", headers=service.bearer(role.value))  # with every scope there is, no less
    assert answer.status_code in (401, 403)
    (noted,) = AuditTrail(database).read(act=Act.TRAIL_READ)
    assert (noted.actor, noted.outcome, noted.reason) == (role.value, Outcome.REFUSED.value, "not-an-auditor")


def test_an_application_and_a_token_without_the_scope_are_turned_away_and_noted(
    http: Http, service: MemoryService, database: Database
) -> None:
    for who, headers in (("sikd", service.bearer()), ("auditor", service.bearer("auditor", scopes=frozenset()))):
        answer = http.get("/v1/audit", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-missing")
        assert AuditTrail(database).read(act=Act.TRAIL_READ, actor=who)


def test_a_disabled_auditor_reads_no_more(office: TestOffice, auditor: Door) -> None:
    assert auditor.get("/v1/audit").status_code == 200
    office.staff.disable("auditor", actor="administrator", at=office.at)
    assert auditor.get("/v1/audit").status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "-1"}, "cursor"),
        ({"cursor": "9" * 30}, "cursor"),
        ({"since": "2026-01-01"}, "since"),
        ({"until": "x"}, "until"),
        ({"act": "no.such"}, "act"),
        ({"limit": "201"}, "limit"),
        ({"object": "x" * 201}, "object"),
    ],
)
def test_a_bad_question_names_its_field(auditor: Door, query: dict[str, str], field: str) -> None:
    answer = auditor.get("/v1/audit", **query)
    assert answer.status_code in (400, 410, 422)
    assert answer.json()["field"] == field


def test_an_auditor_reads_page_by_page_without_a_personal_number(
    registrar: Door, auditor: Door, database: Database
) -> None:
    registrar.post("/v1/registrations", {"name": "I Wayan Contoh", "nik": "5171000000000001"})
    seen: list[int] = []
    query = {"limit": "2"}
    while True:
        answer = auditor.get("/v1/audit", **query)
        assert answer.headers["cache-control"] == "private, no-store"
        assert "5171000000000001" not in answer.text
        seen += [each["sequence"] for each in answer.json()["items"]]
        if answer.json()["next"] is None:
            break
        query["cursor"] = answer.json()["next"]
    assert seen == [each.sequence for each in AuditTrail(database).read(limit=1000)]
    asked = {"act": "registration.propose", "actor": "registrar", "since": "2020-01-01T00:00:00Z"}
    assert [each["role"] for each in auditor.get("/v1/audit", **asked).json()["items"]] == ["registrar"]
    assert auditor.get("/v1/audit", until="2020-01-01T00:00:00Z").json()["items"] == []
