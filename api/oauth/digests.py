"""Digests as clients spell them: leniently in, compared as bytes (CSC API 1.0.4.0, 8.3.2; 2.0.0.2, 8.4.2)."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote

ALGORITHM_OF_OID: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""RFC 5754, 2."""
OID_OF_ALGORITHM: Final = {name: oid for oid, name in ALGORITHM_OF_OID.items()}
LENGTHS: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Octets."""
ALGORITHM_OF_LENGTH: Final = {length: name for name, length in LENGTHS.items()}
_LONGEST: Final = 400  # characters: 64 octets, each percent-encoded once more
_ALPHABET: Final = re.compile(r"[A-Za-z0-9+/]+")


def read_digest(text: str) -> bytes | None:
    """The octets of Base64 or base64url, padded or not, percent-encoded once more or not; `None` for anything else.

    A blank inside is a `+` that a form took for one. A spelling whose last character has bits that say nothing is
    refused, as RFC 4648, 3.5 allows: each digest has one spelling in each alphabet.
    """
    if len(text) > _LONGEST:
        return None
    plain = unquote(text) if "%" in text else text
    plain = plain.strip("\t\r\n").replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    if not _ALPHABET.fullmatch(plain):
        return None
    try:
        octets = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None
    return octets if base64.b64encode(octets).rstrip(b"=") == plain.encode() else None


def write_digest(octets: bytes) -> str:
    """Standard Base64, padded."""
    return base64.b64encode(octets).decode()
