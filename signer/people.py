"""The people around a credential: staff and their roles, registrations, approvals. Frozen; times in UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from signer.model import CredentialState, Secret, Signatory


class Role(StrEnum):
    """What a member of staff is. One person has one role."""

    ADMINISTRATOR = "administrator"
    """Operates the CA: profiles, CRL on demand, staff accounts."""
    REGISTRAR = "registrar"
    """Registration officer (RA): registers, suspends, revokes."""
    APPROVER = "approver"
    """The second person: approves, and starts nothing."""
    AUDITOR = "auditor"
    """Alone reads the audit trail, and changes nothing."""
    CUSTODIAN = "custodian"
    """Holds a PIN of the HSM. No role in this application, hence no permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """One person who works here, in one role."""

    id: str
    """The name to log in with; stands in the audit trail."""
    name: str
    role: Role
    identity_hash: str = field(repr=False)
    """Keyed hash of the person's NIP or NIK: two accounts of one person are recognised by it."""
    active: bool = True


class ApprovalKind(StrEnum):
    """What needs a second person."""

    ENROLMENT = "enrolment"
    """A certificate in an official's name: enrolment, lost passphrase, transfer."""
    BULK_REVOCATION = "bulk-revocation"
    RELEASE = "release"
    """A certificate that was on hold becomes good again."""
    FACTOR_RESET = "factor-reset"
    """A signatory's second factors are lost: they go, and new ones are enrolled behind a one-time link."""
    PROFILE = "profile"
    """Which version of a certificate profile issues from now on. The versions themselves are code."""
    CA_OPERATION = "ca-operation"
    """A CRL out of turn, or the next TSU or OCSP responder before it is due."""
    IMPORT = "import"
    """Every row of one file of officials."""
    FOREIGN_DECISION = "foreign-decision"
    """Another CA's certificate whose subject differs from the registration."""
    FOREIGN_REVOCATION = "foreign-revocation"
    """What another CA is asked to revoke."""
    HANDOVER = "handover"
    """A step of a document goes to who acts in its office."""


class ApprovalState(StrEnum):
    """`proposed -> approved | rejected`, `approved -> used`. Expired is computed, never stored."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One act that one person proposed and another one decides on."""

    id: str
    kind: ApprovalKind
    object: str
    """What it is good for, and nothing else: `registration:<id>`, `bulk:<sha-256 of the list>` …"""
    summary: str
    """What the approver reads; no NIK, no NIP."""
    state: ApprovalState
    proposed_by: str
    proposer_identity: str = field(repr=False)
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    subjects: tuple[str, ...] = ()
    """Where `object` is only the hash of a list, the list: serial numbers in hexadecimal."""


class ApprovalStage(StrEnum):
    """Who has to do something about an approval now. Computed, never stored."""

    WAITING = "waiting"
    """The second person."""
    READY = "ready"
    """Who proposed it: approved, and not carried out yet."""
    DONE = "done"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    """Nobody: its time went by."""


def approval_stage(approval: Approval, *, at: datetime) -> ApprovalStage:
    """Where `approval` stands at `at` (aware). A registration follows its approval at once: nothing is left to do."""
    if approval.state is ApprovalState.REJECTED:
        return ApprovalStage.REJECTED
    follows = approval.state is ApprovalState.APPROVED and approval.kind is ApprovalKind.ENROLMENT
    if approval.state is ApprovalState.USED or follows:
        return ApprovalStage.DONE
    if approval.expires_at <= at:
        return ApprovalStage.LAPSED
    return ApprovalStage.WAITING if approval.state is ApprovalState.PROPOSED else ApprovalStage.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalQuery:
    """What approvals are searched by; every part given has to hold. The newest come first."""

    stage: ApprovalStage | None = None
    kind: ApprovalKind | None = None
    proposed_by: str | None = None
    objects: tuple[str, ...] | None = None
    """About one of these."""
    after: tuple[datetime, str] | None = None
    """The cursor: time of the proposal and id of the last one of the page before."""
    limit: int = 50


class Purpose(StrEnum):
    """Why an official gets a certificate."""

    ENROLMENT = "enrolment"
    RENEWAL = "renewal"
    """New key under the same passphrase; the old one signs until then."""
    LOST_PASSPHRASE = "lost-passphrase"  # noqa: S105 - a word
    """New key, new certificate; the old one is revoked as superseded."""
    TRANSFER = "transfer"
    """Another name, body or unit; the old certificate is revoked as affiliationChanged."""


class RegistrationState(StrEnum):
    """`proposed -> approved | rejected`, `approved -> completed`."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One request that an official gets a certificate."""

    id: str
    purpose: Purpose
    signatory: Signatory
    state: RegistrationState
    proposed_by: str
    proposed_at: datetime
    approval_id: str | None = None
    """`None` for a renewal: there the current passphrase proves the person."""
    replaces: str | None = None
    """The credential that ends when the new one is there."""
    credential_id: str | None = None
    """The new one; present exactly when completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHashes:
    """Keyed hashes of a person's numbers, for look-up alone."""

    nik: str | None = field(default=None, repr=False)
    nip: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalNumbers:
    """NIK and NIP on their way to the keyed hash; kept nowhere."""

    nik: Secret | None = None
    nip: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """One official as the office sees them: the person, the newest registration, the current credential."""

    signatory: Signatory
    registration: RegistrationState | None
    """State of the newest registration; `None` where there never was one."""
    credential_id: str | None = None
    credential_state: CredentialState | None = None
    serial: int | None = None
    not_after: datetime | None = None


