"""The code on the screen of a meeting: it changes every minute, so that being told it later is of no use (RFC 6238 with
a step of its own)."""

import hashlib
import hmac
from datetime import datetime
from typing import Final

STEP: Final = 60
"""Seconds that one code is shown."""
DIGITS: Final = 6
TRIES: Final = 10
"""Wrong codes of one person in one meeting, after which the host notes the person by hand."""


def code_at(secret: str, moment: datetime) -> str:
    """Six digits of that minute."""
    return _code(secret, int(moment.timestamp()) // STEP)


def is_code(secret: str, typed: str, moment: datetime) -> bool:
    """Whether it is the code of this minute, or of the one before: typing takes time."""
    digits = "".join(typed.split())
    now = int(moment.timestamp()) // STEP
    good = [hmac.compare_digest(_code(secret, each).encode(), digits.encode()) for each in (now, now - 1)]
    return any(good)


def _code(secret: str, step: int) -> str:
    """RFC 4226, 5.3, with SHA-256."""
    mac = hmac.digest(secret.encode("ascii"), step.to_bytes(8, "big"), hashlib.sha256)
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
