"""`codes`: what the officials of a demonstration would read on their telephones."""

from datetime import datetime
from pathlib import Path

import click
import pyotp

from api.cli.options import print_json, settings_of, with_data, with_json
from api.demonstration.people import Player, players
from api.given import utc_now
from signer.errors import NotPermitted
from signer.factors.totp import SECONDS


@click.command()
@with_data
@with_json
def codes(data: Path, as_json: bool) -> None:
    """What the authenticators of the officials show now, and the passphrase that signs. In a demonstration only."""
    if not settings_of(data).demonstration:
        message = "Outside of a demonstration nobody but its owner reads an authenticator."
        raise NotPermitted(message, field="demonstration", reason="demonstration")
    at, found = utc_now(), list(players(data))
    if as_json:
        print_json([_row(each, at) for each in found])
        return
    for each in found:
        row = _row(each, at)
        click.echo(f"{row['email']:44} {row['code']}  {row['name']}")
    if found:
        left = SECONDS - int(at.timestamp()) % SECONDS
        click.echo(f"\nGood for {left} seconds, each once.\nPassphrase of all: {found[0].passphrase}")


def _row(player: Player, at: datetime) -> dict[str, str]:
    code = pyotp.TOTP(player.seed).at(at)
    return {"id": player.id, "name": player.name, "email": player.email, "code": code, "passphrase": player.passphrase}
