"""`audit`: the trail. Entries are for auditors; whether it is whole, anybody may ask who holds the machine."""

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from api.audit.check import Verdict, check_trail
from api.audit.copies import CopiesFolder
from api.audit.export import ExportedTrail
from api.audit.office import audit_reading
from api.audit.restoring import lost_since_backup
from api.audit.trust import read_trust
from api.cli.login import logged_in, require_login, with_optional_login
from api.cli.options import print_json, say, settings_of, with_data, with_json
from api.first_start import new_audit_key
from api.given import utc_now
from api.hsm import hsm_settings
from api.office.build import build_accounts
from api.permissions import Permission
from api.settings import AuditSettings, Settings
from api.stores import Stores, open_stores
from hsm_config.gate import open_gate
from store.audit import Act, AuditEntry

_OPERATOR: Final = "command-line"
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_ACT = click.Choice([each.value for each in Act])


@click.group()
def audit() -> None:
    """The audit trail: who did what, and the proof that nobody changed it since."""


@audit.command()
@with_data
@click.option("--file", "exported", type=_FILE, help="Verify an export instead of the database.")
@click.option("--pki", type=_FOLDER, help="Folder with audit-*.spki and *.cer; that of the settings by default.")
@click.option("--copies", type=_FOLDER, help="Folder with copies of checkpoints; that of the settings by default.")
@click.option("--anchors", type=_FOLDER, help="Folder with anchors of other houses' time; that of the settings else.")
@with_json
def verify(
    data: Path, exported: Path | None, pki: Path | None, copies: Path | None, anchors: Path | None, as_json: bool
) -> None:
    """Verify chain, checkpoints, timestamps and the copies outside.

    Exit code 0: whole. 1: broken; the first broken link is named. An export is verified without the database and,
    with --pki, without a data folder.
    """
    with _progress(quiet=as_json) as progress:
        if exported is not None:
            verdict = _verified_export(data, exported, pki, copies, anchors, progress)
        else:
            settings = _with_folders(settings_of(data), pki, copies, anchors)
            with open_stores(settings) as stores:
                reading = audit_reading(settings, stores.audit, stores.checkpoints, now=utc_now)
                verdict = reading.verified(actor=_OPERATOR, progress=progress)
    if as_json:
        print_json(_as_json(verdict))
    else:
        _tell(verdict)
    sys.exit(0 if verdict.whole else 1)


@audit.command()
@with_data
@with_optional_login
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def export(data: Path, name: str | None, secret_file: Path | None, target: Path) -> None:
    """Write the whole trail with its checkpoints to TARGET, a new file of JSON lines; that is itself an entry.

    For auditors. `teken audit verify --file TARGET` verifies it.
    """
    settings = settings_of(data)
    with open_stores(settings) as stores, _auditor(settings, stores, name, secret_file) as actor:
        lines = audit_reading(settings, stores.audit, stores.checkpoints, now=utc_now).exported(actor=actor)
        count = _written(target, lines)
    say(f"{count} lines")
    click.echo(target)


