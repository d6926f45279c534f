"""Webhooks as their client sees them: added, changed, tried, read, replayed, removed. Each sees its own alone."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from signer.errors import WebhookRefused, WebhookUnknown
from signer.events import EventType
from signer.hooks.addresses import AddressRules
from signer.hooks.model import Delivery, SealedSecret, Webhook, WebhookState
from signer.hooks.ports import SecretVault, WebhookStore
from signer.model import Secret

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - so that a secret that leaked is recognised as one
_LARGEST: Final = 2**53
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the first and last years of the calendar have no other zone
_ID_BYTES: Final = 16
_SECRET_BYTES: Final = 32


class WebhookService:
    """`now` gives aware UTC; `random_bytes` is fit for secrets. Every `webhook_id` is a stranger's text."""

    def __init__(
        self,
        *,
        store: WebhookStore,
        vault: SecretVault,
        rules: AddressRules,
        most: int,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`most`: webhooks of one client."""
        self._store = store
        self._vault = vault
        self._rules = rules
        self._most = most
        self._now = now
        self._random_bytes = random_bytes

    def add(self, client_id: str, url: str, types: tuple[EventType, ...]) -> tuple[Webhook, Secret]:
        """A new webhook for the events from now on, and its secret, which is told once. Raises `WebhookRefused`."""
        self._rules.target(url)
        webhook = Webhook(
            id=self._random_bytes(_ID_BYTES).hex(),
            client_id=client_id,
            url=url,
            types=types,
            state=WebhookState.ACTIVE,
            failures=0,
            failing_since=None,
            created_at=self._now(),
        )
        secret, sealed = self._new_secret(webhook.id)
        self._store.add(webhook, sealed, most=self._most, actor=client_id)
        return webhook, secret

    def list(self, client_id: str) -> tuple[Webhook, ...]:
        """The client's own."""
        return self._store.of_client(client_id)

    def get(self, client_id: str, webhook_id: str) -> Webhook:
        """Raises `WebhookUnknown`."""
        webhook = self._store.get(webhook_id[:64])
        if webhook is None or webhook.client_id != client_id:
            raise WebhookUnknown("No webhook of yours has this id.", field="webhook", reason="unknown")
        return webhook

    def change(
        self,
        client_id: str,
        webhook_id: str,
        *,
        url: str | None,
        types: tuple[EventType, ...] | None,
        state: WebhookState | None,
        require: Callable[[Webhook], None] = lambda _: None,
    ) -> Webhook:
        """What is not `None` becomes so; raises `WebhookUnknown` and `WebhookRefused`, and as `require`, which sees
        what is changed within the transaction that changes it."""
        webhook = self.get(client_id, webhook_id)
        if url is not None:
            self._rules.target(url)
        if state is WebhookState.FAILING:
            raise WebhookRefused("Make it active or paused.", field="state", reason="not-yours-to-say")
        self._store.change(
            webhook.id, url=url, types=types, state=state, require=require, actor=client_id, at=self._now()
        )
        return self.get(client_id, webhook_id)

    def remove(self, client_id: str, webhook_id: str) -> Webhook:
        """Nothing is delivered any more; returns what it was."""
        webhook = self.get(client_id, webhook_id)
        self._store.remove(webhook.id, actor=client_id, at=self._now())
        return webhook

    def rotate(self, client_id: str, webhook_id: str, overlap: timedelta) -> tuple[Webhook, Secret]:
        """A new secret, told once; for `overlap` what is delivered is signed with the one before it as well."""
        webhook, at = self.get(client_id, webhook_id), self._now()
        secret, sealed = self._new_secret(webhook.id)
        self._store.rotate(webhook.id, sealed, ends_at=at + overlap, actor=client_id, at=at)
        return webhook, secret

    def test(self, client_id: str, webhook_id: str) -> Webhook:
        """An event `webhook.test` for this webhook alone; raises `WebhookRefused` where nothing is delivered to it."""
        webhook = self.get(client_id, webhook_id)
        if webhook.state is not WebhookState.ACTIVE:
            raise WebhookRefused("Make the webhook active first.", field="state", reason=webhook.state.value)
        self._store.test(webhook, at=self._now())
        return replace(webhook, waiting=webhook.waiting + 1)

    def deliveries(
        self, client_id: str, webhook_id: str, *, before: int | None, state: str | None, limit: int
    ) -> tuple[Delivery, ...]:
        """The log, the newest first."""
        return self._store.deliveries(self.get(client_id, webhook_id).id, before=before, state=state, limit=limit)

    def replay(self, client_id: str, webhook_id: str, number: int) -> Delivery:
        """Deliver this one anew; raises `WebhookUnknown`."""
        webhook = self.get(client_id, webhook_id)
        known = 0 < number <= _LARGEST
        found = self._store.replay(webhook.id, number, actor=client_id, at=self._now()) if known else None
        if found is None:
            raise WebhookUnknown("No delivery has this number.", field="number", reason="unknown")
        return found

    def replay_since(self, client_id: str, webhook_id: str, since: datetime) -> int:
        """Deliver the kept events since then (aware) anew; returns how many there are, of all types."""
        webhook, at = self.get(client_id, webhook_id), self._now()
        return self._store.replay_since(webhook.id, min(max(since, _LONG_AGO), at), actor=client_id, at=at)

    def reseal(self, pepper_label: str) -> int:
        """Seal every secret anew that is not under today's pepper, so that an older one can end; how many those were.

        Raises `KeyUnavailable`.
        """
        done = 0
        for webhook_id, old in self._store.sealed_otherwise(pepper_label):
            owner = owner_of(webhook_id)
            new = self._vault.seal(self._vault.open(old, owner=owner), owner=owner)
            done += self._store.reseal(webhook_id, old=old, new=new, at=self._now())
        return done

    def _new_secret(self, webhook_id: str) -> tuple[Secret, SealedSecret]:
        drawn = base64.urlsafe_b64encode(self._random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        text = f"{SECRET_PREFIX}{drawn}"
        return Secret(text), self._vault.seal(text.encode(), owner=owner_of(webhook_id))


def owner_of(webhook_id: str) -> str:
    """What the sealed secret is bound to."""
    return f"webhook:{webhook_id}"
