"""`webhooks`: the delivery of events to applications, for whoever runs the service."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.stores import open_stores
from signer.hooks.model import Delivery, Webhook, WebhookState
from store.webhooks import SqlWebhooks

_ACTOR: Final = "command-line"
_STATES: Final = {"pause": WebhookState.PAUSED, "resume": WebhookState.ACTIVE}


@click.group()
def webhooks() -> None:
    """The delivery of events: how it goes, paused, replayed. Secrets and whole addresses stay their application's."""


@webhooks.command("list")
@with_data
@with_json
def list_(data: Path, as_json: bool) -> None:
    """Every webhook, by application."""
    with open_stores(settings_of(data)) as stores:
        found = SqlWebhooks(stores.database).all()
    if as_json:
        print_json([_told(each) for each in found])
        return
    for each in found:
        since = "" if each.failing_since is None else f", failing since {each.failing_since:%Y-%m-%d %H:%M} UTC"
        host = urlsplit(each.url).netloc
        click.echo(f"{each.id}  {each.client_id}  {host}  {each.state.value}, {each.waiting} waiting{since}")


@webhooks.command()
@click.argument("webhook")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="Most deliveries.")
@with_data
@with_json
def show(webhook: str, limit: int, data: Path, as_json: bool) -> None:
    """One webhook and its last deliveries, the newest first."""
    with open_stores(settings_of(data)) as stores:
        store = SqlWebhooks(stores.database)
        found = _found(store, webhook)
        log = store.deliveries(found.id, before=None, state=None, limit=limit)
    if as_json:
        print_json({**_told(found), "deliveries": [_line(each) for each in log]})
        return
    click.echo(f"{found.id}  {found.client_id}  {urlsplit(found.url).netloc}  {found.state.value}")
    for each in log:
        tried = "" if each.attempted_at is None else f"  {each.attempted_at:%Y-%m-%d %H:%M:%S} UTC"
        word = each.failure or each.state.value
        click.echo(f"{each.number:>6}  {each.event_type.value:<22} {word}, attempt {each.attempts}{tried}")


@webhooks.command()
@click.argument("webhook")
@click.option("--delivery", type=click.IntRange(min=1, max=2**53), help="Number of one delivery.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Every event since then, UTC.")
@with_data
def replay(webhook: str, delivery: int | None, since: datetime | None, data: Path) -> None:
    """Deliver one event, or all since a time, anew."""
    if (delivery is None) == (since is None):
        raise click.UsageError("name one --delivery, or a time with --since")
    with open_stores(settings_of(data)) as stores:
        store = SqlWebhooks(stores.database)
        found = _found(store, webhook)
        if delivery is not None:
            if store.replay(found.id, delivery, actor=_ACTOR, at=utc_now()) is None:
                raise click.UsageError(f"{delivery}: no delivery has this number")
            count = 1
        elif since is not None:
            count = store.replay_since(found.id, since.replace(tzinfo=UTC), actor=_ACTOR, at=utc_now())
    click.echo(f"{found.id}: {count} events are delivered anew")


@webhooks.command()
@click.argument("webhook")
@with_data
def pause(webhook: str, data: Path) -> None:
    """Send nothing to it; what happens meanwhile is delivered afterwards."""
    _change(webhook, "pause", data)


@webhooks.command()
@click.argument("webhook")
@with_data
def resume(webhook: str, data: Path) -> None:
    """Send to it again, whether it was paused or failing."""
    _change(webhook, "resume", data)


def _change(webhook: str, word: str, data: Path) -> None:
    with open_stores(settings_of(data)) as stores:
        store = SqlWebhooks(stores.database)
        found = _found(store, webhook)
        store.change(found.id, url=None, types=None, state=_STATES[word], actor=_ACTOR, at=utc_now())
    click.echo(f"{found.id} {_STATES[word].value}")


def _found(store: SqlWebhooks, webhook: str) -> Webhook:
    found = store.get(webhook[:64])
    if found is None:
        raise click.UsageError(f"{webhook}: no webhook has this id")
    return found


def _told(webhook: Webhook) -> dict[str, Any]:
    """Without the path of its address: some have a secret in it."""
    return {
        "id": webhook.id,
        "client": webhook.client_id,
        "host": urlsplit(webhook.url).netloc,
        "types": [each.value for each in webhook.types],
        "state": webhook.state.value,
        "waiting": webhook.waiting,
        "failures": webhook.failures,
        "failing_since": webhook.failing_since,
    }


def _line(delivery: Delivery) -> dict[str, Any]:
    return {
        "number": delivery.number,
        "event": delivery.event_id,
        "type": delivery.event_type.value,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "attempted_at": delivery.attempted_at,
        "status": delivery.status,
        "failure": delivery.failure,
        "milliseconds": delivery.milliseconds,
        "next_at": delivery.next_at,
    }
