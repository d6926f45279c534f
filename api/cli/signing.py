"""`sign`: a file on this machine, with a key in the HSM."""

import secrets
from pathlib import Path

import click

from api.authority import build_authority
from api.cli.credentials import passphrase_from
from api.cli.options import print_json, say, settings_of, with_data, with_json
from api.compose import utc_now
from api.hsm import open_hsm
from api.parts import build_signing, build_timestamping, page_address
from api.seams import AuditedSigning
from api.stores import open_stores
from signer.model import SignatureLevel, SignRequest, StampPlacement


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_data
@click.option("--credential", required=True, help="Identifier of the credential, as `teken enrol` printed it.")
@click.option("--passphrase-file", type=click.Path(path_type=Path, exists=True), help="Instead of being asked for it.")
@click.option("--level", type=click.Choice([each.value for each in SignatureLevel]), help="Default: teken.toml's.")
@click.option("--stamp/--no-stamp", default=True, show_default=True, help="A visible stamp on the last page.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: FILE with .signed.pdf.")
@with_json
def sign(
    file: Path,
    data: Path,
    credential: str,
    passphrase_file: Path | None,
    level: str | None,
    stamp: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Sign FILE with an official's credential; the passphrase is asked for and never echoed."""
    settings = settings_of(data)
    passphrase = passphrase_from(passphrase_file, confirm=False)
    target = output or file.with_suffix(".signed.pdf")
    if target.exists():
        raise click.UsageError(f"{target} exists: name another file with --output")
    with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        authorities = build_timestamping(settings, authority, now=utc_now, random_bytes=secrets.token_bytes)
        signing = AuditedSigning(
            build_signing(settings, stores, hsm, authority, authorities, now=utc_now, random_bytes=secrets.token_bytes)
        )
        say(f"Signing {file}")
        signed = signing.sign(
            SignRequest(
                document=file.read_bytes(),
                credential_id=credential,
                passphrase=passphrase,
                client_id="command-line",
                level=SignatureLevel(level) if level else settings.signing.default_level,
                stamp=StampPlacement() if stamp else None,
            )
        )
    target.write_bytes(signed.pdf)
    code = signed.record.intent.code
    address = page_address(settings, code)
    if as_json:
        print_json({"file": str(target), "code": code.token, "short": code.short, "page": address})
    else:
        click.echo(f"{target}\n{address}")
