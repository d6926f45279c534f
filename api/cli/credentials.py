"""`enrol`, `suspend`, `resume`: officials and their credentials. Without roles in a demonstration only."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from api.authority import build_authority
from api.cli.login import people_at, require_login, with_optional_login
from api.cli.options import print_json, say, settings_of, with_data, with_json
from api.given import utc_now
from api.hsm import open_hsm
from api.parts import build_credentials
from api.stores import open_stores
from signer.credentials import CredentialService, new_signatory_id
from signer.errors import NotPermitted
from signer.model import Secret, Signatory

_DEMONSTRATION: Final = "command-line"
"""Who acts where no login is needed."""


@click.command()
@click.argument("name")
@with_data
@click.option("--organisation", help="Government body (O); that of teken.toml by default.")
@click.option("--organisation-identifier", help="VATID-… or NTRID-…; that of teken.toml by default.")
@click.option("--unit", help="Organisational unit (OU).")
@click.option("--surname", help="Only where a family name is on record; names are never split.")
@click.option("--passphrase-file", type=click.Path(path_type=Path, exists=True), help="Instead of being asked for it.")
@with_json
def enrol(
    name: str,
    data: Path,
    organisation: str | None,
    organisation_identifier: str | None,
    unit: str | None,
    surname: str | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Enrol the official NAME (full legal name, no titles) in one step. In a demonstration only."""
    settings = settings_of(data)
    pki = settings.pki
    if not settings.demonstration:
        raise NotPermitted(
            "Nobody enrols alone outside of a demonstration: `teken register`, then `teken approve` by a second person,"
            " then `teken link`.",
            field="demonstration",
            reason="four-eyes",
        )
    signatory = Signatory(
        id=new_signatory_id(secrets.token_bytes),
        name=name,
        organisation=organisation or pki.organisation,
        organisation_identifier=organisation_identifier or pki.organisation_identifier,
        unit=unit,
        surname=surname,
    )
    passphrase = passphrase_from(passphrase_file, confirm=True)
    with _credentials(data) as service:
        say(f"Enrolling {name}")
        credential = service.enrol(signatory, passphrase, _DEMONSTRATION)
    if as_json:
        print_json(
            {
                "credential": credential.id,
                "serial": f"{credential.certificate.serial_number:x}",
                "not_after": credential.certificate.not_valid_after_utc.isoformat(),
            }
        )
    else:
        click.echo(credential.id)


@click.command()
@click.argument("credential")
@with_data
@with_optional_login
def suspend(credential: str, data: Path, name: str | None, secret_file: Path | None) -> None:
    """Stop a credential from signing, at once and until it is resumed. For registrars."""
    if name is not None:
        with people_at(data, name, secret_file) as (people, caller):
            people.office.suspend_credential(caller, credential)
    else:
        with _credentials(data) as service:
            service.suspend(credential, _DEMONSTRATION)
    click.echo(f"{credential} suspended")


@click.command()
@click.argument("credential")
@with_data
@with_optional_login
def resume(credential: str, data: Path, name: str | None, secret_file: Path | None) -> None:
    """Let a suspended credential sign again. For registrars."""
    if name is not None:
        with people_at(data, name, secret_file) as (people, caller):
            people.office.resume_credential(caller, credential)
    else:
        with _credentials(data) as service:
            service.resume(credential, _DEMONSTRATION)
    click.echo(f"{credential} active")


def passphrase_from(file: Path | None, *, confirm: bool) -> Secret:
    """From the file's first line, or asked for on the terminal and never echoed."""
    if file is not None:
        return Secret(file.read_text(encoding="utf-8").partition("\n")[0])
    return Secret(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))


@contextmanager
def _credentials(data: Path) -> Iterator[CredentialService]:
    """The service itself, past roles; raises `NotPermitted` outside of a demonstration."""
    settings = settings_of(data)
    require_login(settings, None)
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        yield build_credentials(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
