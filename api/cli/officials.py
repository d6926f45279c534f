"""`search`, `renew`, `revoke`: officials and their certificates."""

from pathlib import Path
from typing import Any, Final

import click
from cryptography import x509

from api.cli.login import people_at, with_login
from api.cli.options import print_json, settings_of, with_data, with_json
from api.office.registry import Found
from signer.people import OfficialQuery, StatusWord
from signer.revoking import REVOKERS

_REASONS: Final = {each.value: each for each in REVOKERS if each is not x509.ReasonFlags.certificate_hold}


class SerialNumber(click.ParamType[int]):
    """A serial number in hexadecimal."""

    name = "serial"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error for anything else."""
        try:
            return int(value, 16)
        except ValueError:
            self.fail(f"{value!r} is no hexadecimal number", param, ctx)


@click.command()
@click.argument("words", nargs=-1)
@with_data
@with_login
@click.option("--unit", help="Part of the unit's name.")
@click.option("--organisation", help="Part of the organisation's name.")
@click.option("--status", type=click.Choice([each.value for each in StatusWord]))
@click.option("--serial", type=SerialNumber(), help="Serial number of a certificate, hexadecimal.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@with_json
def search(
    words: tuple[str, ...],
    data: Path,
    name: str,
    secret_file: Path | None,
    unit: str | None,
    organisation: str | None,
    status: str | None,
    serial: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Officials whose name holds WORDS, with where they stand."""
    query = OfficialQuery(
        name=" ".join(words) or None,
        unit=unit,
        organisation=organisation,
        status=StatusWord(status) if status else None,
        serial=serial,
        limit=limit,
    )
    with people_at(data, name, secret_file) as (people, caller):
        found = people.office.search(caller, query)
    if as_json:
        print_json([_row(each) for each in found])
    for each in () if as_json else found:
        who = each.official.signatory
        click.echo(f"{each.status:24} {_row(each)['serial'] or '-':40} {who.name}, {who.unit or who.organisation}")


@click.command()
@click.argument("serial", type=SerialNumber())
@with_data
@with_login
@with_json
def renew(serial: int, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """The link at which the official of certificate SERIAL renews, with the passphrase of today. For registrars.

    The old credential signs until the new one is there.
    """
    with people_at(data, name, secret_file) as (people, caller):
        invitation = people.office.renew(caller, serial)
    address = f"{settings_of(data).server.public_url}/enrol/{invitation.token}"
    if as_json:
        print_json({"link": address, "expires_at": invitation.expires_at})
    else:
        click.echo(f"{address}\nGood once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC.")


@click.command()
@click.argument("serial", type=SerialNumber())
@with_data
@with_login
@click.option("--reason", required=True, type=click.Choice(list(_REASONS)))
@click.option("--yes", is_flag=True, help="Do not ask again.")
def revoke(serial: int, data: Path, name: str, secret_file: Path | None, reason: str, yes: bool) -> None:
    """Revoke certificate SERIAL for good; nothing is signed with it from now on."""
    if not yes:
        click.confirm(f"Revoke {serial:x} for good?", abort=True, err=True)
    with people_at(data, name, secret_file) as (people, caller):
        people.office.revoke(caller, serial, _REASONS[reason])
    click.echo(f"{serial:x} revoked")


def _row(found: Found) -> dict[str, Any]:
    official = found.official
    return {
        "signatory": official.signatory.id,
        "name": official.signatory.name,
        "organisation": official.signatory.organisation,
        "unit": official.signatory.unit,
        "status": found.status.value,
        "credential": official.credential_id,
        "serial": f"{official.serial:x}" if official.serial is not None else None,
        "not_after": official.not_after,
    }
