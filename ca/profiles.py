"""Certificate profiles: what each kind of certificate contains, as immutable, versioned data.

A profile does not change once a certificate was issued under it: a change is a new version
(`dataclasses.replace(OFFICIAL, version=2, validity=...)`). The row in the certificate log names id and version.
Sources: RFC 5280; EN 319 412-1, -2, -3; RFC 9336 (document signing); RFC 3161, 2.3 (TSU); RFC 6960, 4.2.2.2 (OCSP).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ca.model import PkiNames

YEAR: Final = timedelta(days=365)
ANY_POLICY: Final = "2.5.29.32.0"
DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")

_OPERATOR: Final = (
    NameOID.COUNTRY_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATION_IDENTIFIER,
    NameOID.COMMON_NAME,
)
_PEOPLE: Final = (DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION)
"""Both: with documentSigning alone poppler and NSS do not trust the signature."""


class Semantics(Enum):
    """Whom the subject names (EN 319 412-1, 5.1.1); the value is the semantics identifier."""

    NATURAL_PERSON = "0.4.0.194121.1.1"
    LEGAL_PERSON = "0.4.0.194121.1.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of certificate."""

    id: str
    version: int
    validity: timedelta
    curves: frozenset[str]
    """Names of the curves that the subject's key may lie on."""
    subject: tuple[x509.ObjectIdentifier, ...]
    """Attributes of the subject in the order in which they are encoded, one to an RDN."""
    optional: frozenset[x509.ObjectIdentifier] = frozenset()
    """Those of `subject` that may be absent."""
    basic_constraints: x509.BasicConstraints | None = None
    key_usage: frozenset[str]
    """Bits that are set, named as `x509.KeyUsage` names them; always critical."""
    extended_key_usage: tuple[x509.ObjectIdentifier, ...] = ()
    any_policy: bool = False
    policy: tuple[int, ...] | None = None
    """Arc of the certificate policy under our own OID."""
    with_cps_uri: bool = False
    semantics: Semantics | None = None
    """Makes the QCStatements extension with this semantics identifier (RFC 3739, 3.2.6)."""
    issuer_pointer: bool = False
    """AIA caIssuers."""
    ocsp_pointer: bool = False
    """AIA OCSP."""
    crl_pointer: bool = False
    """CRL distribution point."""
    ocsp_no_check: bool = False
    key_used_for: timedelta | None = None
    """Makes the privateKeyUsagePeriod extension: the key signs only that long, its certificate proves longer."""

    def __str__(self) -> str:
        return f"{self.id}/{self.version}"

    @property
    def is_authority(self) -> bool:
        """Whether such a certificate may issue others."""
        return self.basic_constraints is not None and self.basic_constraints.ca

    def policy_oid(self, names: PkiNames) -> str | None:
        """The certificate policy, or `None` where the profile has none."""
        if self.any_policy:
            return ANY_POLICY
        return names.oid(*self.policy) if self.policy else None


ROOT_CA: Final = Profile(
    id="root-ca",
    version=1,
    validity=20 * YEAR,
    curves=frozenset({"secp384r1"}),
    subject=_OPERATOR,
    basic_constraints=x509.BasicConstraints(ca=True, path_length=None),
    key_usage=frozenset({"key_cert_sign", "crl_sign"}),
)

ISSUING_CA: Final = Profile(
    id="issuing-ca",
    version=1,
    validity=10 * YEAR,
    curves=frozenset({"secp384r1"}),
    subject=_OPERATOR,
    basic_constraints=x509.BasicConstraints(ca=True, path_length=0),
    key_usage=frozenset({"key_cert_sign", "crl_sign"}),
    any_policy=True,
    issuer_pointer=True,
    crl_pointer=True,
)

TSU: Final = Profile(
    id="tsu",
    version=1,
    validity=5 * YEAR,
    curves=frozenset({"secp256r1", "secp384r1"}),
    subject=_OPERATOR,
    key_usage=frozenset({"digital_signature"}),
    extended_key_usage=(ExtendedKeyUsageOID.TIME_STAMPING,),
    policy=(1, 3),
    issuer_pointer=True,
    ocsp_pointer=True,
    crl_pointer=True,
    key_used_for=YEAR,
)

OCSP_RESPONDER: Final = Profile(
    id="ocsp-responder",
    version=1,
    validity=timedelta(days=30),
    curves=frozenset({"secp256r1"}),
    subject=_OPERATOR,
    key_usage=frozenset({"digital_signature"}),
    extended_key_usage=(ExtendedKeyUsageOID.OCSP_SIGNING,),
    ocsp_no_check=True,
)

OFFICIAL: Final = Profile(
    id="official",
    version=1,
    validity=2 * YEAR,
    curves=frozenset({"secp256r1"}),
    subject=(
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATION_IDENTIFIER,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.SURNAME,
        NameOID.GIVEN_NAME,
        NameOID.SERIAL_NUMBER,
        NameOID.COMMON_NAME,
    ),
    optional=frozenset({NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.SURNAME, NameOID.GIVEN_NAME}),
    key_usage=frozenset({"content_commitment"}),
    extended_key_usage=_PEOPLE,
    policy=(1, 1),
    with_cps_uri=True,
    semantics=Semantics.NATURAL_PERSON,
    issuer_pointer=True,
    ocsp_pointer=True,
    crl_pointer=True,
)

E_SEAL: Final = Profile(
    id="e-seal",
    version=1,
    validity=2 * YEAR,
    curves=frozenset({"secp256r1"}),
    subject=_OPERATOR,
    key_usage=frozenset({"content_commitment"}),
    extended_key_usage=_PEOPLE,
    policy=(1, 2),
    with_cps_uri=True,
    semantics=Semantics.LEGAL_PERSON,
    issuer_pointer=True,
    ocsp_pointer=True,
    crl_pointer=True,
)

OFFICIAL_2: Final = replace(OFFICIAL, version=2, validity=YEAR)
"""Officials for one year instead of two: renewed every year, and a lost key harms for less time."""

E_SEAL_2: Final = replace(E_SEAL, version=2, validity=YEAR)
"""The same for seals."""

PROFILES: Final = (ROOT_CA, ISSUING_CA, TSU, OCSP_RESPONDER, OFFICIAL, OFFICIAL_2, E_SEAL, E_SEAL_2)
"""Every version that this software can issue. Which one does is a recorded choice; the first where nobody chose."""


def profile_of(id: str, version: int) -> Profile | None:
    """The profile of that id and version, or `None` where this software does not know it."""
    return next((each for each in PROFILES if (each.id, each.version) == (id, version)), None)
