"""Passwords of staff as their hash: Argon2id (RFC 9106), in the PHC string format, at the cost of passphrases."""

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final

from argon2 import Parameters, PasswordHasher, Type, extract_parameters
from argon2.exceptions import HashingError, InvalidHashError, VerificationError

from hsm_config.errors import HsmUnavailable
from hsm_config.sealing import HIGHEST_COST, SALT_BYTES, Argon2Cost, one_opening

_COST: Final = Argon2Cost()
_HASHER: Final = PasswordHasher(
    time_cost=_COST.passes,
    memory_cost=_COST.memory_kib,
    parallelism=_COST.lanes,
    hash_len=32,
    salt_len=SALT_BYTES,
    type=Type.ID,
)


def hashed(password: str, random_bytes: Callable[[int], bytes]) -> str:
    """A hash with a new salt. Raises `HsmUnavailable` where too many wait or memory is short."""
    return _made(password, random_bytes(SALT_BYTES))


def fits(kept: str | None, password: str) -> bool:
    """Whether `kept` is a hash of `password`; `None`, and what is no hash of ours, takes as long and never is.

    Raises `HsmUnavailable` as `hashed` does.
    """
    ours = kept is not None and _bearable(kept)
    with one_opening():
        try:
            right = _HASHER.verify(kept if kept is not None and ours else _nobody(), _plain(password))
        except (HashingError, MemoryError):
            raise _short() from None
        except VerificationError:
            return False
    return ours and right


def _made(password: str, salt: bytes) -> str:
    with one_opening():
        try:
            return _HASHER.hash(_plain(password), salt=salt)
        except HashingError:
            raise _short() from None


@cache
def _nobody() -> str:
    """What somebody without a password is compared with."""
    return _HASHER.hash(b"", salt=bytes(SALT_BYTES))


def _bearable(kept: str) -> bool:
    """A row that asks for more than any release did wants our memory."""
    try:
        asked: Parameters = extract_parameters(kept)
    except InvalidHashError:
        return False
    return (
        asked.type is Type.ID
        and asked.memory_cost <= HIGHEST_COST.memory_kib
        and asked.time_cost <= HIGHEST_COST.passes
        and asked.parallelism <= HIGHEST_COST.lanes
    )


def _plain(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()


def _short() -> HsmUnavailable:
    return HsmUnavailable("no memory to check a password: give the process 128 MiB more")
