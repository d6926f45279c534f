"""The commands of a root kept offline: on its machine, and at the service what was carried there and back."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from api.audit.trust import has_audit_key
from api.ceremonies import CeremonyDesk, People, open_root, read_certificate, read_request
from api.cli.options import say, settings_of, with_data
from api.first_start import keep_people_findable, new_audit_key
from api.given import utc_now
from api.hierarchy import HierarchyMissing, generation_number, keep_certificate, read_hierarchy
from api.hsm import hsm_settings
from api.stores import open_stores
from api.succession import publish_successor
from ca.ceremony import ISSUING_CA_ID, ROOT_ID, generation_name, read_root_crl, take_over
from hsm_config.gate import open_gate
from hsm_config.ownership import Ownership, owning

CUSTODIANS: Final = 2

Command = TypeVar("Command", bound=Callable[..., Any])

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


def require_alone(ownership: Ownership) -> None:
    """A running service knows the generations that it started with: it has to stand still."""
    if not ownership.alone:
        raise click.UsageError("the token is in use: stop the service and everything else that uses it first")


def with_people(command: Command) -> Command:
    """`--custodian A --custodian B` and `--out`."""
    command = click.option("--out", type=_FOLDER, required=True, help="Folder for what is carried away.")(command)
    return click.option("--custodian", "custodians", multiple=True, required=True, help="Name one; give it twice.")(
        command
    )


def with_root(command: Command) -> Command:
    """The root's machine: its folder, and each custodian's folder with his share of the PINs."""
    command = click.option("--root-token-dir", "root_dir", type=_FOLDER, required=True, help="Folder of the root.")(
        command
    )
    return click.option(
        "--share", "shares", type=_FOLDER, multiple=True, required=True, help="One custodian's folder."
    )(command)


def with_generation(command: Command) -> Command:
    """`--label ca-1-g<number>`."""
    return click.option(
        "--label",
        default=ISSUING_CA_ID,
        show_default=True,
        callback=_generation,
        help="Label of the issuing CA's key, by its generation: ca-1-g1, ca-1-g2, …",
    )(command)


def _generation(_context: click.Context, _option: click.Parameter, label: str) -> str:
    if generation_number(label) is None:
        raise click.BadParameter("a generation of the issuing CA is called ca-1-g<number>")
    return label


def number_of(label: str) -> int:
    """Which generation a checked label names."""
    return generation_number(label) or 1


@click.command()
@with_data
@with_people
@with_root
def root(data: Path, custodians: tuple[str, ...], out: Path, root_dir: Path, shares: tuple[Path, ...]) -> None:
    """On the root's machine: key, certificate and first CRL of the root.

    The PINs of its token are random, shared by two custodians (--share, a folder each), and shown nowhere.
    """
    desk = _desk(data, custodians, out)
    with open_root(desk.settings, root_dir, _both(shares, "--share"), secrets.token_bytes) as machine:
        desk.root(machine)
    _tell(out)


@click.command()
@with_data
@with_people
@with_generation
@click.option("--common-name", help="Instead of `Teken Issuing CA 1 G<number>`.")
def request(data: Path, custodians: tuple[str, ...], out: Path, label: str, common_name: str | None) -> None:
    """At the service: key and request of the issuing CA, on the token of teken.toml."""
    common_name = common_name or generation_name(number_of(label))
    desk = _desk(data, custodians, out)
    own = hsm_settings(desk.settings)
    with open_stores(desk.settings) as stores, owning(own), open_gate(own) as gate:
        desk.request(stores.certificates, stores.crls, gate, label, common_name)
    _tell(out)


@click.command()
@with_data
@with_people
@with_root
@with_generation
@click.option("--common-name", help="As in the request.")
@click.argument("csr", type=_FILE)
def certify(
    data: Path,
    custodians: tuple[str, ...],
    out: Path,
    root_dir: Path,
    shares: tuple[Path, ...],
    label: str,
    common_name: str | None,
    csr: Path,
) -> None:
    """On the root's machine: sign the request of an issuing CA; compare its digest first."""
    common_name = common_name or generation_name(number_of(label))
    desk = _desk(data, custodians, out)
    with open_root(desk.settings, root_dir, _both(shares, "--share"), secrets.token_bytes) as machine:
        certificate = read_certificate(out / f"{ROOT_ID}.cer")
        desk.certify(machine, certificate, read_request(csr), label=label, common_name=common_name)
    _tell(out)


