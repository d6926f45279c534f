"""`custody`: KEK and pepper, their versions, and their way to a second token."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from api.cli.options import print_json, say, settings_of, with_data, with_json
from api.custody import Custody, StoredCanaries, expected_labels, told
from api.given import utc_now
from api.hsm import hsm_settings
from api.settings import Settings
from api.stores import Stores, open_stores
from hsm_config.gate import Gate, open_gate
from hsm_config.ownership import owning
from hsm_config.package import Purpose, key_sha256, read_package
from hsm_config.settings import HsmSettings
from hsm_config.token_objects import list_labels, remove_leftovers
from hsm_config.transport import holds_what_was_born, make_transport_key, receive, transport_public_key
from hsm_config.vault import HsmVault

_FILES = click.Path(path_type=Path, dir_okay=False, exists=True)

with_custodian = click.option("--custodian", required=True, help="Who does this; stands in the audit trail.")


@click.group()
def custody() -> None:
    """KEK and pepper: without them no official's key opens, so each has a second token.

    First time, with a second token: on each token `export-transport`; then on one of them `make --to` the other's
    file; then on the other `import-transport`; then `drill`.
    """


@custody.command()
@with_data
@with_json
def status(data: Path, as_json: bool) -> None:
    """Versions of KEK and pepper, who names them, and whether every stored canary sings."""
    settings = settings_of(data)
    own = hsm_settings(settings)
    with _opened(settings, "custody") as (custody, stores, gate):
        labels = list_labels(gate)
        named = stores.custody.named_by()
        StoredCanaries(stores.custody, HsmVault(gate, own.keys, secrets.token_bytes), now=utc_now).sing()
        transport = transport_public_key(gate, own.transport_label) if own.transport_label in labels else None
        odd = told(
            remove_leftovers(gate, expected_labels(own, settings.pki.certificates, stores.custody), only_look=True)
        )
    versions = sorted({*named, own.keys.kek, own.keys.pepper})
    told_all = {
        "token": own.token_label,
        "transport_key": key_sha256(transport) if transport else None,
        "versions": [
            {
                "label": label,
                "in_use": label in (own.keys.kek, own.keys.pepper),
                "on_token": label in labels,
                "credentials": named.get(label, 0),
                "packages": sorted(path.name for path in custody.folder.glob(f"{label}.for-*.json")),
            }
            for label in versions
        ],
        "canaries": "sing",
        "odd": list(odd),
    }
    if as_json:
        print_json(told_all)
        return
    click.echo(f"token {own.token_label}: every stored canary sings")
    for label in versions:
        use = "in use" if label in (own.keys.kek, own.keys.pepper) else "older"
        click.echo(f"  {label:20} {use:8} {named.get(label, 0)} credential(s)")
    for line in odd:
        click.echo(f"  ! {line}")


@custody.command("export-transport")
@with_data
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_transport(data: Path, file: Path) -> None:
    """Write the public half of this token's transport key to FILE (PEM); the key is made where it is missing."""
    settings = settings_of(data)
    own = hsm_settings(settings)
    with owning(own), open_gate(own) as gate:
        spki = make_transport_key(gate, own.transport_label)
    pem = load_der_public_key(spki).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with file.open("xb") as out:
        out.write(pem)
    click.echo(f"{file}  SHA-256 {key_sha256(spki)}  (read it aloud and compare it where it is used)")


@custody.command()
@with_data
@with_custodian
@click.option("--kek", help="Label of a new KEK, e.g. kek-official-2.")
@click.option("--pepper", help="Label of a new pepper, e.g. pepper-2.")
@click.option("--to", "to", type=_FILES, multiple=True, help="Transport key (PEM) of another token; repeatable.")
@click.option("--alone", is_flag=True, help="No other token: what is made can never be restored elsewhere.")
def make(data: Path, custodian: str, kek: str | None, pepper: str | None, to: tuple[Path, ...], alone: bool) -> None:
    """Make a KEK, a pepper or both, on this token and in packages for the others.

    Without labels those of teken.toml are made, where the token lacks them.
    """
    if not to and not alone:
        raise click.UsageError("name the other token's transport key with --to, or say --alone")
    settings = settings_of(data)
    others = [_spki(path) for path in to]
    with _opened(settings, custodian) as (custody, _, gate):
        wanted = [(kek, Purpose.KEK), (pepper, Purpose.PEPPER)]
        if kek is None and pepper is None:
            labels = list_labels(gate)
            today = ((settings.hsm.kek, Purpose.KEK), (settings.hsm.pepper, Purpose.PEPPER))
            wanted = [(label, purpose) for label, purpose in today if label not in labels]
        for label, purpose in wanted:
            for path in custody.make(label, purpose, others) if label is not None else ():
                click.echo(path)
    for name, label in (("kek", kek), ("pepper", pepper)):
        if label is not None:
            say(f'To use it: {name} = "{label}" under [hsm] in teken.toml, then restart.')


