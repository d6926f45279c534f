"""Staff, approvals, registrations and links on both databases: who may not, what happens once, what is found."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from signer.errors import ApprovalRefused, CredentialUnusable, LinkRefused, RegistrationRefused, StaffRefused
from signer.model import CredentialState, Signatory
from signer.people import (
    Approval,
    ApprovalKind,
    ApprovalState,
    NumberHashes,
    Official,
    OfficialQuery,
    Purpose,
    Registration,
    RegistrationState,
    Role,
    StaffMember,
    StatusWord,
    status_word,
)
from store.approvals import SqlApprovalStore
from store.audit import Act, AuditTrail
from store.clients import SqlClientStore
from store.credentials import SqlCredentialStore
from store.database import Database
from store.errors import IllegalMove
from store.officials import SqlOfficialStore, cursor_of
from store.registrations import SqlRegistrationStore
from store.staff import SqlStaffStore
from tests.support.databases import execute
from tests.support.pki import Pki
from tests.unit.store.samples import MINUTE, NOON, credential, digest, together

WHO = Signatory(
    id="K5QXA2LBONUWC3TB",
    name="I Wayan Contoh",
    organisation="Pemerintah Provinsi Contoh",
    organisation_identifier="VATID-000000000000000",
    unit="Dinas Contoh",
)
ENDS = NOON + timedelta(hours=72)


def member(id: str = "rani", role: Role = Role.REGISTRAR, person: str = "rani") -> StaffMember:
    return StaffMember(id=id, name=id.title(), role=role, identity_hash=digest(person))


def approval(id: str = "a1", **differences: object) -> Approval:
    good = Approval(
        id=id,
        kind=ApprovalKind.ENROLMENT,
        object="registration:r1",
        summary="enrolment: I Wayan Contoh",
        state=ApprovalState.PROPOSED,
        proposed_by="rani",
        proposer_identity=digest("rani"),
        proposed_at=NOON,
        expires_at=ENDS,
    )
    return replace(good, **differences)  # type: ignore[arg-type] - a test names good fields


def registration(id: str = "r1", who: Signatory = WHO, **differences: object) -> Registration:
    good = Registration(
        id=id,
        purpose=Purpose.ENROLMENT,
        signatory=who,
        state=RegistrationState.PROPOSED,
        proposed_by="rani",
        proposed_at=NOON,
        approval_id="a1",
    )
    return replace(good, **differences)  # type: ignore[arg-type] - a test names good fields


class Office:
    """The stores of one registration office."""

    def __init__(self, database: Database) -> None:
        self.staff = SqlStaffStore(database)
        self.rights = {"registrar": frozenset({"credential:read"})}
        self.clients = SqlClientStore(database, self.rights)
        self.approvals = SqlApprovalStore(database)
        self.registrations = SqlRegistrationStore(database)
        self.officials = SqlOfficialStore(database)
        self.credentials = SqlCredentialStore(database)
        self.trail = AuditTrail(database)

    def approved(self) -> None:
        self.registrations.propose(registration(), approval(), NumberHashes())
        self.approvals.decide("a1", ApprovalState.APPROVED, actor="adi", note=None, at=NOON)

    def acts(self, act: Act) -> list[str]:
        return [entry.outcome for entry in self.trail.read(act=act)]


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(Role, 2)))
def test_one_person_never_holds_two_roles(office: Office, first: Role, second: Role) -> None:
    office.staff.add(member("one", first), digest("s"), actor="root", at=NOON)
    with pytest.raises(StaffRefused) as refused:
        office.staff.add(member("two", second), digest("s"), actor="root", at=NOON)
    assert refused.value.reason == "second-role"
    assert office.clients.get("two") is None
    office.staff.disable("one", actor="root", at=NOON)
    office.staff.add(member("two", second), digest("s"), actor="root", at=NOON)
    assert [(each.id, each.active) for each in office.staff.all()] == [("one", False), ("two", True)]


def test_scopes_follow_the_role_at_each_act(office: Office) -> None:
    office.staff.add(member(), digest("secret"), actor="root", at=NOON)
    office.clients.issue_token("rani", frozenset({"credential:read"}), digest("token"), ENDS, at=NOON)
    found = office.clients.token(digest("token"), NOON)
    assert found is not None
    assert (found[0].scopes, found[1]) == (frozenset({"credential:read"}), frozenset({"credential:read"}))
    office.rights["registrar"] = frozenset({"registration:read"})  # the role changes, no row does
    lost = office.clients.token(digest("token"), NOON)
    assert lost is not None
    assert lost[1] == frozenset()
    with pytest.raises(IllegalMove):
        office.clients.issue_token("rani", frozenset({"credential:read"}), digest("other"), ENDS, at=NOON)
    office.clients.issue_token("rani", frozenset({"registration:read"}), digest("other"), ENDS, at=NOON)
    logged_in = office.clients.authenticate("rani", "secret")
    assert logged_in is not None
    assert logged_in.scopes == frozenset({"registration:read"})


def test_a_disabled_account_logs_in_nowhere(office: Office) -> None:
    office.staff.add(member(), digest("secret"), actor="root", at=NOON)
    office.clients.issue_token("rani", frozenset({"credential:read"}), digest("token"), ENDS, at=NOON)
    assert office.clients.authenticate("rani", "secret") is not None
    office.staff.disable("rani", actor="root", at=NOON)
    assert office.clients.authenticate("rani", "secret") is None
    assert office.clients.token(digest("token"), NOON) is None
    with pytest.raises(StaffRefused):
        office.staff.disable("rani", actor="root", at=NOON)


def test_nobody_approves_what_they_proposed_not_even_by_hand(office: Office, database_url: str) -> None:
    office.approvals.add(approval())
    with pytest.raises(ApprovalRefused):
        office.approvals.decide("a1", ApprovalState.APPROVED, actor="rani", note=None, at=NOON)
    with pytest.raises(Exception, match="four_eyes"):
        execute(database_url, "UPDATE approvals SET state = 'approved', decided_by = 'rani'")
    assert office.acts(Act.APPROVAL_DECIDE) == ["refused"]


def test_an_expired_proposal_is_decided_by_nobody(office: Office) -> None:
    office.approvals.add(approval())
    with pytest.raises(ApprovalRefused) as refused:
        office.approvals.decide("a1", ApprovalState.APPROVED, actor="adi", note=None, at=ENDS)
    assert refused.value.reason == "expired"
    assert office.approvals.waiting(at=ENDS, after="", limit=9) == ()


def test_of_many_who_decide_at_once_one_does(office: Office) -> None:
    office.approvals.add(approval())
    states = (ApprovalState.APPROVED, ApprovalState.REJECTED)
    outcomes = together(
        6, lambda n: office.approvals.decide("a1", states[n % 2], actor=f"approver-{n}", note=None, at=NOON)
    )
    done = [each for each in outcomes if isinstance(each, Approval)]
    assert len(done) == 1
    assert all(isinstance(each, ApprovalRefused) for each in outcomes if each not in done)
    assert office.approvals.get("a1") == done[0]
    assert sorted(office.acts(Act.APPROVAL_DECIDE)) == ["done", *["refused"] * 5]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": ApprovalKind.RELEASE}, {"object": "registration:r2"}, {"actor": "somebody"}, {"at": ENDS}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_approval_is_good_for_one_thing_only(office: Office, wrong: dict[str, object]) -> None:
    office.approvals.add(approval())
    right = {"kind": ApprovalKind.ENROLMENT, "object": "registration:r1", "actor": "rani", "at": NOON}
    with pytest.raises(ApprovalRefused):
        office.approvals.use("a1", **right)  # type: ignore[arg-type] - not approved yet
    office.approvals.decide("a1", ApprovalState.APPROVED, actor="adi", note="seen", at=NOON)
    with pytest.raises(ApprovalRefused):
        office.approvals.use("a1", **right | wrong)  # type: ignore[arg-type] - a test names good fields
    office.approvals.use("a1", **right)  # type: ignore[arg-type] - good fields
    with pytest.raises(ApprovalRefused) as spent:
        office.approvals.use("a1", **right)  # type: ignore[arg-type] - good fields
    assert spent.value.reason == "used"


def test_of_many_who_spend_an_approval_at_once_one_does(office: Office) -> None:
    office.approvals.add(approval())
    office.approvals.decide("a1", ApprovalState.APPROVED, actor="adi", note=None, at=NOON)
    outcomes = together(
        6,
        lambda _: office.approvals.use(
            "a1", kind=ApprovalKind.ENROLMENT, object="registration:r1", actor="rani", at=NOON
        ),
    )
    assert outcomes.count(None) == 1


def test_no_link_before_the_approval_and_none_after_a_rejection(office: Office) -> None:
    office.registrations.propose(registration(), approval(), NumberHashes())
    with pytest.raises(RegistrationRefused):
        office.registrations.issue_link("r1", digest("link"), expires_at=ENDS, actor="rani", at=NOON)
    office.approvals.decide("a1", ApprovalState.REJECTED, actor="adi", note=None, at=NOON)
    with pytest.raises(RegistrationRefused):
        office.registrations.issue_link("r1", digest("link"), expires_at=ENDS, actor="rani", at=NOON)
    assert office.registrations.find_link(digest("link"), at=NOON) is None
    assert office.acts(Act.LINK_ISSUE) == ["refused", "refused"]


def test_a_link_is_good_once_until_it_expires_and_until_the_next_one(office: Office) -> None:
    office.approved()
    office.registrations.issue_link("r1", digest("first"), expires_at=ENDS, actor="rani", at=NOON)
    office.registrations.issue_link("r1", digest("second"), expires_at=ENDS, actor="rani", at=NOON)
    for dead, at in ((digest("first"), NOON), (digest("second"), ENDS), (digest("guess"), NOON)):
        assert office.registrations.find_link(dead, at=at) is None
        with pytest.raises(LinkRefused):
            office.registrations.claim_link(dead, at=at)
    outcomes = together(6, lambda _: office.registrations.claim_link(digest("second"), at=NOON))
    assert sum(isinstance(each, Registration) for each in outcomes) == 1
    office.registrations.return_link(digest("second"), at=NOON)
    assert office.registrations.claim_link(digest("second"), at=NOON).signatory == WHO


def test_a_number_belongs_to_one_official(office: Office) -> None:
    office.registrations.propose(registration(), approval(), NumberHashes(nik=digest("nik"), nip=digest("nip")))
    other = replace(WHO, id="ANOTHER")
    for numbers, field in ((NumberHashes(nik=digest("nik")), "nik"), (NumberHashes(nip=digest("nip")), "nip")):
        with pytest.raises(RegistrationRefused) as refused:
            office.registrations.propose(registration("r2", other, approval_id="a2"), approval("a2"), numbers)
        assert (refused.value.field, refused.value.reason) == (field, "registered")
    found = office.officials.find_by_number(nip=digest("nip"))
    assert found is not None
    assert found.signatory == WHO
    assert office.officials.find_by_number() is None
    assert office.approvals.get("a2") is None


def test_who_is_registered_without_numbers_gets_some_once(office: Office) -> None:
    office.registrations.propose(registration(), approval(), NumberHashes())
    told = {"actor": "adi", "at": NOON}
    office.officials.know_by(WHO.id, NumberHashes(nik=digest("nik")), **told)
    found = office.officials.find_by_number(nik=digest("nik"))
    assert found is not None
    assert found.signatory == WHO
    for who in (WHO.id, "nobody"):
        with pytest.raises(IllegalMove):
            office.officials.know_by(who, NumberHashes(nik=digest("another")), **told)
    assert office.officials.find_by_number(nik=digest("another")) is None
    assert office.acts(Act.OFFICIAL_NUMBERS) == ["done"]


def test_an_official_has_one_open_registration_also_when_many_register_at_once(office: Office) -> None:
    outcomes = together(
        5,
        lambda n: office.registrations.propose(
            registration(f"r{n}", approval_id=f"a{n}"), approval(f"a{n}"), NumberHashes()
        ),
    )
    assert outcomes.count(None) == 1
    assert len(office.registrations.list_open(after="", limit=9)) == 1


def test_the_new_credential_ends_the_old_one_erases_its_key_and_completes_the_registration(
    office: Office, pki: Pki
) -> None:
    old, new = credential(pki.official), credential(pki.official_with(), id="credential-2")
    office.credentials.add(old, actor="rani", at=NOON)
    office.approved()
    install = {"replaces": old.id, "ended": CredentialState.RETIRED, "registration_id": "r1", "actor": "x", "at": NOON}
    office.credentials.install(new, **install)  # type: ignore[arg-type] - good fields
    ended = office.credentials.get(old.id)
    assert ended is not None
    assert (ended.state, ended.key.sealed, ended.key.salt) == (CredentialState.RETIRED, b"", b"")
    found = office.officials.get(WHO.id)
    assert found is not None
    assert (found.credential_id, found.registration) == (new.id, RegistrationState.COMPLETED)
    assert (found.serial, found.not_after) == (
        new.certificate.serial_number,
        new.certificate.not_valid_after_utc,
    )
    done = office.registrations.get("r1")
    assert done is not None
    assert done.credential_id == new.id
    spent = office.approvals.get("a1")
    assert spent is not None
    assert spent.state is ApprovalState.USED
    assert office.officials.credential_of(old.certificate.serial_number) == old.id


def test_an_installation_that_cannot_be_whole_changes_nothing(office: Office, pki: Pki) -> None:
    old, new = credential(pki.official), credential(pki.official_with(), id="credential-2")
    office.credentials.add(old, actor="rani", at=NOON)
    good = {"replaces": old.id, "ended": CredentialState.RETIRED, "registration_id": None, "actor": "x", "at": NOON}
    with pytest.raises(RegistrationRefused):
        office.credentials.install(new, **good | {"registration_id": "r1"})  # type: ignore[arg-type] - good fields
    with pytest.raises(CredentialUnusable):
        office.credentials.install(new, **good | {"replaces": "unknown"})  # type: ignore[arg-type] - good fields
    assert office.credentials.get(new.id) is None
    assert office.credentials.get(old.id) == old


def test_a_passphrase_change_that_comes_second_is_refused(office: Office, pki: Pki) -> None:
    old = credential(pki.official)
    office.credentials.add(old, actor="rani", at=NOON)
    newer = replace(old.key, sealed=b"z" * 96)
    office.credentials.reseal(old.id, old=old.key, new=newer, actor="signatory", at=NOON)
    with pytest.raises(CredentialUnusable):
        office.credentials.reseal(old.id, old=old.key, new=newer, actor="signatory", at=NOON)
    with pytest.raises(ValueError, match="another key"):
        office.credentials.reseal(old.id, old=newer, new=replace(newer, key_id="k"), actor="signatory", at=NOON)
    kept = office.credentials.get(old.id)
    assert kept is not None
    assert kept.key == newer


def test_a_registration_is_not_completed_without_a_credential(office: Office, database_url: str) -> None:
    office.approved()
    with pytest.raises(Exception, match="completed_has_credential"):
        execute(database_url, "UPDATE registrations SET state = 'completed'")


def _official_in(office: Office, pki: Pki, number: int, state: str) -> tuple[Signatory, list[str]]:
    """An official, and the SQL that brings their credential into `state`: a state, `expired …`, or `none`."""
    who = replace(WHO, id=f"OFFICIAL{number:02}", name=f"Official {number:02}")
    if state == "none":
        new = registration(f"r{number}", who, approval_id=None, state=RegistrationState.APPROVED)
        office.registrations.propose(new, None, NumberHashes())
        return who, []
    added = credential(pki.official_with(opaque_id=who.id), id=f"credential-{number}")
    added = replace(added, signatory=who, key=replace(added.key, signatory_id=who.id))
    office.credentials.add(added, actor="rani", at=NOON)
    if state == "retired":
        office.credentials.set_state(added.id, CredentialState.RETIRED, actor="rani", at=NOON)
        return who, []
    expired = state.startswith("expired ")
    change = [f"UPDATE credentials SET state = '{state.removeprefix('expired ')}' WHERE id = '{added.id}'"]  # noqa: S608 - ours
    if expired:
        past = "UPDATE credential_certificates SET not_after = '2020-01-01 00:00:00'"
        change.append(f"{past} WHERE credential_id = '{added.id}'")
    return who, change


def test_searching_for_a_status_finds_exactly_who_has_that_status(office: Office, database_url: str, pki: Pki) -> None:
    states = ("none", "active", "suspended", "revoked", "retired", "expired active", "expired suspended")
    words = ("NULL", *(f"'{each.value}'" for each in RegistrationState))
    everyone, changes = [], []
    for number, (state, word) in enumerate(itertools.product(states, words)):
        who, change = _official_in(office, pki, number, state)
        everyone.append(who)
        changes += change
        changes.append(f"UPDATE officials SET registration_state = {word} WHERE signatory_id = '{who.id}'")  # noqa: S608 - ours
    execute(database_url, *changes)
    at = NOON + MINUTE
    by_word: dict[StatusWord, set[str]] = {word: set() for word in StatusWord}
    for who in everyone:
        found = office.officials.get(who.id)
        by_word[status_word(found, at=at)].add(who.id)
    for word in StatusWord:
        hits = office.officials.search(OfficialQuery(status=word, limit=100), at=at)
        assert {each.signatory.id for each in hits} == by_word[word], word
    assert all(by_word[word] for word in StatusWord if word is not StatusWord.NOT_REGISTERED)


def test_search_reads_names_as_people_type_them_and_turns_pages(office: Office, pki: Pki) -> None:
    names = ("Ni Luh Contoh", "I Wayan Contoh", "I Wayan Sampel", "Budi 100% Contoh", "Budi_Satu")
    for number, name in enumerate(names):
        who = replace(WHO, id=f"O{number}", name=name, unit=f"Bagian {number}")
        office.registrations.propose(
            registration(f"r{number}", who, approval_id=f"a{number}"), approval(f"a{number}"), NumberHashes()
        )

    def search(**query: object) -> list[str]:
        return [each.signatory.name for each in office.officials.search(OfficialQuery(**query), at=NOON)]  # type: ignore[arg-type] - a test names good fields

    assert search(name="wayan CONTOH") == ["I Wayan Contoh"]
    assert search(name="contoh") == ["Budi 100% Contoh", "I Wayan Contoh", "Ni Luh Contoh"]
    assert search(name="%") == ["Budi 100% Contoh"]
    assert search(name="_") == ["Budi_Satu"]
    assert search(unit="bagian 2") == ["I Wayan Sampel"]
    assert search(organisation="provinsi", name="ni luh") == ["Ni Luh Contoh"]
    assert search(serial=17) == []
    pages: list[Official] = []
    after = None
    while page := office.officials.search(OfficialQuery(after=after, limit=2), at=NOON):
        pages.extend(page)
        after = cursor_of(page[-1])
    assert [each.signatory.name for each in pages] == sorted(names)


def test_a_serial_number_finds_its_official_also_after_a_renewal(office: Office, pki: Pki) -> None:
    old, new = credential(pki.official), credential(pki.official_with(), id="credential-2")
    office.credentials.add(old, actor="rani", at=NOON)
    office.credentials.install(
        new, replaces=old.id, ended=CredentialState.RETIRED, registration_id=None, actor="x", at=NOON
    )
    for each in (old, new):
        hits = office.officials.search(OfficialQuery(serial=each.certificate.serial_number), at=NOON)
        assert [hit.credential_id for hit in hits] == [new.id]


def test_a_note_with_a_personal_number_is_blotted_out(office: Office) -> None:
    office.approvals.add(approval())
    decided = office.approvals.decide("a1", ApprovalState.APPROVED, actor="adi", note="NIK 5171000000000001", at=NOON)
    assert decided.note == "NIK [number]"


def test_a_state_that_does_not_exist_is_refused_by_the_table(office: Office) -> None:
    with pytest.raises(IllegalMove):
        office.registrations.propose(registration(state=RegistrationState.COMPLETED), approval(), NumberHashes())
