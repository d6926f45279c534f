"""Who sits at the command line: a member of staff with their secret, and the office that they act in."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from api.authority import build_authority
from api.batches.build import build_seals
from api.cli.options import settings_of
from api.given import utc_now
from api.hsm import open_hsm
from api.office.build import People, build_accounts
from api.office.desk import Caller, Desk
from api.parts import build_credentials, build_office
from api.settings import Settings
from api.stores import Stores, open_stores
from signer.errors import NotPermitted, StaffRefused
from store.audit import Act, Outcome

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


def with_login(command: Command) -> Command:
    """`--as NAME` and `--secret-file FILE`."""
    file = click.option("--secret-file", type=_FILE, help="File with your secret, instead of being asked for it.")
    return click.option("--as", "name", required=True, help="Your account of staff.")(file(command))


def with_optional_login(command: Command) -> Command:
    """The same, where a demonstration needs neither."""
    file = click.option("--secret-file", type=_FILE, help="File with your secret, instead of being asked for it.")
    return click.option("--as", "name", help="Your account of staff; needed outside of a demonstration.")(file(command))


def require_login(settings: Settings, name: str | None) -> None:
    """Nothing, or `NotPermitted` where nobody is named and this is no demonstration."""
    if name is None and not settings.demonstration:
        raise NotPermitted(
            "Outside of a demonstration every act has its person: add --as NAME --secret-file FILE.",
            field="as",
            reason="login",
        )


@contextmanager
def people_at(data: Path, name: str, secret_file: Path | None) -> Iterator[tuple[People, Caller]]:
    """The office, with its keys and its CA, and who acts in it."""
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        caller = logged_in(stores, accounts.desk, name, secret_file)
        with open_hsm(settings, secrets.token_bytes) as hsm:
            authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
            credentials = build_credentials(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
            seals = build_seals(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
            people = build_office(
                settings, stores, authority, credentials, seals, now=utc_now, random_bytes=secrets.token_bytes
            )
            yield people, caller


def logged_in(stores: Stores, desk: Desk, name: str, secret_file: Path | None) -> Caller:
    """The account, where the secret is right; the login is in the trail, also a failed one. Raises `StaffRefused`."""
    secret = secret_from(secret_file)
    known = stores.clients.authenticate(name, secret) is not None
    account = f"staff:{name}" if known else "staff:unknown"  # a stranger's text does not go into the trail
    outcome = Outcome.DONE if known else Outcome.REFUSED
    stores.audit.record(Act.STAFF_LOGIN, account, at=utc_now(), actor=name if known else None, outcome=outcome)
    if not known:
        raise StaffRefused("Unknown account or wrong secret.", field="as", reason="login")
    return desk.caller(name)


def secret_from(file: Path | None) -> str:
    """From the file's first line, or asked for on the terminal and never echoed."""
    if file is not None:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    return str(click.prompt("Your secret", hide_input=True, err=True))
