"""Does a signature value fit a key and a message? The computation is pyca's; here the right one is chosen."""

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature

from verifier.algorithms import Scheme, SignatureAlgorithm, UnknownAlgorithm

PublicKey = CertificatePublicKeyTypes

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "md5": hashes.MD5(),  # noqa: S303  # recognised, so that the policy can say that it is too weak
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha512_224": hashes.SHA512_224(),
    "sha512_256": hashes.SHA512_256(),
    "sha3_224": hashes.SHA3_224(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
}
_BY_LENGTH: Final = {20: hashes.SHA1(), 32: hashes.SHA256(), 64: hashes.SHA512()}  # noqa: S303  # lengths only, see _any_hash
_SHAKE_BYTES: Final = {"shake128": 32, "shake256": 64}  # RFC 8702, 3.1


class Message:
    """What a signature is about: pieces of bytes that are not copied; every digest of them is computed once."""

    def __init__(self, *parts: bytes | memoryview) -> None:
        self._parts = parts
        self._digests: dict[str, bytes] = {}

    def digest(self, name: str) -> bytes:
        """Their digest; raises `UnknownAlgorithm` for a name that this machine cannot compute."""
        if name not in self._digests:
            self._digests[name] = _digest(name, self._parts)
        return self._digests[name]

    @cached_property
    def whole(self) -> bytes:
        """The pieces in one: for EdDSA, which signs no digest."""
        return b"".join(self._parts)


def verifies(
    key: PublicKey, signature: bytes, message: Message, algorithm: SignatureAlgorithm, digest_name: str
) -> bool:
    """Whether `signature` is one of `message` by the owner of `key`. Raises `UnknownAlgorithm`.

    `digest_name`: what is named beside the algorithm, where it names no digest itself.
    """
    name = algorithm.digest or digest_name
    try:
        _verify(key, signature, message, algorithm, name)
    except (InvalidSignature, ValueError):
        return False
    except UnsupportedAlgorithm:
        raise UnknownAlgorithm(f"a signature with {name} by such a key") from None
    return True


def _verify(key: PublicKey, signature: bytes, message: Message, algorithm: SignatureAlgorithm, name: str) -> None:
    scheme = algorithm.scheme
    if isinstance(key, rsa.RSAPublicKey) and scheme is Scheme.RSA_PKCS1:
        key.verify(signature, message.digest(name), padding.PKCS1v15(), Prehashed(_hash(name)))
    elif isinstance(key, rsa.RSAPublicKey) and scheme is Scheme.RSA_PSS:
        pss = padding.PSS(padding.MGF1(_hash(algorithm.mgf_digest)), algorithm.salt_length)
        key.verify(signature, message.digest(name), pss, Prehashed(_hash(name)))
    elif isinstance(key, ec.EllipticCurvePublicKey) and scheme in (Scheme.ECDSA, Scheme.PLAIN_ECDSA):
        digest = message.digest(name)
        key.verify(_as_sequence(signature, key), digest, ec.ECDSA(Prehashed(_any_hash(name, digest))))
    elif isinstance(key, dsa.DSAPublicKey) and scheme is Scheme.DSA:
        digest = message.digest(name)
        key.verify(signature, digest, Prehashed(_any_hash(name, digest)))
    elif (isinstance(key, ed25519.Ed25519PublicKey) and scheme is Scheme.ED25519) or (
        isinstance(key, ed448.Ed448PublicKey) and scheme is Scheme.ED448
    ):
        key.verify(signature, message.whole)
    else:
        raise InvalidSignature  # the algorithm is not one of this kind of key


def _hash(name: str) -> hashes.HashAlgorithm:
    if name not in _HASHES:
        raise UnknownAlgorithm(f"a signature with the digest {name}")
    return _HASHES[name]


def _any_hash(name: str, digest: bytes) -> hashes.HashAlgorithm:
    """ECDSA and DSA use a digest as a number, so only its length counts and every digest can be used."""
    return _HASHES.get(name) or _BY_LENGTH[len(digest)]


def _as_sequence(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """DER of the two numbers, which are also met plain, one after the other, under either identifier."""
    size = (key.curve.group_order.bit_length() + 7) // 8
    try:
        decode_dss_signature(signature)
    except ValueError:
        if len(signature) == 2 * size:
            return encode_dss_signature(
                int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
            )
    return signature


def _digest(name: str, parts: Iterable[bytes | memoryview]) -> bytes:
    try:
        digest = hashlib.new(name)
    except (ValueError, TypeError):
        raise UnknownAlgorithm(f"the digest {name}") from None
    for part in parts:
        digest.update(part)
    if name in _SHAKE_BYTES:
        return digest.digest(_SHAKE_BYTES[name])  # type: ignore[call-arg]  # SHAKE asks for a length
    return digest.digest()
