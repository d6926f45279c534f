"""What a lint sees and what it says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.x509 import ocsp

from ca.drafts import IssuerIdentity
from ca.model import PkiNames, RevokedEntry
from ca.profiles import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One objection. Neither field ever repeats a value that might name a person."""

    code: str
    """`<source>.<rule>`, e.g. `rfc5280.key_usage`."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A certificate signed by a throw-away key, and what it ought to be."""

    certificate: x509.Certificate
    profile: Profile
    issuer: IssuerIdentity
    names: PkiNames
    at: datetime
    """The moment of issuing; aware, UTC, whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlCandidate:
    """A CRL signed by the CA key and not yet published, and what it ought to be."""

    crl: x509.CertificateRevocationList
    issuer: x509.Certificate
    expected: Sequence[RevokedEntry]
    """What the certificate log wants listed."""
    previous_number: int
    longest: timedelta
    """At most so long until nextUpdate."""
    is_last: bool = False
    """Whether no list of this CA will follow."""


CrlLint = Callable[[CrlCandidate], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspCandidate:
    """An OCSP response signed and not yet released, and what it answers."""

    response: ocsp.OCSPResponse
    cert_ids: Sequence[tuple[str, bytes, bytes, int]]
    """What was asked, in order: hash algorithm (pyca's name), issuer name hash, issuer key hash, serial number."""
    responder: x509.Certificate


OcspLint = Callable[[OcspCandidate], Iterator[Finding]]

ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)

CertificateLint = Callable[[Candidate], Iterator[Finding]]
"""Yields what speaks against the candidate; nothing when all is well."""


def extension_of(certificate: x509.Certificate, kind: type[ExtensionT]) -> x509.Extension[ExtensionT] | None:
    """The extension of that kind, or `None` where the certificate has none."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
