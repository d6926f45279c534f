"""`foreign`: requests to another CA, and its answers."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from api.bulk.build import build_foreign, certified_roots
from api.cli.login import logged_in, with_login
from api.cli.options import print_json, settings_of, with_data, with_json
from api.compose import utc_now
from api.office.build import build_accounts
from api.parts import open_stores
from api.permissions import Permission
from signer.errors import ForeignRefused
from signer.foreign.exchange import ForeignCredentials
from signer.foreign.model import AnswerState, ForeignAnswer
from signer.people import StaffMember
from store.foreign import SqlForeignLog

_REASONS = ("key_compromise", "affiliation_changed", "superseded", "cessation_of_operation", "certificate_hold")


@click.group()
def foreign() -> None:
    """Another CA certifies officials: requests out, answers in. For registrars."""


@foreign.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_data
@with_login
def export(folder: Path, data: Path, name: str, secret_file: Path | None) -> None:
    """Write every open request to FOLDER: one CSR (PEM) each, and manifest.json with revocations to ask for."""
    with _exchange(data, name, secret_file, Permission.REGISTRATION_CREATE) as (exchange, log, member):
        requests = exchange.export(actor=member.id)
        revocations = log.open_revocations()
    folder.mkdir(parents=True, exist_ok=True)
    for each in requests:
        pem = x509.load_der_x509_csr(each.csr).public_bytes(Encoding.PEM)
        (folder / f"{each.spki_sha256[:32]}.csr.pem").write_bytes(pem)
    manifest = {
        "requests": [
            {
                "file": f"{each.spki_sha256[:32]}.csr.pem",
                "key_sha256": each.spki_sha256,
                "signatory": each.signatory_id,
                "requested_at": each.requested_at.isoformat(),
            }
            for each in requests
        ],
        "revocations": [
            {"issuer": issuer, "serial": serial, "reason": reason} for issuer, serial, reason in revocations
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    click.echo(f"{len(requests)} requests, {len(revocations)} revocations: {folder / 'manifest.json'}")


@foreign.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_data
@with_login
@with_json
def import_answers(files: tuple[Path, ...], data: Path, name: str, secret_file: Path | None, as_json: bool) -> None:
    """Take answers in: each FILE holds a certificate with its chain (PEM, DER, PKCS #7).

    Exit code 1 when one was refused.
    """
    certified = certified_roots(settings_of(data))
    rows: list[dict[str, object]] = []
    with _exchange(data, name, secret_file, Permission.REGISTRATION_CREATE) as (exchange, _, member):
        for file in files:
            try:
                answer = exchange.receive(file.read_bytes(), actor=member.id)
            except ForeignRefused as error:
                rows.append({"file": file.name, "state": "refused", "reason": error.reason, "message": str(error)})
            else:
                rows.append({"file": file.name, **_shown(answer, certified)})
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        click.echo("  ".join(f"{key}={value}" for key, value in row.items() if value not in (None, [], "")))
    if any(row["state"] == "refused" for row in rows):
        raise click.exceptions.Exit(1)


@foreign.command()
@click.argument("fingerprint", required=False)
@with_data
@with_login
@click.option("--refuse", is_flag=True, help="Refuse it; the request stays open.")
@click.option("--reason", help="Why; recorded. No NIK, no NIP.")
@with_json
def decide(
    fingerprint: str | None,
    data: Path,
    name: str,
    secret_file: Path | None,
    refuse: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """Decide on the answer with this FINGERPRINT, whose subject differs; without it, list what waits."""
    certified = certified_roots(settings_of(data))
    with _exchange(data, name, secret_file, Permission.REGISTRATION_CREATE) as (exchange, log, member):
        if fingerprint is None:
            answers = log.undecided()
        elif not reason:
            raise click.UsageError("Give --reason: a decision is recorded with it.")
        else:
            answers = (exchange.decide(fingerprint, take=not refuse, reason=reason, actor=member.id),)
    rows = [_shown(each, certified) for each in answers]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        click.echo("  ".join(f"{key}={value}" for key, value in row.items() if value not in (None, [], "")))


@foreign.command()
@click.argument("credential")
@with_data
@with_login
@click.option("--reason", type=click.Choice(_REASONS), required=True)
def revoke(credential: str, data: Path, name: str, secret_file: Path | None, reason: str) -> None:
    """Stop CREDENTIAL here at once; its issuer is asked with the next export, and the job watches for its answer."""
    with _exchange(data, name, secret_file, Permission.CERTIFICATE_REVOKE) as (exchange, _, member):
        exchange.request_revocation(credential, reason=x509.ReasonFlags[reason], actor=member.id)
    click.echo(f"{credential} suspended; run `teken foreign export`, and ask the issuer")


def _shown(answer: ForeignAnswer, certified: tuple[x509.Certificate, ...]) -> dict[str, object]:
    return {
        "state": answer.state.value,
        "credential": answer.credential_id,
        "fingerprint": answer.leaf.fingerprint(hashes.SHA256()).hex(),
        "class": "tersertifikasi" if answer.chain[-1] in certified else "tidak tersertifikasi",
        "differences": list(answer.differences),
        "findings": list(answer.findings),
        "next": "teken foreign decide FINGERPRINT --reason …" if answer.state is AnswerState.UNDECIDED else None,
    }


@contextmanager
def _exchange(
    data: Path, name: str, secret_file: Path | None, permission: Permission
) -> Iterator[tuple[ForeignCredentials, SqlForeignLog, StaffMember]]:
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        caller = logged_in(stores, accounts.desk, name, secret_file)
        with accounts.desk.acting(caller, permission) as member:
            yield build_foreign(settings, stores.database, now=utc_now), SqlForeignLog(stores.database), member
