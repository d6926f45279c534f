"""`search`, `renew`, `revoke`, `hold`, `release`: officials and their certificates."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from cryptography import x509

from api.cli.login import people_at, with_login
from api.cli.options import print_json, settings_of, with_approval, with_data, with_json
from api.office.registry import Found
from signer.people import HolderKind, OfficialQuery, StatusWord
from signer.revoking import REVOKERS

_REASONS: Final = {each.value: each for each in REVOKERS if each is not x509.ReasonFlags.certificate_hold}
_REASON: Final = click.option("--reason", required=True, type=click.Choice(list(_REASONS)))
_TIME: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


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
@click.option("--seals", is_flag=True, help="Seals of organisations instead of officials.")
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
    seals: bool,
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
        kind=HolderKind.SEAL if seals else HolderKind.OFFICIAL,
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
@_REASON
@click.option("--invalid-since", type=_TIME, help="UTC; from when on the key was not safe. With keyCompromise only.")
@click.option("--raise-reason", is_flag=True, help="It is revoked; its reason becomes keyCompromise. For registrars.")
@with_approval
@click.option("--yes", is_flag=True, help="Do not ask again.")
def revoke(
    serial: int,
    data: Path,
    name: str,
    secret_file: Path | None,
    reason: str,
    invalid_since: datetime | None,
    raise_reason: bool,
    approval: str | None,
    yes: bool,
) -> None:
    """Revoke certificate SERIAL for good; nothing is signed with it from now on.

    One person alone does that for keyCompromise. For every other reason a second person is asked first.
    """
    alone = _REASONS[reason] is x509.ReasonFlags.key_compromise
    _require_fitting(alone=alone, raise_reason=raise_reason, dated=invalid_since is not None, approval=approval)
    if not alone and approval is None:
        with people_at(data, name, secret_file) as (people, caller):
            click.echo(f"approval  {people.office.propose_bulk_revocation(caller, [serial], _REASONS[reason]).id}")
        return
    if not yes:
        click.confirm(f"Revoke {serial:x} for good?", abort=True, err=True)
    since = invalid_since and invalid_since.replace(tzinfo=UTC)
    with people_at(data, name, secret_file) as (people, caller):
        if raise_reason:
            people.office.raise_reason(caller, serial, invalid_since=since)
            changed = True
        elif approval is not None:
            failed = people.office.revoke_many(caller, [serial], _REASONS[reason], approval_id=approval)[serial]
            if failed is not None:
                raise failed
            changed = True
        else:
            changed = people.office.revoke(caller, serial, _REASONS[reason], invalid_since=since)
    click.echo(f"{serial:x} revoked" if changed else f"{serial:x} was revoked before: unchanged")


def _require_fitting(*, alone: bool, raise_reason: bool, dated: bool, approval: str | None) -> None:
    """Nothing, or a usage error for options that do not go together."""
    if raise_reason and not alone:
        raise click.UsageError("A reason is raised to keyCompromise only.")
    if dated and not alone:
        raise click.UsageError("An invalidity date goes with keyCompromise only.")
    if approval is not None and (raise_reason or dated):
        raise click.UsageError("An approval is for a revocation as it was proposed, without anything beside it.")


@click.command()
@click.argument("list_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_data
@with_login
@_REASON
@with_approval
@with_json
def revoke_many(
    list_file: Path, data: Path, name: str, secret_file: Path | None, reason: str, approval: str | None, as_json: bool
) -> None:
    """Revoke the certificates whose serial numbers stand in LIST_FILE, one in a line, after an approval of that list.

    Exit code 1 where one of them could not be revoked.
    """
    serials = [SerialNumber().convert(line, None, None) for line in list_file.read_text(encoding="utf-8").split()]
    with people_at(data, name, secret_file) as (people, caller):
        if approval is None:
            asked = people.office.propose_bulk_revocation(caller, serials, _REASONS[reason])
            click.echo(f"approval  {asked.id}")
            return
        outcome = people.office.revoke_many(caller, serials, _REASONS[reason], approval_id=approval)
    rows = [{"serial": f"{serial:x}", "error": error and str(error)} for serial, error in outcome.items()]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        click.echo(f"{row['serial']:40}  {row['error'] or 'revoked'}")
    sys.exit(1 if any(outcome.values()) else 0)


@click.command()
@click.argument("serial", type=SerialNumber())
@with_data
@with_login
@click.option("--yes", is_flag=True, help="Do not ask again.")
def hold(serial: int, data: Path, name: str, secret_file: Path | None, yes: bool) -> None:
    """Put certificate SERIAL on hold, where [pki] allow_hold is true. For registrars."""
    if not yes:
        click.confirm(
            "A signature made near a hold stays ambiguous for good: an old status says revoked, a newer one good."
            " `teken suspend` has no such price. Hold?",
            abort=True,
            err=True,
        )
    with people_at(data, name, secret_file) as (people, caller):
        people.office.hold(caller, serial)
    click.echo(f"{serial:x} on hold")


@click.command()
@click.argument("serial", type=SerialNumber())
@with_data
@with_login
@with_approval
def release(serial: int, data: Path, name: str, secret_file: Path | None, approval: str | None) -> None:
    """End the hold of certificate SERIAL; its credential stays suspended until `teken resume`."""
    with people_at(data, name, secret_file) as (people, caller):
        if approval is None:
            click.echo(f"approval  {people.office.propose_release(caller, serial).id}")
            return
        people.office.release(caller, serial, approval_id=approval)
    click.echo(f"{serial:x} released")


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
