"""`passphrase`: the official's own change of the passphrase."""

import secrets
from pathlib import Path

import click

from api.authority import build_authority
from api.cli.options import settings_of, with_data
from api.given import utc_now
from api.hsm import open_hsm
from api.office.passphrases import Passphrases
from api.parts import build_credentials
from api.stores import open_stores
from signer.model import Secret


@click.command()
@click.argument("credential")
@with_data
def passphrase(credential: str, data: Path) -> None:
    """Seal the key of CREDENTIAL under another passphrase, for its official alone.

    Both passphrases are asked for on the terminal and never taken from the command line. A wrong one counts as when
    signing.
    """
    settings = settings_of(data)
    old = Secret(click.prompt("Passphrase of today", hide_input=True, err=True))
    new = Secret(click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True))
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        service = build_credentials(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
        Passphrases(service).change(credential, old, new, actor="signatory", role="signatory")
    click.echo(f"{credential}: passphrase changed")
