"""What a time-stamping client asks, and the two ways in which it is answered (RFC 3161, 2.4)."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1

from ca.wire import HASHES, SHA256, SHA384, SHA512, HashIdentifier, WireExtension

MAX_OCTETS: Final = 4 * 1024
"""A request takes some hundred octets; a long nonce does not make it better."""
ACCEPTED_HASHES: Final = {oid: HASHES[oid].digest_size for oid in (SHA256, SHA384, SHA512)}
HASH_NAMES: Final = {HASHES[oid].name: oid for oid in ACCEPTED_HASHES}


class Failure(Enum):
    """PKIFailureInfo (RFC 3161, 2.4.2); the value is the number of the bit."""

    BAD_ALG = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


class Refused(Exception):
    """No token, and why; the text goes to the client."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(text)
        self.failure = failure
        self.text = text


@asn1.sequence
class MessageImprint:
    """MessageImprint: what is to be stamped."""

    hash: HashIdentifier
    digest: bytes


@asn1.sequence
class _TimeStampReq:
    version: int
    imprint: MessageImprint
    policy: x509.ObjectIdentifier | None
    nonce: int | None
    cert_req: Annotated[bool, asn1.Default(False)]
    extensions: Annotated[list[WireExtension] | None, asn1.Implicit(0)]


@asn1.sequence
class _StatusInfo:
    status: int
    text: list[str] | None
    failure: asn1.BitString | None


@asn1.sequence
class _Granted:
    status: _StatusInfo
    token: asn1.TLV


@asn1.sequence
class _Rejected:
    status: _StatusInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampQuery:
    """What is asked, after every check that needs no clock and no key."""

    imprint: MessageImprint
    nonce: int | None
    with_certificates: bool


def read_query(der: bytes, policy: x509.ObjectIdentifier) -> TimestampQuery:
    """The question in a TimeStampReq. Raises `Refused`; no other exception, whatever the bytes."""
    if len(der) > MAX_OCTETS:
        raise Refused(Failure.BAD_REQUEST, f"longer than {MAX_OCTETS} octets")
    try:
        request = asn1.decode_der(_TimeStampReq, der)
    except ValueError:
        raise Refused(Failure.BAD_DATA_FORMAT, "not the DER of a TimeStampReq") from None
    if request.version != 1:
        raise Refused(Failure.BAD_REQUEST, "version must be 1")
    if request.extensions is not None:
        raise Refused(Failure.UNACCEPTED_EXTENSION, "no extension is known here")
    if request.policy is not None and request.policy != policy:
        raise Refused(Failure.UNACCEPTED_POLICY, f"the policy here is {policy.dotted_string}")
    check_imprint(request.imprint)
    return TimestampQuery(imprint=request.imprint, nonce=request.nonce, with_certificates=request.cert_req)


def check_imprint(imprint: MessageImprint) -> None:
    """Raise `Refused` unless the hash is accepted and the digest is as long as that hash makes it."""
    octets = ACCEPTED_HASHES.get(imprint.hash.algorithm)
    if octets is None:
        raise Refused(Failure.BAD_ALG, "use SHA-256, SHA-384 or SHA-512")
    if len(imprint.digest) != octets:
        raise Refused(Failure.BAD_DATA_FORMAT, f"a digest of this hash has {octets} octets")


def granted(token: bytes) -> bytes:
    """TimeStampResp with a token (ContentInfo, DER)."""
    status = _StatusInfo(status=0, text=None, failure=None)
    return asn1.encode_der(_Granted(status=status, token=asn1.decode_der(asn1.TLV, token)))


def rejected(refused: Refused) -> bytes:
    """TimeStampResp without one."""
    bit = refused.failure.value
    octets = bytearray(bit // 8 + 1)
    octets[-1] = 0x80 >> bit % 8
    failure = asn1.BitString(bytes(octets), 7 - bit % 8)  # named bits: no trailing zeros in DER
    status = _StatusInfo(status=2, text=[refused.text], failure=failure)
    return asn1.encode_der(_Rejected(status=status))
