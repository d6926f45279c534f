"""`esign`: API credentials of the gateway, which applications call with a user name and a password."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.esign.build import build_api_credentials
from api.given import utc_now
from api.stores import open_stores
from signer.api_credentials import ApiCredential, ApiCredentials, GeometryReading, NewPassword, Terms
from signer.errors import Refused

_ACTOR = "command-line"
_PAGE = 500


@click.group()
def esign() -> None:
    """API credentials of the gateway under /api. Giving one lets passphrases in through that door.

    The application itself is registered before, with `teken client add`.
    """


@esign.command()
@click.argument("user_name")
@with_data
@click.option("--client", required=True, help="The application that it belongs to.")
@click.option("--description", default="", help="For administrators.")
@click.option("--network", "networks", multiple=True, help="From where, as 192.0.2.0/24; again for more. None: any.")
@click.option("--kind", default="", help="Kind of document where a call names none.")
@click.option("--unstated-kinds/--no-unstated-kinds", default=True, show_default=True, help="Sign unstated kinds.")
@click.option(
    "--geometry",
    type=click.Choice([each.value for each in GeometryReading]),
    default="auto",
    show_default=True,
    help="What width and height are.",
)
@click.option("--certified-only", is_flag=True, help="cert_user_certified only of certified certificates.")
@click.option("--codes", is_flag=True, help="Officials may open sessions to it, and sign with codes by mail.")
@with_json
def add(user_name: str, data: Path, client: str, as_json: bool, **terms: Any) -> None:
    """Make the API credential USER_NAME. Its password is shown once, here, and kept as a hash only."""
    with _credentials(data) as credentials:
        _show_password(credentials.add(user_name, client, _terms(**terms), actor=_ACTOR), as_json=as_json)


@esign.command("list")
@with_data
@with_json
def list_(data: Path, as_json: bool) -> None:
    """Every API credential, by user name."""
    with _credentials(data) as credentials:
        found = credentials.all(limit=_PAGE)
    if as_json:
        print_json([_told(each) for each in found])
    for each in () if as_json else found:
        state = "enabled" if each.enabled else "disabled"
        click.echo(f"{each.user_name}  {state:8}  {each.client_id}  {each.description}".rstrip())


@esign.command()
@click.argument("user_name")
@with_data
@with_json
def show(user_name: str, data: Path, as_json: bool) -> None:
    """One API credential."""
    with _credentials(data) as credentials:
        told = _told(credentials.get(user_name))
    if as_json:
        print_json(told)
    for name, value in () if as_json else told.items():
        click.echo(f"{name:16}  {' '.join(value) if isinstance(value, list) else value}")


@esign.command()
@click.argument("user_name")
@with_data
def enable(user_name: str, data: Path) -> None:
    """Let it in again."""
    _switch(data, user_name, enabled=True)


@esign.command()
@click.argument("user_name")
@with_data
def disable(user_name: str, data: Path) -> None:
    """Answer its calls with 403 from now on."""
    _switch(data, user_name, enabled=False)


@esign.command()
@click.argument("user_name")
@with_data
@with_json
def rotate(user_name: str, data: Path, as_json: bool) -> None:
    """Another password, shown once; the one of before is good no more."""
    with _credentials(data) as credentials:
        _show_password(credentials.rotate(user_name, actor=_ACTOR), as_json=as_json)


@esign.command()
@click.argument("user_name")
@with_data
def remove(user_name: str, data: Path) -> None:
    """Forget it; what was signed with it stays."""
    with _credentials(data) as credentials:
        credentials.remove(user_name, actor=_ACTOR)
    click.echo(f"{user_name} removed")


@contextmanager
def _credentials(data: Path) -> Iterator[ApiCredentials]:
    with open_stores(settings_of(data)) as stores:
        try:
            yield build_api_credentials(stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        except Refused as refused:
            raise click.UsageError(str(refused)) from None


def _terms(*, networks: tuple[str, ...], geometry: str, **terms: Any) -> Terms:
    return Terms(networks=networks, geometry=GeometryReading(geometry), **terms)


def _switch(data: Path, user_name: str, *, enabled: bool) -> None:
    with _credentials(data) as credentials:
        credentials.enable(user_name, enabled, actor=_ACTOR)
    click.echo(f"{user_name} {'enabled' if enabled else 'disabled'}")


def _show_password(made: NewPassword, *, as_json: bool) -> None:
    told = {"user_name": made.credential.user_name, "password": made.password.reveal()}
    if as_json:
        print_json(told)
    for name, value in () if as_json else told.items():
        click.echo(f"{name:9}  {value}")


def _told(one: ApiCredential) -> dict[str, Any]:
    return {
        "user_name": one.user_name,
        "client": one.client_id,
        "description": one.description,
        "networks": list(one.networks),
        "enabled": one.enabled,
        "kind": one.kind,
        "unstated_kinds": one.unstated_kinds,
        "geometry": one.geometry.value,
        "certified_only": one.certified_only,
        "codes": one.codes,
        "created_at": one.created_at.isoformat(),
    }
