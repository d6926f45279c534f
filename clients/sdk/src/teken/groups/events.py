"""What became of your things: read one after the other, or delivered to an address of yours."""

from collections.abc import Collection, Sequence
from datetime import datetime

from teken.core import operations
from teken.core.group import Group
from teken.core.steps import Give, Items, RunnerT_co, Steps, Wait, iteration, operation
from teken.groups.paging import MOST, all_of
from teken.types import (
    DeliveryBody,
    DeliveryPage,
    EventBody,
    EventPage,
    EventType,
    ReplayBody,
    ReplayRequest,
    SecretRequest,
    WebhookBody,
    WebhookChange,
    WebhookList,
    WebhookRequest,
    WebhookWithSecret,
)


class Events(Group[RunnerT_co]):
    """Events, oldest first. The `id` of the last one that you have is where you go on: keep it."""

    @iteration
    def read(self, after: str | None = None, *, types: Collection[EventType] = ()) -> Items[EventBody]:
        """Everything after the event `after` that is there now; without it, from the oldest that is kept.

        Raises `NotFound` (410) where `after` is forgotten: begin again without it, and pass over what you know.
        """
        return all_of(lambda last: self._page(last if last is not None else after, types))

    @iteration
    def follow(
        self, after: str | None = None, *, types: Collection[EventType] = (), every: float = 5
    ) -> Items[EventBody]:
        """The same without an end: where nothing is new, it asks again after `every` seconds."""
        while True:
            page = yield from self._page(after, types)
            for event in page.items:
                yield Give(event)
            after = page.next
            if not page.items:
                yield Wait(every)

    def _page(self, after: str | int | None, types: Collection[EventType]) -> Steps[EventPage]:
        query = {"cursor": after, "limit": MOST, "type": [each.value for each in types] or None}
        return self._get(EventPage, operations.LIST_EVENTS, query=query)


class Webhooks(Group[RunnerT_co]):
    """Addresses to which events are delivered; `teken.verify_webhook` reads what arrives there."""

    @operation
    def add(self, url: str, types: Sequence[EventType] = (), *, key: str | None = None) -> Steps[WebhookWithSecret]:
        """Have events delivered; the secret is told once. Where the answer was lost, the webhook is made once all the
        same, and `Conflict` (`told-once`) is raised: `rotate_secret` tells another one."""
        return self._post(WebhookWithSecret, operations.ADD_WEBHOOK, WebhookRequest(url=url, types=types), key=key)

    @operation
    def list(self) -> Steps[Sequence[WebhookBody]]:
        """Yours."""
        return (yield from self._get(WebhookList, operations.LIST_WEBHOOKS)).items

    @operation
    def get(self, webhook: str) -> Steps[WebhookBody]:
        """How one stands."""
        return self._get(WebhookBody, operations.GET_WEBHOOK, webhook=webhook)

    @operation
    def change(self, webhook: str, change: WebhookChange, *, key: str | None = None) -> Steps[WebhookBody]:
        """Another address, other types, paused or active again."""
        return self._post(WebhookBody, operations.CHANGE_WEBHOOK, change, key=key, webhook=webhook)

    @operation
    def remove(self, webhook: str, *, key: str | None = None) -> Steps[WebhookBody]:
        """Nothing is delivered there any more."""
        return self._post(WebhookBody, operations.REMOVE_WEBHOOK, key=key, webhook=webhook)

    @operation
    def rotate_secret(
        self, webhook: str, *, overlap_hours: int = 24, key: str | None = None
    ) -> Steps[WebhookWithSecret]:
        """A new secret, told once; for so many hours the old one signs as well. Where the answer was lost, `Conflict`
        (`told-once`) is raised: ask again under another key."""
        body = SecretRequest(overlap_hours=overlap_hours)
        return self._post(WebhookWithSecret, operations.ROTATE_WEBHOOK_SECRET, body, key=key, webhook=webhook)

    @operation
    def test(self, webhook: str, *, key: str | None = None) -> Steps[WebhookBody]:
        """Have an event `webhook.test` delivered."""
        return self._post(WebhookBody, operations.TEST_WEBHOOK, key=key, webhook=webhook)

    @iteration
    def deliveries(self, webhook: str) -> Items[DeliveryBody]:
        """Every delivery, the newest first."""
        return all_of(
            lambda after: self._get(
                DeliveryPage, operations.LIST_DELIVERIES, query={"cursor": after, "limit": MOST}, webhook=webhook
            )
        )

    @operation
    def replay_delivery(self, webhook: str, delivery: int, *, key: str | None = None) -> Steps[DeliveryBody]:
        """Deliver one event anew."""
        return self._post(DeliveryBody, operations.REPLAY_DELIVERY, key=key, webhook=webhook, delivery=delivery)

    @operation
    def replay(self, webhook: str, since: datetime, *, key: str | None = None) -> Steps[ReplayBody]:
        """Deliver every kept event since then anew; `since` is aware."""
        return self._post(ReplayBody, operations.REPLAY_EVENTS, ReplayRequest(since=since), key=key, webhook=webhook)
