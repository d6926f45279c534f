"""`trust`: whose signatures and timestamps are believed, and why a file is or is not."""

import hashlib
import hmac
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from api.cli.options import asked_password, print_json, settings_of, with_data, with_json, with_password
from api.composition.public import public_verification
from api.given import utc_now
from api.settings import Settings
from api.stores import open_stores
from api.verification import open_verification, trust_of
from verifier.certificates import certificate
from verifier.errors import AnchorRefused
from verifier.model import Indication, SignatureReport, TrustAnchorEntry
from verifier.remedies import REMEDIES
from verifier.trust import PURPOSES, listed_crls
from verifier.trust_files import NewAnchor, add_anchor, read_certificate, replace_list
from verifier.trust_list import MAX_BYTES, read_trust_list
from verifier.words import REASONS

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])
_LARGEST_CERTIFICATE = 64 * 1024


@click.group()
def trust() -> None:
    """Whose signatures and timestamps are believed: import roots and trust lists, list them, explain a verdict."""


@trust.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--name", required=True, help="What reports call it.")
@click.option("--purpose", "purposes", type=click.Choice(sorted(PURPOSES)), multiple=True, required=True)
@click.option("--certified", is_flag=True, help="Signatures under it count as tersertifikasi.")
@click.option("--historical", is_flag=True, help="Only for what is proven to be older than now.")
@click.option("--from", "start", type=_MOMENT, help="It counts from then on (UTC).")
@click.option("--until", "end", type=_MOMENT, help="It counts until then (UTC).")
@click.option("--crl", "crls", multiple=True, help="Address of a list of its CAs, for the job anchor-crls.")
@with_data
def import_(
    file: Path,
    name: str,
    purposes: tuple[str, ...],
    certified: bool,
    historical: bool,
    start: datetime | None,
    end: datetime | None,
    crls: tuple[str, ...],
    data: Path,
) -> None:
    """Believe the root certificate in FILE (PEM or DER) from the next start of the service on."""
    folder = _folder(settings_of(data))
    with _usage():
        own = read_certificate(_content(file, _LARGEST_CERTIFICATE))
        entry = TrustAnchorEntry(
            name=name,
            certificate=own.public_bytes(Encoding.DER),
            certified=certified,
            purposes=frozenset(purposes),
            valid_from=start and start.replace(tzinfo=UTC),
            valid_until=end and end.replace(tzinfo=UTC),
            historical=historical,
        )
        path = add_anchor(folder, NewAnchor(entry=entry, source=f"imported from {file.name}", crls=crls))
    click.echo(f"{path}\nSHA-256 {own.fingerprint(hashes.SHA256()).hex()}: compare it with what its owner publishes.")
    click.echo("Restart the service to use it.")


@trust.command(name="import-list")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--sha256", "digest", required=True, help="Digest of the file, hex, from its publisher.")
@click.option("--certified", is_flag=True, help="Signatures under it count as tersertifikasi.")
@with_data
def import_list(file: Path, digest: str, certified: bool, data: Path) -> None:
    """Believe what a trust list (ETSI TS 119 612) in FILE grants, in place of what it granted before.

    The XML signature of the list is not checked; --sha256 says which bytes are meant.
    """
    folder = _folder(settings_of(data))
    with _usage():
        content = _content(file, MAX_BYTES)
        actual = hashlib.sha256(content).hexdigest()
        if not hmac.compare_digest(actual.encode(), digest.strip().lower().encode()):
            raise AnchorRefused(f"the file's SHA-256 is {actual}, not what --sha256 says", field="sha256")
        listed = read_trust_list(content, certified=certified)
        if listed.next_update is not None and listed.next_update < utc_now():
            raise AnchorRefused(f"the list ended on {listed.next_update:%Y-%m-%d}: get the current one", field="list")
        count = replace_list(folder, listed.territory, listed.anchors)
    click.echo(f"{listed.territory}, number {listed.sequence} of {listed.issued_at:%Y-%m-%d}, {listed.operator}")
    click.echo(f"{count} anchors written to {folder}, {listed.left_out} services left out")
    click.echo("Restart the service to use them.")


