"""The nouns of webhooks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from signer.events import Event, EventType

ATTEMPTS: Final = 24
"""Of one delivery, and failures in a row of one webhook; with the waits between them 28 hours and more."""
FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=2)
IN_ORDER: Final = 4
"""Attempts for which later events wait behind one that is not taken; then it steps aside and is tried on its own."""


class WebhookState(StrEnum):
    """Whether anything is delivered."""

    ACTIVE = "active"
    PAUSED = "paused"
    """By its client or the operator; what happens meanwhile is delivered afterwards."""
    FAILING = "failing"
    """Nothing was taken for more than a day; as paused, until somebody makes it active again."""


class DeliveryState(StrEnum):
    """Where the delivery of one event stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Tried as often as it is tried; it can be replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where one client wants its events."""

    id: str
    client_id: str
    url: str
    types: tuple[EventType, ...]
    """None: every type."""
    state: WebhookState
    failures: int
    """In a row, since something was taken."""
    failing_since: datetime | None
    created_at: datetime
    waiting: int = 0
    """Deliveries that are yet to be made, as far as they were counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one webhook, and its last attempt."""

    number: int
    """From 1, one sequence for each webhook, in the order of the events."""
    event_id: str
    event_type: EventType
    state: DeliveryState
    attempts: int
    attempted_at: datetime | None
    status: int | None
    """HTTP status of the answer, where there was one."""
    failure: str | None
    """Why the last attempt failed: a stable word."""
    milliseconds: int | None
    """How long the last attempt took."""
    next_at: datetime | None
    """The next attempt, not before this time; `None` where none is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that is to be made now."""

    number: int
    event: Event
    attempts: int
    """Made so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one attempt ended."""

    at: datetime
    status: int | None
    failure: str | None
    """`None`: it was taken."""
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A webhook that this process delivers to, and nobody else until `until`."""

    webhook: Webhook
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """The secret of a webhook as the database holds it: AES-256-GCM under a key that only the HSM can derive."""

    sealed: bytes = field(repr=False)
    nonce: bytes
    salt: bytes
    pepper_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHealth:
    """How delivery goes, over all clients."""

    active: int
    paused: int
    failing: int
    waiting: int
    """Deliveries that are yet to be made."""
    failed: int
    """Deliveries that were given up and are still in the log."""
    oldest_waiting_at: datetime | None
    """When the event happened whose delivery waits longest at an active webhook."""


def wait_after(failures: int, drawn: int) -> timedelta:
    """How long to wait after so many failures in a row: 10 seconds, doubled up to 2 hours, up to a fifth longer.

    `drawn`: a random octet, so that not everybody comes back at the same moment.
    """
    wait = min(FIRST_WAIT * (1 << min(failures - 1, 16)), LONGEST_WAIT)
    return wait + wait * drawn / (255 * 5)
