"""How an OCSP response is written (RFC 6960, 4.2.1).

pyca's own builder cannot write singleExtensions, and archiveCutoff stands there, so the structure is declared here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1

from ca.ocsp_request import NONCE, CertId
from ca.wire import SignatureIdentifier, WireExtension, enumerated, tlv

ARCHIVE_CUTOFF: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.6")
_BASIC: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.1")
_SUCCESSFUL: Final = enumerated(0)
_GOOD: Final = tlv(b"\x80\x00")  # [0] IMPLICIT NULL
_UNKNOWN: Final = tlv(b"\x82\x00")  # [2] IMPLICIT NULL
_REVOKED_TAG: Final = b"\xa1"

_REASON_CODES: Final = {
    x509.ReasonFlags.key_compromise: 1,
    x509.ReasonFlags.ca_compromise: 2,
    x509.ReasonFlags.affiliation_changed: 3,
    x509.ReasonFlags.superseded: 4,
    x509.ReasonFlags.cessation_of_operation: 5,
    x509.ReasonFlags.certificate_hold: 6,
    x509.ReasonFlags.privilege_withdrawn: 9,
    x509.ReasonFlags.aa_compromise: 10,
}


@asn1.sequence
class _RevokedInfo:
    at: asn1.GeneralizedTime
    reason: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]  # [0] EXPLICIT CRLReason: an ENUMERATED inside


@asn1.sequence
class _SingleResponse:
    cert_id: CertId
    status: asn1.TLV
    this_update: asn1.GeneralizedTime
    next_update: Annotated[asn1.GeneralizedTime | None, asn1.Explicit(0)]
    extensions: Annotated[list[WireExtension] | None, asn1.Explicit(1)]


@asn1.sequence
class _ResponseData:
    responder_key: Annotated[bytes, asn1.Explicit(2)]
    produced_at: asn1.GeneralizedTime
    responses: list[_SingleResponse]
    extensions: Annotated[list[WireExtension] | None, asn1.Explicit(1)]


@asn1.sequence
class _BasicResponse:
    data: asn1.TLV
    algorithm: SignatureIdentifier
    signature: asn1.BitString
    certificates: Annotated[list[x509.Certificate] | None, asn1.Explicit(0)]


@asn1.sequence
class _ResponseBytes:
    type: x509.ObjectIdentifier
    response: bytes


@asn1.sequence
class _OcspResponse:
    status: asn1.TLV
    response: Annotated[_ResponseBytes, asn1.Explicit(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """Since when, and why, a certificate is revoked (or on hold)."""

    at: datetime
    reason: x509.ReasonFlags | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleStatus:
    """What is said of one certificate."""

    cert_id: CertId
    is_known: bool
    revocation: Revocation | None = None
    next_update: datetime | None = None
    """`None` exactly where the certificate is unknown."""


def response_data(
    statuses: list[SingleStatus], *, responder_key: bytes, at: datetime, archive_cutoff: datetime, nonce: bytes | None
) -> bytes:
    """ResponseData, the bytes to be signed. All times aware, UTC, in whole seconds."""
    cutoff = WireExtension(oid=ARCHIVE_CUTOFF, value=asn1.encode_der(asn1.GeneralizedTime(archive_cutoff)))
    produced = asn1.GeneralizedTime(at)
    return asn1.encode_der(
        _ResponseData(
            responder_key=responder_key,
            produced_at=produced,
            responses=[_single(status, produced, cutoff) for status in statuses],
            extensions=None if nonce is None else [WireExtension(oid=NONCE, value=nonce)],
        )
    )


def signed_response(
    data: bytes, *, algorithm: SignatureIdentifier, signature: bytes, responder: x509.Certificate
) -> bytes:
    """OCSPResponse (DER) with the responder's certificate, alone."""
    basic = _BasicResponse(
        data=tlv(data), algorithm=algorithm, signature=asn1.BitString(signature, 0), certificates=[responder]
    )
    inner = _ResponseBytes(type=_BASIC, response=asn1.encode_der(basic))
    return asn1.encode_der(_OcspResponse(status=_SUCCESSFUL, response=inner))


def _single(status: SingleStatus, produced: asn1.GeneralizedTime, cutoff: WireExtension) -> _SingleResponse:
    return _SingleResponse(
        cert_id=status.cert_id,
        status=_status(status),
        this_update=produced,
        next_update=None if status.next_update is None else asn1.GeneralizedTime(status.next_update),
        extensions=[cutoff],
    )


def _status(status: SingleStatus) -> asn1.TLV:
    if not status.is_known:
        return _UNKNOWN
    if status.revocation is None:
        return _GOOD
    reason = status.revocation.reason
    code = None if reason is None else [enumerated(_REASON_CODES[reason])]
    encoded = asn1.encode_der(_RevokedInfo(at=asn1.GeneralizedTime(status.revocation.at), reason=code))
    return tlv(_REVOKED_TAG + encoded[1:])  # [1] IMPLICIT in place of SEQUENCE
