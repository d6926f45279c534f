"""The nouns of issuing. All frozen, all keyword-only; times are aware and in UTC, whole seconds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from cryptography import x509

NEVER: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""99991231235959Z, the end of what will not be followed (RFC 5280, 4.1.2.5)."""
RESPONDERS: Final = "ocsp-responder/"
"""How the profiles of those begin whose certificates are about status and nothing else."""


class CertificateState(Enum):
    """`reserved -> prepared -> issued -> revoked`; `issued <-> held -> revoked`; `reserved|prepared -> abandoned`."""

    RESERVED = "reserved"
    PREPARED = "prepared"
    ISSUED = "issued"
    HELD = "held"
    REVOKED = "revoked"
    ABANDONED = "abandoned"

    def may_become(self, other: "CertificateState") -> bool:
        """Whether the move from this state to `other` exists. Every certificate log asks here and nowhere else."""
        return other in _MOVES[self]


_MOVES = {
    CertificateState.RESERVED: {CertificateState.PREPARED, CertificateState.ABANDONED},
    CertificateState.PREPARED: {CertificateState.ISSUED, CertificateState.ABANDONED},
    CertificateState.ISSUED: {CertificateState.HELD, CertificateState.REVOKED},
    CertificateState.HELD: {CertificateState.ISSUED, CertificateState.REVOKED},
    CertificateState.REVOKED: set[CertificateState](),
    CertificateState.ABANDONED: set[CertificateState](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiNames:
    """What the operator of this hierarchy is called and where its publications are found."""

    country: str
    organisation: str
    organisation_identifier: str
    pen: int
    """IANA private enterprise number; 32473 is for tests and demonstrations only."""
    base_url: str
    """Plain http, no trailing slash: CRL, OCSP and AIA addresses hang under it."""
    cps_uri: str
    name_authority_uri: str
    local_scheme: str = "BP"
    """Two letters before `:ID-` in a person's serialNumber (EN 319 412-1, 5.1.3)."""

    def oid(self, *arc: int) -> str:
        """An OID under our own arc: `1.3.6.1.4.1.<PEN>.1.<arc…>`."""
        return ".".join(str(number) for number in (1, 3, 6, 1, 4, 1, self.pen, 1, *arc))

    def crl_url(self, issuer_id: str) -> str:
        """Where the CRL of `issuer_id` (`root-g1`, `ca-1-g1`) is published."""
        return f"{self.base_url}/pki/crl/{issuer_id}.crl"

    def certificate_url(self, issuer_id: str) -> str:
        """Where the certificate of `issuer_id` is published (AIA caIssuers)."""
        return f"{self.base_url}/pki/certificates/{issuer_id}.cer"

    def ocsp_url(self) -> str:
        """Where the issuing CA's OCSP responder listens."""
        return f"{self.base_url}/pki/ocsp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate names, before a profile turns it into an X.509 name."""

    common_name: str
    organisation: str
    organisation_identifier: str
    country: str = "ID"
    unit: str | None = None
    given_name: str | None = None
    surname: str | None = None
    opaque_id: str | None = None
    """Random identifier of a person; becomes `BP:ID-<opaque id>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """One row of the certificate log."""

    serial: int
    issuer_id: str
    profile: str
    """Profile id and version, e.g. `official/1`."""
    state: CertificateState
    der: bytes | None
    """The certificate; present from `issued` on."""
    subject: str
    spki_sha256: str | None
    not_before: datetime | None
    not_after: datetime | None
    revoked_at: datetime | None = None
    """Since when it stands on the CRL: revoked, held, or an intent (once `prepared`) that was abandoned. Else `None`,
    also for an abandoned reservation: under that serial nothing was ever signed."""
    reason: x509.ReasonFlags | None = None
    invalidity_date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedEntry:
    """One line of a CRL."""

    serial: int
    revoked_at: datetime
    reason: x509.ReasonFlags | None
    """`None` where the reason is unspecified: it is never encoded."""
    invalidity_date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCrl:
    """One CRL as stored, by number."""

    issuer_id: str
    number: int
    der: bytes
    this_update: datetime
    next_update: datetime
    sha256: str
    """Hex; the strong ETag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An OCSP response (DER) that was signed before it was asked for, and how long it is good."""

    der: bytes
    this_update: datetime
    next_update: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedAnswer:
    """An answer to be kept: one of a certificate's, by the hash of the CertID in it."""

    row: IssuedCertificate
    """The certificate as it stood when this was signed: nobody keeps the answer when it stands otherwise now."""
    hash_name: str
    """`sha1` or `sha256`."""
    answer: KeptAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampRecord:
    """What is kept of a timestamp token before it is released."""

    serial: int
    imprint: bytes
    hash_algorithm: str
    gen_time: datetime
    policy: str
    tsu_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPeriods:
    """How long published status lives; every number a setting."""

    crl_every: timedelta = timedelta(hours=6)
    crl_valid: timedelta = timedelta(hours=48)
    root_crl_valid: timedelta = timedelta(days=365)
    ocsp_valid: timedelta = timedelta(hours=12)
    responder_valid: timedelta = timedelta(days=30)
    responder_renew_before: timedelta = timedelta(days=10)