@trust.command(name="list")
@with_data
@with_json
def list_(data: Path, as_json: bool) -> None:
    """Every anchor, our own root first: purposes, class and times."""
    settings = settings_of(data)
    with open_stores(settings) as stores:
        anchors = trust_of(settings, stores).snapshot(utc_now()).anchors
    if as_json:
        folder = settings.pki.anchors
        crls = list(listed_crls(folder)) if folder is not None else []
        print_json({"anchors": [_row(each) for each in anchors], "crls": crls})
        return
    for each in anchors:
        row = _row(each)
        times = " ".join(f"{word} {row[word]}" for word in ("from", "until") if row[word])
        marks = ", ".join(word for word in ("certified", "historical") if row[word])
        click.echo(f"{each.name}\n    {', '.join(sorted(each.purposes))}  {times}  {marks}".rstrip())
        click.echo(f"    SHA-256 {row['sha256']}")


@trust.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_data
@with_json
@with_password
def explain(file: Path, data: Path, as_json: bool, asks_password: bool) -> None:
    """Say for each signature in FILE which root, which status, what is missing and what to do."""
    settings, password = settings_of(data), asked_password(asks_password)
    with open_stores(settings) as stores, open_verification(settings, stores, utc_now) as verification:
        report = public_verification(stores, verification).by_upload(file.read_bytes(), password).report
    explained = [_explained(each) for each in report.signatures]
    if as_json:
        print_json({"indication": report.indication.value, "detail": report.detail, "signatures": explained})
    else:
        click.echo(f"{report.indication.value}  {report.detail}")
        if report.reason is not None and not explained:
            remedy = REMEDIES[report.reason]
            click.echo("\n".join(f"  {each.id} / {each.en}" for each in (remedy.missing, remedy.step)))
        for each in explained:
            click.echo("")
            for word, value in each.items():
                if value:
                    click.echo(f"  {word:16} {value}")
    sys.exit(0 if report.indication is Indication.TOTAL_PASSED else 1)


def _explained(signature: SignatureReport) -> dict[str, str | None]:
    stamp, reason = signature.timestamp, signature.reason
    remedy = REMEDIES[reason] if reason is not None else None
    return {
        "field": signature.field_name,
        "indication": signature.indication.value + (f" · {reason.name}" if reason is not None else ""),
        "signer": signature.signer.subject if signature.signer else None,
        "issuer": signature.signer.issuer if signature.signer else None,
        "akar/root": signature.anchor or "tidak ada / none",
        "status": signature.revocation or "tidak ada / none",
        "waktu/time": signature.proven_at.isoformat() if signature.proven_at else None,
        "stempel/stamp": f"{stamp.authority}, {stamp.time.isoformat()}: {stamp.detail}" if stamp else None,
        "alasan": REASONS[reason].id if reason is not None else None,
        "reason": REASONS[reason].en if reason is not None else None,
        "detail": signature.detail,
        "kurang": remedy.missing.id if remedy else None,
        "missing": remedy.missing.en if remedy else None,
        "langkah": remedy.step.id if remedy else None,
        "next step": remedy.step.en if remedy else None,
    }


def _row(entry: TrustAnchorEntry) -> dict[str, object]:
    return {
        "name": entry.name,
        "purposes": sorted(entry.purposes),
        "certified": entry.certified,
        "historical": entry.historical,
        "from": entry.valid_from.isoformat() if entry.valid_from else None,
        "until": entry.valid_until.isoformat() if entry.valid_until else None,
        "subject": certificate(entry.certificate).summary.subject,
        "sha256": hashlib.sha256(entry.certificate).hexdigest(),
    }


def _folder(settings: Settings) -> Path:
    if settings.pki.anchors is None:
        raise click.UsageError('there is no folder for anchors: set anchors = "anchors" under [pki] in teken.toml')
    return settings.pki.anchors


def _content(file: Path, most: int) -> bytes:
    if file.stat().st_size > most:
        raise AnchorRefused(f"{file.name} is larger than {most} bytes", field="file")
    return file.read_bytes()


@contextmanager
def _usage() -> Iterator[None]:
    """What cannot be imported is said in one line."""
    try:
        yield
    except AnchorRefused as error:
        raise click.ClickException(str(error)) from None