@custody.command("import-transport")
@with_data
@with_custodian
@click.argument("packages", type=_FILES, nargs=-1, required=True)
def import_transport(data: Path, custodian: str, packages: tuple[Path, ...]) -> None:
    """Receive KEK and pepper from PACKAGES that were made for this token."""
    settings = settings_of(data)
    with _opened(settings, custodian) as (custody, _, gate):
        for path in packages:
            package = read_package(path)
            custody.note_received(package.label)
            receive(gate, custody.hsm.transport_label, package)
            click.echo(f"{package.label}: received, and it is the key that was born")


@custody.command()
@with_data
@with_custodian
@click.option("--token-dir", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True)
@click.option("--token-label", required=True, help="Label of the recovery token.")
@click.argument("packages", type=_FILES, nargs=-1)
def drill(data: Path, custodian: str, token_dir: Path, token_label: str, packages: tuple[Path, ...]) -> None:
    """Prove that the recovery token under --token-dir opens what this service sealed.

    PACKAGES, if any, are received first. Then every canary of the database signs on that token: exactly what officials'
    keys would have to do after the loss of this one. The outcome stands in the audit trail.
    """
    settings = settings_of(data)
    own = hsm_settings(settings)
    recovery = replace(
        own,
        token_label=token_label,
        pin_file=token_dir / "user.pin",
        softhsm_conf=token_dir / "softhsm2.conf" if own.softhsm_conf is not None else None,
    )
    with open_stores(settings) as stores, owning(recovery), open_gate(recovery) as gate:
        for path in packages:
            receive(gate, recovery.transport_label, read_package(path))
        canaries = StoredCanaries(stores.custody, HsmVault(gate, recovery.keys, secrets.token_bytes), now=utc_now)
        canaries.sing()
        count = len(stores.custody.canaries())
        for path in packages:
            if not holds_what_was_born(gate, read_package(path)):
                raise click.ClickException(f"{path}: the token holds another key")
        _custody(recovery, gate, stores, custodian).note_drill(count)
    if count == 0:
        raise click.ClickException("no canary is stored yet: start the service once, then drill")
    click.echo(f"{count} canary(s) of this service signed on token {token_label}")


@custody.command()
@with_data
@with_custodian
@click.argument("label")
@click.option("--yes", is_flag=True, help="Do not ask.")
def retire(data: Path, custodian: str, label: str, yes: bool) -> None:
    """Destroy the older KEK or pepper LABEL on this token, once no credential names it.

    Destroy it on the other tokens too, and the packages that their custodians keep.
    """
    if not yes:
        click.confirm(f"Destroy {label} for good?", abort=True, err=True)
    with _opened(settings_of(data), custodian) as (custody, _, _):
        custody.retire(label)
    click.echo(f"{label} is destroyed here; destroy it and its packages wherever else it was sent")


@contextmanager
def _opened(settings: Settings, actor: str) -> Iterator[tuple[Custody, Stores, Gate]]:
    own = hsm_settings(settings)
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        ownership.share()
        yield _custody(own, gate, stores, actor), stores, gate


def _custody(own: HsmSettings, gate: Gate, stores: Stores, actor: str) -> Custody:
    return Custody(hsm=own, gate=gate, store=stores.custody, audit=stores.audit, now=utc_now, say=say, actor=actor)


def _spki(path: Path) -> bytes:
    try:
        key = load_pem_public_key(path.read_bytes())
    except ValueError:
        raise click.UsageError(f"{path} is no public key: make it with `teken custody export-transport`") from None
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
