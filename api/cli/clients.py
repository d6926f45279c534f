"""`client`: applications that may call the API."""

import base64
import hashlib
import secrets
from pathlib import Path
from typing import Final

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.compose import utc_now
from api.permissions import APPLICATION_PERMISSIONS, Permission
from api.stores import open_stores
from signer.quotas import Limits
from store.client_model import Client, ClientState
from store.errors import AlreadyExists, IllegalMove
from store.quotas import SqlQuotas

SCOPES: Final = sorted(each.value for each in APPLICATION_PERMISSIONS)
_AT_FIRST: Final = sorted({*SCOPES} - {Permission.SERVICE, Permission.CREDENTIAL})
"""What an application gets where nothing is said: not the API of the Cloud Signature Consortium."""


@click.group()
def client() -> None:
    """Applications that may call the API."""


@client.command()
@click.argument("name")
@with_data
@click.option("--id", "client_id", help="Identifier; random by default.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=_AT_FIRST,
    show_default=True,
)
@with_json
def add(name: str, data: Path, client_id: str | None, scopes: tuple[str, ...], as_json: bool) -> None:
    """Register the application NAME. Its secret is shown once, here, and kept as a hash only."""
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    new = Client(
        id=client_id or secrets.token_hex(8),
        name=name,
        scopes=frozenset(scopes),
        state=ClientState.ACTIVE,
        created_at=utc_now(),
    )
    with open_stores(settings_of(data)) as stores:
        try:
            stores.clients.add(new, hashlib.sha256(secret.encode()).hexdigest(), actor="command-line")
        except AlreadyExists:
            raise click.UsageError(f"the identifier {new.id} is taken: choose another one with --id") from None
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    if as_json:
        print_json({"client_id": new.id, "client_secret": secret})
    else:
        click.echo(f"client_id      {new.id}\nclient_secret  {secret}")


@client.command()
@click.argument("client_id")
@with_data
def disable(client_id: str, data: Path) -> None:
    """Stop an application; its tokens end at once."""
    with open_stores(settings_of(data)) as stores:
        try:
            stores.clients.disable(client_id, actor="command-line", at=utc_now())
        except IllegalMove:
            raise click.UsageError(f"{client_id}: no active application has this identifier") from None
    click.echo(f"{client_id} disabled")


@client.command()
@click.argument("client_id")
@click.option("--add", "added", multiple=True, type=click.Choice(SCOPES), help="Give it one more; repeatable.")
@click.option("--remove", "removed", multiple=True, type=click.Choice(SCOPES), help="Take one away; repeatable.")
@with_data
@with_json
def scopes(client_id: str, added: tuple[str, ...], removed: tuple[str, ...], data: Path, as_json: bool) -> None:
    """Show or change what an application may ask for; its tokens lose at once what is taken away.

    A scope that is given is in the tokens that it asks for from then on.
    """
    if both := sorted({*added} & {*removed}):
        raise click.UsageError(f"{both[0]}: either --add or --remove")
    with open_stores(settings_of(data)) as stores:
        try:
            changed = stores.clients.change_scopes(
                client_id, add=frozenset(added), remove=frozenset(removed), actor="command-line", at=utc_now()
            )
        except IllegalMove:
            raise click.UsageError(f"{client_id}: no active application has this identifier") from None
    if as_json:
        print_json({"client_id": client_id, "scopes": sorted(changed.scopes)})
    else:
        click.echo("\n".join(sorted(changed.scopes)) or "no scope")


@client.command()
@click.argument("client_id")
@click.option("--per-minute", type=click.IntRange(min=0), help="Signings in a minute; without it, no limit.")
@click.option("--per-day", type=click.IntRange(min=0), help="Signings in a day (UTC); without it, no limit.")
@click.option("--as-settings", is_flag=True, help="The limits of the settings hold again.")
@click.option("--credential", is_flag=True, help="CLIENT_ID is the id of a credential.")
@with_data
def quota(
    client_id: str, per_minute: int | None, per_day: int | None, as_settings: bool, credential: bool, data: Path
) -> None:
    """Decide how much an application, or a credential, may sign."""
    limits = None if as_settings else Limits(per_minute=per_minute, per_day=per_day)
    subject = f"{'credential' if credential else 'client'}:{client_id}"
    with open_stores(settings_of(data)) as stores:
        known = stores.credentials.get(client_id) if credential else stores.clients.get(client_id)
        if known is None:
            raise click.UsageError(f"{client_id}: there is no such {'credential' if credential else 'application'}")
        SqlQuotas(stores.database).set_limits(subject, limits, actor="command-line", at=utc_now())
    click.echo(
        f"{subject}: " + ("as the settings say" if limits is None else f"{per_minute} a minute, {per_day} a day")
    )
