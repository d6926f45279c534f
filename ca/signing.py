"""How a key of this house signs, and what becomes of its failures.

A key is any `EllipticCurvePrivateKey`; where it lives is not known here. Whatever its `sign` raises means to us that
the key does not answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.errors import Misconfigured, SigningKeyUnavailable

_HASHES: Final[dict[str, hashes.SHA256 | hashes.SHA384]] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
}


def hash_for(curve: ec.EllipticCurve) -> hashes.SHA256 | hashes.SHA384:
    """The hash that goes with a curve: SHA-256 with P-256, SHA-384 with P-384. `Misconfigured` for any other."""
    try:
        return _HASHES[curve.name]
    except KeyError:
        raise Misconfigured(f"keys on {curve.name} are not used here: make one on secp256r1 or secp384r1") from None


@contextmanager
def key_in_use(what: str) -> Iterator[None]:
    """Turn whatever a key raises while it signs `what` into `SigningKeyUnavailable`."""
    try:
        yield
    except Exception as failure:
        raise SigningKeyUnavailable(f"the key gave no signature for {what}: is its token up?") from failure


def sign(key: ec.EllipticCurvePrivateKey, data: bytes, what: str) -> bytes:
    """ECDSA over `data` with the hash of the key's curve. Raises `SigningKeyUnavailable`."""
    algorithm = ec.ECDSA(hash_for(key.curve))
    with key_in_use(what):
        return key.sign(data, algorithm)


def holds(public_key: PublicKeyTypes, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is one over `data` by the owner of `public_key`, with the hash of its curve."""
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        return False
    try:
        public_key.verify(signature, data, ec.ECDSA(hash_for(public_key.curve)))
    except InvalidSignature:
        return False
    return True
