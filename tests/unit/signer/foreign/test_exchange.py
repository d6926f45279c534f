"""Requests out, answers in days later: once each, decided by people where the subject differs, stopped at once."""

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signer.credentials import CredentialService
from signer.errors import CredentialUnknown, CredentialUnusable, ForeignRefused
from signer.foreign.exchange import FileExchange, ForeignCredentials
from signer.foreign.model import AnswerState, ForeignAnswer
from signer.model import Credential, CredentialState, Secret
from signer.opening import usable_credential
from signer.people import NumberHashes, Purpose, Registration, RegistrationState
from store.audit import AuditTrail
from store.credentials import SqlCredentialStore
from store.database import Database
from store.errors import DatabaseUnavailable
from store.foreign import SqlForeignLog
from store.registrations import SqlRegistrationStore
from tests.support.foreign_ca import certify, pem, rules
from tests.support.pki import NOON, Pki, make_pki
from tests.support.signer_memory import MemoryKeyVault
from tests.support.signing import PASSPHRASE, SIGNATORY, counted_bytes

AWAITING, ACTIVE = CredentialState.AWAITING_CERTIFICATE, CredentialState.ACTIVE


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


class Desk:
    """A registration office whose officials another CA certifies."""

    def __init__(self, database: Database, pki: Pki) -> None:
        self.pki = pki
        self.revoked: list[tuple[x509.Certificate, x509.ReasonFlags, str]] = []
        self.credentials = SqlCredentialStore(database)
        self.log = SqlForeignLog(database)
        self.trail = AuditTrail(database)
        self.service = CredentialService(
            credentials=self.credentials,
            keys=MemoryKeyVault(),
            issuer=FileExchange(log=self.log, now=lambda: NOON),
            now=lambda: NOON,
            random_bytes=counted_bytes(),
        )
        self.foreign = ForeignCredentials(
            credentials=self.credentials,
            log=self.log,
            rules=rules(pki),
            inform=lambda _: ("etsi.some-notice",),
            revoke=lambda certificate, reason, actor: self.revoked.append((certificate, reason, actor)),
            now=lambda: NOON,
        )

    def enrol(self) -> Credential:
        return self.service.enrol(SIGNATORY, Secret(PASSPHRASE), "ra-1")

    def answer(self, **differences: object) -> bytes:
        """What the other CA sends back for the oldest open request."""
        request = x509.load_der_x509_csr(self.foreign.export(actor="ra-1")[0].csr)
        key = request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return pem(certify(self.pki, key, **differences), self.pki.issuing.certificate)  # type: ignore[arg-type]

    def state(self, credential: Credential) -> CredentialState:
        found = self.credentials.get(credential.id)
        assert found is not None
        return found.state


@pytest.fixture
def desk(database: Database, pki: Pki) -> Desk:
    return Desk(database, pki)


def fingerprint(answer: ForeignAnswer) -> str:
    return answer.leaf.fingerprint(hashes.SHA256()).hex()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ForeignRefused) as caught:
        act()
    return caught.value.reason


def test_an_enrolment_waits_for_its_certificate_and_then_signs(desk: Desk) -> None:
    credential = desk.enrol()
    assert credential.state is AWAITING
    with pytest.raises(CredentialUnusable):
        usable_credential(desk.credentials, credential.id, at=NOON)
    answer = desk.foreign.receive(desk.answer(), actor="ra-1")
    assert (answer.state, answer.credential_id) == (AnswerState.ACCEPTED, credential.id)
    assert answer.findings == ("etsi.some-notice",), "a linter informs and decides nothing"
    usable = usable_credential(desk.credentials, credential.id, at=NOON)
    assert usable.chain[-1] == desk.pki.root.certificate


def test_the_request_proves_possession_of_the_key(desk: Desk) -> None:
    credential = desk.enrol()
    (request,) = desk.foreign.export(actor="ra-1")
    csr = x509.load_der_x509_csr(request.csr)
    assert csr.is_signature_valid
    assert csr.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == credential.key.public_key