@click.command()
@with_data
@with_people
@with_root
def crl(data: Path, custodians: tuple[str, ...], out: Path, root_dir: Path, shares: tuple[Path, ...]) -> None:
    """On the root's machine, once a year: the root's next CRL."""
    desk = _desk(data, custodians, out)
    with open_root(desk.settings, root_dir, _both(shares, "--share"), secrets.token_bytes) as machine:
        desk.crl(machine, read_certificate(out / f"{ROOT_ID}.cer"))
    _tell(out)


@click.command()
@with_data
@with_people
@with_generation
@click.option("--from", "carried", type=_FOLDER, required=True, help="What came from the root's machine.")
def complete(data: Path, custodians: tuple[str, ...], out: Path, label: str, carried: Path) -> None:
    """At the service: take root, CRL and issuing CA over; make the time-stamping unit and the OCSP responder.

    With the --label of a later generation: take it over beside the present one, with a responder of its own. The
    service has to stand still; started again, it issues under the new one.
    """
    desk = _desk(data, custodians, out)
    own, folder = hsm_settings(desk.settings), desk.settings.pki.certificates
    if number_of(label) > 1:
        _complete_successor(desk, carried, number_of(label))
        return
    if _is_whole(folder):
        raise click.UsageError(f"{folder} holds a hierarchy already")
    with open_stores(desk.settings) as stores, owning(own), open_gate(own) as gate:
        hierarchy = desk.complete(stores.certificates, stores.crls, gate, carried)
        if not has_audit_key(folder):
            new_audit_key(desk.settings, stores, gate, now=utc_now, actor=desk.people.named)
        keep_people_findable(
            desk.settings, stores, now=utc_now, random_bytes=secrets.token_bytes, actor=desk.people.named
        )
        for each, certificate in hierarchy.certificates.items():
            keep_certificate(folder, each, certificate)
    read_hierarchy(folder)
    _tell(out)


def _complete_successor(desk: CeremonyDesk, carried: Path, number: int) -> None:
    own, settings = hsm_settings(desk.settings), desk.settings
    hierarchy = read_hierarchy(settings.pki.certificates)
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        require_alone(ownership)
        made = desk.complete_successor(stores, gate, carried, hierarchy=hierarchy, number=number)
        publish_successor(settings, made)
    _tell(desk.out)


@click.command("take-crl")
@with_data
@click.argument("crl", type=_FILE)
def take_crl(data: Path, crl: Path) -> None:
    """At the service: publish the root's yearly CRL that was carried here."""
    settings = settings_of(data)
    taken = read_root_crl(crl.read_bytes(), read_hierarchy(settings.pki.certificates).root)
    with open_stores(settings) as stores:
        take_over(stores.crls, taken, utc_now())
    click.echo(f"CRL {taken.number} of {ROOT_ID}, until {taken.next_update:%Y-%m-%d}")


def _is_whole(folder: Path) -> bool:
    """Whether every certificate is there; fewer mean that a completion was interrupted."""
    try:
        read_hierarchy(folder)
    except HierarchyMissing:
        return False
    return True


def _desk(data: Path, custodians: tuple[str, ...], out: Path) -> CeremonyDesk:
    people = People(custodians=_both(custodians, "--custodian"), ask=_ask)
    return CeremonyDesk(
        settings=settings_of(data), people=people, out=out, now=utc_now, random_bytes=secrets.token_bytes
    )


def _both(given: tuple[Any, ...], option: str) -> tuple[Any, ...]:
    if len(given) != CUSTODIANS or len(set(given)) != CUSTODIANS:
        raise click.UsageError(f"dual control: give {option} twice, for two different people")
    return given


def _ask(custodian: str, step: str) -> None:
    """A custodian confirms by his own name; anything else stops the ceremony."""
    say(step)
    if click.prompt(f"  {custodian}, type your name to confirm", err=True) != custodian:
        raise click.ClickException(f"not confirmed by {custodian}: the ceremony stops, and can be taken up again")


def _tell(out: Path) -> None:
    for path in sorted(out.iterdir()):
        click.echo(path)
