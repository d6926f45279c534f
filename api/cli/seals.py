"""`seal`: seals of organisations; an administrator makes one, an approver lets a client use it for a day."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from api.authority import build_authority
from api.batches.build import build_seals
from api.cli.login import logged_in, with_login
from api.cli.options import print_json, settings_of, with_data, with_json
from api.compose import utc_now
from api.hsm import open_hsm
from api.office.build import build_accounts
from api.permissions import Permission
from api.stores import open_stores
from signer.seals import MOST_DOCUMENTS, SealService


@click.group()
def seal() -> None:
    """Seals of organisations, for papers that machines make."""


@seal.command()
@click.argument("title")
@with_data
@with_login
@click.option("--organisation", required=True, help="Official name of the government body.")
@click.option("--organisation-identifier", required=True, help="VATID-<NPWP> or NTRID-…")
@with_json
def enrol(
    title: str,
    data: Path,
    name: str,
    secret_file: Path | None,
    organisation: str,
    organisation_identifier: str,
    as_json: bool,
) -> None:
    """Make the seal called TITLE. Its key lies in the HSM's keeping; no passphrase opens it."""
    with _seals_at(data, name, secret_file, Permission.SEAL_ENROL) as seals:
        made = seals.enrol(title, organisation, organisation_identifier, actor=name)
    _tell({"credential": made.id, "serial": f"{made.certificate.serial_number:x}"}, as_json=as_json)


@seal.command()
@click.argument("credential")
@with_data
@with_login
@click.option("--client", required=True, help="The application that may seal.")
@click.option(
    "--network", "networks", multiple=True, required=True, help="From where, as 192.0.2.0/24; again for more."
)
@click.option("--documents", type=click.IntRange(1, MOST_DOCUMENTS), required=True, help="How many, at most.")
@click.option("--hours", type=click.IntRange(1, 24), default=24, show_default=True)
@with_json
def activate(
    credential: str,
    data: Path,
    name: str,
    secret_file: Path | None,
    client: str,
    networks: tuple[str, ...],
    documents: int,
    hours: int,
    as_json: bool,
) -> None:
    """Let one application seal so many documents with CREDENTIAL, for a day at most."""
    with _seals_at(data, name, secret_file, Permission.SEAL_ACTIVATE) as seals:
        made = seals.activate(credential, client, networks, documents=documents, life=timedelta(hours=hours))
    _tell({"permission": made.id, "until": made.expires_at.isoformat()}, as_json=as_json)


@seal.command()
@click.argument("permission")
@with_data
@with_login
@with_json
def deactivate(permission: str, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """End PERMISSION: from now on nothing is sealed under it."""
    with _seals_at(data, name, secret_file, Permission.SEAL_ACTIVATE) as seals:
        seals.deactivate(permission)
    _tell({"permission": permission}, as_json=as_json)


@contextmanager
def _seals_at(data: Path, name: str, secret_file: Path | None, permission: Permission) -> Iterator[SealService]:
    """Seals, acted upon by a member of staff who may."""
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        caller = logged_in(stores, accounts.desk, name, secret_file)
        with accounts.desk.acting(caller, permission), open_hsm(settings, secrets.token_bytes) as hsm:
            authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
            yield build_seals(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)


def _tell(made: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        click.echo("\n".join(made.values()))
