"""Which public keys are certified (pki policy 3.3; ETSI TS 119 312).

One curve per profile, never a key twice, and never a key whose private half stands in a book.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.errors import RequestRefused
from ca.profiles import Profile

_SMALL_SCALARS: Final = 64
"""Private keys 1, 2, 3 ... are what broken generators and careless examples give."""

_RFC_6979_KEYS: Final = (
    (ec.SECP256R1(), 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721),  # A.2.5
    (
        ec.SECP384R1(),  # A.2.6
        0x6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5,
    ),
)


def spki_sha256(public_key: PublicKeyTypes) -> str:
    """SHA-256 of the SubjectPublicKeyInfo (DER), in hex: the name under which a log knows a key."""
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def accept_key(
    public_key: PublicKeyTypes, profile: Profile, is_key_known: Callable[[str], bool]
) -> ec.EllipticCurvePublicKey:
    """The key, if `profile` takes it; renewal always brings a new one. Raises `RequestRefused` with the reason."""
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or public_key.curve.name not in profile.curves:
        raise _refusal("key-type", f"make a key on {' or '.join(sorted(profile.curves))}")
    if is_publicly_known(public_key):
        raise _refusal("key-publicly-known", "make a new key with a working random generator")
    if is_key_known(spki_sha256(public_key)):
        raise _refusal("key-already-certified", "make a new key: none is certified twice")
    return public_key


def is_publicly_known(public_key: ec.EllipticCurvePublicKey) -> bool:
    """Whether anybody can look the private half up."""
    return spki_sha256(public_key) in _published_keys()


@cache
def _published_keys() -> frozenset[str]:
    small = [(curve, scalar) for curve in (ec.SECP256R1(), ec.SECP384R1()) for scalar in range(1, _SMALL_SCALARS + 1)]
    keys = (ec.derive_private_key(scalar, curve) for curve, scalar in [*small, *_RFC_6979_KEYS])
    return frozenset(spki_sha256(key.public_key()) for key in keys)


def _refusal(reason: str, fix: str) -> RequestRefused:
    return RequestRefused(f"csr: {reason}; {fix}", field="csr", reason=reason)
