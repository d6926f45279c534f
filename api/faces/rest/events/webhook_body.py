"""What clients send and read about their webhooks."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta

from api.faces.rest.office.wire import Following, Moment, Sent, Told
from signer.events import EventType
from signer.hooks.addresses import LONGEST
from signer.hooks.model import Delivery, DeliveryState, Webhook, WebhookHealth, WebhookState
from signer.model import Secret

Address = Annotated[str, Meta(min_length=1, max_length=LONGEST, examples=["https://surat.contoh.go.id/hooks/teken"])]
Types = Annotated[
    tuple[EventType, ...],
    Meta(max_length=len(EventType), description="Only these are delivered; an empty list: every type."),
]

WEBHOOK: Final = {
    "id": "0123456789abcdef0123456789abcdef",
    "url": "https://surat.contoh.go.id/hooks/teken",
    "types": ["signature.signed", "signature.failed"],
    "state": "active",
    "waiting": 0,
    "failures": 0,
    "failingSince": None,
    "createdAt": "2026-11-21T04:00:00Z",
}
DELIVERY: Final = {
    "number": 7,
    "eventId": "019aa4b1-5d80-7c3a-9f10-3a5b7c9d1e2f",
    "type": "signature.signed",
    "state": "waiting",
    "attempts": 2,
    "attemptedAt": "2026-11-21T04:00:10Z",
    "status": 503,
    "failure": "http-503",
    "milliseconds": 120,
    "nextAttemptAt": "2026-11-21T04:00:31Z",
}


class WebhookRequest(Sent, frozen=True, kw_only=True):
    """Where your events shall go."""

    url: Address
    types: Types = ()


class WebhookChange(Sent, frozen=True, kw_only=True):
    """What shall be different; what is left out stays."""

    url: Address | None = None
    types: Types | None = None
    state: Annotated[
        Literal["active", "paused"] | None, Meta(description="paused: nothing is sent, and nothing is lost.")
    ] = None


class SecretRequest(Sent, frozen=True, kw_only=True):
    """How long the old secret signs as well."""

    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class ReplayRequest(Sent, frozen=True, kw_only=True):
    """From when on events shall be delivered anew."""

    since: Annotated[Moment, Meta(examples=["2026-11-21T04:00:00Z"])]


class WebhookBody(Told, frozen=True, kw_only=True):
    """One webhook."""

    id: str
    url: str
    types: tuple[EventType, ...]
    state: Annotated[WebhookState, Meta(description="failing: nothing was taken for more than a day.")]
    waiting: Annotated[int, Meta(description="Deliveries that are lined up.")]
    failures: Annotated[int, Meta(description="In a row, since something was taken.")]
    failing_since: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookBody":
        return cls(
            id=webhook.id,
            url=webhook.url,
            types=webhook.types,
            state=webhook.state,
            waiting=webhook.waiting,
            failures=webhook.failures,
            failing_since=webhook.failing_since,
            created_at=webhook.created_at,
        )


class WebhookWithSecret(Told, frozen=True, kw_only=True):
    """A webhook with its secret, which is told once."""

    webhook: WebhookBody
    secret: Annotated[str, Meta(description="Keep it: what is delivered is signed with all of this text.")]

    @classmethod
    def of(cls, webhook: Webhook, secret: Secret) -> "WebhookWithSecret":
        return cls(webhook=WebhookBody.of(webhook), secret=secret.reveal())


class WebhookList(Told, frozen=True, kw_only=True):
    """All of yours."""

    items: tuple[WebhookBody, ...]


class DeliveryBody(Told, frozen=True, kw_only=True):
    """One event on its way to one webhook, and its last attempt."""

    number: int
    event_id: str
    type: EventType
    state: DeliveryState
    attempts: int
    attempted_at: datetime | None
    status: Annotated[int | None, Meta(description="HTTP status of the last answer.")]
    failure: Annotated[str | None, Meta(description="Why it was not taken: a stable word.")]
    milliseconds: int | None
    next_attempt_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryBody":
        return cls(
            number=delivery.number,
            event_id=delivery.event_id,
            type=delivery.event_type,
            state=delivery.state,
            attempts=delivery.attempts,
            attempted_at=delivery.attempted_at,
            status=delivery.status,
            failure=delivery.failure,
            milliseconds=delivery.milliseconds,
            next_attempt_at=delivery.next_at,
        )


class DeliveryPage(Told, frozen=True, kw_only=True):
    """Some of them, the newest first."""

    items: tuple[DeliveryBody, ...]
    next: Following


class ReplayBody(Told, frozen=True, kw_only=True):
    """What is delivered anew."""

    events: Annotated[int, Meta(description="Of all types; those that the webhook does not want are passed over.")]


class HealthBody(Told, frozen=True, kw_only=True):
    """How delivery goes, over all applications, as it was counted within the last minute."""

    active: int
    paused: int
    failing: int
    waiting: Annotated[int, Meta(description="Deliveries that are yet to be made.")]
    failed: Annotated[int, Meta(description="Deliveries that were given up.")]
    oldest_waiting_at: datetime | None

    @classmethod
    def of(cls, health: WebhookHealth) -> "HealthBody":
        return cls(
            active=health.active,
            paused=health.paused,
            failing=health.failing,
            waiting=health.waiting,
            failed=health.failed,
            oldest_waiting_at=health.oldest_waiting_at,
        )
