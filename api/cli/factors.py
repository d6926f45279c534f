"""`factors`: what the office does about an official's second factors."""

from pathlib import Path

import click

from api.cli.login import people_at, with_login
from api.cli.options import print_json, settings_of, with_approval, with_data, with_json


@click.group()
def factors() -> None:
    """Officials' second factors: unlocked, or reset with a second person."""


@factors.command()
@click.argument("signatory")
@with_data
@with_login
def unlock(signatory: str, data: Path, name: str, secret_file: Path | None) -> None:
    """Every locked factor of SIGNATORY is good again; see the person first."""
    with people_at(data, name, secret_file) as (people, caller):
        people.factors.unlock(caller, signatory)
    click.echo("unlocked")


@factors.command()
@click.argument("signatory")
@with_data
@with_login
@with_approval
@with_json
def reset(signatory: str, data: Path, name: str, secret_file: Path | None, approval: str | None, as_json: bool) -> None:
    """End all second factors of SIGNATORY; the one-time link leads to new ones, with the passphrase."""
    with people_at(data, name, secret_file) as (people, caller):
        if approval is None:
            told = {"approval": people.factors.propose_reset(caller, signatory).id}
        else:
            path = people.factors.reset(caller, signatory, approval_id=approval)
            told = {"link": settings_of(data).server.public_url + path}
    if as_json:
        print_json(told)
    for word, value in () if as_json else told.items():
        click.echo(f"{word}  {value}")
