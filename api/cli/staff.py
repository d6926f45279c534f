"""`staff`: accounts of people."""

import secrets
from pathlib import Path
from typing import TypedDict

import click

from api.cli.login import logged_in
from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.office.accounts import Accounts, NewAccount, StaffLink
from api.office.build import build_accounts
from api.settings import Settings
from api.stores import open_stores
from signer.errors import NotPermitted
from signer.model import Secret
from signer.people import Role
from store.database import Database


class _Person(TypedDict):
    id: str
    name: str
    role: Role


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_AS = click.option("--as", "administrator", help="Your account, an administrator's; not for the very first one.")
_SECRET = click.option("--secret-file", type=_FILE, help="File with your secret, instead of being asked for it.")


@click.group()
def staff() -> None:
    """People who work here. One person has one role."""


@staff.command()
@click.argument("account")
@with_data
@click.option("--name", required=True, help="Full name.")
@click.option("--role", required=True, type=click.Choice([each.value for each in Role]))
@click.option("--number-file", type=_FILE, help="File with the person's NIP or NIK; hashed and forgotten.")
@_AS
@_SECRET
@with_json
def add(
    account: str,
    data: Path,
    name: str,
    role: str,
    number_file: Path | None,
    administrator: str | None,
    secret_file: Path | None,
    as_json: bool,
) -> None:
    """Add ACCOUNT: a one-time link, at which its person chooses a password that nobody else knows.

    The very first account is an administrator's and needs no login; its secret is shown once, here.
    """
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = _accounts(settings, stores.database)
        who = _Person(id=account, name=name, role=Role(role))
        if administrator is None:
            first = accounts.add_first(**who, number=_number(number_file))
            _show(first, as_json)
            return
        caller = logged_in(stores, accounts.desk, administrator, secret_file)
        made = accounts.add(caller, **who, number=_number(number_file))
    _show_link(settings, made, as_json)


@staff.command()
@click.argument("account", default="admin")
@with_data
@click.option("--name", default="Administrator", show_default=True, help="Full name.")
@click.option("--number-file", type=_FILE, help="File with the person's NIP or NIK; hashed and forgotten.")
@with_json
def first(account: str, data: Path, name: str, number_file: Path | None, as_json: bool) -> None:
    """A one-time link for the very first administrator, at which they choose a password and add a second factor.

    As long as they have no second factor, another one can be made; afterwards administrators add everybody else.
    """
    settings = settings_of(data)
    with open_stores(settings) as stores:
        made = _accounts(settings, stores.database).invite_first(
            id=account, name=name, number=lambda: _number(number_file)
        )
    if made is None:
        raise NotPermitted("There are accounts already: log in as an administrator.", field="staff", reason="not-first")
    _show_link(settings, made, as_json)


@staff.command("link")
@click.argument("account")
@with_data
@click.option("--as", "administrator", required=True, help="Your account, an administrator's.")
@_SECRET
@with_json
def make_link(account: str, data: Path, administrator: str, secret_file: Path | None, as_json: bool) -> None:
    """Another one-time link for ACCOUNT; once it is opened, the secret of before is good no more."""
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = _accounts(settings, stores.database)
        made = accounts.link(logged_in(stores, accounts.desk, administrator, secret_file), account)
    _show_link(settings, made, as_json)


@staff.command("open")
@with_data
@with_json
def open_link(data: Path, as_json: bool) -> None:
    """Open your own one-time link here instead of in a browser: your secret, shown once. The link is asked for."""
    settings = settings_of(data)
    token = click.prompt("Your link", hide_input=True, err=True).strip().rpartition("/")[2]
    with open_stores(settings) as stores:
        opened = _accounts(settings, stores.database).open(token)
    _show(opened, as_json)


@staff.command("list")
@with_data
@with_json
def list_accounts(data: Path, as_json: bool) -> None:
    """Every account, with its role."""
    settings = settings_of(data)
    with open_stores(settings) as stores:
        members = _accounts(settings, stores.database).all()
    rows = [{"id": m.id, "name": m.name, "role": m.role.value, "active": m.active} for m in members]
    if as_json:
        print_json(rows)
    for member in () if as_json else members:
        click.echo(f"{member.id:20} {member.role.value:14} {'' if member.active else '(disabled) '}{member.name}")


@staff.command()
@click.argument("account")
@with_data
@click.option("--as", "administrator", required=True, help="Your account, an administrator's.")
@_SECRET
def disable(account: str, data: Path, administrator: str, secret_file: Path | None) -> None:
    """Stop ACCOUNT; its tokens end at once."""
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = _accounts(settings, stores.database)
        accounts.disable(logged_in(stores, accounts.desk, administrator, secret_file), account)
    click.echo(f"{account} disabled")


def _accounts(settings: Settings, database: Database) -> Accounts:
    return build_accounts(settings, database, now=utc_now, random_bytes=secrets.token_bytes)


def _number(file: Path | None) -> Secret:
    if file is not None:
        return Secret(file.read_text(encoding="utf-8").partition("\n")[0].strip())
    return Secret(click.prompt("NIP or NIK of this person", hide_input=True, err=True))


def _show_link(settings: Settings, made: StaffLink, as_json: bool) -> None:
    address = f"{settings.server.public_url}/staff/{made.token}"
    if as_json:
        print_json({"id": made.staff_id, "link": address, "expires_at": made.expires_at})
    else:
        click.echo(f"{address}\nFor {made.staff_id} alone. Good once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.")


def _show(new: NewAccount, as_json: bool) -> None:
    if as_json:
        print_json({"id": new.member.id, "role": new.member.role.value, "secret": new.secret})
    else:
        click.echo(f"account  {new.member.id} ({new.member.role.value})\nsecret   {new.secret}")
