"""`augment` and `renewals`: signed documents raised to a higher level, and kept there."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from api.archive import AuditedArchive, build_archive
from api.authority import build_authority
from api.cli.options import print_json, say, settings_of, with_data, with_json
from api.given import utc_now
from api.hsm import open_hsm
from api.parts import build_timestamping
from api.settings import Settings
from api.stores import Stores, open_stores
from api.verification import open_verification
from signer.archive import ArchiveProgress, ArchiveService
from signer.model import SignatureLevel

_CLIENT = "command-line"
_LEVELS = [each.value for each in SignatureLevel if each is not SignatureLevel.B_B]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_data
@click.option("--level", type=click.Choice(_LEVELS), default="B-LTA", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: FILE with .raised.pdf.")
@with_json
def augment(file: Path, data: Path, level: str, output: Path | None, as_json: bool) -> None:
    """Raise FILE to a higher level; no key of a signatory is needed.

    What was signed by `teken sign` is kept as a new version beside the old one; any other file is not kept.
    """
    settings = settings_of(data)
    target = output or file.with_suffix(".raised.pdf")
    if target.exists():
        raise click.UsageError(f"{target} exists: name another file with --output")
    document = file.read_bytes()
    with _archive(settings) as (stores, service):
        say(f"Raising {file}")
        raised = AuditedArchive(service, stores.archive.versions).raise_file(
            document, SignatureLevel(level), sha256=hashlib.sha256(document).hexdigest(), client_id=_CLIENT
        )
    target.write_bytes(raised.made.pdf)
    page = f"{settings.server.public_url}/v/{raised.kept.token}" if raised.kept is not None else None
    said = {"file": str(target), "level": raised.made.level.value, "goodUntil": raised.made.good_until, "page": page}
    if as_json:
        print_json(said)
    else:
        click.echo(f"{target}\n{raised.made.level.value}, good until {raised.made.good_until:%Y-%m-%d}")


@click.command()
@with_data
@click.option("--run", is_flag=True, help="Renew what is due now, the most urgent first.")
@click.option("--limit", type=click.IntRange(1), help="Renew at most so many.")
@with_json
def renewals(data: Path, run: bool, limit: int | None, as_json: bool) -> None:
    """Where the archived documents stand; with --run renew those that are due. Exit code 1 while one is overdue."""
    settings = settings_of(data)
    if limit is not None and not run:
        raise click.UsageError("--limit goes with --run")
    if run:
        with _archive(settings) as (stores, service):
            renewed = _run(service, settings.archive.each_run, limit)
            progress = stores.archive.progress(at=utc_now())
        say(f"{renewed} renewed")
    else:
        with open_stores(settings) as stores:
            progress = stores.archive.progress(at=utc_now())
    if as_json:
        print_json(asdict(progress))
    else:
        _tell(progress)
    raise SystemExit(1 if progress.overdue else 0)


def _run(service: ArchiveService, portion: int, limit: int | None) -> int:
    """Portion after portion, until nothing is due or `limit` is reached."""
    total = 0
    while limit is None or total < limit:
        asked = portion if limit is None else min(portion, limit - total)
        renewed = service.renew_due(asked)
        total += renewed
        if renewed < asked:
            return total
        say(f"{total} renewed so far")
    return total


def _tell(progress: ArchiveProgress) -> None:
    rows = {
        "kept valid": progress.documents,
        "never looked at": progress.unexamined,
        "due": progress.due,
        "overdue": progress.overdue,
        "failed last time": progress.failing,
    }
    for name, count in rows.items():
        click.secho(f"{name:17} {count}", fg="red" if name == "overdue" and count else None)
    if progress.next_due_at is not None:
        click.echo(f"{'next due':17} {progress.next_due_at:%Y-%m-%d}")


@contextmanager
def _archive(settings: Settings) -> Iterator[tuple[Stores, ArchiveService]]:
    with (
        open_stores(settings) as stores,
        open_verification(settings, stores, utc_now) as verification,
        open_hsm(settings, secrets.token_bytes) as hsm,
    ):
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        authorities = build_timestamping(settings, authority, now=utc_now, random_bytes=secrets.token_bytes)
        yield stores, build_archive(settings, stores, authority, authorities, verification, now=utc_now)
