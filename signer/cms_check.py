"""Checks a CMS SignedData with one public key, reading it as bytes: our own result, and the tokens that we are given.

No path is built and no policy applied; that is the verifier's work. This answers one question: did the holder of this
certificate's key sign exactly this?
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signer.der import CONTEXT_0, CONTEXT_1, OCTETS, OID, SEQUENCE, SET, DerError, Element, integer, oid, tlv

ID_DATA: Final = oid("1.2.840.113549.1.7.1")
ID_TST_INFO: Final = oid("1.2.840.113549.1.9.16.1.4")
_ID_SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
_HASHES: Final[dict[bytes, tuple[str, hashes.HashAlgorithm]]] = {
    oid("2.16.840.1.101.3.4.2.1"): ("sha256", hashes.SHA256()),
    oid("2.16.840.1.101.3.4.2.2"): ("sha384", hashes.SHA384()),
    oid("2.16.840.1.101.3.4.2.3"): ("sha512", hashes.SHA512()),
}
_SIGNATURES: Final = {
    oid("1.2.840.10045.4.3.2"): "sha256",
    oid("1.2.840.10045.4.3.3"): "sha384",
    oid("1.2.840.10045.4.3.4"): "sha512",
    oid("1.2.840.113549.1.1.11"): "sha256",
    oid("1.2.840.113549.1.1.12"): "sha384",
    oid("1.2.840.113549.1.1.13"): "sha512",
    oid("1.2.840.113549.1.1.1"): None,  # rsaEncryption: the digest algorithm says which
}


class CmsUnsound(ValueError):
    """The structure is not what it should be, or the signature does not hold."""


@dataclass(frozen=True, slots=True)
class CheckedSignedData:
    """What a sound SignedData carries besides its signature."""

    certificates: tuple[bytes, ...]
    """The embedded certificates, DER. Nobody signed for them: compare them with what should be there."""
    content: bytes | None
    """The encapsulated content; `None` for a detached signature."""
    timestamp_token: bytes | None
    """The first unsigned attribute value of the only signer, whole; for our signatures this is the token."""
    signed_attributes: dict[bytes, bytes]
    """Attribute type (OID, DER) -> its only value, DER."""


def check_signed_data(
    cms: bytes, certificate: x509.Certificate, *, content_type: bytes, detached_digest: bytes | None = None
) -> CheckedSignedData:
    """The parts of `cms` after its only signature was found to be `certificate`'s, or `CmsUnsound`.

    `content_type` is the DER of the content type's OID. `detached_digest` is the content's digest where the content is
    not inside. Trailing octets after the ContentInfo are the caller's business.
    """
    try:
        return _check(cms, certificate, content_type, detached_digest)
    except (DerError, ValueError, KeyError, TypeError, InvalidSignature) as error:
        raise CmsUnsound(f"{type(error).__name__}: {error}") from error


def _check(
    cms: bytes, certificate: x509.Certificate, content_type: bytes, detached_digest: bytes | None
) -> CheckedSignedData:
    kind, wrapper = Element(cms).expect(SEQUENCE).children()
    _require(kind.encoded == _ID_SIGNED_DATA, "not SignedData")
    (signed_data,) = wrapper.expect(CONTEXT_0).children()
    _version, _digests, content_info, *optional, signers = signed_data.expect(SEQUENCE).children()
    _require(all(part.tag in (CONTEXT_0, CONTEXT_1) for part in optional), "unknown parts")
    content = _content(content_info, content_type)
    (signer,) = signers.expect(SET).children()
    _version, sid, digest_algorithm, attributes, signature_algorithm, signature, *unsigned = signer.children()
    expected_sid = certificate.issuer.public_bytes() + integer(certificate.serial_number)
    _require(sid.expect(SEQUENCE).body == expected_sid, "signed with another certificate")
    name, hash_algorithm = _HASHES[next(digest_algorithm.children()).encoded]
    digest = detached_digest if content is None else hashlib.new(name, content).digest()
    _require(digest is not None, "no content")
    values = _attributes(attributes.expect(CONTEXT_0))
    _require(values.get(_CONTENT_TYPE) == content_type, "the signed content type is another")
    _require(values.get(_MESSAGE_DIGEST) == tlv(OCTETS, digest or b""), "the signed digest is another")
    signed_with = _SIGNATURES[next(signature_algorithm.children()).encoded]
    _require(signed_with in (name, None), "digest and signature algorithm disagree")
    _verify(certificate, signature.expect(OCTETS).body, tlv(SET, attributes.body), hash_algorithm)
    certificates = tuple(item.encoded for part in optional if part.tag == CONTEXT_0 for item in part.children())
    return CheckedSignedData(
        certificates=certificates,
        content=content,
        timestamp_token=_first_value(unsigned),
        signed_attributes=values,
    )


def _content(content_info: Element, content_type: bytes) -> bytes | None:
    kind, *explicit = content_info.expect(SEQUENCE).children()
    _require(kind.encoded == content_type, "another content type")
    if not explicit:
        return None
    (octets,) = explicit[0].expect(CONTEXT_0).children()
    return octets.expect(OCTETS).body


def _attributes(attributes: Element) -> dict[bytes, bytes]:
    """OID -> its only value; an attribute that comes twice is refused."""
    found: dict[bytes, bytes] = {}
    for attribute in attributes.children():
        kind, values = attribute.expect(SEQUENCE).children()
        (value,) = values.expect(SET).children()
        _require(kind.expect(OID).encoded not in found, "an attribute comes twice")
        found[kind.encoded] = value.encoded
    return found


def _first_value(unsigned: list[Element]) -> bytes | None:
    if not unsigned:
        return None
    return next(iter(_attributes(unsigned[0].expect(CONTEXT_1)).values()), None)


def _verify(
    certificate: x509.Certificate, signature: bytes, signed: bytes, hash_algorithm: hashes.HashAlgorithm
) -> None:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(hash_algorithm))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), hash_algorithm)
    else:
        raise CmsUnsound("a key of an unsupported kind")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CmsUnsound(otherwise)
