"""What arrives at a webhook: is it from the service, is it new enough, and what does it say?"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final

import msgspec

from teken.errors import WebhookRefused
from teken.types import EventBody

TOLERANCE: Final = 300
"""Seconds: older than that, and somebody may be sending it a second time."""

SIGNATURE: Final = "teken-signature"


def verify_webhook(
    headers: Mapping[str, str], body: bytes, secret: str, *, now: float | None = None, tolerance: float = TOLERANCE
) -> EventBody:
    """The event of a delivery that was signed under `secret` within `tolerance` seconds of `now` (since 1970).

    `body`: the octets as they came, not parsed and written again. An event may come twice: keep the ids of those that
    you have. Raises `WebhookRefused`.
    """
    parts = [part.partition("=") for part in _signature(headers).split(",")]
    at = next((value for name, _, value in parts if name == "t"), "")
    if not (at.isascii() and at.isdecimal()):
        raise WebhookRefused("The signature names no time.")
    if abs((time.time() if now is None else now) - int(at)) > tolerance:
        raise WebhookRefused("It is too old, or from the future.")
    expected = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
    if not any(name == "v1" and hmac.compare_digest(value.encode(), expected) for name, _, value in parts):
        raise WebhookRefused("It is not signed with this secret.")
    try:
        return msgspec.json.decode(body, type=EventBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WebhookRefused("It is not an event.") from None


def _signature(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.lower() == SIGNATURE]
    if len(found) != 1:
        raise WebhookRefused("It has no signature, or several.")
    return found[0]
