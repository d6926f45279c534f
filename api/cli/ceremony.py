"""`ceremony`: the birth of a hierarchy."""

import secrets
from pathlib import Path

import click

from api.cli.options import say, settings_of, with_data
from api.compose import utc_now
from api.first_start import TRANSCRIPT, hold_ceremony, make_service_keys, refuse_half_made
from api.parts import hsm_settings, open_stores
from hsm_config.gate import open_gate


@click.command()
@with_data
@click.option("--operator", required=True, help="Who holds the ceremony; stands in the audit trail.")
@click.option("--yes", is_flag=True, help="Do not wait for a confirmation before each step (rehearsals).")
def ceremony(data: Path, operator: str, yes: bool) -> None:
    """Make root, issuing CA, time-stamping unit and OCSP responder on the token, with a transcript.

    Each step is announced and waits for a confirmation. Refused where a hierarchy exists already.
    """
    settings = settings_of(data)

    def confirm(step: str) -> None:
        say(step)
        if not yes:
            click.confirm("  Go on?", abort=True, err=True)

    with open_stores(settings) as stores, open_gate(hsm_settings(settings)) as gate:
        if not any(settings.pki.certificates.glob("*.cer")):
            refuse_half_made(settings, data, stores, gate)
        make_service_keys(settings, gate, say)
        hierarchy = hold_ceremony(
            settings, stores, gate, confirm=confirm, now=utc_now, random_bytes=secrets.token_bytes, actor=operator
        )
    for label in hierarchy.certificates:
        click.echo(settings.pki.certificates / f"{label}.cer")
    click.echo(settings.pki.certificates / TRANSCRIPT)
