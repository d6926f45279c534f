"""`client`: applications that may call the API."""

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from api.cli.client_output import show_one, show_secret, told
from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.oauth.build import build_client_registrations
from api.oauth.methods import AuthMethod
from api.oauth.registrations import ClientRegistrations, Terms
from api.permissions import APPLICATION_PERMISSIONS, Permission
from api.stores import open_stores
from signer.errors import Refused
from signer.quotas import Limits
from store.client_model import PUBLIC, Client
from store.errors import IllegalMove
from store.quotas import SqlQuotas

SCOPES: Final = sorted(each.value for each in APPLICATION_PERMISSIONS)
_OF_CSC: Final = (Permission.SERVICE.value, Permission.CREDENTIAL.value)
_AT_FIRST: Final = sorted({*SCOPES} - {*_OF_CSC})
"""What an application gets where nothing is said and it has no redirect address."""

_ACTOR: Final = "command-line"
_PAGE: Final = 200

with_redirects = click.option(
    "--redirect-uri", "redirect_uris", multiple=True, help="Where answers to its users' approval go; again for more."
)
with_networks = click.option(
    "--network", "networks", multiple=True, help="From where, as 192.0.2.0/24; again for more. None: from anywhere."
)


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
    help=f"Again for more. By default {' and '.join(_OF_CSC)} with a redirect address, else all others.",
)
@with_redirects
@click.option("--public", is_flag=True, help="It can keep no secret: an app on a phone, a page in a browser.")
@click.option(
    "--keys", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Its public keys: a JWK set."
)
@click.option("--tls-subject", help="Subject of its TLS certificate, as CN=aplikasi,O=Dinas Contoh.")
@click.option("--tls-thumbprint", help="SHA-256 of its TLS certificate, where exactly that one is meant.")
@with_networks
@with_json
def add(
    name: str,
    data: Path,
    client_id: str | None,
    scopes: tuple[str, ...],
    redirect_uris: tuple[str, ...],
    public: bool,
    keys: Path | None,
    tls_subject: str | None,
    tls_thumbprint: str | None,
    networks: tuple[str, ...],
    as_json: bool,
) -> None:
    """Register the application NAME. Its secret is shown once, here, and kept as a hash only.

    With keys or a TLS certificate it authenticates by these, and has no secret.
    """
    terms = Terms(
        name=name,
        scopes=scopes or (_OF_CSC if redirect_uris else _AT_FIRST),
        auth_methods=_methods(public, keys, tls_subject, tls_thumbprint),
        redirect_uris=redirect_uris,
        jwks=None if keys is None else _read(keys),
        tls_subject=tls_subject,
        tls_thumbprint=tls_thumbprint,
        networks=networks,
    )
    with _registrations(data) as registrations:
        show_secret(registrations.add(terms, client_id=client_id, actor=_ACTOR), as_json=as_json)


@client.command("list")
@with_data
@with_json
def list_(data: Path, as_json: bool) -> None:
    """Every application, by identifier."""
    found: list[Client] = []
    with _registrations(data) as registrations:
        while page := registrations.page(after=found[-1].id if found else "", limit=_PAGE):
            found.extend(page)
    if as_json:
        print_json([told(each) for each in found])
    for each in () if as_json else found:
        click.echo(f"{each.id}  {each.state.value:8}  {each.name}")


@client.command()
@click.argument("client_id")
@with_data
@with_json
def show(client_id: str, data: Path, as_json: bool) -> None:
    """How one application is registered."""
    with _registrations(data) as registrations:
        show_one(registrations.get(client_id), as_json=as_json)


@client.command()
@click.argument("client_id")
@with_data
@click.option("--name", help="As signatories will read it.")
@with_redirects
@with_networks
@click.option("--anywhere", is_flag=True, help="It may come from any network.")
@with_json
def change(
    client_id: str,
    data: Path,
    name: str | None,
    redirect_uris: tuple[str, ...],
    networks: tuple[str, ...],
    anywhere: bool,
    as_json: bool,
) -> None:
    """Change its name, all of its redirect addresses, or all of its networks."""
    if anywhere and networks:
        raise click.UsageError("either --network or --anywhere")
    terms = Terms(name=name, redirect_uris=redirect_uris or None, networks=networks or (() if anywhere else None))
    with _registrations(data) as registrations:
        show_one(registrations.change(client_id, terms, actor=_ACTOR), as_json=as_json)


@client.command()
@click.argument("client_id")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_data
@with_json
def keys(client_id: str, file: Path, data: Path, as_json: bool) -> None:
    """Replace its public keys by those of FILE, a JWK set. For an application that was registered with keys."""
    with _registrations(data) as registrations:
        show_one(registrations.change(client_id, Terms(jwks=_read(file)), actor=_ACTOR), as_json=as_json)


@client.command()
@click.argument("client_id")
@with_data
@with_json
def rotate(client_id: str, data: Path, as_json: bool) -> None:
    """Another secret, shown once; the one of before and all access tokens are good no more."""
    with _registrations(data) as registrations:
        show_secret(registrations.rotate(client_id, actor=_ACTOR), as_json=as_json)


@client.command()
@click.argument("client_id")
@with_data
def disable(client_id: str, data: Path) -> None:
    """Stop an application; its tokens end at once."""
    with open_stores(settings_of(data)) as stores:
        try:
            stores.clients.disable(client_id, actor=_ACTOR, at=utc_now())
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
                client_id, add=frozenset(added), remove=frozenset(removed), actor=_ACTOR, at=utc_now()
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
        SqlQuotas(stores.database).set_limits(subject, limits, actor=_ACTOR, at=utc_now())
    click.echo(
        f"{subject}: " + ("as the settings say" if limits is None else f"{per_minute} a minute, {per_day} a day")
    )


@contextmanager
def _registrations(data: Path) -> Iterator[ClientRegistrations]:
    with open_stores(settings_of(data)) as stores:
        try:
            yield build_client_registrations(stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        except Refused as refused:
            raise click.UsageError(str(refused)) from None


def _methods(
    public: bool, keys: Path | None, tls_subject: str | None, tls_thumbprint: str | None
) -> Sequence[str] | None:
    """How it authenticates: by what it was given; `None`: with a secret."""
    given = {
        AuthMethod.PRIVATE_KEY_JWT: keys is not None,
        AuthMethod.TLS: bool(tls_subject),
        AuthMethod.SELF_SIGNED_TLS: bool(tls_thumbprint),
    }
    named = [method for method, is_given in given.items() if is_given]
    if public and named:
        raise click.UsageError("--public: a public client authenticates in no other way")
    return sorted(PUBLIC) if public else named or None


def _read(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_bytes())
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise click.UsageError(f"{file}: is no JWK set")
    return read
