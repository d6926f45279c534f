"""Algorithm identifiers: which digest, which kind of signature, with which parameters.

RFC 5754, 8017, 4056, 5480, 8419, 8702, 9688; PLAIN-ECDSA: BSI TR-03111, 5.2.1. What is not in the tables is named and
left unjudged. Parameters that mean nothing (NULL or none, RFC 5754, 2) are not looked at.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from verifier import ber
from verifier.ber import Element, Malformed


class UnknownAlgorithm(Exception):
    """An algorithm, or parameters of one, that this version does not judge. The text names it."""


class Scheme(Enum):
    """How a signature value is made."""

    RSA_PKCS1 = auto()
    RSA_PSS = auto()
    ECDSA = auto()
    PLAIN_ECDSA = auto()
    """Two numbers of equal length, one after the other."""
    DSA = auto()
    ED25519 = auto()
    ED448 = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureAlgorithm:
    """A signature algorithm with its parameters."""

    oid: str
    scheme: Scheme
    digest: str | None
    """The digest it names itself; `None`: the one that is named beside it."""
    mgf_digest: str = ""
    """Only RSA-PSS."""
    salt_length: int = 0
    """Only RSA-PSS; bytes."""


_NIST_HASH: Final = "2.16.840.1.101.3.4.2"
_NIST_SIGNATURE: Final = "2.16.840.1.101.3.4.3"
_X962: Final = "1.2.840.10045.4"
_PLAIN: Final = "0.4.0.127.0.7.1.1.4.1"
_PKCS1: Final = "1.2.840.113549.1.1"
_PSS: Final = f"{_PKCS1}.10"
_MGF1: Final = f"{_PKCS1}.8"

_SHA2: Final = ("sha224", "sha256", "sha384", "sha512")
_SHA3: Final = ("sha3_224", "sha3_256", "sha3_384", "sha3_512")

_DIGESTS: Final[dict[str, str]] = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "1.3.36.3.2.1": "ripemd160",
    f"{_NIST_HASH}.4": "sha224",
    f"{_NIST_HASH}.1": "sha256",
    f"{_NIST_HASH}.2": "sha384",
    f"{_NIST_HASH}.3": "sha512",
    f"{_NIST_HASH}.5": "sha512_224",
    f"{_NIST_HASH}.6": "sha512_256",
    **{f"{_NIST_HASH}.{number}": name for number, name in enumerate(_SHA3, start=7)},
    f"{_NIST_HASH}.11": "shake128",
    f"{_NIST_HASH}.12": "shake256",
    f"{_NIST_HASH}.17": "shake128",  # id-shake128-len
    f"{_NIST_HASH}.18": "shake256",  # id-shake256-len
}
_SHAKE_BITS: Final = {f"{_NIST_HASH}.17": 256, f"{_NIST_HASH}.18": 512}

_SIGNATURES: Final[dict[str, tuple[Scheme, str | None]]] = {
    f"{_PKCS1}.1": (Scheme.RSA_PKCS1, None),
    f"{_PKCS1}.4": (Scheme.RSA_PKCS1, "md5"),
    f"{_PKCS1}.5": (Scheme.RSA_PKCS1, "sha1"),
    "1.3.14.3.2.29": (Scheme.RSA_PKCS1, "sha1"),
    f"{_PKCS1}.14": (Scheme.RSA_PKCS1, "sha224"),
    f"{_PKCS1}.11": (Scheme.RSA_PKCS1, "sha256"),
    f"{_PKCS1}.12": (Scheme.RSA_PKCS1, "sha384"),
    f"{_PKCS1}.13": (Scheme.RSA_PKCS1, "sha512"),
    f"{_PKCS1}.15": (Scheme.RSA_PKCS1, "sha512_224"),
    f"{_PKCS1}.16": (Scheme.RSA_PKCS1, "sha512_256"),
    **{f"{_NIST_SIGNATURE}.{number}": (Scheme.RSA_PKCS1, name) for number, name in enumerate(_SHA3, start=13)},
    "1.2.840.10045.2.1": (Scheme.ECDSA, None),  # the key's own identifier, as some cards write it
    f"{_X962}.1": (Scheme.ECDSA, "sha1"),
    **{f"{_X962}.3.{number}": (Scheme.ECDSA, name) for number, name in enumerate(_SHA2, start=1)},
    **{f"{_NIST_SIGNATURE}.{number}": (Scheme.ECDSA, name) for number, name in enumerate(_SHA3, start=9)},
    "1.3.6.1.5.5.7.6.32": (Scheme.ECDSA, "shake128"),
    "1.3.6.1.5.5.7.6.33": (Scheme.ECDSA, "shake256"),
    f"{_PLAIN}.1": (Scheme.PLAIN_ECDSA, "sha1"),
    **{f"{_PLAIN}.{number}": (Scheme.PLAIN_ECDSA, name) for number, name in enumerate(_SHA2, start=2)},
    f"{_PLAIN}.6": (Scheme.PLAIN_ECDSA, "ripemd160"),
    **{f"{_PLAIN}.{number}": (Scheme.PLAIN_ECDSA, name) for number, name in enumerate(_SHA3, start=8)},
    "1.2.840.10040.4.1": (Scheme.DSA, None),
    "1.2.840.10040.4.3": (Scheme.DSA, "sha1"),
    **{f"{_NIST_SIGNATURE}.{number}": (Scheme.DSA, name) for number, name in enumerate((*_SHA2, *_SHA3), start=1)},
    "1.3.101.112": (Scheme.ED25519, None),
    "1.3.101.113": (Scheme.ED448, None),
}


def digest_name(algorithm: Element) -> str:
    """The digest that an AlgorithmIdentifier names, in hashlib's words; also where it names a signature algorithm.

    Raises `UnknownAlgorithm`, `Malformed`.
    """
    return _digest(algorithm.encoded)


def signature_algorithm(algorithm: Element) -> SignatureAlgorithm:
    """The signature algorithm that an AlgorithmIdentifier names. Raises `UnknownAlgorithm`, `Malformed`."""
    return _signature(algorithm.encoded)


@lru_cache(maxsize=128)
def _digest(encoded: bytes) -> str:
    oid, parameters = _parts(ber.read(encoded))
    if oid in _SHAKE_BITS and (parameters is None or ber.integer(parameters) != _SHAKE_BITS[oid]):
        raise UnknownAlgorithm("a SHAKE digest of unusual length")
    if oid in _DIGESTS:
        return _DIGESTS[oid]
    _, named = _SIGNATURES.get(oid, (None, None))
    if named is None:
        raise UnknownAlgorithm(f"the digest algorithm {oid}")
    return named


@lru_cache(maxsize=128)
def _signature(encoded: bytes) -> SignatureAlgorithm:
    oid, parameters = _parts(ber.read(encoded))
    if oid == _PSS:
        return _pss(parameters)
    if oid not in _SIGNATURES:
        raise UnknownAlgorithm(f"the signature algorithm {oid}")
    scheme, digest = _SIGNATURES[oid]
    return SignatureAlgorithm(oid=oid, scheme=scheme, digest=digest)


def _pss(parameters: Element | None) -> SignatureAlgorithm:
    """RSASSA-PSS-params, all of them with a default (RFC 8017, A.2.3)."""
    digest, mgf_digest, salt_length = "sha1", "sha1", 20
    for each in parameters.children() if parameters is not None and parameters.is_constructed else ():
        (value,) = each.children()
        if each.tag == 0xA0:
            digest = digest_name(value)
        elif each.tag == 0xA1:
            mask, own = _parts(value)
            if mask != _MGF1 or own is None:
                raise UnknownAlgorithm(f"the mask generation function {mask}")
            mgf_digest = digest_name(own)
        elif each.tag == 0xA2:
            salt_length = ber.integer(value)
        elif each.tag == 0xA3 and ber.integer(value) != 1:
            raise UnknownAlgorithm("an RSA-PSS trailer of another kind")
    if not 0 <= salt_length <= 2048:
        raise Malformed("a salt of absurd length")
    return SignatureAlgorithm(
        oid=_PSS, scheme=Scheme.RSA_PSS, digest=digest, mgf_digest=mgf_digest, salt_length=salt_length
    )


def _parts(algorithm: Element) -> tuple[str, Element | None]:
    """Object identifier and parameters of an AlgorithmIdentifier."""
    children = ber.expect(algorithm, ber.SEQUENCE).children()
    if not 1 <= len(children) <= 2:
        raise Malformed("not an algorithm identifier")
    return ber.oid(children[0]), children[1] if len(children) == 2 else None
