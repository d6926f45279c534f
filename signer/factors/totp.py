"""Codes of an authenticator (RFC 6238): six digits, SHA-1, 30 seconds, as every authenticator application has them."""

import base64
import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pyotp

from signer.model import Secret

SEED_BYTES: Final = 20  # RFC 4226, 4, R6: 160 bits recommended
SECONDS: Final = 30
MOST_DRIFT: Final = 1

_CODE: Final = re.compile(r"[0-9]{6}")


def step_at(at: datetime) -> int:
    """The number of the step that `at` (aware) lies in."""
    return int(at.timestamp()) // SECONDS


def matching_step(seed: bytes, code: Secret, *, at: datetime, drift: int) -> int | None:
    """The step that `code` belongs to, or `None`; `drift`: how many steps before and after the present one count.

    Every candidate is computed and compared in constant time, also for a text that is no code.
    """
    if not 0 <= drift <= MOST_DRIFT:
        raise ValueError("drift is 0 or 1")
    typed = re.sub(r"[\s-]", "", code.reveal())
    given = typed if _CODE.fullmatch(typed) else "······"
    totp = pyotp.TOTP(base64.b32encode(seed).decode())
    matching: int | None = None
    for step in _candidates(step_at(at), drift):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), given.encode())
        matching = step if same else matching
    return matching


def provisioning_uri(seed: bytes, *, account: str, issuer: str) -> str:
    """What the QR holds; every authenticator application reads it."""
    return pyotp.TOTP(base64.b32encode(seed).decode()).provisioning_uri(name=account, issuer_name=issuer)


def spelled(seed: bytes) -> str:
    """The seed for people who type it, in groups of four."""
    text = base64.b32encode(seed).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _candidates(now: int, drift: int) -> Iterator[int]:
    yield from range(max(0, now - drift), now + drift + 1)
