"""One certificate, parsed once: the DER as it came, and the views that others need of it."""

import hashlib
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Final, NamedTuple, TypeVar

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from verifier import ber
from verifier.algorithms import UnknownAlgorithm, signature_algorithm
from verifier.ber import Element, Malformed
from verifier.model import CertificateSummary

_OF_PERSONS: Final = frozenset(
    {
        NameOID.GIVEN_NAME,
        NameOID.SURNAME,
        NameOID.PSEUDONYM,
        NameOID.SERIAL_NUMBER,
        NameOID.TITLE,
        NameOID.GENERATION_QUALIFIER,
        NameOID.INITIALS,
    }
)
"""Of which the subject of a natural person has at least one (EN 319 412-2, 4.2.4), and that of a body none."""

CACHED_CERTIFICATES: Final = 512  # a province has a few CAs and some hundred signatories a day

E = TypeVar("E", bound=x509.ExtensionType)


class Certificate:
    """A certificate and its parsed views; equal when the bytes are equal. Build it with `certificate(der)`."""

    def __init__(self, der: bytes) -> None:
        self.der = der
        try:
            self.pyca: x509.Certificate = x509.load_der_x509_certificate(der)
            _read_all(self.pyca)
        except MemoryError:
            raise
        except Exception as error:  # pyca reads most parts when they are asked for, and raises many things
            raise ValueError(f"a certificate that cannot be read: {type(error).__name__}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    @cached_property
    def asn1(self) -> asn1.Certificate:
        """For pyHanko and certvalidator, which read asn1crypto's types."""
        return asn1.Certificate.load(self.der)

    @cached_property
    def sha256(self) -> bytes:
        """Fingerprint."""
        return self.pyca.fingerprint(hashes.SHA256())

    @cached_property
    def issuer_name(self) -> bytes:
        """Issuer, DER."""
        return self.pyca.issuer.public_bytes()

    @cached_property
    def subject_name(self) -> bytes:
        """Subject, DER."""
        return self.pyca.subject.public_bytes()

    @cached_property
    def not_before(self) -> datetime:
        """Aware, UTC."""
        return self.pyca.not_valid_before_utc

    @cached_property
    def not_after(self) -> datetime:
        """Aware, UTC."""
        return self.pyca.not_valid_after_utc

    @cached_property
    def is_authority(self) -> bool:
        """Whether its basic constraints say CA."""
        found = self._extension(x509.BasicConstraints)
        return found is not None and found.value.ca

    @cached_property
    def key_usages(self) -> frozenset[str]:
        """Names of the asserted usages, pyca's words; empty where there is no such extension."""
        found = self._extension(x509.KeyUsage)
        if found is None:
            return frozenset()
        names = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")
        return frozenset(name for name in names if getattr(found.value, name))

    @cached_property
    def extended_key_usages(self) -> tuple[frozenset[str], bool]:
        """OIDs of the extended usages, and whether the extension is critical; empty where there is none."""
        found = self._extension(x509.ExtendedKeyUsage)
        if found is None:
            return frozenset(), False
        return frozenset(usage.dotted_string for usage in found.value), found.critical

    @cached_property
    def public_key(self) -> CertificatePublicKeyTypes | None:
        """Its key; `None` where it is of a kind that nobody here can use (a rare curve, say)."""
        try:
            return self.pyca.public_key()
        except (ValueError, UnsupportedAlgorithm):
            return None

    @cached_property
    def public_key_bits(self) -> bytes:
        """The key as a bit string holds it: what key identifiers are digests of (RFC 5280, 4.2.1.2)."""
        return _fields(self.der).key.children()[1].content[1:]

    @cached_property
    def key_kind(self) -> tuple[str, int]:
        """`rsa`, `ec`, `ed25519`, `ed448` or another word, and the size in bits."""
        key = self.public_key
        if isinstance(key, rsa.RSAPublicKey):
            return "rsa", key.key_size
        if isinstance(key, ec.EllipticCurvePublicKey):
            return "ec", key.key_size
        if isinstance(key, ed25519.Ed25519PublicKey):
            return "ed25519", 256
        if isinstance(key, ed448.Ed448PublicKey):
            return "ed448", 448
        if isinstance(key, dsa.DSAPublicKey):
            return "dsa", key.key_size
        return "unknown", 0

    @cached_property
    def signature_digest(self) -> str | None:
        """Digest with which its issuer signed it; `None` where the algorithm has none of its own (EdDSA) or is unknown.

        An unknown one vouches for nothing: no chain is built over it.
        """
        try:
            return signature_algorithm(ber.read(self.der).children()[1]).digest
        except (UnknownAlgorithm, Malformed):
            return None

    @cached_property
    def summary(self) -> CertificateSummary:
        """What people are told of it."""
        organisations = self.pyca.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        return CertificateSummary(
            subject=readable_name(self.pyca.subject),
            organisation=str(organisations[0].value) if organisations else None,
            issuer=readable_name(self.pyca.issuer),
            serial=format(self.pyca.serial_number, "x"),
            not_before=self.not_before,
            not_after=self.not_after,
            legal_person=_is_legal_person(self.pyca.subject),
        )

    def _extension(self, kind: type[E]) -> x509.Extension[E] | None:
        try:
            return self.pyca.extensions.get_extension_for_class(kind)
        except x509.ExtensionNotFound:
            return None


@lru_cache(maxsize=CACHED_CERTIFICATES)
def certificate(der: bytes) -> Certificate:
    """The certificate with these bytes; raises `ValueError` where they are none."""
    return Certificate(der)


def certificates(ders: tuple[bytes, ...]) -> tuple[Certificate, ...]:
    """Those of `ders` that can be read: strangers' files carry broken ones beside good ones."""
    found = []
    for der in ders:
        try:
            found.append(certificate(der))
        except ValueError:
            continue
    return tuple(found)


def _read_all(own: x509.Certificate) -> None:
    """Everything that is asked of a certificate later; what cannot be read raises now."""
    _ = own.subject.public_bytes(), own.issuer.public_bytes(), own.serial_number
    _ = own.not_valid_before_utc, own.not_valid_after_utc
    for extension in own.extensions:
        _ = extension.value


class _Fields(NamedTuple):
    """Where the parts of a certificate lie that name it and its key (RFC 5280, 4.1)."""

    serial: int
    issuer: Element
    key: Element
    key_identifier: bytes | None


def named_by(sid: Element, der: bytes, *, loosely: bool = False) -> bool:
    """Whether a SignerIdentifier (RFC 5652, 5.3) is about the certificate `der`, even one that cannot be used.

    `loosely`: equal names may be encoded differently (RFC 5280, 7.1).
    """
    try:
        fields = _fields(der)
        if sid.tag == ber.SEQUENCE:
            issuer, serial = sid.children()[:2]
            return ber.integer(serial) == fields.serial and _same_name(issuer, fields.issuer, loosely=loosely)
        wanted = ber.octets(sid)
        digest = hashlib.sha1(fields.key.children()[1].content[1:]).digest()  # noqa: S324  # an identifier
        return wanted in (fields.key_identifier, digest)
    except (Malformed, ValueError, IndexError):
        return False


def matches_issuer_serial(subject: Certificate, issuer: Element, serial: int) -> bool:
    """Whether issuer and serial number are those of the certificate."""
    fields = _fields(subject.der)
    return serial == fields.serial and _same_name(issuer, fields.issuer, loosely=True)


def _same_name(one: Element, other: Element, *, loosely: bool) -> bool:
    if one.encoded == other.encoded or not loosely:
        return one.encoded == other.encoded
    try:
        return bool(asn1.Name.load(one.encoded) == asn1.Name.load(other.encoded))
    except (ValueError, TypeError, KeyError):
        return False  # names that cannot be compared (RFC 4518 forbids what they hold) are not equal


@lru_cache(maxsize=CACHED_CERTIFICATES)
def _fields(der: bytes) -> _Fields:
    parts = ber.read(der).children()[0].children()
    if parts[0].tag == 0xA0:
        parts.pop(0)  # the version
    serial, _, issuer, _, _, key, *rest = parts
    extensions = next((each.children()[0].children() for each in rest if each.tag == 0xA3), [])
    identifier = None
    for extension in extensions:
        name, *_, value = extension.children()
        if ber.oid(name) == "2.5.29.14":
            identifier = ber.octets(ber.read(ber.octets(value)))
    return _Fields(serial=ber.integer(serial), issuer=issuer, key=key, key_identifier=identifier)


def _is_legal_person(subject: x509.Name) -> bool:
    given = {attribute.oid for attribute in subject}
    return NameOID.ORGANIZATION_IDENTIFIER in given and not given & _OF_PERSONS


def readable_name(name: x509.Name) -> str:
    """Common name, else the whole name."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[-1].value) if common else name.rfc4514_string()
