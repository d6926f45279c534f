"""`seal`: seals of organisations; an administrator makes one, an approver lets a client use it for a day."""

from pathlib import Path
from typing import Any

import click

from api.cli.login import people_at, with_login
from api.cli.options import print_json, with_data, with_json
from api.office.seals import KnownSeal
from signer.seal_model import MOST_DOCUMENTS, SealPermission

_HOURS = 24


@click.group()
def seal() -> None:
    """Seals of organisations, for papers that machines make.

    Revoked, suspended and resumed like any certificate: `teken revoke SERIAL`.
    """


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
    """Make the seal called TITLE. Its key lies in the HSM's keeping; no passphrase opens it. For administrators."""
    with people_at(data, name, secret_file) as (people, caller):
        made = people.seals.enrol(caller, title, organisation, organisation_identifier)
    _tell_made(made, as_json=as_json)


@seal.command()
@click.argument("credential")
@with_data
@with_login
@with_json
def renew(credential: str, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """A new key and certificate for the seal of CREDENTIAL, which is retired. For administrators.

    The new credential has another id, and no client may use it yet: activate it, and name it in the next batch.
    """
    with people_at(data, name, secret_file) as (people, caller):
        made = people.seals.renew(caller, credential)
    _tell_made(made, as_json=as_json)


@seal.command("list")
@with_data
@with_login
@click.option("--after", default="", help="Id behind which to go on.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@with_json
def list_(data: Path, name: str, secret_file: Path | None, after: str, limit: int, as_json: bool) -> None:
    """Credentials of seals, of today and before."""
    with people_at(data, name, secret_file) as (people, caller):
        found = people.seals.all(caller, after=after, limit=limit)
    if as_json:
        print_json([_seal(each) for each in found])
    for each in () if as_json else found:
        told = _seal(each)
        click.echo(f"{told['credential']}  {told['status']:8} until {told['until']}  {told['name']}")


@seal.command()
@click.argument("credential")
@with_data
@with_login
@with_json
def show(credential: str, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """The seal of CREDENTIAL, and what was permitted with it, the newest first."""
    with people_at(data, name, secret_file) as (people, caller):
        known = people.seals.get(caller, credential)
        permissions = people.seals.permissions(caller, credential)
    told = _seal(known)
    if as_json:
        print_json({**told, "permissions": [_permission(each) for each in permissions]})
        return
    click.echo(f"{told['name']}, {told['organisation']}: {told['status']} until {told['until']}, {told['serial']}")
    for each in permissions:
        ended = f"ended {each.ended_at.isoformat()}" if each.ended_at else f"until {each.expires_at.isoformat()}"
        where = " ".join(each.networks)
        click.echo(f"  {each.id}  {each.client_id}  {where}  {each.used} of {each.documents}  {ended}")


@seal.command()
@click.argument("credential")
@with_data
@with_login
@click.option("--client", required=True, help="The application that may seal.")
@click.option(
    "--network", "networks", multiple=True, required=True, help="From where, as 192.0.2.0/24; again for more."
)
@click.option("--documents", type=click.IntRange(1, MOST_DOCUMENTS), required=True, help="How many, at most.")
@click.option("--hours", type=click.IntRange(1, _HOURS), default=_HOURS, show_default=True)
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
    """Let one application seal so many documents with CREDENTIAL, for a day at most. For approvers."""
    with people_at(data, name, secret_file) as (people, caller):
        made = people.seals.activate(caller, credential, client, networks, documents=documents, hours=hours)
    _tell({"permission": made.id, "until": made.expires_at.isoformat()}, as_json=as_json)


@seal.command()
@click.argument("permission")
@with_data
@with_login
@with_json
def deactivate(permission: str, data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """End PERMISSION: from now on nothing is sealed under it. For approvers."""
    with people_at(data, name, secret_file) as (people, caller):
        people.seals.deactivate(caller, permission)
    _tell({"permission": permission}, as_json=as_json)


@seal.command()
@click.argument("credential")
@with_data
@with_login
@click.option("--add", "added", multiple=True, help="Id of an official, or account:NAME; again for more.")
@click.option("--remove", "removed", multiple=True, help="Who keeps it no more; again for more.")
@with_json
def keepers(
    credential: str,
    data: Path,
    name: str,
    secret_file: Path | None,
    added: tuple[str, ...],
    removed: tuple[str, ...],
    as_json: bool,
) -> None:
    """Who keeps the seal of CREDENTIAL. For administrators.

    Whoever keeps it uses it by their login, at an application that it is lent to.
    """
    with people_at(data, name, secret_file) as (people, caller):
        for each in added:
            people.seals.name_keeper(caller, credential, each)
        for each in removed:
            people.seals.dismiss_keeper(caller, credential, each)
        found = people.seals.keepers(caller, credential)
    if as_json:
        print_json({"keepers": list(found)})
    for each in () if as_json else found:
        click.echo(each)


@seal.command()
@click.argument("credential")
@with_data
@with_login
@click.option("--set", "what", flag_value="set", help="A new PIN, shown once, here.")
@click.option("--remove", "what", flag_value="remove", help="From now on the seal is used without one.")
@click.option("--unlock", "what", flag_value="unlock", help="It may be tried again, after ten wrong ones.")
@with_json
def pin(credential: str, data: Path, name: str, secret_file: Path | None, what: str | None, as_json: bool) -> None:
    """The PIN of the seal of CREDENTIAL, without which nothing is sealed then; only the CSC API takes one, where
    `csc.pins` is switched on. Says how it stands, unless it is to be changed. For administrators."""
    with people_at(data, name, secret_file) as (people, caller):
        if what == "set":
            _tell({"pin": people.seals.set_pin(caller, credential).reveal()}, as_json=as_json)
            return
        if what == "remove":
            people.seals.remove_pin(caller, credential)
        elif what == "unlock":
            people.seals.unlock_pin(caller, credential)
        standing = people.seals.pin(caller, credential)
    told = "none" if standing is None else "locked" if standing.locked else "set"
    _tell({"pin": told}, as_json=as_json)


def _seal(known: KnownSeal) -> dict[str, str]:
    credential = known.credential
    return {
        "credential": credential.id,
        "name": credential.signatory.name,
        "organisation": credential.signatory.organisation,
        "status": known.status.value,
        "serial": f"{credential.certificate.serial_number:x}",
        "until": credential.certificate.not_valid_after_utc.isoformat(),
    }


def _permission(one: SealPermission) -> dict[str, Any]:
    return {
        "permission": one.id,
        "client": one.client_id,
        "networks": list(one.networks),
        "documents": one.documents,
        "used": one.used,
        "until": one.expires_at.isoformat(),
        "ended": one.ended_at.isoformat() if one.ended_at else None,
    }


def _tell_made(made: KnownSeal, *, as_json: bool) -> None:
    told = _seal(made)
    _tell({"credential": told["credential"], "serial": told["serial"]}, as_json=as_json)


def _tell(made: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        click.echo("\n".join(made.values()))
