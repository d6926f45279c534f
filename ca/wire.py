"""ASN.1 that OCSP and time-stamping share.

Read and written by pyca's declarative codec: strict DER, so what was read and is written again is the same bytes.
"""

from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes

SHA1: Final = x509.ObjectIdentifier("1.3.14.3.2.26")
SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
SHA384: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.2")
SHA512: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.3")

HASHES: Final[dict[x509.ObjectIdentifier, hashes.HashAlgorithm]] = {
    SHA1: hashes.SHA1(),  # noqa: S303 - an identifier in OCSP (RFC 6960, 4.1.1), never a signature
    SHA256: hashes.SHA256(),
    SHA384: hashes.SHA384(),
    SHA512: hashes.SHA512(),
}

_ECDSA: Final = {
    "sha256": x509.ObjectIdentifier("1.2.840.10045.4.3.2"),
    "sha384": x509.ObjectIdentifier("1.2.840.10045.4.3.3"),
}


@asn1.sequence
class HashIdentifier:
    """AlgorithmIdentifier of a hash; both forms of absent parameters occur (RFC 5754, 2) and are kept."""

    algorithm: x509.ObjectIdentifier
    parameters: asn1.Null | None = None


@asn1.sequence
class SignatureIdentifier:
    """AlgorithmIdentifier of an ECDSA signature: no parameters (RFC 5758, 3.2)."""

    algorithm: x509.ObjectIdentifier


@asn1.sequence
class WireExtension:
    """Extension (RFC 5280, 4.1)."""

    oid: x509.ObjectIdentifier
    critical: Annotated[bool, asn1.Default(False)] = False
    value: bytes


def ecdsa_with(algorithm: hashes.HashAlgorithm) -> SignatureIdentifier:
    """How ECDSA with that hash is called."""
    return SignatureIdentifier(algorithm=_ECDSA[algorithm.name])


def tlv(der: bytes) -> asn1.TLV:
    """Bytes that are DER already, to stand inside something bigger."""
    return asn1.decode_der(asn1.TLV, der)


def enumerated(value: int) -> asn1.TLV:
    """ENUMERATED, for which the codec has no type; `value` below 128."""
    return tlv(bytes((0x0A, 1, value)))
