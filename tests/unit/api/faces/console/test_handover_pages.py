"""Two people at the console hand a letter to the Plh.; to nobody who is not recorded, and not when it was begun."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.office.handovers import HandoverOffice
from signer.appointments import ActingForm, Appointment
from signer.flow_model import FlowStanding
from signer.model import Credential, SignedAs, SigningAct
from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.consent import CLIENT, ConsentHouse, consent_house
from tests.support.console import ConsoleHouse, Person, console_house
from tests.support.pki import make_pki

ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, _ = Role
APPOINTMENT = "a" * 32
OFFICE = "Kepala Dinas Contoh"


@pytest.fixture
def consent(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


@pytest.fixture
def house(consent: ConsentHouse, database: Database) -> ConsoleHouse:
    people = consent.office.people
    office = HandoverOffice(
        desk=people.accounts.desk, approvals=people.approvals, handing_over=consent.parts.handing_over
    )
    return console_house(consent.office, database, adjust=lambda same: replace(same, handovers=office))


def appointed(consent: ConsentHouse) -> Credential:
    """Somebody is Plh. of the office for two days."""
    today, who = consent.office.at.date(), consent.office.enrolled()
    held = {"form": ActingForm.PLH, "office": OFFICE, "starts_on": today, "ends_on": today + timedelta(days=1)}
    appointment = Appointment(id=APPOINTMENT, signatory_id=who.signatory.id, **held)  # type: ignore[arg-type] - of the right types
    consent.parts.appointments.record(appointment, actor="registrar", at=consent.office.at)
    return who


def waiting(consent: ConsentHouse) -> tuple[FlowStanding, str]:
    flow = consent.flow((consent.credential, SigningAct.SIGNATURE), signed_as=SignedAs(office=OFFICE))
    return flow, f"/console/officials/{consent.who}/letters/{flow.flow.id}/1"


def holder(consent: ConsentHouse, flow: FlowStanding) -> str:
    return consent.standing(flow).flow.steps[0].credential_id


def decided(approver: Person, proposal: str, decision: str = "approve") -> None:
    approver.get(proposal)
    assert approver.post(f"{proposal}/decision", decision=decision).status_code == 303


def test_two_people_hand_a_letter_over(consent: ConsentHouse, house: ConsoleHouse) -> None:
    deputy = appointed(consent)
    flow, path = waiting(consent)
    consent.parts.step_consents.ask(CLIENT, flow.flow.id, 1)  # asked for, and opened by nobody
    with (
        house.logged_in(ADMINISTRATOR, confirmed=True) as administrator,
        house.logged_in(APPROVER, confirmed=True) as approver,
    ):
        base = f"/console/officials/{consent.who}"
        assert f"{base}/letters" in administrator.get(base).text
        assert path in administrator.get(f"{base}/letters").text
        assert f"Plh. {OFFICE}" in administrator.get(path).text
        for reason, said in (("", "1 sampai 200"), ("x" * 201, "1 sampai 200"), ("5171" + "2" * 12, "NIK atau NIP")):
            wrong = administrator.post(path, appointment=APPOINTMENT, reason=reason)
            assert (wrong.status_code, said in wrong.text) == (422, True)
        made = administrator.post(path, appointment=APPOINTMENT, reason="Perjalanan  dinas")
        proposal = made.headers["location"]
        again = administrator.post(path, appointment=APPOINTMENT, reason="Sekali lagi")
        assert (made.status_code, again.headers["location"]) == (303, proposal)
        seen = approver.get(proposal).text
        for said in ("Surat edaran contoh", "(Perjalanan dinas)", f"Plh. {OFFICE}", f'href="{base}"'):
            assert said in seen
        assert administrator.post(f"{proposal}/act").status_code == 422  # nobody has approved it
        assert holder(consent, flow) == consent.credential.id
        decided(approver, proposal)
        assert ">Serahkan" in administrator.get(proposal).text
        assert approver.post(f"{proposal}/act").status_code == 403
        assert administrator.post(f"{proposal}/act").status_code == 303
        assert holder(consent, flow) == deputy.id
        assert "Selesai" in administrator.get(proposal).text
        assert administrator.post(f"{proposal}/act").status_code == 422  # once
        assert administrator.get(path).status_code == 404
        assert "Tidak ada yang menunggu" in administrator.get(f"{base}/letters").text
    entry = AuditTrail(consent.database).newest(Act.FLOW_HAND_OVER)
    assert entry is not None
    assert entry.actor == ADMINISTRATOR.value


def test_nobody_recorded_gets_it_and_no_other_role_proposes(consent: ConsentHouse, house: ConsoleHouse) -> None:
    flow, path = waiting(consent)
    with house.logged_in(ADMINISTRATOR, confirmed=True) as administrator:
        assert "Tidak ada Plh. atau Plt. hari ini" in administrator.get(path).text
        sent = {"appointment": APPOINTMENT, "reason": "Cuti"}
        nobody = administrator.post(path, **sent)
        assert (nobody.status_code, "Penugasannya sudah berakhir" in nobody.text) == (422, True)
        assert administrator.post(path, reason="Cuti").status_code == 422
        assert administrator.post(path, csrf="0" * 64, **sent).status_code == 403
        appointed(consent)
        assert administrator.get(path.replace(consent.who, "K5QXA2LBONUWC3TB")).status_code == 404
        assert administrator.get(path[:-1] + "2").status_code == 404
        assert administrator.get(f"/console/officials/{'x' * 16}/letters").status_code == 404
    with house.logged_in(ADMINISTRATOR) as unproven:
        for answer in (unproven.get(path), unproven.post(path, **sent)):
            assert (answer.status_code, answer.headers["location"]) == (303, f"/console/confirm?next={path}")
    for role in (REGISTRAR, APPROVER, AUDITOR):
        with house.logged_in(role, confirmed=True) as other:
            for answer in (other.get(path), other.get(path.rsplit("/", 2)[0]), other.post(path, **sent)):
                assert answer.status_code == 403, role
            assert "/letters" not in other.get(f"/console/officials/{consent.who}").text
    assert holder(consent, flow) == consent.credential.id


def test_a_letter_that_somebody_has_begun_stays(consent: ConsentHouse, house: ConsoleHouse) -> None:
    appointed(consent)
    flow, path = waiting(consent)
    with (
        house.logged_in(ADMINISTRATOR, confirmed=True) as administrator,
        house.logged_in(APPROVER, confirmed=True) as approver,
    ):
        administrator.get(path)
        proposal = administrator.post(path, appointment=APPOINTMENT, reason="Cuti").headers["location"]
        decided(approver, proposal)
        consent.opened(consent.parts.step_consents.ask(CLIENT, flow.flow.id, 1))
        administrator.get(proposal)
        refused = administrator.post(f"{proposal}/act")
        assert (refused.status_code, "sedang dibuka untuk ditandatangani" in refused.text) == (422, True)
        assert not re.search(r"action=\S+/act", administrator.get(proposal).text)  # spent
    assert holder(consent, flow) == consent.credential.id
