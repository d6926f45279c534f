"""`profile`: which version of a certificate profile issues."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.cli.login import logged_in, with_login
from api.cli.options import print_json, settings_of, with_approval, with_data, with_json
from api.given import utc_now
from api.office.build import build_accounts, build_profiles
from api.office.desk import Caller
from api.office.profiles import ProfileOffice
from api.stores import open_stores


@click.group()
def profile() -> None:
    """Versions are part of the software and never change; which one issues is a choice of two people."""


@profile.command("list")
@with_data
@with_login
@with_json
def list_profiles(data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """Every version of every profile, and which one issues."""
    with _profiles(data, name, secret_file) as (office, caller):
        found = office.all(caller)
    rows = [
        {"profile": str(each.profile), "days": each.profile.validity.days, "in_force": each.in_force} for each in found
    ]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        click.echo(f"{row['profile']:20} {row['days']:5} days  {'issues' if row['in_force'] else ''}".rstrip())


@profile.command()
@click.argument("profile_id", metavar="PROFILE")
@click.argument("version", type=click.IntRange(min=1))
@with_data
@with_login
@with_approval
def choose(
    profile_id: str, version: int, data: Path, name: str, secret_file: Path | None, approval: str | None
) -> None:
    """Have this VERSION of PROFILE issue from now on, in every process. For administrators."""
    with _profiles(data, name, secret_file) as (office, caller):
        if approval is None:
            click.echo(f"approval  {office.propose(caller, profile_id, version).id}")
            return
        chosen = office.choose(caller, profile_id, version, approval_id=approval)
    click.echo(f"{chosen} issues from now on")


@contextmanager
def _profiles(data: Path, name: str, secret_file: Path | None) -> Iterator[tuple[ProfileOffice, Caller]]:
    settings = settings_of(data)
    with open_stores(settings) as stores:
        desk = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes).desk
        caller = logged_in(stores, desk, name, secret_file)
        yield build_profiles(settings, stores.database, desk, now=utc_now, random_bytes=secrets.token_bytes), caller
