"""What was proposed is found again at the right stage, and carried out exactly as it was approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from signer.errors import ApprovalRefused, NotPermitted
from signer.people import ApprovalKind, ApprovalQuery, ApprovalStage, CertificateQuery, OfficialQuery, Role, StatusWord
from store.database import Database, open_database
from tests.support.databases import execute
from tests.support.office import TestOffice, office_in
from tests.support.pki import Pki, make_pki

ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, _ = Role
MOVED = x509.ReasonFlags.affiliation_changed


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "teken.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite+pysqlite:///{path}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with open_database(url, 4) as opened:
        yield opened


@pytest.fixture
def office(tmp_path: Path, database: Database, pki: Pki) -> TestOffice:
    return office_in(tmp_path, database, pki)


def stage_of(office: TestOffice, approval_id: str) -> ApprovalStage:
    return office.people.proposals.get(office.caller(REGISTRAR), approval_id).stage


def found(office: TestOffice, stage: ApprovalStage) -> list[str]:
    query = ApprovalQuery(stage=stage)
    return [each.approval.id for each in office.people.proposals.search(office.caller(REGISTRAR), query)]


def status(office: TestOffice) -> StatusWord:
    return office.people.office.search(office.caller(REGISTRAR), OfficialQuery())[0].status


def test_an_approved_list_is_revoked_by_who_proposed_it_and_once(office: TestOffice) -> None:
    serial = office.enrolled().certificate.serial_number
    people, registrar = office.people, office.caller(REGISTRAR)
    asked = people.office.propose_bulk_revocation(registrar, [serial], MOVED)
    assert asked.subjects == (f"{serial:x}",)
    with pytest.raises(ApprovalRefused):
        people.proposals.revoke(registrar, asked.id)
    people.office.decide(office.caller(APPROVER), asked.id, approve=True)
    with pytest.raises(ApprovalRefused):
        people.proposals.revoke(office.caller(ADMINISTRATOR), people_registration(office))
    assert status(office) is StatusWord.ISSUE
    assert people.proposals.revoke(registrar, asked.id) == {serial: None}
    assert status(office) is StatusWord.REVOKE
    with pytest.raises(ApprovalRefused):
        people.proposals.revoke(registrar, asked.id)


def people_registration(office: TestOffice) -> str:
    """An approval that is about no certificate."""
    approval_id = office.proposed().approval_id
    assert approval_id is not None
    return approval_id


def test_another_than_who_proposed_it_carries_nothing_out(office: TestOffice) -> None:
    lost = x509.ReasonFlags.key_compromise
    serial = office.enrolled().certificate.serial_number
    asked = office.people.office.propose_bulk_revocation(office.caller(REGISTRAR), [serial], lost)
    office.people.office.decide(office.caller(APPROVER), asked.id, approve=True)
    with pytest.raises(ApprovalRefused):
        office.people.proposals.revoke(office.caller(ADMINISTRATOR), asked.id)
    assert status(office) is StatusWord.ISSUE


def test_a_list_that_was_changed_in_the_database_revokes_nothing(office: TestOffice, url: str) -> None:
    first, second = (office.enrolled().certificate.serial_number for _ in range(2))
    registrar = office.caller(REGISTRAR)
    asked = office.people.office.propose_bulk_revocation(registrar, [first], MOVED)
    office.people.office.decide(office.caller(APPROVER), asked.id, approve=True)
    swapped = f"UPDATE approvals SET subjects = replace(subjects, '{first:x}', '{second:x}')"  # noqa: S608 - our numbers
    execute(url, swapped)
    with pytest.raises(ApprovalRefused) as refused:
        office.people.proposals.revoke(registrar, asked.id)
    assert refused.value.reason == "other"


def test_each_proposal_stands_at_one_stage_and_is_found_there(office: TestOffice) -> None:
    people, registrar, approver = office.people, office.caller(REGISTRAR), office.caller(APPROVER)
    signatory = office.enrolled().signatory.id  # its enrolment is done
    waiting = people.factors.propose_reset(registrar, signatory).id
    ready = people.factors.propose_reset(registrar, signatory).id
    done = people.factors.propose_reset(registrar, signatory).id
    rejected = people.factors.propose_reset(registrar, signatory).id
    for each, yes in ((ready, True), (done, True), (rejected, False)):
        people.office.decide(approver, each, approve=yes)
    people.factors.reset(registrar, signatory, approval_id=done)
    enrolment = people.proposals.search(registrar, ApprovalQuery(kind=ApprovalKind.ENROLMENT))[0].approval.id
    expected = {
        ApprovalStage.WAITING: [waiting],
        ApprovalStage.READY: [ready],
        ApprovalStage.DONE: [done, enrolment],
        ApprovalStage.REJECTED: [rejected],
        ApprovalStage.LAPSED: [],
    }
    assert {stage: sorted(found(office, stage)) for stage in ApprovalStage} == {
        stage: sorted(ids) for stage, ids in expected.items()
    }
    assert all(stage_of(office, id) is stage for stage, ids in expected.items() for id in ids)
    office.forward(hours=73)
    assert sorted(found(office, ApprovalStage.LAPSED)) == sorted([waiting, ready])
    assert stage_of(office, ready) is stage_of(office, waiting) is ApprovalStage.LAPSED
    assert sorted(found(office, ApprovalStage.DONE)) == sorted([done, enrolment])


def test_pages_of_proposals_leave_nothing_out_and_repeat_nothing(office: TestOffice) -> None:
    signatory, registrar = office.enrolled().signatory.id, office.caller(REGISTRAR)
    for minute in range(5):
        office.people.factors.propose_reset(registrar, signatory)
        if minute % 2:
            office.forward(minutes=1)  # so that some have the same time
    seen: list[str] = []
    after = None
    while page := office.people.proposals.search(registrar, ApprovalQuery(after=after, limit=2)):
        seen += [each.approval.id for each in page]
        after = (page[-1].approval.proposed_at, page[-1].approval.id)
    assert len(seen) == len(set(seen)) == 6
    mine = ApprovalQuery(proposed_by="registrar", kind=ApprovalKind.FACTOR_RESET)
    assert len(office.people.proposals.search(registrar, mine)) == 5


def test_what_is_about_one_official_is_found_and_nothing_of_another(office: TestOffice) -> None:
    people, registrar = office.people, office.caller(REGISTRAR)
    one, other = office.enrolled(), office.enrolled()
    for credential in (one, other):
        people.office.propose_bulk_revocation(registrar, [credential.certificate.serial_number], MOVED)
        people.factors.propose_first(registrar, credential.signatory.id)
        people.office.propose_release(registrar, credential.certificate.serial_number)
    both = [each.certificate.serial_number for each in (one, other)]
    people.office.propose_bulk_revocation(registrar, both, MOVED)
    registrations = people.office.registrations_of(registrar, one.signatory.id)
    query = CertificateQuery(signatory_id=one.signatory.id)
    about = people.proposals.about(
        registrar,
        one.signatory.id,
        registration_ids=[each.id for each in registrations],
        certificates=[each for each, _ in people.office.certificates(registrar, query)],
    )
    assert sorted(each.approval.kind for each in about) == [
        ApprovalKind.BULK_REVOCATION,
        ApprovalKind.ENROLMENT,
        ApprovalKind.FACTOR_RESET,
        ApprovalKind.RELEASE,
    ]


def test_proposals_are_read_by_nobody_who_may_not(office: TestOffice) -> None:
    for act in (
        lambda: office.people.proposals.search(office.caller(AUDITOR), ApprovalQuery()),
        lambda: office.people.proposals.get(office.caller(AUDITOR), "x"),
        lambda: office.people.proposals.revoke(office.caller(AUDITOR), "x"),
        lambda: office.people.office.registrations_of(office.caller(AUDITOR), "x"),
        lambda: office.people.office.links(office.caller(AUDITOR), ["x"]),
        lambda: office.people.factors.held(office.caller(ADMINISTRATOR), "x"),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_link_is_told_until_it_is_used_or_over(office: TestOffice) -> None:
    registrar, first = office.caller(REGISTRAR), office.invited()
    second = office.people.office.invite(registrar, first.registration.id)
    ids = [first.registration.id, "unknown"]
    assert office.people.office.links(registrar, ids) == {first.registration.id: second.expires_at}
    office.forward(hours=72)
    assert office.people.office.links(registrar, ids) == {}
