"""Notices by webhook: JSON, signed with HMAC-SHA256 over time and body: it can neither be forged nor replayed.

    Teken-Signature: t=<seconds since 1970>,v1=<hex of HMAC-SHA256(secret, t + "." + body)>

The receiver computes the same, compares in constant time, and refuses a `t` that is more than five minutes away.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import httpx

from signer.factors.messages import FactorMessage
from signer.notices import DeliveryFailed, Notice

HEADER: Final = "Teken-Signature"
SECONDS: Final = 10.0


class WebhookChannel:
    """`signer.notices.Channel` over HTTP. Any answer but 2xx is a failure; redirects are not followed."""

    name = "webhook"

    def __init__(self, url: str, *, secret: Callable[[], bytes], now: Callable[[], datetime]) -> None:
        """`secret` is read anew each time, so that it can be changed while the service runs."""
        self._url = url
        self._secret = secret
        self._now = now

    def deliver(self, notice: Notice) -> None:
        """One POST. Raises `DeliveryFailed`; trying again is the caller's, with waits between."""
        self._post(body_of(notice))

    def tell(self, message: FactorMessage) -> None:
        """The same for what happened to a person's factors; raises `DeliveryFailed`."""
        self._post(body_about(message))

    def _post(self, body: bytes) -> None:
        at = int(self._now().timestamp())
        headers = {"Content-Type": "application/json", HEADER: signature_of(self._secret(), body, at)}
        try:
            with (
                httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DeliveryFailed("unreachable") from None
        if not 200 <= status < 300:
            raise DeliveryFailed(f"http-{status}")


def body_of(notice: Notice) -> bytes:
    """What the receiver learns: ids, days and the end; the name only through its own look-up by id."""
    return json.dumps(
        {
            "id": notice.id,
            "event": "certificate.expiring",
            "credential_id": notice.credential_id,
            "signatory_id": notice.signatory_id,
            "certificate_sha256": notice.certificate_sha256,
            "not_after": notice.not_after.astimezone(UTC).isoformat(),
            "days": notice.step_days,
        },
        separators=(",", ":"),
        sort_keys=True,
    ).encode()


def body_about(message: FactorMessage) -> bytes:
    """What the receiver learns of an event: whose factors, what, when."""
    return json.dumps(
        {
            "id": message.id,
            "event": f"factors.{message.event.value}",
            "signatory_id": message.signatory_id,
            "at": message.at.astimezone(UTC).isoformat(),
            **({} if message.application is None else {"application": message.application}),
            **({} if message.documents is None else {"documents": message.documents}),
        },
        separators=(",", ":"),
        sort_keys=True,
    ).encode()


def signature_of(secret: bytes, body: bytes, at: int) -> str:
    """The value of `Teken-Signature` for `body` at `at` (seconds since 1970)."""
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
