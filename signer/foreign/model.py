"""The nouns of a foreign issuer. All frozen and keyword-only; times are aware and in UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from cryptography import x509


class AnswerState(Enum):
    """What became of an answer that broke no rule."""

    ACCEPTED = "accepted"
    UNDECIDED = "undecided"
    """The subject differs from the registration: an officer decides."""
    REFUSED = "refused"
    """The officer decided against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRules:
    """What an answer has to keep, from the settings."""

    anchors: tuple[x509.Certificate, ...]
    """Self-signed certificates that a chain may end in."""
    policies: frozenset[str]
    """Certificate policies (dotted OIDs), one of which must be valid for the whole path (RFC 5280, 6.1)."""
    hosts: frozenset[str]
    """Names of hosts, with `:port` where it is not the usual one, that status may be fetched from."""
    longest: timedelta = timedelta(days=3 * 366)
    """No certificate of an official lives longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRequest:
    """A CSR that waits for its answer."""

    spki_sha256: str
    signatory_id: str
    csr: bytes
    """PKCS #10, DER."""
    requested_at: datetime
    exported_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignAnswer:
    """An answer that broke no rule, as it came and as it was judged."""

    credential_id: str
    received: bytes
    chain: tuple[x509.Certificate, ...]
    """The path that was checked: leaf first, anchor last."""
    state: AnswerState
    differences: tuple[str, ...]
    """`attribute: registered -> certified`, where the subject is not what we registered."""
    findings: tuple[str, ...]
    """Codes of pkilint; they inform only."""
    received_at: datetime

    @property
    def leaf(self) -> x509.Certificate:
        """The signatory's certificate."""
        return self.chain[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationRequest:
    """What has to be asked of the issuer."""

    certificate: x509.Certificate
    reason: x509.ReasonFlags
    actor: str
    requested_at: datetime
    invalid_since: datetime | None = None
    """Aware; with keyCompromise only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRevocation:
    """What its issuer was asked for, or has to be, and does not show yet."""

    issuer: str
    serial: str
    """Hexadecimal."""
    reason: str
    invalid_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStatus:
    """One CRL or OCSP answer of another issuer, checked when it was fetched."""

    url: str
    about: str
    """SHA-256 (hex) of the certificate that an OCSP answer is about; empty for a CRL."""
    der: bytes
    this_update: datetime
    next_update: datetime
    fetched_at: datetime

    @property
    def due_at(self) -> datetime:
        """When it is time for a younger one: when four fifths of its life are over."""
        return self.this_update + (self.next_update - self.this_update) * 4 / 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAddress:
    """One place where the status of a certificate of another issuer is found."""

    url: str
    about: str
    """SHA-256 (hex) of the certificate where it is an OCSP responder's; empty for a CRL."""
    certificate: x509.Certificate
    """One of those that name the place."""
    issuer: x509.Certificate
