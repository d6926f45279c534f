"""`contact`, `appointment`, `enrolment-requests`: what the office notes of an official beside the certificate."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from api.cli.login import logged_in, with_login
from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.office.build import build_accounts, build_directory
from api.office.desk import Caller
from api.office.directory import Directory
from api.stores import open_stores
from signer.appointments import ActingForm, Appointment

_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group()
def contact() -> None:
    """Where notices to an official go. SIGNATORY is the opaque identifier that `teken search --json` tells."""


@contact.command("show")
@click.argument("signatory")
@with_data
@with_login
def show_contact(signatory: str, data: Path, name: str, secret_file: Path | None) -> None:
    """The address that is noted."""
    with _directory(data, name, secret_file) as (directory, caller):
        click.echo(directory.contact(caller, signatory) or "-")


@contact.command("set")
@click.argument("signatory")
@click.argument("email")
@with_data
@with_login
def set_contact(signatory: str, email: str, data: Path, name: str, secret_file: Path | None) -> None:
    """From now on, notices go to EMAIL. For registrars."""
    with _directory(data, name, secret_file) as (directory, caller):
        directory.set_contact(caller, signatory, email)
    click.echo(f"{signatory}: {email}")


@contact.command("withdraw")
@click.argument("signatory")
@with_data
@with_login
def withdraw_contact(signatory: str, data: Path, name: str, secret_file: Path | None) -> None:
    """No notices go to the official any more. For registrars."""
    with _directory(data, name, secret_file) as (directory, caller):
        directory.withdraw_contact(caller, signatory)
    click.echo(f"{signatory}: -")


@click.group("enrolment-requests")
def enrolment_requests() -> None:
    """Whom applications want enrolled. Register them with `teken register`, then close the request."""


@enrolment_requests.command("list")
@with_data
@with_json
@with_login
def list_requests(data: Path, as_json: bool, name: str, secret_file: Path | None) -> None:
    """Those that wait: id, application, name, address, as the application claims them."""
    with _directory(data, name, secret_file) as (directory, caller):
        waiting = directory.enrolment_requests(caller)
    if as_json:
        print_json(
            [{"id": each.id, "client": each.client_id, "name": each.name, "email": each.email} for each in waiting]
        )
    else:
        for each in waiting:
            click.echo(f"{each.id}  {each.client_id}  {each.name}  {each.email}")


@enrolment_requests.command("close")
@click.argument("request")
@with_data
@with_login
def close_request(request: str, data: Path, name: str, secret_file: Path | None) -> None:
    """The person was registered, or will not be. For registrars."""
    with _directory(data, name, secret_file) as (directory, caller):
        directory.close_enrolment_request(caller, request)
    click.echo(f"{request}: closed")


@click.group()
def appointment() -> None:
    """Acting appointments (Plt., Plh., Pj., Pjs.) of an official."""


@appointment.command("list")
@click.argument("signatory")
@with_data
@with_login
@with_json
def list_appointments(signatory: str, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """Every one that was not withdrawn."""
    with _directory(data, name, secret_file) as (directory, caller):
        found = directory.appointments(caller, signatory)
    if as_json:
        print_json([_row(each) for each in found])
    for each in () if as_json else found:
        click.echo("  ".join(_row(each).values()))


@appointment.command("add")
@click.argument("signatory")
@click.argument("office")
@with_data
@with_login
@click.option("--form", type=click.Choice([each.value for each in ActingForm]), required=True)
@click.option("--from", "starts_on", type=_DAY, required=True, help="First day, as Bali counts.")
@click.option("--until", "ends_on", type=_DAY, required=True, help="Last day; at most a year later.")
def add_appointment(
    signatory: str,
    office: str,
    data: Path,
    name: str,
    secret_file: Path | None,
    form: str,
    starts_on: datetime,
    ends_on: datetime,
) -> None:
    """Write down that SIGNATORY acts in OFFICE. For registrars."""
    with _directory(data, name, secret_file) as (directory, caller):
        made = directory.appoint(
            caller,
            signatory,
            form=ActingForm(form),
            office=office,
            starts_on=starts_on.date(),
            ends_on=ends_on.date(),
        )
    click.echo(made.id)


@appointment.command("withdraw")
@click.argument("signatory")
@click.argument("appointment_id")
@with_data
@with_login
def withdraw_appointment(signatory: str, appointment_id: str, data: Path, name: str, secret_file: Path | None) -> None:
    """It ends before its time. For registrars."""
    with _directory(data, name, secret_file) as (directory, caller):
        directory.withdraw_appointment(caller, signatory, appointment_id)
    click.echo(f"{appointment_id} withdrawn")


def _row(each: Appointment) -> dict[str, str]:
    return {
        "id": each.id,
        "form": each.form.value,
        "from": each.starts_on.isoformat(),
        "until": each.ends_on.isoformat(),
        "office": each.office,
    }


@contextmanager
def _directory(data: Path, name: str, secret_file: Path | None) -> Iterator[tuple[Directory, Caller]]:
    settings = settings_of(data)
    with open_stores(settings) as stores:
        desk = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes).desk
        caller = logged_in(stores, desk, name, secret_file)
        yield build_directory(desk, stores.database, now=utc_now, random_bytes=secrets.token_bytes), caller
