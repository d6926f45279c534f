"""Algorithms by their OIDs: what a key of this house does, and how digests of a request are read.

Every key of an official or a seal is P-256 and signs SHA-256 (`contracts/pki.md`): one algorithm is listed, and a
client that names another one is refused before anything is used up.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import Certificate

from api.faces.csc.errors import bad_value, invalid
from api.oauth.digests import ALGORITHM_OF_LENGTH, ALGORITHM_OF_OID, LENGTHS, read_digest
from signer.authorisation import AuthorisedDigest, Purpose

ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
P256: Final = "1.2.840.10045.3.1.7"
SHA256: Final = "2.16.840.1.101.3.4.2.1"

_CURVES: Final = {"secp256r1": P256, "secp384r1": "1.3.132.0.34", "secp521r1": "1.3.132.0.35"}
_DIGEST_OF: Final = {ECDSA_SHA256: "sha256"}
"""The digest that each signature algorithm fixes."""
_DER_NULL: Final = b"\x05\x00"


def key_algorithms(certificate: Certificate) -> tuple[str, ...]:
    """What `key.algo` lists: only what works."""
    key = certificate.public_key()
    fits = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return (ECDSA_SHA256,) if fits else ()


def key_shape(certificate: Certificate) -> tuple[int, str | None]:
    """Bits, and the curve's OID."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.key_size, _CURVES.get(key.curve.name)
    return getattr(key, "key_size", 0), None


def digest_of_signature(sign_algo: str, parameters: str | None) -> str:
    """The digest algorithm that `signAlgo` fixes; refuses what no key of this house does."""
    name = _DIGEST_OF.get(sign_algo)
    if name is None:
        raise bad_value("signAlgo")
    if parameters is not None and _octets(parameters) not in (b"", _DER_NULL):
        raise bad_value("signAlgoParams")  # ECDSA takes none (RFC 5758, 3.2)
    return name


def digest_algorithm(oid: str, name: str) -> str:
    """`sha256`, `sha384` or `sha512` by its OID, sent in the field `name`."""
    if oid not in ALGORITHM_OF_OID:
        raise bad_value(name)
    return ALGORITHM_OF_OID[oid]


def read_digests(
    texts: Sequence[str], algorithm: str | None, *, purpose: Purpose | None = None
) -> tuple[AuthorisedDigest, ...]:
    """The digests of a request in its order; without `algorithm` their length decides it."""
    if not texts:
        raise invalid("Empty hash array")
    return tuple(AuthorisedDigest(value=_digest(each, algorithm).hex(), purpose=purpose) for each in texts)


def _digest(text: str, algorithm: str | None) -> bytes:
    octets = read_digest(text)
    if octets is None:
        raise invalid("Invalid Base64 hash string parameter")
    known = ALGORITHM_OF_LENGTH if algorithm is None else {LENGTHS[algorithm]: algorithm}
    if len(octets) not in known:
        raise invalid("Invalid digest value length")
    return octets


def _octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
