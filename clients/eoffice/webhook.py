"""Teken rings at `/hooks/teken`: the webhook for it, made once."""

import os
from pathlib import Path

import teken
from teken.types import WebhookChange, WebhookState

from eoffice.errors import Misconfigured
from eoffice.messenger import HEARD
from eoffice.settings import Settings


def ring(settings: Settings, client: teken.Teken) -> str:
    """Have events delivered to `public_url`; the identifier of the webhook. The secret is written to
    `webhook_secret_file`; where that file is lost, another secret is asked for. Twice is as good as once.

    Raises `Misconfigured` without the name of that file, and what the client raises.
    """
    path = settings.teken.webhook_secret_file
    if path is None:
        raise Misconfigured("[teken] webhook_secret_file: name the file for the secret")
    url = f"{settings.public_url.rstrip('/')}/hooks/teken"
    known = next((each for each in client.webhooks.list() if each.url == url), None)
    if known is None:
        made = client.webhooks.add(url, HEARD)
        _write(path, made.secret)
        return made.webhook.id
    if not path.exists():
        _write(path, client.webhooks.rotate_secret(known.id).secret)
    if known.state != WebhookState.ACTIVE:
        client.webhooks.change(known.id, WebhookChange(state="active"))
    return known.id


def _write(path: Path, secret: str) -> None:
    """For the office alone to read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secret)
