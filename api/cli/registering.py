"""`register`, `approve`, `link`: from a name on paper to the official's own hands."""

from pathlib import Path

import click

from api.cli.login import people_at, with_login
from api.cli.options import print_json, settings_of, with_data, with_json
from signer.model import Secret
from signer.people import PersonalNumbers, Registration
from signer.registrations import Person

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("full_name", required=False)
@with_data
@with_login
@click.option("--organisation", help="Government body (O); that of teken.toml by default.")
@click.option("--organisation-identifier", help="VATID-… or NTRID-…; that of teken.toml by default.")
@click.option("--unit", help="Organisational unit (OU).")
@click.option("--surname", help="Only where a family name is on record; names are never split.")
@click.option("--nik-file", type=_FILE, help="File with the NIK; kept as a keyed hash only.")
@click.option("--nip-file", type=_FILE, help="File with the NIP; kept as a keyed hash only.")
@click.option("--transfer", metavar="CREDENTIAL", help="Another name, body or unit for the official of CREDENTIAL.")
@click.option("--lost-passphrase", metavar="CREDENTIAL", help="A new key for the official of CREDENTIAL.")
@with_json
def register(
    full_name: str | None,
    data: Path,
    name: str,
    secret_file: Path | None,
    organisation: str | None,
    organisation_identifier: str | None,
    unit: str | None,
    surname: str | None,
    nik_file: Path | None,
    nip_file: Path | None,
    transfer: str | None,
    lost_passphrase: str | None,
    as_json: bool,
) -> None:
    """Propose the official FULL_NAME (full legal name, no titles); an approver decides. For registrars."""
    if (full_name is None) == (lost_passphrase is None):
        raise click.UsageError("Give FULL_NAME, or --lost-passphrase alone.")
    pki = settings_of(data).pki
    with people_at(data, name, secret_file) as (people, caller):
        if lost_passphrase is not None:
            proposed = people.office.replace_lost_passphrase(caller, lost_passphrase)
        else:
            person = Person(
                name=full_name or "",
                organisation=organisation or pki.organisation,
                organisation_identifier=organisation_identifier or pki.organisation_identifier,
                unit=unit,
                surname=surname,
            )
            numbers = PersonalNumbers(nik=_secret(nik_file), nip=_secret(nip_file))
            proposed = (
                people.office.transfer(caller, transfer, person)
                if transfer is not None
                else people.office.register(caller, person, numbers)
            )
    _show(proposed, as_json)


@click.command()
@click.argument("approval", required=False)
@with_data
@with_login
@click.option("--reject", is_flag=True, help="Reject it.")
@click.option("--note", help="Why; no NIK, no NIP.")
@with_json
def approve(
    approval: str | None, data: Path, name: str, secret_file: Path | None, reject: bool, note: str | None, as_json: bool
) -> None:
    """Approve APPROVAL, or --reject it; without it, list what waits for you. For approvers."""
    with people_at(data, name, secret_file) as (people, caller):
        if approval is None:
            shown = list(people.office.waiting_approvals(caller))
        else:
            shown = [people.office.decide(caller, approval, approve=not reject, note=note)]
    rows = [
        {
            "id": each.id,
            "state": each.state.value,
            "kind": each.kind.value,
            "summary": each.summary,
            "proposed_by": each.proposed_by,
            "expires_at": each.expires_at,
        }
        for each in shown
    ]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        click.echo(f"{row['id']}  {row['state']:9}  {row['summary']}  (by {row['proposed_by']})")


@click.command()
@click.argument("registration")
@with_data
@with_login
@with_json
def link(registration: str, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """Make the one-time link of REGISTRATION, for its official alone; an earlier one ends. For registrars."""
    with people_at(data, name, secret_file) as (people, caller):
        invitation = people.office.invite(caller, registration)
    address = f"{settings_of(data).server.public_url}/enrol/{invitation.token}"
    if as_json:
        print_json({"link": address, "expires_at": invitation.expires_at})
    else:
        click.echo(f"{address}\nGood once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC.")


def _show(proposed: Registration, as_json: bool) -> None:
    if as_json:
        print_json({"registration": proposed.id, "approval": proposed.approval_id, "signatory": proposed.signatory.id})
    else:
        click.echo(f"registration  {proposed.id}\napproval      {proposed.approval_id}")


def _secret(file: Path | None) -> Secret | None:
    return None if file is None else Secret(file.read_text(encoding="utf-8").partition("\n")[0].strip())
