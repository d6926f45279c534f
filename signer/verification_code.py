"""The random names of one signing: made here, and read back from what people type."""

from collections.abc import Callable
from typing import Final

from signer.model import VerificationCode

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U."""
TOKEN_LENGTH: Final = 26  # 130 bits: nobody finds a signing by trying

SHORT_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters that a bad photocopy does not confuse: no 0 and O, no 1, I and L."""
SHORT_LENGTH: Final = 10  # 49.5 bits: good for looking up, behind a limit on tries

_HYPHENS: Final = "-\u2010\u2011\u2013"  # the last three are what word processors make of the first
_READ_AS_CROCKFORD: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})  # Crockford's own rule for readers


def make(random_bytes: Callable[[int], bytes]) -> VerificationCode:
    """A new code from `random_bytes(n)`, which must give `n` unpredictable octets."""
    return VerificationCode(
        token=_draw(random_bytes, CROCKFORD, TOKEN_LENGTH), short=_draw(random_bytes, SHORT_ALPHABET, SHORT_LENGTH)
    )


def parse(text: str) -> str | None:
    """`text` as token or short code in the form that `SignatureLog.find` knows; `None` when it can be neither.

    Case, spaces and hyphens do not matter. A token's look-alikes are read as Crockford reads them.
    """
    if len(text) > 4 * TOKEN_LENGTH:
        return None
    plain = "".join(character for character in text if not (character.isspace() or character in _HYPHENS)).upper()
    if len(plain) == SHORT_LENGTH and set(plain) <= set(SHORT_ALPHABET):
        return plain
    token = plain.translate(_READ_AS_CROCKFORD)
    if len(token) == TOKEN_LENGTH and set(token) <= set(CROCKFORD):
        return token
    return None


def in_groups(short: str) -> str:
    """A short code as it is printed: two groups of five."""
    return f"{short[:5]} {short[5:]}"


def _draw(random_bytes: Callable[[int], bytes], alphabet: str, length: int) -> str:
    """`length` characters, each equally likely: octets beyond the last whole multiple are drawn again."""
    fair = 256 - 256 % len(alphabet)
    characters: list[str] = []
    while len(characters) < length:
        octets = random_bytes(length)
        characters += [alphabet[octet % len(alphabet)] for octet in octets if octet < fair]
    return "".join(characters[:length])
