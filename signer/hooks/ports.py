"""What webhooks need of others. Each change and its audit entry are one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from signer.events import EventType
from signer.hooks.addresses import Target
from signer.hooks.model import Attempt, Claim, Delivery, Due, SealedSecret, Webhook, WebhookState


class SecretVault(Protocol):
    """Where secrets are sealed, bound to their owner."""

    def seal(self, secret: bytes, *, owner: str) -> SealedSecret:
        """Raises `signer.errors.KeyUnavailable`."""
        ...

    def open(self, sealed: SealedSecret, *, owner: str) -> bytes:
        """Raises `signer.errors.KeyUnavailable`, for another owner's secret as well."""
        ...


class WebhookStore(Protocol):
    """What is remembered of webhooks. `actor` is for the trail."""

    def add(self, webhook: Webhook, secret: SealedSecret, *, most: int, actor: str) -> None:
        """A new one, for events from now on; raises `WebhookRefused` where the client has `most` already."""
        ...

    def get(self, webhook_id: str, /) -> Webhook | None: ...

    def of_client(self, client_id: str, /) -> tuple[Webhook, ...]:
        """By id: they are counted."""
        ...

    def change(
        self,
        webhook_id: str,
        /,
        *,
        url: str | None,
        types: tuple[EventType, ...] | None,
        state: WebhookState | None,
        require: Callable[[Webhook], None],
        actor: str,
        at: datetime,
    ) -> None:
        """What is not `None` becomes so; made active, its failures are forgotten and it is tried at once. `require` may
        refuse it, having seen what is changed, in the same transaction. Raises `WebhookUnknown`."""
        ...

    def remove(self, webhook_id: str, /, *, actor: str, at: datetime) -> None:
        """With its secrets and its log."""
        ...

    def rotate(self, webhook_id: str, secret: SealedSecret, /, *, ends_at: datetime, actor: str, at: datetime) -> None:
        """A new secret; the one before it stays good until `ends_at`, older ones do not."""
        ...

    def sealed_otherwise(self, pepper_label: str, /) -> tuple[tuple[str, SealedSecret], ...]:
        """Secrets that are sealed under another pepper than this one, each with the id of its webhook."""
        ...

    def reseal(self, webhook_id: str, /, *, old: SealedSecret, new: SealedSecret, at: datetime) -> bool:
        """The same secret, sealed anew; whether `old` was still what is kept."""
        ...

    def test(self, webhook: Webhook, /, *, at: datetime) -> None:
        """Write an event for this webhook alone."""
        ...

    def deliveries(
        self, webhook_id: str, /, *, before: int | None, state: str | None, limit: int
    ) -> tuple[Delivery, ...]:
        """At most `limit` with a number below `before`, the newest first."""
        ...

    def replay(self, webhook_id: str, number: int, /, *, actor: str, at: datetime) -> Delivery | None:
        """Deliver this one anew, as if it had never been tried; `None` where there is none."""
        ...

    def replay_since(self, webhook_id: str, since: datetime, /, *, actor: str, at: datetime) -> int:
        """Deliver every kept event since then anew; returns how many of the client's events that are, before types are
        looked at."""
        ...


class DeliveryQueue(Protocol):
    """What is to be delivered. Safe for several processes."""

    def claim(self, *, at: datetime, until: datetime) -> Claim | None:
        """A webhook with something to do, for this process alone until then; events that came since are lined up."""
        ...

    def due(self, webhook_id: str, /, *, at: datetime) -> Due | None:
        """What is to be delivered now: the first in line, else what stepped aside."""
        ...

    def secrets(self, webhook_id: str, /, *, at: datetime) -> tuple[SealedSecret, ...]:
        """Those that are good now, the newest first."""
        ...

    def taken(self, claim: Claim, due: Due, attempt: Attempt, /, *, until: datetime) -> Claim | None:
        """It was delivered; the claim goes on until then, or is `None` where it is somebody else's by now."""
        ...

    def failed(
        self, claim: Claim, due: Due, attempt: Attempt, /, *, again_at: datetime, rest_until: datetime
    ) -> WebhookState:
        """It was not: again not before `again_at` unless its attempts are used up, and nothing to this webhook before
        `rest_until`; gives it back, and says how it stands now."""
        ...

    def give_back(self, claim: Claim, /, *, rest_until: datetime) -> None:
        """From then on, somebody may go on."""
        ...


class Post(Protocol):
    """Sends one POST to a checked address, and says the status of the answer; never follows a redirect."""

    def __call__(self, target: Target, body: bytes, headers: Sequence[tuple[str, str]], /) -> int:
        """Raises `NotDelivered`."""
        ...


class NotDelivered(Exception):
    """Nothing was answered. `str(error)` is a stable word: `unknown-host`, `address-refused`, `unreachable`, `tls`,
    `too-slow`."""