def test_an_exported_request_stays_open_until_it_is_answered(desk: Desk) -> None:
    desk.enrol()
    assert desk.foreign.export(actor="ra-1")[0].exported_at is None
    assert desk.foreign.export(actor="ra-1")[0].exported_at == NOON
    desk.foreign.receive(desk.answer(), actor="ra-1")
    assert desk.foreign.export(actor="ra-1") == ()


def test_an_answer_is_kept_as_received_and_taken_once(desk: Desk) -> None:
    desk.enrol()
    content = desk.answer()
    answer = desk.foreign.receive(content, actor="ra-1")
    kept = desk.log.find_answer(fingerprint(answer))
    assert kept is not None
    assert kept.received == content
    assert refused(lambda: desk.foreign.receive(content, actor="ra-1")) == "already-imported"


def test_a_key_that_nobody_asked_about_is_refused(desk: Desk) -> None:
    desk.enrol()
    stranger = ec.generate_private_key(ec.SECP256R1()).public_key()
    content = pem(certify(desk.pki, stranger), desk.pki.issuing.certificate)
    assert refused(lambda: desk.foreign.receive(content, actor="ra-1")) == "other-key"


def test_a_second_certificate_for_the_same_key_is_refused(desk: Desk) -> None:
    desk.enrol()
    first, second = desk.answer(), desk.answer()
    desk.foreign.receive(first, actor="ra-1")
    assert refused(lambda: desk.foreign.receive(second, actor="ra-1")) == "other-key"


def test_a_broken_rule_installs_nothing_and_is_in_the_trail(desk: Desk) -> None:
    credential = desk.enrol()
    assert refused(lambda: desk.foreign.receive(desk.answer(days=3000), actor="ra-1")) == "too-long"
    assert desk.state(credential) is AWAITING
    last = desk.trail.read()[-1]
    assert (last.act, last.outcome, last.reason, last.actor) == ("foreign.answer", "refused", "too-long", "ra-1")


def test_a_difference_waits_for_an_officer(desk: Desk) -> None:
    credential = desk.enrol()
    answer = desk.foreign.receive(desk.answer(name="I Wayan Conto"), actor="ra-1")
    assert answer.state is AnswerState.UNDECIDED
    assert desk.state(credential) is AWAITING
    assert desk.log.undecided() == (answer,)
    place = answer.received_at, fingerprint(answer)
    assert desk.log.undecided(after=(place[0], ""), limit=1) == (answer,)
    assert desk.log.undecided(after=place) == ()
    decided = desk.foreign.decide(fingerprint(answer), take=True, reason="one letter, same person", actor="ra-2")
    assert decided.state is AnswerState.ACCEPTED
    assert desk.state(credential) is ACTIVE
    entries = [each for each in desk.trail.read() if each.act == "foreign.decide"]
    assert [(each.actor, each.reason) for each in entries] == [("ra-2", "one letter, same person")]


def test_an_officer_who_refuses_leaves_the_request_open(desk: Desk) -> None:
    credential = desk.enrol()
    answer = desk.foreign.receive(desk.answer(name="Orang Lain"), actor="ra-1")
    desk.foreign.decide(fingerprint(answer), take=False, reason="somebody else", actor="ra-2")
    assert desk.state(credential) is AWAITING
    assert refused(lambda: desk.foreign.receive(answer.received, actor="ra-1")) == "already-imported"
    desk.foreign.receive(desk.answer(), actor="ra-1")
    assert desk.state(credential) is ACTIVE


def test_an_answer_is_decided_once(desk: Desk) -> None:
    desk.enrol()
    answer = desk.foreign.receive(desk.answer(name="Orang Lain"), actor="ra-1")
    desk.foreign.decide(fingerprint(answer), take=False, reason="no", actor="ra-2")
    again = lambda: desk.foreign.decide(fingerprint(answer), take=True, reason="yes", actor="ra-1")  # noqa: E731
    assert refused(again) == "unknown"


