"""A timestamp token read and checked before it is used (RFC 3161, 2.4.2; RFC 5816)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.cms_check import ID_TST_INFO, CmsUnsound, check_signed_data
from signer.der import INTEGER, OCTETS, OID, SEQUENCE, SET, DerError, Element, oid

_GENERALIZED_TIME: Final = 0x18
_SHA256: Final = oid("2.16.840.1.101.3.4.2.1")
_SIGNING_CERTIFICATE: Final = oid("1.2.840.113549.1.9.16.2.12")
_SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")
_HASHES: Final = {
    _SHA256: "sha256",
    oid("2.16.840.1.101.3.4.2.2"): "sha384",
    oid("2.16.840.1.101.3.4.2.3"): "sha512",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedToken:
    """What a sound token says."""

    at: datetime
    """genTime; aware, UTC."""
    policy: bytes
    """OID of the authority's policy, DER."""
    nonce: int | None


def check_token(token: bytes, digest: bytes, unit: x509.Certificate, *, algorithm: str = "sha256") -> CheckedToken:
    """What `token` says, after it was found to be `unit`'s and over exactly this `digest`, made with `algorithm`.

    `CmsUnsound` otherwise. No path is built: whether `unit` is to be believed is the caller's question.
    """
    try:
        usage = unit.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise CmsUnsound("the unit's certificate has no extended key usage") from None
    if list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING] or not usage.critical:
        raise CmsUnsound("the unit's certificate is not for time-stamping alone (RFC 3161, 2.3)")
    checked = check_signed_data(token, unit, content_type=ID_TST_INFO)
    if unit.public_bytes(Encoding.DER) not in checked.certificates:
        raise CmsUnsound("the unit's certificate is not in the token")
    try:
        if not _names(checked.signed_attributes, unit):
            raise CmsUnsound("the token does not name the unit's certificate (RFC 5816, 2.2.1)")
        read, imprint = _read_tst_info(checked.content or b"")
    except (ValueError, KeyError, StopIteration) as error:
        raise CmsUnsound(f"the token cannot be read: {error}") from error
    if (_HASHES.get(imprint[0]), imprint[1]) != (algorithm, digest):
        raise CmsUnsound("the token is over another digest")
    if not unit.not_valid_before_utc <= read.at <= unit.not_valid_after_utc:
        raise CmsUnsound("the token is older or younger than the unit's certificate")
    return read


def certificates_in(token: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates that a token carries, the signer's own first; `CmsUnsound` where that one is missing."""
    try:
        _kind, wrapper = Element(token).expect(SEQUENCE).children()
        (signed_data,) = wrapper.children()
        _version, _digests, _content, carried, *_crls, signers = signed_data.expect(SEQUENCE).children()
        (signer,) = signers.expect(SET).children()
        _version, named, *_rest = signer.expect(SEQUENCE).children()
        found = [x509.load_der_x509_certificate(each.encoded) for each in carried.children()]
        issuer, serial = named.expect(SEQUENCE).children()
        number = int.from_bytes(serial.expect(INTEGER).body, "big", signed=True)
        for each in found:
            if each.serial_number == number and each.issuer.public_bytes() == issuer.encoded:
                return (each, *(other for other in found if other != each))
    except ValueError as error:
        raise CmsUnsound(f"the token cannot be read: {error}") from error
    raise CmsUnsound("the unit's certificate is not in the token")


def _read_tst_info(content: bytes) -> tuple[CheckedToken, tuple[bytes, bytes]]:
    """What it says, and its imprint: hash (OID, DER) and digest."""
    _version, policy, imprint, _serial, time, *optional = Element(content).expect(SEQUENCE).children()
    algorithm, hashed = imprint.expect(SEQUENCE).children()
    text = time.expect(_GENERALIZED_TIME).body.decode("ascii")
    if not text.endswith("Z"):
        raise DerError("genTime is not in UTC")
    form = "%Y%m%d%H%M%S.%f" if "." in text else "%Y%m%d%H%M%S"
    nonces = [int.from_bytes(each.body, "big", signed=True) for each in optional if each.tag == INTEGER]
    read = CheckedToken(
        at=datetime.strptime(text[:-1], form).replace(tzinfo=UTC),
        policy=policy.expect(OID).encoded,
        nonce=nonces[0] if nonces else None,
    )
    return read, (next(algorithm.expect(SEQUENCE).children()).encoded, hashed.expect(OCTETS).body)


def _names(attributes: dict[bytes, bytes], unit: x509.Certificate) -> bool:
    """Whether the first ESSCertID or ESSCertIDv2 is `unit`'s, so that nobody can exchange the certificate."""
    der = unit.public_bytes(Encoding.DER)
    for attribute, otherwise in ((_SIGNING_CERTIFICATE_V2, "sha256"), (_SIGNING_CERTIFICATE, "sha1")):
        if attribute in attributes:
            first = next(next(Element(attributes[attribute]).expect(SEQUENCE).children()).children())
            named, *rest = first.expect(SEQUENCE).children()
            name = otherwise
            if named.tag == SEQUENCE:
                name, named = _HASHES[next(named.children()).encoded], rest[0]
            return named.expect(OCTETS).body == hashlib.new(name, der).digest()
    return False
