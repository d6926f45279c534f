"""Passwords, as Argon2id hashes."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from eoffice.errors import Refused

SHORTEST: Final = 12
LONGEST: Final = 200
_HASHER: Final = PasswordHasher()


def hash_of(password: str) -> str:
    """Raises `Refused` for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"{SHORTEST} sampai {LONGEST} huruf. · {SHORTEST} to {LONGEST} characters.", field="password")
    return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Whether the password is the one of this hash."""
    try:
        return len(password) <= LONGEST and _HASHER.verify(password_hash, password)
    except VerificationError:
        return False
