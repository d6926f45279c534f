"""RFC 3161 tokens written byte by byte, so that no library re-encodes what a time-stamping unit signed."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

_DIGEST_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_SEQUENCE, _SET, _OCTETS, _TIME = 0x30, 0x31, 0x04, 0x18


def timestamp_token(
    digest: bytes,
    algorithm: str,
    at: datetime,
    key: ec.EllipticCurvePrivateKey,
    certificates: Sequence[x509.Certificate],
    *,
    policy: str,
    nonce: int | None = None,
) -> bytes:
    """A TimeStampToken (RFC 3161, 2.4.2) with ESSCertIDv2 (RFC 5816); `certificates` starts with the unit's own."""
    own = certificates[0]
    info = _tst_info(digest, algorithm, at, policy, nonce)
    p384 = key.key_size > 256
    hashed, sig_oid = ("sha384", "1.2.840.10045.4.3.3") if p384 else ("sha256", "1.2.840.10045.4.3.2")
    ess = _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_OCTETS, own.fingerprint(hashes.SHA256())))))
    attributes = b"".join(
        sorted(
            (
                _attribute("1.2.840.113549.1.9.3", _oid("1.2.840.113549.1.9.16.1.4")),  # contentType: TSTInfo
                _attribute("1.2.840.113549.1.9.4", _tlv(_OCTETS, hashlib.new(hashed, info).digest())),
                _attribute("1.2.840.113549.1.9.16.2.47", ess),  # signingCertificateV2
            )
        )
    )
    signature = key.sign(_tlv(_SET, attributes), ec.ECDSA(hashes.SHA384() if p384 else hashes.SHA256()))
    signer_info = _tlv(
        _SEQUENCE,
        _integer(1),
        _tlv(_SEQUENCE, own.issuer.public_bytes(), _integer(own.serial_number)),
        _tlv(_SEQUENCE, _oid(_DIGEST_OIDS[hashed])),
        _tlv(0xA0, attributes),
        _tlv(_SEQUENCE, _oid(sig_oid)),
        _tlv(_OCTETS, signature),
    )
    signed_data = _tlv(
        _SEQUENCE,
        _integer(3),
        _tlv(_SET, _tlv(_SEQUENCE, _oid(_DIGEST_OIDS[hashed]))),
        _tlv(_SEQUENCE, _oid("1.2.840.113549.1.9.16.1.4"), _tlv(0xA0, _tlv(_OCTETS, info))),
        _tlv(0xA0, *sorted(certificate.public_bytes(Encoding.DER) for certificate in certificates)),
        _tlv(_SET, signer_info),
    )
    return _tlv(_SEQUENCE, _oid("1.2.840.113549.1.7.2"), _tlv(0xA0, signed_data))


def _tst_info(digest: bytes, algorithm: str, at: datetime, policy: str, nonce: int | None) -> bytes:
    return _tlv(
        _SEQUENCE,
        _integer(1),
        _oid(policy),
        _tlv(_SEQUENCE, _tlv(_SEQUENCE, _oid(_DIGEST_OIDS[algorithm])), _tlv(_OCTETS, digest)),
        _integer(int.from_bytes(b"\x01" + secrets.token_bytes(16), "big")),
        _tlv(_TIME, at.strftime("%Y%m%d%H%M%SZ").encode()),
        _tlv(_SEQUENCE, _integer(1)),  # accuracy: one second
        b"" if nonce is None else _integer(nonce),
    )


def _attribute(oid: str, value: bytes) -> bytes:
    return _tlv(_SEQUENCE, _oid(oid), _tlv(_SET, value))


def _oid(dotted: str) -> bytes:
    encoded: bytes = core.ObjectIdentifier(dotted).dump()
    return encoded


def _integer(number: int) -> bytes:
    return _tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body
