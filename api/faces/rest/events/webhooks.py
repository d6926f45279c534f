"""Webhooks: where the caller's events are delivered, and how that goes."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from litestar import Controller
from litestar.params import FromPath, QueryParameter

import signer.errors
from api.faces.rest.declaring import LARGEST_PAGE, Cursor, Limit
from api.faces.rest.events.webhook_body import (
    DELIVERY,
    WEBHOOK,
    DeliveryBody,
    DeliveryPage,
    ReplayBody,
    ReplayRequest,
    SecretRequest,
    WebhookBody,
    WebhookChange,
    WebhookList,
    WebhookRequest,
    WebhookWithSecret,
)
from api.faces.rest.letters.asking import Asks, acts, reads
from api.faces.rest.office.wire import number_of
from api.faces.rest.office.words import PAGE, Query, query
from api.permissions import Permission
from api.problems import PROBLEMS
from signer.hooks.model import DeliveryState, WebhookState

_UNKNOWN: Final = PROBLEMS[signer.errors.WebhookUnknown]
_REFUSED: Final = PROBLEMS[signer.errors.WebhookRefused]
_MANAGE: Final = Permission.WEBHOOK_MANAGE
_SECRET: Final = {"webhook": WEBHOOK, "secret": "whsec_q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k"}
_LOG: Final[Query] = (
    PAGE[0],
    query("limit", "Most items.", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50}),
    query("only", "Only those in this state.", {"type": "string", "enum": [each.value for each in DeliveryState]}),
)

Only = Annotated[Literal["waiting", "delivered", "failed"] | None, QueryParameter()]


class WebhookController(Controller):
    """Webhooks of the caller."""

    path = "/webhooks"
    tags = ["events"]  # noqa: RUF012 - the framework's way

    @acts(
        "/",
        "AddWebhook",
        _MANAGE,
        takes=WebhookRequest,
        gives=WebhookWithSecret,
        status=201,
        at="/v1/webhooks/{0.webhook.id}",
        fails=(_REFUSED,),
        sends={"url": WEBHOOK["url"], "types": WEBHOOK["types"]},
        shows=_SECRET,
        tells_secret=True,
    )
    def add(self, asking: Asks[WebhookRequest]) -> WebhookWithSecret:
        """Have your events delivered from now on; the secret is told once"""
        said = asking.brought
        return WebhookWithSecret.of(*asking.services.webhooks.add(asking.client_id, said.url, said.types))

    @reads("/", "ListWebhooks", _MANAGE, gives=WebhookList, shows={"items": [WEBHOOK]})
    def mine(self, asking: Asks[None]) -> WebhookList:
        """Your webhooks"""
        found = asking.services.webhooks.list(asking.client_id)
        return WebhookList(items=tuple(map(WebhookBody.of, found)))

    @reads("/{webhook:str}", "GetWebhook", _MANAGE, gives=WebhookBody, fails=(_UNKNOWN,), shows=WEBHOOK)
    def read(self, asking: Asks[None], webhook: FromPath[str]) -> WebhookBody:
        """One webhook"""
        return WebhookBody.of(asking.services.webhooks.get(asking.client_id, webhook))

    @acts(
        "/{webhook:str}",
        "ChangeWebhook",
        _MANAGE,
        takes=WebhookChange,
        gives=WebhookBody,
        fails=(_UNKNOWN, _REFUSED),
        sends={"state": "paused"},
        shows=WEBHOOK | {"state": "paused"},
        unless_changed=True,
        method="patch",
    )
    def change(self, asking: Asks[WebhookChange], webhook: FromPath[str]) -> WebhookBody:
        """Another address, other types, paused or active again; what happened meanwhile is delivered then"""
        said = asking.brought
        state = None if said.state is None else WebhookState(said.state)
        changed = asking.services.webhooks.change(
            asking.client_id,
            webhook,
            url=said.url,
            types=said.types,
            state=state,
            require=asking.unchanged(WebhookBody.of),
        )
        return WebhookBody.of(changed)

    @acts(
        "/{webhook:str}",
        "RemoveWebhook",
        _MANAGE,
        gives=WebhookBody,
        fails=(_UNKNOWN,),
        shows=WEBHOOK,
        method="delete",
    )
    def remove(self, asking: Asks[None], webhook: FromPath[str]) -> WebhookBody:
        """Nothing is delivered there any more; its log is gone"""
        return WebhookBody.of(asking.services.webhooks.remove(asking.client_id, webhook))

    @acts(
        "/{webhook:str}/secret",
        "RotateWebhookSecret",
        _MANAGE,
        takes=SecretRequest,
        gives=WebhookWithSecret,
        status=201,
        at="/v1/webhooks/{0.webhook.id}",
        fails=(_UNKNOWN,),
        sends={"overlapHours": 24},
        shows=_SECRET,
        tells_secret=True,
    )
    def rotate(self, asking: Asks[SecretRequest], webhook: FromPath[str]) -> WebhookWithSecret:
        """A new secret, told once; for the hours of the overlap the old one signs as well"""
        overlap = timedelta(hours=asking.brought.overlap_hours)
        return WebhookWithSecret.of(*asking.services.webhooks.rotate(asking.client_id, webhook, overlap))

    @acts(
        "/{webhook:str}/test",
        "TestWebhook",
        _MANAGE,
        gives=WebhookBody,
        status=202,
        fails=(_UNKNOWN, _REFUSED),
        shows=WEBHOOK | {"waiting": 1},
    )
    def test(self, asking: Asks[None], webhook: FromPath[str]) -> WebhookBody:
        """Have an event `webhook.test` delivered there; the log says how it went"""
        return WebhookBody.of(asking.services.webhooks.test(asking.client_id, webhook))

    @reads(
        "/{webhook:str}/deliveries",
        "ListDeliveries",
        _MANAGE,
        gives=DeliveryPage,
        fails=(_UNKNOWN,),
        query=_LOG,
        shows={"items": [DELIVERY], "next": None},
    )
    def log(
        self,
        asking: Asks[None],
        webhook: FromPath[str],
        cursor: Cursor = None,
        limit: Limit = 50,
        only: Only = None,
    ) -> DeliveryPage:
        """What was delivered, what waits, what was given up; the newest first"""
        before = number_of(cursor)
        found = asking.services.webhooks.deliveries(asking.client_id, webhook, before=before, state=only, limit=limit)
        items = tuple(map(DeliveryBody.of, found))
        return DeliveryPage(items=items, next=str(items[-1].number) if len(items) == limit else None)

    @acts(
        "/{webhook:str}/deliveries/{delivery:int}/replay",
        "ReplayDelivery",
        _MANAGE,
        gives=DeliveryBody,
        status=202,
        fails=(_UNKNOWN,),
        shows=DELIVERY | {"attempts": 0},
    )
    def replay(self, asking: Asks[None], webhook: FromPath[str], delivery: FromPath[int]) -> DeliveryBody:
        """Have one event delivered anew, with the same id"""
        return DeliveryBody.of(asking.services.webhooks.replay(asking.client_id, webhook, delivery))

    @acts(
        "/{webhook:str}/replay",
        "ReplayEvents",
        _MANAGE,
        takes=ReplayRequest,
        gives=ReplayBody,
        status=202,
        fails=(_UNKNOWN,),
        sends={"since": "2026-11-21T04:00:00Z"},
        shows={"events": 3},
    )
    def replay_since(self, asking: Asks[ReplayRequest], webhook: FromPath[str]) -> ReplayBody:
        """Have every kept event since a time delivered anew"""
        count = asking.services.webhooks.replay_since(asking.client_id, webhook, asking.brought.since)
        return ReplayBody(events=count)
