"""What staff send and read about certificates."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated

from cryptography import x509
from msgspec import Meta, field

from api.faces.rest.office.wire import LONGEST_SERIAL, SERIAL, Following, Moment, Reference, Sent, Told
from api.office.registry import MOST_AT_ONCE
from api.problems import problem_of
from signer.people import HolderKind, OfficialCertificate, StatusWord, holder_kind


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


InvalidSince = Annotated[
    Moment | None, Meta(description="From when on the key was not safe; with `keyCompromise` only, not in the future.")
]
Serial = Annotated[
    str, Meta(max_length=LONGEST_SERIAL, pattern=SERIAL, description="Serial number, hexadecimal.", examples=["1a2b"])
]


class RevocationRequest(Sent, frozen=True, kw_only=True):
    """Why a certificate is revoked."""

    reason: Reason
    invalidity_date: InvalidSince = None


class RaiseRequest(Sent, frozen=True, kw_only=True):
    """A certificate was revoked for another reason, and its key turns out to be lost."""

    invalidity_date: InvalidSince = None


class ReleaseRequest(Sent, frozen=True, kw_only=True):
    """The end of a hold that a second person approved."""

    approval: Reference


class CertificateBody(Told, frozen=True, kw_only=True):
    """One certificate of an official, of today or before."""

    serial: Annotated[str, Meta(description="Hexadecimal.")]
    status: Annotated[
        StatusWord,
        Meta(
            description="Of this certificate; `RENEW`: a newer one took its place. `ISSUE` is the only one that signs."
        ),
    ]
    not_after: datetime
    signatory: Annotated[str, Meta(description="Opaque identifier of the official, or of the seal.")]
    kind: HolderKind
    name: str
    organisation: str
    unit: str | None
    credential: str

    @classmethod
    def of(cls, one: OfficialCertificate, status: StatusWord) -> "CertificateBody":
        """In the words of this contract."""
        return cls(
            serial=f"{one.serial:x}",
            status=status,
            kind=holder_kind(one.signatory),
            not_after=one.not_after,
            signatory=one.signatory.id,
            name=one.signatory.name,
            organisation=one.signatory.organisation,
            unit=one.signatory.unit,
            credential=one.credential_id,
        )


class CertificatePage(Told, frozen=True, kw_only=True):
    """Certificates, those that end first at the beginning."""

    items: list[CertificateBody]
    next: Following


class BulkProposal(Sent, frozen=True, kw_only=True):
    """Which certificates to revoke, by their numbers or by their officials, and why."""

    reason: Reason
    serials: Annotated[list[Serial], Meta(max_length=MOST_AT_ONCE)] = field(default_factory=list)
    officials: Annotated[
        list[Reference], Meta(max_length=MOST_AT_ONCE, description="Opaque identifiers: the certificate of today each.")
    ] = field(default_factory=list)


class BulkRequest(BulkProposal, frozen=True, kw_only=True):
    """Exactly the list that was approved, once."""

    approval: Reference


class OutcomeBody(Told, frozen=True, kw_only=True):
    """What became of one certificate of a list."""

    serial: str
    revoked: bool
    problem: Annotated[str | None, Meta(description="Kind of problem, as an address; null where it is revoked.")]
    detail: str | None


class BulkBody(Told, frozen=True, kw_only=True):
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
