"""`ceremony`: the birth of a hierarchy, on one token or with a root kept offline."""

import secrets
from functools import partial
from pathlib import Path

import click

from api.cli.offline_root import certify, complete, crl, request, require_alone, root, take_crl
from api.cli.options import say, settings_of, with_data
from api.first_start import TRANSCRIPT, hold_ceremony, keep_people_findable, make_service_keys
from api.given import utc_now
from api.hsm import hsm_settings
from api.stores import open_stores
from api.succession import hold_succession
from hsm_config.gate import open_gate
from hsm_config.ownership import owning


@click.group(invoke_without_command=True)
@with_data
@click.option("--operator", help="Who holds the ceremony on one token; stands in the audit trail.")
@click.option("--yes", is_flag=True, help="Do not wait for a confirmation before each step (rehearsals).")
@click.pass_context
def ceremony(context: click.Context, data: Path, operator: str | None, yes: bool) -> None:
    """Make root, issuing CA, time-stamping unit and OCSP responder, with a signed transcript.

    Without a command below: everything on one token, by one --operator. Each step is announced and waits for a
    confirmation. Refused where a hierarchy exists already; one that was interrupted is taken up again.

    With the root offline: `root` on its machine, `request` at the service, `certify` on the root's machine, `complete`
    at the service; then `crl` and `take-crl` once a year.
    """
    if context.invoked_subcommand is not None:
        return
    if operator is None:
        raise click.UsageError("name the --operator, or one of the commands: root, request, certify, complete, crl")
    settings = settings_of(data)

    own = hsm_settings(settings)
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        if settings.demonstration:
            make_service_keys(settings, stores, gate, tidy=ownership.alone, say=say, now=utc_now)
        keep_people_findable(settings, stores, now=utc_now, random_bytes=secrets.token_bytes, actor=operator)
        hierarchy = hold_ceremony(
            settings,
            stores,
            gate,
            confirm=partial(_announce, yes=yes),
            now=utc_now,
            random_bytes=secrets.token_bytes,
            actor=operator,
        )
    for label in hierarchy.certificates:
        click.echo(settings.pki.certificates / f"{label}.cer")
    click.echo(settings.pki.certificates / TRANSCRIPT)


@ceremony.command()
@with_data
@click.option("--operator", required=True, help="Who holds the ceremony; stands in the audit trail.")
@click.option("--generation", type=click.IntRange(min=2), required=True, help="Number of the new generation.")
@click.option("--yes", is_flag=True, help="Do not wait for a confirmation before each step (rehearsals).")
def successor(data: Path, operator: str, generation: int, yes: bool) -> None:
    """On one token: the next generation of the issuing CA, with an OCSP responder of its own.

    The service has to stand still; started again, it issues under the new generation, and the older one serves CRL and
    OCSP for what it issued. One that was interrupted is taken up again.
    """
    settings = settings_of(data)
    own, folder = hsm_settings(settings), settings.pki.certificates
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        require_alone(ownership)
        made = hold_succession(
            settings,
            stores,
            gate,
            number=generation,
            confirm=partial(_announce, yes=yes),
            now=utc_now,
            random_bytes=secrets.token_bytes,
            actor=operator,
        )
    for name in (f"{made.id}.cer", f"{made.responder.label}.cer", f"succession-g{generation}.txt"):
        click.echo(folder / name)


def _announce(step: str, *, yes: bool) -> None:
    say(step)
    if not yes:
        click.confirm("  Go on?", abort=True, err=True)


for command in (root, request, certify, complete, crl, take_crl):
    ceremony.add_command(command)
