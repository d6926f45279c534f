"""What staff send and read: registrations, approvals, officials. No NIK and no NIP ever comes back."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from api.faces.rest.office.wire import LONGEST_NUMBER, Following, Name, Note, Reference, Sent, Told
from api.office.registry import Found
from signer.errors import RegistrationRefused
from signer.model import Secret
from signer.people import (
    Approval,
    ApprovalKind,
    ApprovalState,
    HolderKind,
    PersonalNumbers,
    Purpose,
    Registration,
    RegistrationState,
    StatusWord,
    holder_kind,
)
from signer.registrations import Invitation, Person

Number = Annotated[
    Secret, Meta(description="Kept as a keyed hash only.", extra_json_schema={"maxLength": LONGEST_NUMBER})
]


class RegistrationRequest(Sent, frozen=True, kw_only=True):
    """Whom to register, and why."""

    purpose: Annotated[Purpose, Meta(description="A renewal is asked for at the certificate.")] = Purpose.ENROLMENT
    credential: Annotated[Reference | None, Meta(description="Of a transfer or a lost passphrase.")] = None
    name: Annotated[Name | None, Meta(description="Full legal name, no titles.", examples=["I Wayan Contoh"])] = None
    organisation: Annotated[Name | None, Meta(description="The service's own where absent.")] = None
    organisation_identifier: Annotated[Name | None, Meta(description="`VATID-…` or `NTRID-…`.")] = None
    unit: Name | None = None
    surname: Annotated[Name | None, Meta(description="Only where a family name is on record.")] = None
    nik: Number | None = None
    nip: Number | None = None

    def person(self, *, organisation: str, organisation_identifier: str) -> Person:
        """The person, with the service's own body where none is named; raises `RegistrationRefused` without a name."""
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
        """The credential that it is about; raises `RegistrationRefused` where none is named."""
        if self.credential is None:
            raise _missing("credential")
        return self.credential


class DecisionRequest(Sent, frozen=True, kw_only=True):
    """What the second person says."""

    approve: bool
    note: Annotated[Note | None, Meta(description="Why; no NIK, no NIP.")] = None


class RegistrationBody(Told, frozen=True, kw_only=True):
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


class LinkBody(Told, frozen=True, kw_only=True):
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


class ApprovalBody(Told, frozen=True, kw_only=True):
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


class OfficialBody(Told, frozen=True, kw_only=True):
    """One official and the credential of today."""

    signatory: Annotated[str, Meta(description="Opaque identifier of the official, the same over renewals.")]
    kind: Annotated[HolderKind, Meta(description="`seal`: an organisation's, and nobody's.")]
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
            kind=holder_kind(official.signatory),
            name=official.signatory.name,
            organisation=official.signatory.organisation,
            unit=official.signatory.unit,
            status=found.status,
            credential=official.credential_id,
            serial=None if official.serial is None else f"{official.serial:x}",
            not_after=official.not_after,
        )


class RevokedBody(OfficialBody, frozen=True, kw_only=True):
    """The official after a revocation."""

    unchanged: Annotated[bool, Meta(description="True: it was revoked before, and its first reason stands.")]


class RegistrationPage(Told, frozen=True, kw_only=True):
    """Open registrations, by id."""

    items: list[RegistrationBody]
    next: Following


class ApprovalPage(Told, frozen=True, kw_only=True):
    """Approvals that wait, by id."""

    items: list[ApprovalBody]
    next: Following


class OfficialPage(Told, frozen=True, kw_only=True):
    """Officials, by name."""

    items: list[OfficialBody]
    next: Following


def _missing(field: str) -> RegistrationRefused:
    return RegistrationRefused("This purpose needs this field.", field=field, reason="missing")
