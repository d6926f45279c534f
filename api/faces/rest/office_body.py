"""What staff send and read: registrations, approvals, officials. No NIK and no NIP ever comes back."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Final

import msgspec
from cryptography import x509
from msgspec import Meta

from api.faces.rest.json_body import PRINTABLE
from api.office.registry import MOST_AT_ONCE, Found
from api.problems import INVALID_REQUEST, RequestRefused, problem_of
from signer.model import Secret
from signer.people import (
    Approval,
    ApprovalKind,
    ApprovalState,
    Official,
    PersonalNumbers,
    Purpose,
    Registration,
    RegistrationState,
    StatusWord,
)
from signer.registrations import Invitation, Person

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE)]
Reference = Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE)]
Note = Annotated[str, Meta(max_length=500, pattern=PRINTABLE)]

_LONGEST_NUMBER: Final = 32


class Reason(Enum):
    """Reasons for a revocation that staff may give (RFC 5280, 5.3.1); each role has its own of them."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"

    @property
    def flag(self) -> x509.ReasonFlags:
        """The same in the words of X.509."""
        return x509.ReasonFlags(self.value)


class RegistrationRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Whom to register, and why."""

    purpose: Annotated[Purpose, Meta(description="A renewal is asked for at the certificate.")] = Purpose.ENROLMENT
    credential: Annotated[Reference | None, Meta(description="Of a transfer or a lost passphrase.")] = None
    name: Annotated[Name | None, Meta(description="Full legal name, no titles.", examples=["I Wayan Contoh"])] = None
    organisation: Annotated[Name | None, Meta(description="The service's own where absent.")] = None
    organisation_identifier: Annotated[Name | None, Meta(description="`VATID-…` or `NTRID-…`.")] = None
    unit: Name | None = None
    surname: Annotated[Name | None, Meta(description="Only where a family name is on record.")] = None
    nik: Annotated[Secret | None, Meta(description="Kept as a keyed hash only.")] = None
    nip: Annotated[Secret | None, Meta(description="Kept as a keyed hash only.")] = None

    def person(self, *, organisation: str, organisation_identifier: str) -> Person:
        """The person, with the body of the service where none is named; refuses with 400 where there is no name."""
        if self.name is None:
            raise _missing("name")
        return Person(
            name=self.name,
            organisation=self.organisation or organisation,
            organisation_identifier=self.organisation_identifier or organisation_identifier,
            unit=self.unit,
            surname=self.surname,
        )

    @property
    def numbers(self) -> PersonalNumbers:
        """NIK and NIP, where given."""
        return PersonalNumbers(nik=self.nik, nip=self.nip)

    @property
    def replaced(self) -> str:
        """The credential that it is about; refuses with 400 where none is named."""
        if self.credential is None:
            raise _missing("credential")
        return self.credential


class DecisionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What the second person says."""

    approve: bool
    note: Annotated[Note | None, Meta(description="Why; no NIK, no NIP.")] = None


Moment = Annotated[datetime, Meta(tz=True)]
InvalidSince = Annotated[
    Moment | None, Meta(description="From when on the key was not safe; with `keyCompromise` only, not in the future.")
]
Serial = Annotated[str, Meta(min_length=1, max_length=40, description="Serial number, hexadecimal.", examples=["1a2b"])]


class RevocationRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Why a certificate is revoked."""

    reason: Reason
    invalidity_date: InvalidSince = None


class RaiseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A certificate was revoked for another reason, and its key turns out to be lost."""

    invalidity_date: InvalidSince = None


class ReleaseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The end of a hold that a second person approved."""

    approval: Reference


class BulkProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Which certificates to revoke, by their numbers or by their officials, and why."""

    reason: Reason
    serials: Annotated[list[Serial], Meta(max_length=MOST_AT_ONCE)] = []
    officials: Annotated[
        list[Reference], Meta(max_length=MOST_AT_ONCE, description="Opaque identifiers: the certificate of today each.")
    ] = []


