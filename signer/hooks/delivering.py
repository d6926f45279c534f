"""Delivering: at least once, in order, signed; what is not taken is tried again, for longer than a day.

    claim a webhook ─▶ its next delivery ─▶ POST ─▶ 2xx: delivered, the next one
                                                 └▶ else: wait, twice as long each time; the 24th in a row: failing

Who dies between the POST and its record sends again, with the same event id. A claim ends by itself.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from signer.errors import Unavailable, WebhookRefused
from signer.events import Event
from signer.hooks.addresses import AddressRules
from signer.hooks.model import FIRST_WAIT, Attempt, Claim, Due, WebhookState, wait_after
from signer.hooks.ports import DeliveryQueue, NotDelivered, Post, SecretVault
from signer.hooks.service import owner_of

LEASE: Final = timedelta(minutes=2)
"""Of a claim, from one attempt to the next: an attempt takes some 10 seconds, and looking a name up up to a minute."""
PORTION: Final = 100
"""Deliveries in a row to one webhook before the others have their turn."""
TURN_SECONDS: Final = 20.0
"""For them."""
PAUSE: Final = timedelta(seconds=2)
"""Before a webhook is looked at again of which nothing was due."""
SIGNATURE: Final = "Teken-Signature"
EVENT: Final = "Teken-Event"


class Delivering:
    """Safe in several threads and processes. `now` gives aware UTC; `clock` seconds that never go back."""

    def __init__(
        self,
        *,
        queue: DeliveryQueue,
        vault: SecretVault,
        rules: AddressRules,
        post: Post,
        failing: Callable[[str], object],
        now: Callable[[], datetime],
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`failing` hears the id of a webhook that is given up for now."""
        self._queue = queue
        self._vault = vault
        self._rules = rules
        self._post = post
        self._failing = failing
        self._now = now
        self._clock = clock
        self._random_bytes = random_bytes

    def deliver_to_one(self) -> int | None:
        """Everything that is due to one webhook; how many were taken, `None` where nothing was due to anybody.

        Raises `KeyUnavailable` where the secrets cannot be opened; the claim ends by itself.
        """
        at = self._now()
        claim = self._queue.claim(at=at, until=at + LEASE)
        if claim is None:
            return None
        sealed = self._queue.secrets(claim.webhook.id, at=at)
        try:
            secrets = [self._vault.open(each, owner=owner_of(claim.webhook.id)) for each in sealed]
        except Unavailable:
            self._queue.give_back(claim, rest_until=at + FIRST_WAIT)
            raise
        taken, began = 0, self._clock()
        while taken < PORTION and self._clock() - began < TURN_SECONDS:
            due = self._queue.due(claim.webhook.id, at=self._now())
            if due is None:
                break
            attempt = self._attempt(claim, due, secrets)
            if attempt.failure is not None:
                self._wait(claim, due, attempt)
                return taken
            taken += 1
            more = self._queue.taken(claim, due, attempt, until=self._now() + LEASE)
            if more is None:
                return taken
            claim = more
        at = self._now()
        self._queue.give_back(claim, rest_until=at if taken else at + PAUSE)
        return taken

    def _attempt(self, claim: Claim, due: Due, secrets: Sequence[bytes]) -> Attempt:
        body, at, began = body_of(due.event), self._now(), self._clock()
        headers = (
            ("Content-Type", "application/json"),
            ("User-Agent", "Teken"),
            (EVENT, due.event.id),
            (SIGNATURE, signature_of(secrets, body, int(at.timestamp()))),
        )
        status, failure = None, None
        try:
            status = self._post(self._rules.target(claim.webhook.url), body, headers)
        except WebhookRefused:
            failure = "address-refused"  # the operator's networks are others than when it was added
        except NotDelivered as error:
            failure = str(error)
        if status is not None and not 200 <= status < 300:
            failure = f"http-{status}"
        took = int((self._clock() - began) * 1000)
        return Attempt(at=at, status=status, failure=failure, milliseconds=took)

    def _wait(self, claim: Claim, due: Due, attempt: Attempt) -> None:
        at, drawn = self._now(), self._random_bytes(2)
        again_at = at + wait_after(due.attempts + 1, drawn[0])
        rest_until = at + wait_after(claim.webhook.failures + 1, drawn[1])
        state = self._queue.failed(claim, due, attempt, again_at=again_at, rest_until=rest_until)
        if state is WebhookState.FAILING:
            self._failing(claim.webhook.id)


def body_of(event: Event) -> bytes:
    """The very body that `GET /v1/events` shows; the same bytes with every attempt."""
    return json.dumps(
        {
            "id": event.id,
            "type": event.type.value,
            "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "subject": event.subject,
            "externalId": event.external_id,
            "data": dict(event.data),
        },
        separators=(",", ":"),
        sort_keys=True,
        ensure_ascii=False,
    ).encode()


def signature_of(secrets: Sequence[bytes], body: bytes, at: int) -> str:
    """The value of `Teken-Signature` for `body` at `at` (seconds since 1970), once with each secret that is good now:
    HMAC-SHA256 (RFC 2104) over time, a dot, and body."""
    signed = f"{at}.".encode() + body
    values = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={value}" for value in values)])
