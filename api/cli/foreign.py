"""`foreign`: requests to another CA, and its answers."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from api.bulk.foreign import certified_roots
from api.cli.login import logged_in, with_login
from api.cli.options import print_json, settings_of, with_approval, with_data, with_json
from api.given import utc_now
from api.office.build import build_accounts, build_foreign_office
from api.office.desk import Caller
from api.office.foreign import Decision, ForeignOffice, ForeignRevocation
from api.stores import open_stores
from signer.errors import ForeignRefused
from signer.foreign.model import AnswerState, ForeignAnswer
from signer.revoking import REVOKERS

_REASONS: Final = {each.value: each for each in REVOKERS if each is not x509.ReasonFlags.certificate_hold}
_TIME: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def foreign() -> None:
    """Another CA certifies officials: requests out, answers in. For registrars."""


@foreign.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_data
@with_login
def export(folder: Path, data: Path, name: str, secret_file: Path | None) -> None:
    """Write every open request to FOLDER: one CSR (PEM) each, and manifest.json with revocations to ask for."""
    with _office(data, name, secret_file) as (office, caller):
        requests, revocations = office.export(caller)
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
            {
                "issuer": each.issuer,
                "serial": each.serial,
                "reason": each.reason,
                "invalidity_date": None if each.invalid_since is None else each.invalid_since.isoformat(),
            }
            for each in revocations
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
    with _office(data, name, secret_file) as (office, caller):
        for file in files:
            try:
                answer = office.receive(caller, file.read_bytes())
            except ForeignRefused as error:
                rows.append({"file": file.name, "state": "refused", "reason": error.reason, "message": str(error)})
            else:
                rows.append({"file": file.name, **_shown(answer, certified)})
    _tell(rows, as_json)
    if any(row["state"] == "refused" for row in rows):
        raise click.exceptions.Exit(1)


@foreign.command()
@click.argument("fingerprint", required=False)
@with_data
@with_login
@click.option("--refuse", is_flag=True, help="Refuse it; the request stays open.")
@click.option("--reason", help="Why; recorded. No NIK, no NIP.")
@with_approval
@with_json
def decide(
    fingerprint: str | None,
    data: Path,
    name: str,
    secret_file: Path | None,
    refuse: bool,
    reason: str | None,
    approval: str | None,
    as_json: bool,
) -> None:
    """Decide on the answer with this FINGERPRINT, whose subject differs; without it, list what waits."""
    certified = certified_roots(settings_of(data))
    with _office(data, name, secret_file) as (office, caller):
        if fingerprint is None:
            answers = office.undecided(caller)
        elif not reason:
            raise click.UsageError("Give --reason: a decision is recorded with it.")
        else:
            decision = Decision(fingerprint=fingerprint, take=not refuse, reason=reason)
            if approval is None:
                click.echo(f"approval  {office.propose_decision(caller, decision).id}")
                return
            answers = (office.decide(caller, decision, approval_id=approval),)
    _tell([_shown(each, certified) for each in answers], as_json)


@foreign.command()
@click.argument("credential")
@with_data
@with_login
@click.option("--reason", type=click.Choice(list(_REASONS)), required=True)
@click.option("--invalid-since", type=_TIME, help="UTC; from when on the key was not safe. With keyCompromise only.")
@with_approval
def revoke(
    credential: str,
    data: Path,
    name: str,
    secret_file: Path | None,
    reason: str,
    invalid_since: datetime | None,
    approval: str | None,
) -> None:
    """Stop CREDENTIAL here at once; after a second person agreed its issuer is asked, with the next export."""
    since = invalid_since and invalid_since.replace(tzinfo=UTC)
    asked = ForeignRevocation(credential_id=credential, reason=_REASONS[reason], invalid_since=since)
    with _office(data, name, secret_file) as (office, caller):
        if approval is None:
            proposed = office.propose_revocation(caller, asked)
            click.echo(f"{credential} suspended\napproval  {proposed.id}")
            return
        office.revoke(caller, asked, approval_id=approval)
    click.echo(f"{credential}: run `teken foreign export`, and ask the issuer")


def _tell(rows: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        click.echo("  ".join(f"{key}={value}" for key, value in row.items() if value not in (None, [], "")))


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
def _office(data: Path, name: str, secret_file: Path | None) -> Iterator[tuple[ForeignOffice, Caller]]:
    settings = settings_of(data)
    with open_stores(settings) as stores:
        accounts = build_accounts(settings, stores.database, now=utc_now, random_bytes=secrets.token_bytes)
        caller = logged_in(stores, accounts.desk, name, secret_file)
        yield (
            build_foreign_office(
                settings, stores.database, accounts.desk, now=utc_now, random_bytes=secrets.token_bytes
            ),
            caller,
        )
