"""What a lint sees and what it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509

from ca.drafts import IssuerIdentity
from ca.model import PkiNames
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


ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)

CertificateLint = Callable[[Candidate], Iterator[Finding]]
"""Yields what speaks against the candidate; nothing when all is well."""


def extension_of(certificate: x509.Certificate, kind: type[ExtensionT]) -> x509.Extension[ExtensionT] | None:
    """The extension of that kind, or `None` where the certificate has none."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
