"""Webhooks of all applications at the desk: administrators see how delivery goes, pause, and have it done anew.

Whole addresses are not shown: some have a secret in their path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.errors import WebhookRefused, WebhookUnknown
from signer.hooks.model import Delivery, Webhook, WebhookHealth, WebhookState
from store.webhooks import SqlWebhooks

_LONGEST_ID: Final = 64
_LARGEST: Final = 2**53
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWebhook:
    """A webhook, without what of its address is nobody else's business."""

    webhook: Webhook
    host: str


class WebhookOffice:
    """Every act names its caller. Every `webhook_id` is a stranger's text. `now` gives aware UTC."""

    def __init__(self, *, desk: Desk, webhooks: SqlWebhooks, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._webhooks = webhooks
        self._now = now

    def health(self, caller: Caller) -> WebhookHealth:
        """How delivery goes, in counts."""
        with self._desk.acting(caller, Permission.WEBHOOK_READ):
            return self._webhooks.health()

    def all(self, caller: Caller) -> tuple[SeenWebhook, ...]:
        """By application; each has `events.webhooks` of them at most."""
        with self._desk.acting(caller, Permission.WEBHOOK_READ):
            return tuple(map(_seen, self._webhooks.all()))

    def get(self, caller: Caller, webhook_id: str) -> SeenWebhook:
        """One of them; raises `WebhookUnknown`."""
        with self._desk.acting(caller, Permission.WEBHOOK_READ):
            return _seen(self._known(webhook_id))

    def deliveries(
        self, caller: Caller, webhook_id: str, *, before: int | None = None, state: str | None = None, limit: int = 50
    ) -> tuple[Delivery, ...]:
        """Its log, the newest first, below the number `before`; raises `WebhookUnknown`."""
        with self._desk.acting(caller, Permission.WEBHOOK_READ):
            known = self._known(webhook_id).id
            return self._webhooks.deliveries(known, before=before, state=state, limit=limit)

    def replay(self, caller: Caller, webhook_id: str, number: int) -> Delivery:
        """Deliver this one anew; raises `WebhookUnknown`."""
        with self._desk.acting(caller, Permission.WEBHOOK_OPERATE) as member:
            known = self._known(webhook_id).id
            found = None
            if 0 < number <= _LARGEST:
                found = self._webhooks.replay(known, number, actor=member.id, at=self._now())
            if found is None:
                raise WebhookUnknown("No delivery has this number.", field="number", reason="unknown")
            return found

    def replay_since(self, caller: Caller, webhook_id: str, since: datetime) -> int:
        """Deliver the kept events since then (aware) anew; how many there are, of all types."""
        with self._desk.acting(caller, Permission.WEBHOOK_OPERATE) as member:
            known, at = self._known(webhook_id).id, self._now()
            return self._webhooks.replay_since(known, min(max(since, _LONG_AGO), at), actor=member.id, at=at)

    def set_state(self, caller: Caller, webhook_id: str, state: WebhookState) -> SeenWebhook:
        """Pause it, or let it work again. Raises `WebhookUnknown` and `WebhookRefused`."""
        with self._desk.acting(caller, Permission.WEBHOOK_OPERATE) as member:
            known = self._known(webhook_id).id
            if state is WebhookState.FAILING:
                raise WebhookRefused("Make it active or paused.", field="state", reason="not-yours-to-say")
            self._webhooks.change(known, url=None, types=None, state=state, actor=member.id, at=self._now())
            return _seen(self._known(known))

    def _known(self, webhook_id: str) -> Webhook:
        webhook = self._webhooks.get(webhook_id[:_LONGEST_ID])
        if webhook is None:
            raise WebhookUnknown("There is no such webhook.", field="webhook", reason="unknown")
        return webhook


def _seen(webhook: Webhook) -> SeenWebhook:
    return SeenWebhook(webhook=webhook, host=urlsplit(webhook.url).hostname or "")
