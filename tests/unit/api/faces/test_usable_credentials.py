"""For applications: with which credentials they may have documents signed today, and whom they want enrolled."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.permissions import Permission
from signer.people import Role
from store.audit import Act, AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from tests.support.api_memory import MemoryService
from tests.support.office import TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

PATH = "/v1/usable-credentials"
ASK = "/v1/enrolment-requests"
MAY = frozenset({"credential:list", "enrolment:create"})
SOMEBODY = {"name": "I Made Contoh", "email": "made.contoh@example.org"}


@pytest.fixture
def application(service: MemoryService, database: Database) -> dict[str, str]:
    client = Client(
        id="sikd",
        name="sikd",
        scopes=frozenset({"signature:create"}),
        state=ClientState.ACTIVE,
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    SqlClientStore(database).add(client, "00" * 32)
    return service.bearer("sikd", scopes=MAY)


def usable(http: Http, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = http.get(PATH, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_officials_are_shown_as_long_as_they_may_sign(
    http: Http, application: dict[str, str], office: TestOffice, registrar: Door
) -> None:
    signing = office.enrolled()
    (one,) = usable(http, application)
    assert (one["credential"], one["kind"], one["documentsLeft"]) == (signing.id, "official", None)
    assert one["serial"] == f"{signing.certificate.serial_number:x}"
    assert usable(http, application, name="nobody of this name") == []
    assert registrar.post(f"/v1/certificates/{one['serial']}/suspend").status_code == 200
    assert usable(http, application) == []


def test_a_seal_is_shown_to_whom_it_is_lent_and_where(
    http: Http, application: dict[str, str], administrator: Door, approver: Door, service: MemoryService
) -> None:
    seal = administrator.post("/v1/seals", {"name": "Segel Dinas Contoh"}).json()["credential"]
    assert usable(http, application, kind="seal") == []
    lent = {"client": "sikd", "networks": ["192.0.2.0/24"], "documents": 10, "hours": 2}
    made = approver.post(f"/v1/seals/{seal}/activations", lent).json()
    (one,) = usable(http, application, kind="seal", limit="1")
    assert (one["credential"], one["kind"], one["documentsLeft"], one["until"]) == (seal, "seal", 10, made["expiresAt"])
    assert usable(http, service.bearer("other", scopes=MAY), kind="seal") == []
    service.peer = "198.51.100.7"
    assert usable(http, application, kind="seal") == []
    service.peer = "192.0.2.1"
    approver.post(f"/v1/seals/{seal}/activations/{made['activation']}/deactivate")
    assert usable(http, application, kind="seal") == []


def test_an_application_asks_for_an_enrolment_and_learns_nothing_of_who_is_known(
    http: Http, application: dict[str, str], registrar: Door, database: Database
) -> None:
    first, again = (http.post(ASK, json=SOMEBODY, headers=application) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (202, {"email": SOMEBODY["email"]})
    (waiting,) = registrar.get(ASK).json()["items"]
    assert (waiting["client"], waiting["name"], waiting["email"]) == ("sikd", *SOMEBODY.values())
    (entry,) = AuditTrail(database).read(act=Act.ENROLMENT_ASK)
    assert (entry.actor, SOMEBODY["email"] in str(entry)) == ("sikd", False)


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"name": ""}, {"name": "5171000000000001"}, {"nik": "1"}])
def test_what_is_no_person_is_refused(http: Http, application: dict[str, str], wrong: dict[str, str]) -> None:
    answer = http.post(ASK, json=SOMEBODY | wrong, headers=application)
    assert answer.status_code in (400, 422)
    assert "5171000000000001" not in answer.text


def test_each_route_takes_its_scope(http: Http, service: MemoryService) -> None:
    for right, call in (("credential:list", ("GET", PATH)), ("enrolment:create", ("POST", ASK))):
        others = frozenset(map(str, Permission)) - {right}
        assert http.request(*call, headers=service.bearer("sikd", scopes=others)).status_code == 403
    for role in Role:
        assert Door(http, service, role).get(PATH).status_code == 403
