"""What needs attention first: each role sees its own, the most urgent first, and what cannot be judged is said."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from cryptography import x509

from api.alarms import Alarm, Severity
from api.faces.console.attention import Attention, Urgency, attention
from api.faces.console.router import console_router
from api.faces.console.visit import Visit
from api.office.entrance import console_doors
from api.pages.scrub import scrub
from api.pages.text import Text
from signer.errors import KeyUnavailable
from signer.fakes import FakeReports, Finding, Suspicion
from signer.people import Role
from store.database import Database
from store.fakes import SqlFakeReports
from tests.support.console import ConsoleHouse

_CRITICAL = Alarm(name="crl-ca-1-g1-late", severity=Severity.CRITICAL, text="the CRL is late")
_WARNING = Alarm(name="tsu-ending", severity=Severity.WARNING, text="the unit ends")


def with_alarms(house: ConsoleHouse, *alarms: Alarm) -> None:
    office, service = house.office, house.service
    services = replace(service.services, alarms=lambda: alarms)
    doors = console_doors(office.settings, services, office.people, house.entrance, now=lambda: office.at)
    before = service.pages
    assert before is not None
    service.pages = lambda: replace(before(), handlers=[console_router(doors)])


@pytest.mark.parametrize("role", list(Role))
def test_with_nothing_to_do_every_role_is_told_so(house: ConsoleHouse, role: Role) -> None:
    with house.logged_in(role) as person:
        assert "Tidak ada yang menunggu Anda" in person.get("/console").text


def test_proposals_wait_for_approvers_alone(house: ConsoleHouse) -> None:
    registration = house.office.proposed()
    with house.logged_in(Role.APPROVER) as approver, house.logged_in(Role.REGISTRAR) as registrar:
        assert "1 usulan menunggu keputusan Anda" in approver.get("/console").text
        assert "usulan menunggu" not in registrar.get("/console").text
        assert "tautannya belum dibuat" not in registrar.page
        house.office.approved(registration)
        assert "usulan menunggu" not in approver.get("/console").text
        assert "1 pendaftaran disetujui, tautannya belum dibuat" in registrar.get("/console").text
        house.office.people.office.invite(house.office.caller(Role.REGISTRAR), registration.id)
        assert "tautannya belum dibuat" not in registrar.get("/console").text


def test_what_was_approved_waits_for_who_proposed_it_alone(house: ConsoleHouse) -> None:
    office, people = house.office, house.office.people.office
    serial = office.enrolled().certificate.serial_number  # its registration followed its approval by itself
    registrar, ended = office.caller(Role.REGISTRAR), x509.ReasonFlags.cessation_of_operation
    asked = people.propose_bulk_revocation(registrar, [serial], ended)
    told = "1 usulan Anda disetujui, belum dijalankan"
    with house.logged_in(Role.REGISTRAR) as person, house.logged_in(Role.ADMINISTRATOR) as other:
        assert told not in person.get("/console").text
        people.decide(office.caller(Role.APPROVER), asked.id, approve=True)
        assert told in person.get("/console").text
        assert asked.id in person.get("/console/approvals", stage="ready", mine="1").text
        assert told not in other.get("/console").text
        office.people.proposals.revoke(registrar, asked.id)
        assert told not in person.get("/console").text


def test_reports_of_fakes_wait_for_registrars_alone(house: ConsoleHouse, database: Database) -> None:
    reports = FakeReports(SqlFakeReports(database), clean=scrub, now=lambda: house.office.at)
    reported, told = reports.report(Suspicion(code="", place="", text="buram")), "1 laporan dokumen mencurigakan"
    with house.logged_in(Role.REGISTRAR) as person, house.logged_in(Role.APPROVER) as other:
        assert told in person.get("/console").text
        assert told not in other.get("/console").text
        reports.close(reported, Finding.GENUINE, actor="registrar")
        assert told not in person.get("/console").text


def test_certificates_that_end_are_told_in_time(house: ConsoleHouse) -> None:
    credential = house.office.enrolled()
    assert credential.certificate is not None
    ends = credential.certificate.not_valid_after_utc
    for days, told in ((31, False), (29, True)):
        house.office.forward(seconds=(ends - house.office.at).total_seconds() - days * 86_400)
        with house.logged_in(Role.REGISTRAR) as person:
            assert ("1 sertifikat berakhir dalam 30 hari" in person.get("/console").text) is told


def test_alarms_come_first_for_administrators_and_nobody_else(house: ConsoleHouse) -> None:
    with_alarms(house, _WARNING, _CRITICAL)
    with house.logged_in(Role.ADMINISTRATOR) as person:
        page = person.get("/console").text
        assert page.index("the CRL is late") < page.index("the unit ends")
    for role in (Role.REGISTRAR, Role.AUDITOR):
        with house.logged_in(role) as person:
            assert "the CRL is late" not in person.get("/console").text


def test_what_cannot_be_judged_is_said_and_hides_nothing() -> None:
    def broken(_: Visit) -> Iterable[Attention]:
        raise KeyUnavailable("gone")

    def well(_: Visit) -> Iterable[Attention]:
        return [Attention(urgency=Urgency.SOON, words=Text("ada", "there"))]

    visit: Visit = None  # type: ignore[assignment]  # neither look asks for it
    found = attention(visit, (well, broken))
    assert [each.urgency for each in found] == [Urgency.NOW, Urgency.SOON]
    assert "gone" not in str(found)
