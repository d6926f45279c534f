"""The answer of `POST /api/v2/verify/pdf` (contract, 8.2). Two keys are misspelt on the wire, and stay so."""

import hashlib
from typing import Final

import msgspec
from cryptography import x509

from api.faces.esign.judged import (
    common_name,
    is_trusted,
    is_whole,
    read_certificate,
    signatures_of,
    signed_at,
    signer_certificate,
    tolerating_zero,
    word_of,
    written_out,
)
from api.faces.esign.moments import iso_time
from verifier.model import SignatureReport, TimestampReport, ValidationReport

_USAGES: Final = (
    ("digital_signature", "digitalSignature"),
    ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"),
    ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"),
    ("crl_sign", "crlSign"),
)
_SCHEMES: Final = {
    x509.SignatureAlgorithmOID.RSASSA_PSS: "RSASSA-PSS",
    x509.SignatureAlgorithmOID.ED25519: "Ed25519",
    x509.SignatureAlgorithmOID.ED448: "Ed448",
}
_LONG_TERM: Final = ("-LT", "-LTA")


class TimestampItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A timestamp over the signature."""

    id: str
    signer_name: str
    timestamp_date: str


class CertificateItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One certificate of the path."""

    id: str
    common_name: str
    issuer_name: str
    serial_number: str
    not_before_date: str
    not_after_date: str
    signature_algorithm: str | None = msgspec.field(name="signatureAlgoritm")
    key_usages: tuple[str, ...]


class SignatureItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One signature."""

    id: str
    signature_format: str | None
    signer_name: str | None
    signature_date: str
    field_name: str
    reason: str | None
    location: str | None
    cert_level_code: int = 0
    """Meaning unknown; 0 wherever it was seen."""
    signature_algorithm: str | None = None
    """`null` wherever it was seen, like the next one."""
    digest_algorithm: str | None = None
    timestamp_information: TimestampItem | None = msgspec.field(name="timestampInfomation")
    certificate_details: tuple[CertificateItem, ...]
    integrity_valid: bool
    certificate_trusted: bool
    last_signature: bool
    ltv: bool


class VerdictV2(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole answer; it never has a key `error`."""

    conclusion: str
    description: str
    signature_count: int
    signature_informations: tuple[SignatureItem, ...]

    @classmethod
    def of(cls, report: ValidationReport, *, description: str, certified_only: bool = False) -> "VerdictV2":
        """`description`: the verdict in one or two sentences; raises as `word_of`."""
        signatures = signatures_of(report)
        items = tuple(
            _item(each, report, certified_only=certified_only, last=each is signatures[-1]) for each in signatures
        )
        return cls(
            conclusion=word_of(report).value,
            description=description,
            signature_count=len(items),
            signature_informations=items,
        )


def _item(each: SignatureReport, report: ValidationReport, *, certified_only: bool, last: bool) -> SignatureItem:
    facts, certificate = each.facts, signer_certificate(each)
    path = each.certificates or ((facts.certificate,) if facts and facts.certificate else ())
    return SignatureItem(
        id=_id("S", facts.container_sha256 if facts else _sha256(each.field_name.encode())),
        signature_format=format_name(each.level),
        signer_name=common_name(certificate.subject) if certificate else None,
        signature_date=iso_time(signed_at(each, report)),
        field_name=each.field_name,
        reason=facts.reason if facts else None,
        location=facts.location if facts else None,
        timestamp_information=_timestamp_item(each, each.timestamp) if each.timestamp else None,
        certificate_details=tuple(filter(None, map(_certificate_item, path))),
        integrity_valid=is_whole(each),
        certificate_trusted=is_trusted(each, certified_only=certified_only),
        last_signature=last,
        ltv=each.level is not None and each.level.endswith(_LONG_TERM),
    )


def format_name(level: str | None) -> str | None:
    """Our name of a level in the words of EU DSS: `PAdES-BASELINE-LT`, `PKCS7-B`; others as they are."""
    if level is None:
        return None
    if level == "PKCS7":
        return "PKCS7-B"
    return level.replace("PAdES-B-", "PAdES-BASELINE-")


def _timestamp_item(each: SignatureReport, timestamp: TimestampReport) -> TimestampItem:
    token = each.facts.token_sha256 if each.facts else None
    return TimestampItem(
        id=_id("T", token or _sha256(timestamp.time.isoformat().encode())),
        signer_name=timestamp.authority,
        timestamp_date=iso_time(timestamp.time),
    )


def _certificate_item(der: bytes) -> CertificateItem | None:
    certificate = read_certificate(der)
    if certificate is None:
        return None
    with tolerating_zero():
        serial_number = str(certificate.serial_number)
    return CertificateItem(
        id=_id("C", _sha256(der)),
        common_name=common_name(certificate.subject),
        issuer_name=written_out(certificate.issuer),
        serial_number=serial_number,
        not_before_date=iso_time(certificate.not_valid_before_utc),
        not_after_date=iso_time(certificate.not_valid_after_utc),
        signature_algorithm=_algorithm(certificate),
        key_usages=_usages(certificate),
    )


def _algorithm(certificate: x509.Certificate) -> str | None:
    """`RSA with SHA256`, `ECDSA with SHA384`; the scheme alone where the digest is not told."""
    oid = certificate.signature_algorithm_oid
    if oid in _SCHEMES:
        return _SCHEMES[oid]
    try:
        digest = certificate.signature_hash_algorithm
    except ValueError:
        return None
    scheme = "ECDSA" if oid.dotted_string.startswith("1.2.840.10045.4.") else "RSA"
    return f"{scheme} with {digest.name.upper().replace('-', '')}" if digest else None


def _usages(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    return tuple(name for attribute, name in _USAGES if getattr(usage, attribute))


def _id(prefix: str, sha256: str) -> str:
    return f"{prefix}-{sha256.upper()}"


def _sha256(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
