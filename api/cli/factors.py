"""`factors`: what the office does about an official's second factors."""

from pathlib import Path

import click

from api.cli.login import people_at, with_login
from api.cli.options import print_json, settings_of, with_approval, with_data, with_json


@click.group()
def factors() -> None:
    """Officials' second factors: unlocked; with a second person the first one, or a reset."""


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
        office = people.factors
        if approval is None:
            _tell("approval", office.propose_reset(caller, signatory).id, as_json=as_json)
        else:
            path = office.reset(caller, signatory, approval_id=approval)
            _tell("link", settings_of(data).server.public_url + path, as_json=as_json)


@factors.command()
@click.argument("signatory")
@with_data
@with_login
@with_approval
@with_json
def first(signatory: str, data: Path, name: str, secret_file: Path | None, approval: str | None, as_json: bool) -> None:
    """Let SIGNATORY, who has no second factor, add the first one: a one-time link, good with the passphrase."""
    with people_at(data, name, secret_file) as (people, caller):
        office = people.factors
        if approval is None:
            _tell("approval", office.propose_first(caller, signatory).id, as_json=as_json)
        else:
            path = office.first(caller, signatory, approval_id=approval)
            _tell("link", settings_of(data).server.public_url + path, as_json=as_json)


def _tell(word: str, value: str, *, as_json: bool) -> None:
    if as_json:
        print_json({word: value})
    else:
        click.echo(f"{word}  {value}")
