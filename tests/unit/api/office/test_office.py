"""The registration office: who may not first, then the life of a credential from a name on paper to its end."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from api.office.desk import Caller
from api.office.operations import Operation
from api.permissions import APPLICATION_PERMISSIONS, ROLE_PERMISSIONS, Permission
from ca.errors import RevocationRefused
from signer.errors import (
    ApprovalRefused,
    CredentialUnknown,
    CredentialUnusable,
    KeyUnavailable,
    LinkRefused,
    NotPermitted,
    PassphraseTooWeak,
    PassphraseWrong,
    Refused,
    RegistrationRefused,
    StaffRefused,
)
from signer.model import CertificateRequest, CredentialState, Secret
from signer.people import ApprovalKind, OfficialQuery, PersonalNumbers, RegistrationState, Role, StatusWord
from signer.registrations import Person
from signer.revoking import REVOKERS, SIGNATORY, SYSTEM, require_may_revoke
from store.audit import Act, AuditTrail
from store.clients import SqlClientStore
from store.database import Database, open_database
from tests.support.databases import execute
from tests.support.office import ANOTHER, PASSPHRASE, PERSON, TestOffice, office_in
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import PkiIssuer

ADMINISTRATOR, REGISTRAR, APPROVER, AUDITOR, CUSTODIAN = Role
LOST = x509.ReasonFlags.key_compromise
NIK, NIP = "5171000000000001", "19990101 202601 1 001"


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


def statuses(office: TestOffice) -> list[StatusWord]:
    found = office.people.office.search(office.caller(REGISTRAR), OfficialQuery())
    return [each.status for each in found]


# roles and permissions


def test_no_role_both_starts_and_approves_and_only_auditors_read_the_trail() -> None:
    starts = {Permission.PROPOSAL_CREATE, Permission.REGISTRATION_CREATE, Permission.CERTIFICATE_REVOKE}
    for role, rights in ROLE_PERMISSIONS.items():
        assert not (Permission.APPROVAL_DECIDE in rights and rights & starts), role
        assert (Permission.AUDIT_READ in rights) == (role is AUDITOR)
        assert not rights & APPLICATION_PERMISSIONS, role
    assert ROLE_PERMISSIONS.keys() == set(Role)
    assert ROLE_PERMISSIONS[AUDITOR] == {Permission.AUDIT_READ}
    assert not ROLE_PERMISSIONS[CUSTODIAN]


def test_permissions_are_listed_in_the_order_of_their_words() -> None:
    assert [each.value for each in Permission] == sorted(each.value for each in Permission)


ACTS = {
    Permission.REGISTRATION_CREATE: lambda o, c: o.people.office.register(c, PERSON),
    Permission.APPROVAL_DECIDE: lambda o, c: o.people.office.decide(c, "any", approve=True),
    Permission.APPROVAL_READ: lambda o, c: o.people.office.waiting_approvals(c),
    Permission.CREDENTIAL_READ: lambda o, c: o.people.office.search(c, OfficialQuery()),
    Permission.CERTIFICATE_REVOKE: lambda o, c: o.people.office.revoke(c, 17, LOST),
    Permission.CERTIFICATE_SUSPEND: lambda o, c: o.people.office.suspend(c, 17),
    Permission.CERTIFICATE_RENEW: lambda o, c: o.people.office.renew(c, 17),
    Permission.PROPOSAL_CREATE: lambda o, c: o.people.office.propose_release(c, 17),
    Permission.REGISTRATION_READ: lambda o, c: o.people.office.open_registrations(c),
    Permission.SEAL_ACTIVATE: lambda o, c: o.people.seals.activate(
        c, "none", "sikd", ["192.0.2.0/24"], documents=1, hours=1
    ),
    Permission.SEAL_ENROL: lambda o, c: o.people.seals.renew(c, "none"),
    Permission.STAFF_MANAGE: lambda o, c: o.people.accounts.disable(c, "nobody"),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", ACTS)
def test_an_act_is_refused_to_every_role_without_its_permission_and_to_no_other(
    office: TestOffice, database: Database, role: Role, permission: Permission
) -> None:
    allowed = permission in ROLE_PERMISSIONS[role]
    try:
        ACTS[permission](office, office.caller(role))
        refused = False
    except NotPermitted as error:
        refused = error.reason == "permission"
    except (ApprovalRefused, CredentialUnknown, StaffRefused):
        refused = False  # it got past the desk
    assert refused is not allowed
    trail = AuditTrail(database).read(act=Act.RIGHT_REFUSE, limit=9)
    assert [(each.actor, each.role) for each in trail] == ([] if allowed else [(role.value, role.value)])


def test_an_application_or_a_disabled_account_stands_at_no_desk(office: TestOffice) -> None:
    office.people.accounts.disable(office.caller(ADMINISTRATOR), "registrar")
    for name in ("registrar", "sikd"):
        with pytest.raises(StaffRefused):
            office.people.office.desk.caller(name)


def test_only_the_very_first_account_is_made_without_a_login(office: TestOffice) -> None:
    accounts = office.people.accounts
    with pytest.raises(NotPermitted):
        accounts.add_first(id="new", name="N", role=ADMINISTRATOR, number=Secret(NIP))
    made = accounts.add(office.caller(ADMINISTRATOR), id="new", name="N", role=APPROVER, number=Secret(NIP))
    assert made.token not in repr(made)
    with pytest.raises(StaffRefused) as second:
        accounts.add(
            office.caller(ADMINISTRATOR), id="again", name="N", role=REGISTRAR, number=Secret(NIP.replace(" ", ""))
        )
    assert second.value.reason == "second-role"


def test_a_secret_is_seen_by_its_person_alone_and_once(office: TestOffice, database: Database) -> None:
    accounts, clients = office.people.accounts, SqlClientStore(database)
    made = accounts.add(office.caller(ADMINISTRATOR), id="new", name="N", role=APPROVER, number=Secret(NIP))
    assert accounts.behind(made.token).id == "new", "looking uses nothing up"
    opened = accounts.open(made.token)
    assert opened.secret not in repr(opened)
    assert clients.authenticate("new", opened.secret) is not None
    for use in (accounts.behind, accounts.open):
        with pytest.raises(LinkRefused):
            use(made.token)
    said = "".join(map(str, AuditTrail(database).read(limit=1000)))
    assert made.token not in said
    assert opened.secret not in said
    (used,) = AuditTrail(database).read(act=Act.LINK_USE)
    assert (used.actor, used.object) == ("new", "staff:new")


@pytest.mark.parametrize("why", ["unknown", "no link at all", "expired", "replaced", "disabled"])
def test_a_link_that_is_not_good_opens_nothing(office: TestOffice, why: str) -> None:
    accounts, administrator = office.people.accounts, office.caller(ADMINISTRATOR)
    token = accounts.add(administrator, id="new", name="N", role=APPROVER, number=Secret(NIP)).token
    match why:
        case "unknown":
            token = "A" * 43
        case "no link at all":
            token = "../etc/passwd"
        case "expired":
            office.forward(hours=73)
        case "replaced":
            accounts.link(administrator, "new")
        case "disabled":
            accounts.disable(administrator, "new")
    for use in (accounts.behind, accounts.open):
        with pytest.raises(LinkRefused):
            use(token)


def test_another_link_ends_the_old_secret_when_it_is_opened_and_not_before(
    office: TestOffice, database: Database
) -> None:
    accounts, clients = office.people.accounts, SqlClientStore(database)
    administrator = office.caller(ADMINISTRATOR)
    first = accounts.open(accounts.add(administrator, id="new", name="N", role=APPROVER, number=Secret(NIP)).token)
    again = accounts.link(administrator, "new")
    assert clients.authenticate("new", first.secret) is not None
    second = accounts.open(again.token)
    assert clients.authenticate("new", first.secret) is None
    assert clients.authenticate("new", second.secret) is not None
    with pytest.raises(NotPermitted):
        accounts.link(office.caller(REGISTRAR), "new")
    with pytest.raises(StaffRefused):
        accounts.link(administrator, "nobody")


# four eyes


@pytest.mark.parametrize("role", [ADMINISTRATOR, REGISTRAR, AUDITOR, CUSTODIAN])
def test_only_an_approver_approves(office: TestOffice, role: Role) -> None:
    approval_id = office.proposed().approval_id or ""
    with pytest.raises(NotPermitted):
        office.people.approvals.decide(approval_id, approve=True, actor=office.caller(role).member)
    assert statuses(office) == [StatusWord.WAITING_FOR_VERIFICATION]


def test_a_proposer_who_became_an_approver_approves_nothing_of_their_own(office: TestOffice) -> None:
    approval_id = office.proposed().approval_id or ""
    registrar = office.caller(REGISTRAR).member
    office.people.accounts.disable(office.caller(ADMINISTRATOR), "registrar")
    turned = replace(registrar, id="turned", role=APPROVER)
    office.staff.add(turned, "00", actor="test", at=office.at)
    with pytest.raises(NotPermitted) as refused:
        office.people.office.decide(Caller(member=turned), approval_id, approve=True)
    assert refused.value.reason == "own"


@pytest.mark.parametrize("kind", ApprovalKind)
def test_approvers_and_auditors_start_nothing(office: TestOffice, kind: ApprovalKind) -> None:
    for role in (APPROVER, AUDITOR, CUSTODIAN):
        with pytest.raises(NotPermitted):
            office.people.approvals.propose(kind, "x:1", "x", office.caller(role).member)


def test_a_bulk_revocation_is_good_for_exactly_the_approved_list_and_once(office: TestOffice) -> None:
    serials = [office.enrolled().certificate.serial_number for _ in range(3)]
    registrar, desk = office.caller(REGISTRAR), office.people.office
    reason = x509.ReasonFlags.cessation_of_operation
    approval = desk.propose_bulk_revocation(registrar, serials[:2], reason)
    for listed, why in ((serials[:2], reason), (serials, reason), (serials[:2], LOST)):
        with pytest.raises(ApprovalRefused):
            desk.revoke_many(registrar, listed, why, approval_id=approval.id)
        if why is reason and listed == serials[:2]:
            desk.decide(office.caller(APPROVER), approval.id, approve=True)
    assert desk.revoke_many(registrar, reversed(serials[:2]), reason, approval_id=approval.id) == dict.fromkeys(
        sorted(serials[:2])
    )
    with pytest.raises(ApprovalRefused):
        desk.revoke_many(registrar, serials[:2], reason, approval_id=approval.id)
    assert sorted(statuses(office)) == ["ISSUE", "REVOKE", "REVOKE"]


def test_a_hold_is_released_only_with_a_second_person(office: TestOffice) -> None:
    serial = office.enrolled().certificate.serial_number
    registrar, desk = office.caller(REGISTRAR), office.people.office
    desk.hold(registrar, serial)
    assert statuses(office) == [StatusWord.SUSPEND]
    approval = desk.propose_release(registrar, serial)
    with pytest.raises(ApprovalRefused):
        desk.release(registrar, serial, approval_id=approval.id)
    desk.decide(office.caller(APPROVER), approval.id, approve=True)
    desk.release(registrar, serial, approval_id=approval.id)
    assert office.holds.acts == [("hold", serial), ("release", serial)]


def test_a_hold_that_the_settings_forbid_suspends_nothing(office: TestOffice) -> None:
    serial = office.enrolled().certificate.serial_number
    office.holds.allowed = False
    with pytest.raises(RevocationRefused):
        office.people.office.hold(office.caller(REGISTRAR), serial)
    assert statuses(office) == [StatusWord.ISSUE]


def test_a_bulk_approval_is_not_good_for_another_reason_of_another_role(office: TestOffice) -> None:
    serials = [office.enrolled().certificate.serial_number]
    with pytest.raises(NotPermitted) as refused:
        office.people.office.propose_bulk_revocation(
            office.caller(ADMINISTRATOR), serials, x509.ReasonFlags.affiliation_changed
        )
    assert refused.value.reason == "role"


def test_who_approves_a_bulk_revocation_reads_which_certificates(office: TestOffice) -> None:
    serials = range(17, 17 + 20)
    approval = office.people.office.propose_bulk_revocation(office.caller(REGISTRAR), serials, LOST)
    assert approval.summary == "Revoke 20 certificates as keyCompromise: 11 12 13 14 15 16 17 18 and 12 more"


def test_an_approval_that_expired_meanwhile_carries_nothing_out(office: TestOffice) -> None:
    serial = office.enrolled().certificate.serial_number
    registrar, desk = office.caller(REGISTRAR), office.people.office
    approval = desk.propose_bulk_revocation(registrar, [serial], LOST)
    desk.decide(office.caller(APPROVER), approval.id, approve=True)
    office.forward(hours=72)
    with pytest.raises(ApprovalRefused) as refused:
        desk.revoke_many(registrar, [serial], LOST, approval_id=approval.id)
    assert refused.value.reason == "expired"
    assert statuses(office) == [StatusWord.ISSUE]


def test_in_a_bulk_revocation_each_certificate_has_its_own_outcome(office: TestOffice) -> None:
    known, unknown = office.enrolled().certificate.serial_number, 17
    registrar, desk = office.caller(REGISTRAR), office.people.office
    approval = desk.propose_bulk_revocation(registrar, [known, unknown], LOST)
    desk.decide(office.caller(APPROVER), approval.id, approve=True)
    outcome = desk.revoke_many(registrar, [known, unknown], LOST, approval_id=approval.id)
    assert {serial: type(error) for serial, error in outcome.items()} == {unknown: CredentialUnknown, known: type(None)}


def test_officials_are_named_instead_of_serial_numbers(office: TestOffice) -> None:
    credential = office.enrolled()
    registrar, waiting = office.caller(REGISTRAR), office.proposed()
    found = office.people.office.serials_of(registrar, [credential.signatory.id])
    assert found == (credential.certificate.serial_number,)
    for nobody in ("unknown", waiting.signatory.id):
        with pytest.raises(CredentialUnknown):
            office.people.office.serials_of(registrar, [credential.signatory.id, nobody])


@pytest.mark.parametrize(
    ("reason", "hours", "word"),
    [(x509.ReasonFlags.superseded, -1, "other-reason"), (LOST, 1, "in-the-future")],
)
def test_an_invalidity_date_goes_with_a_lost_key_alone_and_lies_in_the_past(
    office: TestOffice, reason: x509.ReasonFlags, hours: int, word: str
) -> None:
    serial = office.enrolled().certificate.serial_number
    with pytest.raises(Refused) as refused:
        office.people.office.revoke(
            office.caller(REGISTRAR), serial, reason, invalid_since=office.at + timedelta(hours=hours)
        )
    assert (refused.value.field, refused.value.reason) == ("invalidityDate", word)
    assert statuses(office) == [StatusWord.ISSUE]


def test_one_person_alone_ends_a_certificate_for_a_lost_key_only(office: TestOffice) -> None:
    serial = office.enrolled().certificate.serial_number
    for reason in (each for each, who in REVOKERS.items() if REGISTRAR in who and each is not LOST):
        with pytest.raises(ApprovalRefused) as refused:
            office.people.office.revoke(office.caller(REGISTRAR), serial, reason)
        assert (refused.value.field, refused.value.reason) == ("reason", "second-person")
    assert statuses(office) == [StatusWord.ISSUE]
    office.people.office.revoke(office.caller(REGISTRAR), serial, LOST)
    assert statuses(office) == [StatusWord.REVOKE]


def test_only_a_registrar_raises_a_reason(office: TestOffice) -> None:
    credential = office.enrolled()
    serial = credential.certificate.serial_number
    office.credentials.revoke(credential.id, x509.ReasonFlags.superseded, "registrar")
    with pytest.raises(NotPermitted):
        office.people.office.raise_reason(office.caller(ADMINISTRATOR), serial)
    with pytest.raises(CredentialUnknown):
        office.people.office.raise_reason(office.caller(REGISTRAR), 17)
    assert office.holds.acts == []
    office.people.office.raise_reason(office.caller(REGISTRAR), serial)
    assert office.holds.acts == [("raise", serial)]


# operations of the CA


@pytest.mark.parametrize("role", [REGISTRAR, APPROVER, AUDITOR, CUSTODIAN])
def test_only_an_administrator_starts_an_operation_of_the_ca(office: TestOffice, role: Role) -> None:
    with pytest.raises(NotPermitted):
        office.people.operations.propose(office.caller(role), Operation.CRL)
    assert office.operated == []


def test_an_operation_is_done_once_as_approved_and_for_nothing_else(office: TestOffice) -> None:
    administrator, operations = office.caller(ADMINISTRATOR), office.people.operations
    approval = operations.propose(administrator, Operation.NEXT_TSU)
    for operation in (Operation.NEXT_TSU, Operation.CRL):
        with pytest.raises(ApprovalRefused):
            operations.carry_out(administrator, operation, approval_id=approval.id)
    with pytest.raises(NotPermitted):
        office.people.office.decide(administrator, approval.id, approve=True)
    office.people.office.decide(office.caller(APPROVER), approval.id, approve=True)
    with pytest.raises(ApprovalRefused) as other:
        operations.carry_out(administrator, Operation.CRL, approval_id=approval.id)
    with pytest.raises(ApprovalRefused):
        operations.carry_out(office.caller(REGISTRAR), Operation.NEXT_TSU, approval_id=approval.id)
    assert operations.carry_out(administrator, Operation.NEXT_TSU, approval_id=approval.id) == "next-tsu done"
    with pytest.raises(ApprovalRefused) as again:
        operations.carry_out(administrator, Operation.NEXT_TSU, approval_id=approval.id)
    assert (other.value.reason, again.value.reason) == ("other", "used")
    assert office.operated == [(Operation.NEXT_TSU, "administrator")]


@pytest.mark.parametrize("role", [each for each in Role if each is not ADMINISTRATOR])
def test_a_profile_is_proposed_by_administrators_alone(office: TestOffice, role: Role) -> None:
    with pytest.raises(NotPermitted):
        office.people.approvals.propose(ApprovalKind.PROFILE, "x:1", "x", office.caller(role).member)


# registration


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": ""}, "name", "unprintable"),
        ({"name": " I Wayan"}, "name", "unprintable"),
        ({"name": "I\nWayan"}, "name", "unprintable"),
        ({"name": "W" * 65}, "name", "too-long"),
        ({"name": f"Wayan {NIK}"}, "name", "personal-number"),
        ({"unit": "19990101 202601 1 001"}, "unit", "personal-number"),
        ({"surname": "Lubis"}, "surname", "not-in-name"),
    ],
)
def test_what_no_certificate_takes_is_not_registered(
    office: TestOffice, change: dict[str, str], field: str, reason: str
) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        office.people.office.register(office.caller(REGISTRAR), replace(PERSON, **change))
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert statuses(office) == []


@pytest.mark.parametrize("number", ["", "51710000000000012", "abc", "5171-0000-0000-0001"])
def test_what_is_no_nik_is_refused_without_being_quoted(office: TestOffice, number: str) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        office.people.office.register(office.caller(REGISTRAR), PERSON, PersonalNumbers(nik=Secret(number)))
    assert not number or number not in str(refused.value)


def test_a_personal_number_stands_nowhere_in_clear(office: TestOffice, url: str, database: Database) -> None:
    numbers = PersonalNumbers(nik=Secret(NIK), nip=Secret(NIP))
    office.people.office.register(office.caller(REGISTRAR), PERSON, numbers)
    with pytest.raises(RegistrationRefused):
        office.people.office.register(office.caller(REGISTRAR), PERSON, PersonalNumbers(nik=Secret(f" {NIK} ")))
    dump = str(execute(url, "SELECT * FROM officials")) + str(AuditTrail(database).read(limit=99))
    for secret in (NIK, NIP, NIP.replace(" ", "")):
        assert secret not in dump


def test_a_leading_zero_that_a_client_lost_is_found_again(office: TestOffice) -> None:
    register = office.people.office.register
    register(office.caller(REGISTRAR), PERSON, PersonalNumbers(nik=Secret("0171000000000001")))
    with pytest.raises(RegistrationRefused):
        register(office.caller(REGISTRAR), PERSON, PersonalNumbers(nik=Secret("171000000000001")))


def test_no_link_without_the_approval(office: TestOffice) -> None:
    proposed = office.proposed()
    with pytest.raises(RegistrationRefused):
        office.people.office.invite(office.caller(REGISTRAR), proposed.id)
    office.people.office.decide(office.caller(APPROVER), proposed.approval_id or "", approve=False)
    with pytest.raises(RegistrationRefused):
        office.people.office.invite(office.caller(REGISTRAR), proposed.id)
    assert statuses(office) == [StatusWord.NEW]


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "ä" * 43, "../etc/passwd", "A" * 5000])
def test_a_guessed_link_opens_nothing(office: TestOffice, token: str) -> None:
    office.invited()
    for ask in (office.people.registrations.behind, lambda t: office.people.registrations.complete(t, PASSPHRASE)):
        with pytest.raises(LinkRefused):
            ask(token)


def test_a_link_expires_and_is_good_once(office: TestOffice) -> None:
    invitation = office.invited()
    assert invitation.token not in repr(invitation)
    office.forward(hours=72)
    with pytest.raises(LinkRefused):
        office.people.registrations.complete(invitation.token, PASSPHRASE)
    again = office.people.office.invite(office.caller(REGISTRAR), invitation.registration.id)
    office.people.registrations.complete(again.token, PASSPHRASE)
    with pytest.raises(LinkRefused):
        office.people.registrations.complete(again.token, PASSPHRASE)
    with pytest.raises(RegistrationRefused):
        office.people.office.invite(office.caller(REGISTRAR), invitation.registration.id)


def test_a_weak_passphrase_leaves_the_link_good(office: TestOffice) -> None:
    token = office.invited().token
    with pytest.raises(PassphraseTooWeak):
        office.people.registrations.complete(token, Secret("pendek"))
    assert office.people.registrations.complete(token, PASSPHRASE).state is CredentialState.ACTIVE


class BrokenIssuer(PkiIssuer):
    """Does not answer."""

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        raise KeyUnavailable("the CA does not answer")


def test_a_link_is_given_back_when_our_side_fails(office: TestOffice, pki: Pki) -> None:
    token = office.invited().token
    office.credentials._issuer = BrokenIssuer(pki=pki)
    with pytest.raises(KeyUnavailable):
        office.people.registrations.complete(token, PASSPHRASE)
    assert statuses(office) == [StatusWord.NO_CERTIFICATE]
    office.credentials._issuer = office.issuer
    office.people.registrations.complete(token, PASSPHRASE)
    assert statuses(office) == [StatusWord.ISSUE]


def test_every_step_of_a_registration_is_in_the_trail_under_its_person(office: TestOffice, database: Database) -> None:
    office.enrolled()
    steps = [Act.REGISTRATION_PROPOSE, Act.APPROVAL_PROPOSE, Act.APPROVAL_DECIDE, Act.LINK_ISSUE, Act.LINK_USE]
    actors = [AuditTrail(database).read(act=act)[0].actor for act in steps]
    assert actors == ["registrar", "registrar", "approver", "registrar", "service"]
    done = AuditTrail(database).read(act=Act.REGISTRATION_COMPLETE)
    assert [(each.actor, each.outcome) for each in done] == [("signatory", "done")]


# the life of a credential


def test_a_renewal_needs_todays_passphrase_and_retires_the_old_key(office: TestOffice) -> None:
    old = office.enrolled()
    link = office.people.office.renew(office.caller(REGISTRAR), old.certificate.serial_number)
    assert statuses(office) == [StatusWord.ISSUE]
    with pytest.raises(PassphraseWrong):
        office.people.registrations.complete(link.token, ANOTHER)
    new = office.people.registrations.complete(link.token, PASSPHRASE)
    ended = office.kept.get(old.id)
    assert ended is not None
    assert (ended.state, ended.key.sealed) == (CredentialState.RETIRED, b"")
    assert new.signatory == old.signatory
    assert new.key.public_key != old.key.public_key
    assert office.issuer.revoked == []
    assert statuses(office) == [StatusWord.ISSUE]


def test_the_old_credential_goes_on_when_its_renewal_fails(office: TestOffice, pki: Pki) -> None:
    old = office.enrolled()
    office.credentials._issuer = BrokenIssuer(pki=pki)
    with pytest.raises(KeyUnavailable):
        office.credentials.renew(old.id, PASSPHRASE, "signatory")
    assert office.credentials.prove(old.id, PASSPHRASE).state is CredentialState.ACTIVE


def test_a_lost_passphrase_gives_a_new_key_and_revokes_the_old_certificate_as_superseded(office: TestOffice) -> None:
    old = office.enrolled()
    proposed = office.people.office.replace_lost_passphrase(office.caller(REGISTRAR), old.id)
    link = office.people.office.invite(office.caller(REGISTRAR), office.approved(proposed).id)
    new = office.people.registrations.complete(link.token, ANOTHER)
    ended = office.kept.get(old.id)
    assert ended is not None
    assert (ended.state, ended.key.sealed) == (CredentialState.REVOKED, b"")
    serial = old.certificate.serial_number
    assert office.issuer.revoked == [(serial, x509.ReasonFlags.superseded, "signatory")]
    assert office.vault.open(new.key, ANOTHER).public_key() == new.certificate.public_key()


def test_a_transfer_gives_a_new_certificate_and_ends_the_old_one_as_affiliation_changed(office: TestOffice) -> None:
    old = office.enrolled()
    moved = replace(PERSON, unit="Badan Contoh")
    proposed = office.people.office.transfer(office.caller(REGISTRAR), old.id, moved)
    link = office.people.office.invite(office.caller(REGISTRAR), office.approved(proposed).id)
    new = office.people.registrations.complete(link.token, ANOTHER)
    assert (new.signatory.id, new.signatory.unit) == (old.signatory.id, "Badan Contoh")
    assert [reason for _, reason, _ in office.issuer.revoked] == [x509.ReasonFlags.affiliation_changed]
    found = office.people.office.search(office.caller(REGISTRAR), OfficialQuery(unit="badan"))
    assert [each.status for each in found] == [StatusWord.ISSUE]


def test_suspended_is_suspended_until_resumed(office: TestOffice) -> None:
    old = office.enrolled()
    serial, registrar = old.certificate.serial_number, office.caller(REGISTRAR)
    office.people.office.suspend(registrar, serial)
    with pytest.raises(CredentialUnusable):
        office.credentials.prove(old.id, PASSPHRASE)
    assert statuses(office) == [StatusWord.SUSPEND]
    office.people.office.resume(registrar, serial)
    office.credentials.prove(old.id, PASSPHRASE)


def test_a_new_passphrase_opens_the_same_key_and_the_old_one_nothing(office: TestOffice) -> None:
    old = office.enrolled()
    with pytest.raises(PassphraseWrong):
        office.credentials.change_passphrase(old.id, ANOTHER, Secret("sembilan pura menjaga desa"), "signatory")
    with pytest.raises(PassphraseTooWeak):
        office.credentials.change_passphrase(old.id, PASSPHRASE, Secret("pendek"), "signatory")
    office.credentials.change_passphrase(old.id, PASSPHRASE, ANOTHER, "signatory")
    assert office.credentials.prove(old.id, ANOTHER).certificate == old.certificate
    with pytest.raises(PassphraseWrong):
        office.credentials.prove(old.id, PASSPHRASE)


@pytest.mark.parametrize("reason", list(x509.ReasonFlags))
@pytest.mark.parametrize("who", [*Role, SIGNATORY, SYSTEM])
def test_a_reason_is_given_by_whom_the_table_names_and_by_nobody_else(who: str, reason: x509.ReasonFlags) -> None:
    if who in REVOKERS.get(reason, ()):
        require_may_revoke(who, reason)
    else:
        with pytest.raises(NotPermitted):
            require_may_revoke(who, reason)


def test_nobody_gives_the_reasons_that_end_a_hierarchy_or_belong_to_delta_crls() -> None:
    flags = x509.ReasonFlags
    assert REVOKERS.keys() == set(flags) - {flags.ca_compromise, flags.aa_compromise, flags.remove_from_crl}
    assert REVOKERS[flags.superseded] == {SYSTEM, REGISTRAR}
    assert not any({APPROVER, AUDITOR, CUSTODIAN} & who for who in REVOKERS.values())


def test_the_certificate_of_a_retired_credential_can_still_be_revoked(office: TestOffice) -> None:
    old = office.enrolled()
    office.credentials.renew(old.id, PASSPHRASE, "signatory")
    serial = old.certificate.serial_number
    office.people.office.revoke(office.caller(REGISTRAR), serial, LOST)
    assert office.issuer.revoked == [(serial, LOST, "registrar")]
    assert statuses(office) == [StatusWord.ISSUE]


def test_an_expired_certificate_is_expired_and_renew_once_it_was_asked_for(office: TestOffice) -> None:
    old = office.enrolled()
    serial = old.certificate.serial_number
    office.forward(days=(old.certificate.not_valid_after_utc - office.at).days + 1)
    assert statuses(office) == [StatusWord.EXPIRED]
    link = office.people.office.renew(office.caller(REGISTRAR), serial)
    assert statuses(office) == [StatusWord.RENEW]
    assert office.people.registrations.behind(link.token).state is RegistrationState.APPROVED


def test_a_person_with_one_name_is_registered_as_it_is(office: TestOffice) -> None:
    single = Person(name="Contohwan", organisation=PERSON.organisation, organisation_identifier="NTRID-1")
    registered = office.people.office.register(office.caller(REGISTRAR), single)
    assert (registered.signatory.name, registered.signatory.surname) == ("Contohwan", None)
    assert json.dumps(registered.signatory.id).isascii()
