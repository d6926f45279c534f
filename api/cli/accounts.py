"""`account`: names and passwords of integrations, which log in at the CSC API."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.csc.build import build_accounts
from api.given import utc_now
from api.stores import open_stores
from signer.accounts import Account, Accounts, MadeAccount
from signer.errors import Refused

_ACTOR: Final = "command-line"


@click.group()
def account() -> None:
    """Accounts of integrations: workbenches and test clients that log in with a name and a password.

    They log in where `csc.basic` is switched on, and use the seals that they keep (`teken seal keepers`), out of what
    is lent to their application.
    """


@account.command()
@click.argument("name")
@with_data
@click.option("--client", required=True, help="The application that it belongs to.")
@with_json
def add(name: str, data: Path, client: str, as_json: bool) -> None:
    """Make the account NAME. Its password is shown once, here, and kept as a hash only."""
    with _accounts(data) as accounts:
        _show_password(accounts.add(name, client, actor=_ACTOR), as_json=as_json)


@account.command("list")
@with_data
@with_json
def list_(data: Path, as_json: bool) -> None:
    """Every account, by name."""
    with _accounts(data) as accounts:
        found = accounts.all()
    if as_json:
        print_json([_told(each) for each in found])
    for each in () if as_json else found:
        click.echo(_line(each))


@account.command()
@click.argument("name")
@with_data
def enable(name: str, data: Path) -> None:
    """Let it log in again."""
    with _accounts(data) as accounts:
        click.echo(_line(accounts.enable(name, True, actor=_ACTOR)))


@account.command()
@click.argument("name")
@with_data
def disable(name: str, data: Path) -> None:
    """It logs in no more, and its tokens end."""
    with _accounts(data) as accounts:
        click.echo(_line(accounts.enable(name, False, actor=_ACTOR)))


@account.command()
@click.argument("name")
@with_data
def unlock(name: str, data: Path) -> None:
    """Let it try again after ten wrong passwords."""
    with _accounts(data) as accounts:
        click.echo(_line(accounts.unlock(name, actor=_ACTOR)))


@account.command()
@click.argument("name")
@with_data
@with_json
def rotate(name: str, data: Path, as_json: bool) -> None:
    """Another password, shown once; the one of before is good no more, and tokens end."""
    with _accounts(data) as accounts:
        _show_password(accounts.rotate(name, actor=_ACTOR), as_json=as_json)


@contextmanager
def _accounts(data: Path) -> Iterator[Accounts]:
    with open_stores(settings_of(data)) as stores:
        try:
            yield build_accounts(stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        except Refused as refused:
            raise click.ClickException(str(refused)) from refused


def _show_password(made: MadeAccount, *, as_json: bool) -> None:
    password = made.password.reveal()
    if as_json:
        print_json({**_told(made.account), "password": password})
    else:
        click.echo(f"name      {made.account.name}\npassword  {password}")


def _line(one: Account) -> str:
    return f"{one.name}  {_told(one)['state']:8}  {one.client_id}"


def _told(one: Account) -> dict[str, Any]:
    state = "disabled" if not one.enabled else "locked" if one.locked else "enabled"
    return {"name": one.name, "keeper": one.id, "client": one.client_id, "state": state}
