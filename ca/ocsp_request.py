"""What an OCSP client asks (RFC 6960, 4.1; nonce by RFC 9654)."""

from dataclasses import dataclass
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1

from ca.wire import HashIdentifier, WireExtension

MAX_OCTETS: Final = 10 * 1024
"""Eight CertIDs with SHA-512 take 1.5 KiB; the rest is room for a signature that nobody reads."""
MAX_CERT_IDS: Final = 8
NONCE: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.2")
_LONGEST_NONCE: Final = 128  # RFC 9654, 2.1
_OCTET_STRING: Final = b"\x04"


class MalformedRequest(ValueError):
    """The request cannot be read, or asks for something that may not be ignored and that we do not know."""


@asn1.sequence
class CertId:
    """CertID (RFC 6960, 4.1.1)."""

    hash: HashIdentifier
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int


@asn1.sequence
class _Request:
    cert_id: CertId
    extensions: Annotated[list[WireExtension] | None, asn1.Explicit(0)]


@asn1.sequence
class _TbsRequest:
    version: Annotated[int, asn1.Explicit(0), asn1.Default(0)]
    requestor: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]  # [1] EXPLICIT GeneralName: whoever it is
    requests: list[_Request]
    extensions: Annotated[list[WireExtension] | None, asn1.Explicit(2)]


@asn1.sequence
class _OcspRequest:
    tbs: _TbsRequest
    signature: Annotated[list[asn1.TLV] | None, asn1.Explicit(0)]  # ignored, as RFC 6960, 4.1.2 allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and nothing of who asks."""

    cert_ids: tuple[CertId, ...]
    nonce: bytes | None
    """Value of the nonce extension as received: old clients put the octets there without an OCTET STRING around."""


def read_request(der: bytes) -> Question:
    """The question in an OCSPRequest. Raises `MalformedRequest`; no other exception, whatever the bytes."""
    if len(der) > MAX_OCTETS:
        raise MalformedRequest(f"longer than {MAX_OCTETS} octets")
    try:
        request = asn1.decode_der(_OcspRequest, der).tbs
    except ValueError as failure:
        raise MalformedRequest("not the DER of an OCSPRequest") from failure
    if request.version != 0 or not 1 <= len(request.requests) <= MAX_CERT_IDS:
        raise MalformedRequest(f"not version 1, or not 1 to {MAX_CERT_IDS} CertIDs")
    single = (extension for one in request.requests for extension in one.extensions or ())
    extensions = request.extensions or []
    if any(one.critical for one in single) or any(one.critical and one.oid != NONCE for one in extensions):
        raise MalformedRequest("a critical extension that is not known here")
    return Question(cert_ids=tuple(one.cert_id for one in request.requests), nonce=_nonce(extensions))


def _nonce(extensions: list[WireExtension]) -> bytes | None:
    nonces = [extension.value for extension in extensions if extension.oid == NONCE]
    if not nonces:
        return None
    if len(nonces) > 1 or not 1 <= len(_octets(nonces[0])) <= _LONGEST_NONCE:
        raise MalformedRequest(f"the nonce is not one, of 1 to {_LONGEST_NONCE} octets")
    return nonces[0]


def _octets(value: bytes) -> bytes:
    """The nonce itself, out of its OCTET STRING where there is one."""
    try:
        inner = asn1.decode_der(asn1.TLV, value)
    except ValueError:
        return value
    return bytes(inner.data) if inner.tag_bytes == _OCTET_STRING else value