class HolderKind(StrEnum):
    """Whose a certificate is."""

    OFFICIAL = "official"
    SEAL = "seal"
    """Of an organisation: machines seal with it."""


def holder_kind(whose: Signatory) -> HolderKind:
    """An official, or a seal."""
    return HolderKind.SEAL if whose.is_seal else HolderKind.OFFICIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialQuery:
    """What officials are searched by; every part given has to hold."""

    name: str | None = None
    """Words or beginnings of words in the name, in any case."""
    unit: str | None = None
    """Part of the unit's name, in any case."""
    organisation: str | None = None
    """Part of the organisation's name, in any case."""
    status: "StatusWord | None" = None
    serial: int | None = None
    """Serial number of any certificate of theirs."""
    signatory_id: str | None = None
    kind: HolderKind | None = None
    """`None`: both."""
    after: tuple[str, str] | None = None
    """The cursor: folded name and id of the last one of the page before."""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateQuery:
    """What certificates of officials are searched by; every part given has to hold."""

    status: "StatusWord | None" = None
    """One of `CERTIFICATE_WORDS`; no certificate has another one."""
    serial: int | None = None
    signatory_id: str | None = None
    expiring_before: datetime | None = None
    kind: HolderKind | None = None
    """`None`: both."""
    after: tuple[datetime, int] | None = None
    """The cursor: end and serial number of the last one of the page before."""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialCertificate:
    """One certificate of an official, of today or before."""

    signatory: Signatory
    serial: int
    not_after: datetime
    credential_id: str
    credential_state: CredentialState


class StatusWord(StrEnum):
    """Where an official stands, in the words that e-offices know (gateway contract, 4.3)."""

    ISSUE = "ISSUE"
    EXPIRED = "EXPIRED"
    RENEW = "RENEW"
    WAITING_FOR_VERIFICATION = "WAITING_FOR_VERIFICATION"
    NEW = "NEW"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    NOT_REGISTERED = "NOT_REGISTERED"
    SUSPEND = "SUSPEND"
    REVOKE = "REVOKE"


def status_word(official: Official | None, *, at: datetime) -> StatusWord:
    """The one word for `official` at `at` (aware). `ISSUE` is the only one that may sign.

    A credential that still signs is `ISSUE` also while its renewal is under way: clients stop at every other word. So
    `RENEW` is an expired certificate whose renewal was asked for.
    """
    if official is None:
        return StatusWord.NOT_REGISTERED
    state, registration = official.credential_state, official.registration
    if state is None or state is CredentialState.RETIRED:
        return _WITHOUT_CREDENTIAL.get(registration, StatusWord.NEW)
    stands = state in (CredentialState.ACTIVE, CredentialState.SUSPENDED)
    if stands and official.not_after is not None and at > official.not_after:
        return StatusWord.RENEW if registration in OPEN else StatusWord.EXPIRED
    return _WITH_CREDENTIAL[state]


def certificate_word(state: CredentialState, not_after: datetime, *, at: datetime) -> StatusWord:
    """The one word for a certificate whose credential is in `state`, at `at` (aware): one of `CERTIFICATE_WORDS`.

    `RENEW` here: a newer one has taken its place, and its key is erased.
    """
    if state is CredentialState.REVOKED:
        return StatusWord.REVOKE
    if at > not_after:
        return StatusWord.EXPIRED
    return StatusWord.RENEW if state is CredentialState.RETIRED else _WITH_CREDENTIAL[state]


CERTIFICATE_WORDS: Final = (
    StatusWord.ISSUE,
    StatusWord.EXPIRED,
    StatusWord.RENEW,
    StatusWord.SUSPEND,
    StatusWord.REVOKE,
)
"""What a certificate can be."""

OPEN: Final = (RegistrationState.PROPOSED, RegistrationState.APPROVED)
"""A registration that somebody still has to do something about."""

_WITHOUT_CREDENTIAL: Final[dict[RegistrationState | None, StatusWord]] = {
    RegistrationState.PROPOSED: StatusWord.WAITING_FOR_VERIFICATION,
    RegistrationState.APPROVED: StatusWord.NO_CERTIFICATE,
    RegistrationState.COMPLETED: StatusWord.NO_CERTIFICATE,
}
_WITH_CREDENTIAL: Final = {
    CredentialState.ACTIVE: StatusWord.ISSUE,
    CredentialState.SUSPENDED: StatusWord.SUSPEND,
    CredentialState.REVOKED: StatusWord.REVOKE,
    CredentialState.AWAITING_CERTIFICATE: StatusWord.NO_CERTIFICATE,
}