def test_dying_between_answer_and_installation_is_mended_by_importing_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = desk.enrol()
    content = desk.answer()

    def die(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(desk.credentials, "install_chain", die)
        with pytest.raises(DatabaseUnavailable):
            desk.foreign.receive(content, actor="ra-1")
    assert desk.state(credential) is AWAITING
    desk.foreign.receive(content, actor="ra-1")
    assert desk.state(credential) is ACTIVE


def test_a_new_certificate_takes_over_from_the_old_one(desk: Desk) -> None:
    old = desk.enrol()
    desk.foreign.receive(desk.answer(), actor="ra-1")
    new = desk.enrol()
    assert desk.state(old) is ACTIVE
    desk.foreign.receive(desk.answer(), actor="ra-1")
    assert (desk.state(old), desk.state(new)) == (CredentialState.RETIRED, ACTIVE)
    assert desk.revoked == []


class Approved(SqlRegistrationStore):
    """Registrations that somebody approved already."""

    def add(self, purpose: Purpose, replaces: Credential) -> Registration:
        made = Registration(
            id=f"registration-{purpose.value}",
            purpose=purpose,
            signatory=SIGNATORY,
            state=RegistrationState.APPROVED,
            proposed_by="ra-1",
            proposed_at=NOON,
            replaces=replaces.id,
        )
        self.propose(made, None, NumberHashes())
        return made


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize(
    ("purpose", "ended", "reasons"),
    [
        (Purpose.RENEWAL, CredentialState.RETIRED, []),
        (Purpose.LOST_PASSPHRASE, CredentialState.REVOKED, [x509.ReasonFlags.superseded]),
        (Purpose.TRANSFER, CredentialState.REVOKED, [x509.ReasonFlags.affiliation_changed]),
    ],
)
def test_what_an_awaited_certificate_replaces_ends_when_it_arrives(
    desk: Desk,
    database: Database,
    purpose: Purpose,
    ended: CredentialState,
    reasons: list[x509.ReasonFlags],
    *,
    suspended: bool,
) -> None:
    old = desk.enrol()
    chain = desk.foreign.receive(desk.answer(), actor="ra-1").chain
    asked = Approved(database).add(purpose, old)
    new = desk.service.install(
        SIGNATORY, Secret(PASSPHRASE), purpose=purpose, replaces=old.id, registration_id=asked.id, actor="signatory"
    )
    assert (desk.state(old), desk.state(new)) == (ACTIVE, AWAITING)
    if suspended:
        desk.service.suspend(old.id, "ra-1")
    desk.foreign.receive(desk.answer(), actor="ra-2")
    assert (desk.state(old), desk.state(new)) == (ended, ACTIVE)
    kept = desk.credentials.get(old.id)
    assert kept is not None
    assert kept.key.sealed == b"", "its key is erased with it"
    assert desk.revoked == [(chain[0], reason, "ra-2") for reason in reasons]


def test_asking_for_a_revocation_suspends_here_at_once(desk: Desk) -> None:
    credential = desk.enrol()
    answer = desk.foreign.receive(desk.answer(), actor="ra-1")
    for _ in range(2):
        desk.foreign.request_revocation(
            credential.id, reason=x509.ReasonFlags.key_compromise, actor="ra-1", invalid_since=NOON
        )
    assert desk.state(credential) is CredentialState.SUSPENDED
    (asked,) = desk.log.open_revocations()
    assert (asked.serial, asked.reason) == (f"{answer.leaf.serial_number:x}", "keyCompromise")
    assert asked.invalid_since == NOON
    desk.log.confirm_revocation(answer.leaf, at=NOON)
    assert desk.log.open_revocations() == ()


def test_what_has_no_certificate_cannot_be_revoked(desk: Desk) -> None:
    waiting = desk.enrol()
    for id in (waiting.id, "unknown"):
        with pytest.raises(CredentialUnknown):
            desk.foreign.request_revocation(id, reason=x509.ReasonFlags.key_compromise, actor="ra-1")