@audit.command()
@with_data
@with_optional_login
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only entries after this sequence.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--actor", help="Only what this actor did.")
@click.option("--object", "object_", metavar="KIND:ID", help="Only what was done to this object.")
@click.option("--act", type=_ACT, help="Only this act.")
@click.option("--since", type=_TIME, help="From this time on, UTC.")
@click.option("--until", type=_TIME, help="Before this time, UTC.")
@with_json
def show(
    data: Path,
    name: str | None,
    secret_file: Path | None,
    after: int,
    limit: int,
    actor: str | None,
    object_: str | None,
    act: str | None,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Show entries, oldest first. For auditors."""
    settings = settings_of(data)
    with open_stores(settings) as stores, _auditor(settings, stores, name, secret_file):
        entries = stores.audit.read(
            after=after,
            limit=limit,
            actor=actor,
            object=object_,
            act=Act(act) if act else None,
            since=_utc(since),
            until=_utc(until),
        )
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        click.echo(_line(entry))


@audit.command()
@with_data
@click.option("--copies", type=_FOLDER, help="Folder with copies of checkpoints; that of the settings by default.")
@with_json
def lost(data: Path, copies: Path | None, as_json: bool) -> None:
    """After a restored backup: list what the copies outside know and the database does not.

    Exit code 1 where something was lost. Revoke again what is listed as revoked, and revoke what was issued and cannot
    be shown any more; then name a new folder in [audit] checkpoints_to.
    """
    settings = _with_folders(settings_of(data), None, copies)
    if settings.audit.checkpoints_to is None:
        raise click.UsageError("no place outside is set: name the folder with --copies")
    outside = CopiesFolder(settings.audit.checkpoints_to)
    with open_stores(settings) as stores:
        found = lost_since_backup(stores.checkpoints, outside, read_trust(settings.pki.certificates))
    if as_json:
        print_json(asdict(found))
    else:
        for what, serials in (("issued", found.issued), ("revoked", found.revoked)):
            for serial in serials:
                click.echo(f"{what} {serial}")
        say(f"{found.checkpoints} checkpoints outside are not in the database")
    sys.exit(1 if found.checkpoints else 0)


@audit.command("new-key")
@with_data
@click.option("--operator", required=True, help="Who does it; stands in the trail.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def new_key(data: Path, operator: str, yes: bool) -> None:
    """Make the next audit key, when the present one is lost or due. Restart the service afterwards.

    Checkpoints that older keys signed stay good: keep every audit-*.spki.
    """
    settings = settings_of(data)
    if not yes:
        click.confirm("Make a new audit key? The service must not run meanwhile.", abort=True, err=True)
    with open_stores(settings) as stores, open_gate(hsm_settings(settings)) as gate:
        label = new_audit_key(settings, stores, gate, now=utc_now, actor=operator)
    click.echo(settings.pki.certificates / f"{label}.spki")


@contextmanager
def _auditor(settings: Settings, stores: Stores, name: str | None, secret_file: Path | None) -> Iterator[str]:
    """Who reads the trail: an auditor, or in a demonstration whoever sits here. Raises `NotPermitted`."""
    require_login(settings, name)
    if name is None:
        yield _OPERATOR
        return
    accounts = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes)
    caller = logged_in(stores, accounts.desk, name, secret_file)
    with accounts.desk.acting(caller, Permission.AUDIT_READ) as member:
        yield member.id


def _verified_export(
    data: Path,
    exported: Path,
    pki: Path | None,
    copies: Path | None,
    anchors: Path | None,
    progress: Callable[[int], object],
) -> Verdict:
    """With --pki there need be no settings: an auditor's own machine has none."""
    trail, audit_settings = ExportedTrail(exported), AuditSettings()
    if pki is None:
        settings = _with_folders(settings_of(data), None, copies, anchors)
        pki, anchors, audit_settings = settings.pki.certificates, settings.pki.anchors, settings.audit
    outside = copies or audit_settings.checkpoints_to
    return check_trail(
        trail,
        read_trust(pki, anchors),
        copies=CopiesFolder(outside) if outside else None,
        at=trail.at,
        limit=timedelta(minutes=audit_settings.refuse_after_minutes),
        progress=progress,
    )


def _with_folders(settings: Settings, pki: Path | None, copies: Path | None, anchors: Path | None = None) -> Settings:
    """The settings with other folders, where they were named."""
    return replace(
        settings,
        pki=replace(
            settings.pki, certificates=pki or settings.pki.certificates, anchors=anchors or settings.pki.anchors
        ),
        audit=replace(settings.audit, checkpoints_to=copies or settings.audit.checkpoints_to),
    )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int], object]]:
    """Counts on one line of standard error, where somebody looks at it."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    yield lambda sequence: click.echo(f"\r  {sequence:,} entries", err=True, nl=False)
    click.echo("\r" + " " * 40 + "\r", err=True, nl=False)


def _written(target: Path, lines: Iterator[str]) -> int:
    """A new file, readable by its owner alone; how many lines it has."""
    try:
        target.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise click.UsageError(f"{target} exists: name a new file") from None
    with target.open("w", encoding="utf-8", newline="\n") as file:
        return sum(1 for line in lines if file.write(line + "\n"))


def _tell(verdict: Verdict) -> None:
    finding = verdict.finding
    outside = "no place outside is set" if verdict.copies is None else f"{verdict.copies:,} copies outside compared"
    click.echo(
        f"{verdict.entries:,} entries, {verdict.checkpoints:,} checkpoints, proven up to entry {verdict.covered:,};"
        f" {verdict.stamps:,} stamped by another house; {outside}"
    )
    if finding is None:
        click.secho("The trail is whole.", fg="green", bold=True)
        return
    click.secho(f"BROKEN at entry {finding.sequence}: {finding.kind.value}", fg="red", bold=True)
    click.echo(f"  {finding.text}")
    click.echo("  Keep database, copies and token as they are, and tell the auditor.")


def _as_json(verdict: Verdict) -> dict[str, object]:
    finding = verdict.finding
    return {
        "whole": verdict.whole,
        "entries": verdict.entries,
        "checkpoints": verdict.checkpoints,
        "proven_up_to": verdict.covered,
        "stamped_by_others": verdict.stamps,
        "copies_compared": verdict.copies,
        "first_broken": finding
        and {
            "kind": finding.kind.value,
            "sequence": finding.sequence,
            "checkpoint": finding.checkpoint,
            "text": finding.text,
        },
    }


def _line(entry: AuditEntry) -> str:
    reason = f" ({entry.reason})" if entry.reason else ""
    return (
        f"{entry.sequence:>8} {entry.time[:19]}Z {entry.actor} [{entry.role}] {entry.act} {entry.object}"
        f" {entry.outcome}{reason} {entry.details}"
    )


def _utc(time: datetime | None) -> datetime | None:
    return time and time.replace(tzinfo=UTC)
