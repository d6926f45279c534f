"""`import`: officials from a file, checked whole before anything happens, taken in with progress."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from api.authority import build_authority
from api.bulk.build import build_imports
from api.cli.login import logged_in, with_login
from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.hsm import open_hsm
from api.office.build import build_accounts
from api.parts import build_credentials
from api.permissions import Permission
from api.stores import open_stores
from signer.bulk import model
from signer.bulk.model import CheckedFile
from signer.bulk.service import ImportService
from signer.people import StaffMember

_SHOWN = 50
_PATIENCE = 30  # seconds for a row that somebody else holds, or held when they died


@click.group()
def import_() -> None:
    """Officials, transfers and acting appointments from CSV or XLSX."""


@import_.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_data
@with_login
@click.option("--dry-run", is_flag=True, help="Check the file and stop; every bad row is named.")
@click.option("--resume", metavar="ID", help="Go on with an import that was interrupted.")
@with_json
def officials(
    file: Path | None,
    data: Path,
    name: str,
    secret_file: Path | None,
    dry_run: bool,
    resume: str | None,
    as_json: bool,
) -> None:
    """Propose the officials of FILE; an approver decides on each. For registrars.

    Columns: jenis, nama, nama_keluarga, instansi, pengenal_instansi, unit_kerja, jabatan, surel; for mutasi also
    id_penanda_tangan; for penugasan also bentuk, mulai, sampai. Never a NIK or NIP. The same file again goes on with
    the same import. Exit code 1 when a row is bad or was refused.
    """
    if (file is None) == (resume is None):
        raise click.UsageError("Give FILE, or --resume ID.")
    with _imports(data, name, secret_file) as (service, member):
        import_id = resume
        if file is not None:
            import_id = _taken_in(service, file, member, dry_run=dry_run, as_json=as_json)
        ended = _run(service, str(import_id), member)
        failed = service.failures(ended.import_id)
    summary: dict[str, Any] = {
        "import": ended.import_id,
        "file": ended.file_name,
        "rows": ended.total,
        "states": {state.value: count for state, count in sorted(ended.counts.items(), key=lambda item: item[0].value)},
        "failed": [{"row": each.row.number, "reason": each.reason} for each in failed],
    }
    if as_json:
        print_json(summary)
    else:
        click.echo(f"{ended.import_id}  " + "  ".join(f"{word} {count}" for word, count in summary["states"].items()))
        for row in summary["failed"]:
            click.echo(f"  baris/row {row['row']}: {row['reason']}")
    if failed:
        raise click.exceptions.Exit(1)


def _taken_in(service: ImportService, file: Path, member: StaffMember, *, dry_run: bool, as_json: bool) -> str:
    """The import of `file`, begun now or before; ends the command where anything was found, and after a dry run."""
    content = file.read_bytes()
    known = service.known(content)
    if known is not None and not dry_run:
        return known
    checked = service.check(content)
    if checked.findings or dry_run:
        _show_findings(checked, as_json)
        raise click.exceptions.Exit(1 if checked.findings else 0)
    return service.begin(file.name, checked, actor=member.id)


def _run(service: ImportService, import_id: str, member: StaffMember) -> model.Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("Pejabat / officials", total=service.progress(import_id).total)

        def run() -> model.Progress:
            return service.run(
                import_id,
                actor=member.id,
                tell=lambda progress: shown.update(task, completed=progress.total - progress.open),
            )

        ended = run()
        for _ in range(_PATIENCE):
            if not ended.open:
                break
            shown.update(task, description="Menunggu baris proses lain / waiting for another process's rows")
            time.sleep(1)
            ended = run()
        return ended


def _show_findings(checked: CheckedFile, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "rows": len(checked.rows),
                "findings": [
                    {
                        "row": each.row,
                        "column": each.column,
                        "code": each.code,
                        "id": each.indonesian,
                        "en": each.english,
                    }
                    for each in checked.findings
                ],
            }
        )
        return
    click.echo(f"{len(checked.rows)} baris/rows, {len(checked.findings)} kesalahan/errors")
    for each in checked.findings[:_SHOWN]:
        where = f"baris {each.row}" + (f", kolom {each.column}" if each.column else "")
        click.echo(f"  {where}: {each.indonesian} / {each.english}")
    if len(checked.findings) > _SHOWN:
        click.echo(f"  … {len(checked.findings) - _SHOWN} lagi / more: --json")


@contextmanager
def _imports(data: Path, name: str, secret_file: Path | None) -> Iterator[tuple[ImportService, StaffMember]]:
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        caller = logged_in(stores, accounts.desk, name, secret_file)
        with (
            accounts.desk.acting(caller, Permission.REGISTRATION_CREATE) as member,
            open_hsm(settings, secrets.token_bytes) as hsm,
        ):
            authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
            credentials = build_credentials(stores, hsm, authority, now=utc_now, random_bytes=secrets.token_bytes)
            yield (
                build_imports(
                    settings, stores.database, credentials, member, now=utc_now, random_bytes=secrets.token_bytes
                ),
                member,
            )
