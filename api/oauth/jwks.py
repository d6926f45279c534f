"""Public keys of a client, as they are registered (RFC 7517): checked once, and kept without anything else."""

from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from signer.errors import ClientRefused

MOST_KEYS: Final = 8
"""Enough for a key of today and one of tomorrow on a few machines."""

_RSA_BITS: Final = range(2048, 4097)
_PUBLIC: Final = ("kty", "crv", "x", "y", "n", "e", "kid", "alg", "use")
_SECRET: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LONGEST_TEXT: Final = 256
_SHORTEST_MODULUS: Final = "n" * 342
"""2048 bits in base64url; the library takes less with a warning."""
_KINDS: Final = "Use P-256, P-384, Ed25519, or RSA with 2048 to 4096 bits."


def public_keys(key_set: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """The keys of a JWK set; raises `ClientRefused` for what is none, is private, or of a kind that is not taken."""
    keys = key_set.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        raise _refused(f"Send a JWK set of 1 to {MOST_KEYS} public keys.", "not-a-key-set")
    read = tuple(_public(key) for key in keys)
    names = [key["kid"] for key in read if "kid" in key]
    if len(set(names)) != len(names):
        raise _refused("Two keys have the same kid.", "same-kid")
    return read


def _public(key: object) -> dict[str, str]:
    if not isinstance(key, dict):
        raise _refused("A key is an object.", "not-a-key")
    if _SECRET & key.keys():
        raise _refused("This is a private key: make another one, and send its public part alone.", "private-key")
    kept = {name: key[name] for name in _PUBLIC if name in key}
    if not all(isinstance(value, str) and 0 < len(value) <= 1024 for value in kept.values()):
        raise _refused("The members of a key are texts.", "not-a-key")
    if len(kept.get("kid", "")) > _LONGEST_TEXT or kept.get("use", "sig") != "sig":
        raise _refused("A key for signing, with a kid of at most 256 characters.", "not-a-key")
    if kept.get("kty") not in ("EC", "RSA", "OKP") or len(kept.get("n", _SHORTEST_MODULUS)) < len(_SHORTEST_MODULUS):
        raise _refused(_KINDS, "key-kind")
    try:
        public = import_key(dict(kept)).public_key
    except (JoseError, ValueError, KeyError, TypeError):
        raise _refused("The key cannot be read.", "not-a-key") from None
    if not _is_usable(public):
        raise _refused(_KINDS, "key-kind")
    return kept


def _is_usable(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_BITS and key.public_numbers().e > 65536
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    return isinstance(key, ed25519.Ed25519PublicKey)


def _refused(message: str, reason: str) -> ClientRefused:
    return ClientRefused(message, field="jwks", reason=reason)
