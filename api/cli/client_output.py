"""What the commands of `client` print."""

import json
from typing import Any

import click

from api.cli.options import print_json
from api.oauth.registrations import ToldClient
from store.client_model import Client


def show_secret(made: ToldClient, *, as_json: bool) -> None:
    """Identifier and secret, where it has one."""
    said = {"client_id": made.client.id} | ({} if made.secret is None else {"client_secret": made.secret})
    if as_json:
        print_json(said)
    for name, value in () if as_json else said.items():
        click.echo(f"{name:13}  {value}")


def show_one(one: Client, *, as_json: bool) -> None:
    """How it is registered."""
    said = told(one)
    if as_json:
        print_json(said)
    for name, value in () if as_json else said.items():
        shown = json.dumps(value) if name == "jwks" else " ".join(value) if isinstance(value, list) else value
        click.echo(f"{name:14}  {'' if shown is None else shown}".rstrip())


def told(one: Client) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "client_id": one.id,
        "name": one.name,
        "state": one.state.value,
        "scopes": sorted(one.scopes),
        "auth_methods": sorted(one.auth_methods),
        "grants": sorted(one.grants),
        "redirect_uris": list(one.redirect_uris),
        "jwks": {"keys": [dict(key) for key in one.jwks]},
        "tls_subject": one.tls_subject,
        "tls_thumbprint": one.tls_thumbprint,
        "networks": list(one.networks),
        "created_at": one.created_at.isoformat(),
    }