class BulkRequest(BulkProposal, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Exactly the list that was approved, once."""

    approval: Reference


class OutcomeBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of one certificate of a list."""

    serial: str
    revoked: bool
    problem: Annotated[str | None, Meta(description="Kind of problem, as an address; null where it is revoked.")]
    detail: str | None


class BulkBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of each, by serial number."""

    items: list[OutcomeBody]

    @classmethod
    def of(cls, outcome: Mapping[int, Exception | None]) -> "BulkBody":
        """In the words of this contract; what is our fault is named and not explained."""
        return cls(items=[_outcome(serial, error) for serial, error in outcome.items()])


def _outcome(serial: int, error: Exception | None) -> OutcomeBody:
    problem = None if error is None else problem_of(error)
    return OutcomeBody(
        serial=f"{serial:x}",
        revoked=problem is None,
        problem=None if problem is None else problem.type,
        detail=str(error) if problem is not None and problem.status < 500 else None,
    )


class RegistrationBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One registration."""

    id: str
    purpose: Purpose
    state: RegistrationState
    signatory: Annotated[str, Meta(description="Opaque identifier of the official.")]
    name: str
    organisation: str
    unit: str | None
    proposed_by: str
    proposed_at: datetime
    approval: Annotated[str | None, Meta(description="What a second person has to decide; null for a renewal.")]
    replaces: str | None
    credential: Annotated[str | None, Meta(description="The new one; null until it is completed.")]

    @classmethod
    def of(cls, one: Registration) -> "RegistrationBody":
        """In the words of this contract."""
        return cls(
            id=one.id,
            purpose=one.purpose,
            state=one.state,
            signatory=one.signatory.id,
            name=one.signatory.name,
            organisation=one.signatory.organisation,
            unit=one.signatory.unit,
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            approval=one.approval_id,
            replaces=one.replaces,
            credential=one.credential_id,
        )


class LinkBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A one-time link, for the official alone; it is told once."""

    registration: str
    link: str
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation, *, public_url: str) -> "LinkBody":
        """With its whole address."""
        return cls(
            registration=invitation.registration.id,
            link=f"{public_url}/enrol/{invitation.token}",
            expires_at=invitation.expires_at,
        )


class ApprovalBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One act that needs a second person."""

    id: str
    kind: ApprovalKind
    state: ApprovalState
    object: Annotated[str, Meta(description="What it is good for, and nothing else.")]
    summary: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, one: Approval) -> "ApprovalBody":
        """In the words of this contract."""
        return cls(**{name: getattr(one, name) for name in cls.__struct_fields__})


class OfficialBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One official and the credential of today."""

    signatory: Annotated[str, Meta(description="Opaque identifier of the official, the same over renewals.")]
    name: str
    organisation: str
    unit: str | None
    status: Annotated[StatusWord, Meta(description="`ISSUE` is the only one that may sign.")]
    credential: str | None
    serial: Annotated[str | None, Meta(description="Of the certificate, hexadecimal.")]
    not_after: datetime | None

    @classmethod
    def of(cls, found: Found) -> "OfficialBody":
        """In the words of this contract."""
        official = found.official
        return cls(
            signatory=official.signatory.id,
            name=official.signatory.name,
            organisation=official.signatory.organisation,
            unit=official.signatory.unit,
            status=found.status,
            credential=official.credential_id,
            serial=None if official.serial is None else f"{official.serial:x}",
            not_after=official.not_after,
        )


class RegistrationPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Open registrations, by id."""

    items: list[RegistrationBody]
    next: Annotated[str | None, Meta(description="Send it as `cursor` for what follows; null at the end.")]


class ApprovalPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Approvals that wait, by id."""

    items: list[ApprovalBody]
    next: Annotated[str | None, Meta(description="Send it as `cursor` for what follows; null at the end.")]


class OfficialPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Officials, by name."""

    items: list[OfficialBody]
    next: Annotated[str | None, Meta(description="Send it as `cursor` for what follows; null at the end.")]


def cursor_after(official: Official) -> str:
    """Where the page after `official` begins; opaque."""
    place = " ".join(official.signatory.name.casefold().split()), official.signatory.id
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read_cursor(text: str | None) -> tuple[str, str] | None:
    """The place that `cursor_after` wrote; refuses with 400 what it did not."""
    if text is None:
        return None
    try:
        padded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(padded, type=tuple[str, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise RequestRefused(
            INVALID_REQUEST, "Send the cursor as it was told.", field="cursor", reason="not-a-cursor"
        ) from None


def read_serial(text: str) -> int:
    """A serial number in hexadecimal (RFC 5280: at most 20 octets); refuses with 400 what is none."""
    try:
        number = int(text, 16) if text.isalnum() and len(text) <= 40 else 0
    except ValueError:
        number = 0
    if number <= 0:
        raise RequestRefused(INVALID_REQUEST, "A serial number is hexadecimal.", field="serial", reason="not-a-serial")
    return number


def personal_number(kind: type[Any], value: Any) -> Any:
    """For the decoder: a number arrives as a text and becomes a `Secret` at once."""
    if kind is Secret and isinstance(value, str) and 0 < len(value) <= _LONGEST_NUMBER:
        return Secret(value)
    raise ValueError(f"Expected a text of 1 to {_LONGEST_NUMBER} characters")


def _missing(field: str) -> RequestRefused:
    return RequestRefused(INVALID_REQUEST, "This field is needed.", field=field, reason="missing")
