"""An administrator and an approver hand a step to who acts in its office; over REST, each in their role."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.office.handovers import HandoverOffice
from api.permissions import ROLE_PERMISSIONS
from api.services import Services
from signer.appointments import ActingForm, Appointment
from signer.flow_model import FlowStanding
from signer.model import SignedAs, SigningAct
from signer.people import Role
from store.database import Database
from tests.support.api_memory import MemoryService, memory_service
from tests.support.consent import CLIENT, ConsentHouse, consent_house
from tests.support.office_doors import Door, Http, database
from tests.support.pki import make_pki

__all__ = ["database"]

APPOINTMENT = "a" * 32


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


@pytest.fixture
def service(house: ConsentHouse) -> MemoryService:
    people = house.office.people
    handovers = HandoverOffice(
        desk=people.accounts.desk, approvals=people.approvals, handing_over=house.parts.handing_over
    )

    def adjust(same: Services) -> Services:
        return replace(same, people=people, handovers=handovers)

    made = memory_service(house.office.settings, adjust=adjust)
    for role, rights in ROLE_PERMISSIONS.items():
        made.clients.add(role.value, scopes=frozenset(str(each) for each in rights))
    return made


@pytest.fixture
def http(service: MemoryService) -> Iterator[Http]:
    with service.http() as client:
        yield client


@pytest.fixture
def flow(house: ConsentHouse) -> FlowStanding:
    """A step of the official, and somebody who is Plh. in its office."""
    today, other = house.office.at.date(), house.office.enrolled()
    held = {"form": ActingForm.PLH, "office": "Kepala Dinas Contoh", "starts_on": today}
    appointment = Appointment(
        id=APPOINTMENT, signatory_id=other.signatory.id, ends_on=today + timedelta(days=1), **held
    )  # type: ignore[arg-type] - of the right types
    house.parts.appointments.record(appointment, actor="registrar", at=house.office.at)
    return house.flow((house.credential, SigningAct.SIGNATURE), signed_as=SignedAs(office="Kepala Dinas Contoh"))


def test_two_people_hand_it_over_and_one_cannot(
    house: ConsentHouse, http: Http, service: MemoryService, flow: FlowStanding
) -> None:
    administrator, approver = Door(http, service, Role.ADMINISTRATOR), Door(http, service, Role.APPROVER)
    path = f"/v1/handovers/{flow.flow.id}/1"
    (deputy,) = administrator.get(path).json()["items"]
    assert (deputy["appointment"], deputy["form"], deputy["canSign"]) == (APPOINTMENT, "plh", True)
    proposed = administrator.post(f"{path}/proposal", {"appointment": APPOINTMENT})
    assert proposed.status_code == 201
    body = {"appointment": APPOINTMENT, "approval": proposed.json()["id"]}
    early = administrator.post(path, body)
    assert (early.status_code, early.json()["field"]) == (409, "approval")
    assert house.standing(flow).flow.steps[0].credential_id == house.credential.id
    assert approver.post(f"/v1/approvals/{body['approval']}/decision", {"approve": True}).status_code == 200
    assert approver.post(path, body).status_code == 403
    done = administrator.post(path, body)
    assert (done.status_code, done.json()["signatory"]) == (200, deputy["signatory"])
    (step,) = house.standing(flow).flow.steps
    assert (step.credential_id, step.signed_as.on_behalf) != (house.credential.id, None)
    assert house.flows.get(flow.flow.id, client_id=CLIENT) is not None
    again = administrator.post(path, body)
    assert again.status_code in (409, 422)
    assert house.standing(flow).flow.steps == (step,)


def test_what_does_not_wait_and_whom_nobody_appointed_is_refused(
    http: Http, service: MemoryService, flow: FlowStanding
) -> None:
    administrator, registrar = Door(http, service, Role.ADMINISTRATOR), Door(http, service, Role.REGISTRAR)
    path = f"/v1/handovers/{flow.flow.id}"
    assert Door(http, service, Role.AUDITOR).get(f"{path}/1").status_code == 403
    assert registrar.post(f"{path}/1/proposal", {"appointment": APPOINTMENT}).status_code == 403
    assert administrator.get(f"{path}/2").json()["reason"] == "unknown-step"
    assert administrator.get(f"/v1/handovers/{'0' * 32}/1").json()["reason"] == "unknown-step"
    unknown = administrator.post(f"{path}/1/proposal", {"appointment": "b" * 32})
    assert unknown.json()["reason"] == "no-deputy"
    assert administrator.post(f"{path}/1/proposal", {"appointment": ""}).status_code == 400
