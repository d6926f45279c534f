"""Webhooks of all applications: how delivery goes, paused and working again, delivered anew."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.machine_words import DELIVERY_STATES, WEBHOOK_REFUSALS, WEBHOOK_STATES
from api.faces.console.visit import Visit, Visits, to
from api.office.webhooks import SeenWebhook
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from signer.appointments import OFFICE_CLOCK
from signer.errors import WebhookUnknown
from signer.hooks.model import DeliveryState, WebhookState

WEBHOOKS: Final = "/console/webhooks"
_PAGE: Final = 50
_FILE: Final = 5000
_DIGITS: Final = 15
_HEADINGS: Final = ("id", "aplikasi", "tujuan", "keadaan", "gagal_berturut", "menunggu")
_LOG_HEADINGS: Final = ("nomor", "peristiwa", "jenis", "keadaan", "percobaan", "terakhir", "status", "sebab")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookForm:
    """A button about one webhook."""

    csrf: str = ""
    number: str = ""
    since: str = ""


class WebhooksController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(WEBHOOKS, sync_to_thread=True)
    def page(self, visit: Visits, format: FromQuery[str] = "") -> Response[Any]:
        """By application."""
        webhooks = visit.doors.people.webhooks
        found = webhooks.all(visit.caller)
        if format == "csv":
            return csv_answer("webhook.csv", _HEADINGS, map(_cells, found))
        return visit.show(
            "webhooks.html",
            webhooks=[(each, *WEBHOOK_STATES[each.webhook.state]) for each in found],
            health=webhooks.health(visit.caller),
            csv=f"{WEBHOOKS}?format=csv",
        )

    @get(f"{WEBHOOKS}/{{webhook_id:str}}", sync_to_thread=True)
    def one(
        self,
        visit: Visits,
        webhook_id: FromPath[str],
        which: FromQuery[str] = "",
        before: FromQuery[str] = "",
        format: FromQuery[str] = "",
    ) -> Response[Any]:
        """Its log, the newest first."""
        if format == "csv":
            seen = _known(visit, webhook_id)
            found = visit.doors.people.webhooks.deliveries(visit.caller, seen.webhook.id, limit=_FILE)
            return csv_answer(
                "pengiriman.csv",
                _LOG_HEADINGS,
                (
                    (
                        str(each.number),
                        each.event_id,
                        each.event_type.value,
                        each.state.value,
                        str(each.attempts),
                        each.attempted_at.isoformat() if each.attempted_at else "",
                        str(each.status or ""),
                        each.failure or "",
                    )
                    for each in found
                ),
            )
        return _log(visit, webhook_id, state=which, before=before)

    @post(f"{WEBHOOKS}/{{webhook_id:str}}/pause", status_code=200, sync_to_thread=True)
    def pause(self, visit: Visits, webhook_id: FromPath[str], data: URLEncodedBody[WebhookForm]) -> Response[Any]:
        """What happens while it is paused is delivered afterwards."""
        return _switched(visit, webhook_id, data, WebhookState.PAUSED)

    @post(f"{WEBHOOKS}/{{webhook_id:str}}/resume", status_code=200, sync_to_thread=True)
    def resume(self, visit: Visits, webhook_id: FromPath[str], data: URLEncodedBody[WebhookForm]) -> Response[Any]:
        """It works again."""
        return _switched(visit, webhook_id, data, WebhookState.ACTIVE)

    @post(f"{WEBHOOKS}/{{webhook_id:str}}/replay", status_code=200, sync_to_thread=True)
    def replay(self, visit: Visits, webhook_id: FromPath[str], data: URLEncodedBody[WebhookForm]) -> Response[Any]:
        """One delivery anew, or everything since a day; whoever receives it knows an event by its id."""
        caller, seen = visit.own(data.csrf), _known(visit, webhook_id)
        webhooks = visit.doors.people.webhooks
        try:
            if data.since:
                begin = datetime.combine(date.fromisoformat(data.since), time(), OFFICE_CLOCK)
                webhooks.replay_since(caller, seen.webhook.id, begin)
            else:
                webhooks.replay(caller, seen.webhook.id, _number(data.number))
        except WebhookUnknown:
            return _log(visit, webhook_id, error=WEBHOOK_REFUSALS["unknown"])
        except ValueError:
            return _log(visit, webhook_id, error=WEBHOOK_REFUSALS["no-day"])
        return to(f"{WEBHOOKS}/{seen.webhook.id}")


def _switched(visit: Visit, webhook_id: str, data: WebhookForm, state: WebhookState) -> Response[Any]:
    caller, seen = visit.own(data.csrf), _known(visit, webhook_id)
    visit.doors.people.webhooks.set_state(caller, seen.webhook.id, state)
    return to(f"{WEBHOOKS}/{seen.webhook.id}")


def _log(
    visit: Visit, webhook_id: str, *, state: str = "", before: str = "", error: Text | None = None
) -> Response[Any]:
    seen = _known(visit, webhook_id)
    if state and state not in {each.value for each in DeliveryState}:
        raise HTTPException(status_code=404)
    path = f"{WEBHOOKS}/{seen.webhook.id}"
    found = visit.doors.people.webhooks.deliveries(
        visit.caller, seen.webhook.id, before=_number(before) if before else None, state=state or None, limit=_PAGE
    )
    words, tone = WEBHOOK_STATES[seen.webhook.state]
    filters = [(Text("Semua", "All"), path, not state)]
    filters += [(DELIVERY_STATES[each][0], f"{path}?which={each.value}", each.value == state) for each in DeliveryState]
    more = f"{path}?which={state}&before={found[-1].number}" if len(found) == _PAGE else None
    return visit.show(
        "webhook.html",
        error=error,
        seen=seen,
        words=words,
        tone=tone,
        filters=filters,
        deliveries=[(each, *DELIVERY_STATES[each.state]) for each in found],
        may_act=visit.may(Permission.WEBHOOK_OPERATE),
        next_page=more,
        csv=f"{path}?format=csv",
    )


def _known(visit: Visit, webhook_id: str) -> SeenWebhook:
    try:
        return visit.doors.people.webhooks.get(visit.caller, webhook_id)
    except WebhookUnknown:
        raise HTTPException(status_code=404) from None


def _number(text: str) -> int:
    """404 for what no link of ours says."""
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise HTTPException(status_code=404)
    return int(text)


def _cells(seen: SeenWebhook) -> tuple[str, ...]:
    one = seen.webhook
    return (one.id, one.client_id, seen.host, one.state.value, str(one.failures), str(one.waiting))
