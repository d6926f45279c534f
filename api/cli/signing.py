"""`sign`: files on this machine, with a key in the HSM."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from api.authority import build_authority
from api.cli.credentials import passphrase_from
from api.cli.options import print_json, say, settings_of, with_data, with_json
from api.given import utc_now
from api.hsm import open_hsm
from api.parts import build_signing, build_timestamping, page_address
from api.seams.audited_signing import AuditedSigning
from api.seams.pages_text import PagesText
from api.settings import Settings
from api.stores import open_stores
from api.verification import open_verification
from signer.errors import (
    CredentialUnknown,
    CredentialUnusable,
    PassphraseLocked,
    PassphraseWrong,
    Refused,
    SignerError,
)
from signer.model import SignatureLevel, SignRequest, StampPlacement

OUR_SIDE: Final = 3

_HOPELESS: Final = (CredentialUnknown, CredentialUnusable, PassphraseWrong, PassphraseLocked)
"""The next file would fare the same, and a wrong passphrase is counted."""

Command = TypeVar("Command", bound=Callable[..., Any])

_PLACES: Final = (
    click.option("--tag", help="Over this text, which stands on the page once: --tag '^'."),
    click.option("--occurrence", type=int, help="Which of several places of the tag, from 1, or -1 for the last."),
    click.option("--field", "field_name", help="In this empty signature field."),
    click.option("--box", help="In the saved box of this name."),
    click.option("--page", type=int, help="From 1, or -1 for the last.  [default: the last, or where the tag is]"),
    click.option("--x", type=float, help="Left edge in points; with --y."),
    click.option("--y", type=float, help="Lower edge in points; with --x."),
    click.option("--template", help="Which stamp is drawn."),
)


def with_place(command: Command) -> Command:
    """Where the stamp goes."""
    for option in reversed(_PLACES):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """How one file fared."""

    file: Path
    target: Path
    code: str | None = None
    short: str | None = None
    page: str | None = None
    error: SignerError | None = None

    def told(self) -> dict[str, str | None]:
        """For a program."""
        if self.error is not None:
            return {"input": str(self.file), "error": type(self.error).__name__, "detail": str(self.error)}
        return {"file": str(self.target), "code": self.code, "short": self.short, "page": self.page}


@click.command()
@click.argument("files", metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False, exists=True), nargs=-1)
@with_data
@click.option("--credential", required=True, help="Identifier of the credential, as `teken enrol` printed it.")
@click.option("--passphrase-file", type=click.Path(path_type=Path, exists=True), help="Instead of being asked for it.")
@click.option("--level", type=click.Choice([each.value for each in SignatureLevel]), help="Default: teken.toml's.")
@click.option("--stamp/--no-stamp", default=True, show_default=True, help="A visible stamp.")
@with_place
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: FILE with .signed.pdf.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for what is signed.")
@with_json
@click.pass_context
def sign(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    data: Path,
    credential: str,
    passphrase_file: Path | None,
    level: str | None,
    stamp: bool,
    output: Path | None,
    out: Path | None,
    as_json: bool,
    **place: Any,
) -> None:
    """Sign each FILE with an official's credential; the passphrase is asked for once and never echoed.

    Each file has its own outcome: what one is refused for keeps no other from being signed. A wrong passphrase stops
    at once. Exit code 1 where a file was refused, 3 where our side failed.
    """
    settings = settings_of(data)
    targets = _targets(files, output, out)
    placement = _placement(stamp, place)
    passphrase = passphrase_from(passphrase_file, confirm=False)
    fared: list[Signed] = []
    with _signing(settings, finds_texts=placement is not None and placement.tag is not None) as signing:
        for number, (file, target) in enumerate(targets, start=1):
            say(f"Signing {file}" + (f" ({number} of {len(targets)})" if len(targets) > 1 else ""))
            request = SignRequest(
                document=file.read_bytes(),
                credential_id=credential,
                passphrase=passphrase,
                client_id="command-line",
                level=SignatureLevel(level) if level else settings.signing.default_level,
                stamp=placement,
            )
            one = _one(signing, request, settings, file, target)
            if one.error is not None and (len(targets) == 1 or isinstance(one.error, _HOPELESS)):
                _tell(fared, as_json=as_json, several=len(targets) > 1)
                raise one.error
            fared.append(one)
    _tell(fared, as_json=as_json, several=len(targets) > 1)
    failed = [each.error for each in fared if each.error is not None]
    if failed:
        context.exit(1 if all(isinstance(each, Refused) for each in failed) else OUR_SIDE)


def _targets(files: tuple[Path, ...], output: Path | None, out: Path | None) -> list[tuple[Path, Path]]:
    """Where each file goes; nothing is written over, and no two go to the same place."""
    if not files:
        raise click.UsageError("name at least one FILE")
    if output is not None and (len(files) > 1 or out is not None):
        raise click.UsageError("--output is for one FILE; several go to --out")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    targets = [(file, output or (out / file.name if out else file).with_suffix(".signed.pdf")) for file in files]
    seen: set[Path] = set()
    for _, target in targets:
        if target.exists():
            raise click.UsageError(f"{target} exists: name another file with --output, or a folder with --out")
        if target.resolve() in seen:
            raise click.UsageError(f"two files would become {target}: sign them one by one")
        seen.add(target.resolve())
    return targets


def _placement(stamp: bool, place: dict[str, Any]) -> StampPlacement | None:
    given = {name: value for name, value in place.items() if value is not None}
    if not stamp and given:
        raise click.UsageError("--no-stamp leaves nothing to place")
    return StampPlacement(**given) if stamp else None


@contextmanager
def _signing(settings: Settings, *, finds_texts: bool) -> Iterator[AuditedSigning]:
    """The service; with the verifier's processes, started before the token is opened, where a text is looked for."""
    with ExitStack() as closing:
        stores = closing.enter_context(open_stores(settings))
        reading = closing.enter_context(open_verification(settings, stores, utc_now)) if finds_texts else None
        hsm = closing.enter_context(open_hsm(settings, secrets.token_bytes))
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
        authorities = build_timestamping(settings, authority, now=utc_now, random_bytes=secrets.token_bytes)
        yield AuditedSigning(
            build_signing(
                settings,
                stores,
                hsm,
                authority,
                authorities,
                now=utc_now,
                random_bytes=secrets.token_bytes,
                texts=PagesText(reading.pool) if reading is not None else None,
            )
        )


def _one(signing: AuditedSigning, request: SignRequest, settings: Settings, file: Path, target: Path) -> Signed:
    try:
        signed = signing.sign(request)
    except SignerError as error:
        return Signed(file=file, target=target, error=error)
    target.write_bytes(signed.pdf)
    code = signed.record.intent.code
    return Signed(file=file, target=target, code=code.token, short=code.short, page=page_address(settings, code))


def _tell(fared: list[Signed], *, as_json: bool, several: bool) -> None:
    if as_json and (several or fared):
        print_json([each.told() for each in fared] if several else fared[0].told())
    for each in () if as_json else fared:
        if each.error is None:
            click.echo(f"{each.target}\n{each.page}")
        else:
            click.secho(f"{each.file}: {type(each.error).__name__}: {each.error}", err=True, fg="red")
