"""What is asked of a time-stamping authority, and the token in its answer (RFC 3161, 2.4)."""

from collections.abc import Callable
from typing import Final

from signer.cms_check import CmsUnsound
from signer.der import INTEGER, OCTETS, SEQUENCE, Element, integer, oid, tlv
from signer.errors import ResultUnsound, TimestampUnavailable
from signer.timestamp_check import certificates_in, check_token

_BOOLEAN, _NULL, _TRUE = 0x01, 0x05, b"\xff"
_HASH_OIDS: Final = {
    "sha256": oid("2.16.840.1.101.3.4.2.1"),
    "sha384": oid("2.16.840.1.101.3.4.2.2"),
    "sha512": oid("2.16.840.1.101.3.4.2.3"),
}
_GRANTED: Final = (b"\x00", b"\x01")  # granted, grantedWithMods


def request_of(digest: bytes, algorithm: str, nonce: int | None, *, policy: bytes = b"") -> bytes:
    """A TimeStampReq over `digest` that asks for the unit's certificate; `policy`: an OID, DER."""
    imprint = tlv(SEQUENCE, tlv(SEQUENCE, _HASH_OIDS[algorithm], tlv(_NULL)), tlv(OCTETS, digest))
    asked = b"" if nonce is None else integer(nonce)
    return tlv(SEQUENCE, integer(1), imprint, policy, asked, tlv(_BOOLEAN, _TRUE))


def token_in(response: bytes) -> bytes:
    """The token of a TimeStampResp that grants one; raises `CmsUnsound` or `DerError`."""
    whole = Element(response).expect(SEQUENCE)
    if whole.end != len(response):
        raise CmsUnsound("octets behind the answer")
    status, *token = whole.children()
    granted = next(status.expect(SEQUENCE).children()).expect(INTEGER).body
    if granted not in _GRANTED or len(token) != 1:
        raise CmsUnsound("the authority refused")
    return token[0].encoded


def own_token(ask: Callable[[bytes], bytes], digest: bytes, algorithm: str, nonce: int | None) -> bytes:
    """A token of our own authority for somebody else; `ask` carries a TimeStampReq there and a TimeStampResp back.

    Raises `TimestampUnavailable` where none was granted, `ResultUnsound` for one that does not answer the question.
    """
    response = ask(request_of(digest, algorithm, nonce))
    try:
        token = token_in(response)
    except ValueError as error:
        raise TimestampUnavailable(f"our own authority: {error}") from error
    try:
        said = check_token(token, digest, certificates_in(token)[0], algorithm=algorithm)
    except ValueError as error:
        raise ResultUnsound(f"the token of our own authority: {error}") from error
    if said.nonce != nonce:
        raise ResultUnsound("the token of our own authority has another nonce")
    return token
