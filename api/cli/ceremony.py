"""`ceremony`: the birth of a hierarchy, on one token or with a root kept offline."""

import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from api.audit.trust import has_audit_key
from api.ceremonies import CeremonyDesk, People, open_root, read_certificate, read_request
from api.cli.options import say, settings_of, with_data
from api.compose import utc_now
from api.first_start import TRANSCRIPT, hold_ceremony, keep_people_findable, make_service_keys, new_audit_key
from api.hierarchy import HierarchyMissing, generation_number, keep_certificate, read_hierarchy
from api.parts import hsm_settings, open_stores
from api.succession import hold_succession, publish_successor
from ca.ceremony import ISSUING_CA_ID, ROOT_ID, generation_name, read_root_crl, take_over
from hsm_config.gate import open_gate
from hsm_config.ownership import Ownership, owning

CUSTODIANS: Final = 2

Command = TypeVar("Command", bound=Callable[..., Any])

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group(invoke_without_command=True)
@with_data
@click.option("--operator", help="Who holds the ceremony on one token; stands in the audit trail.")
@click.option("--yes", is_flag=True, help="Do not wait for a confirmation before each step (rehearsals).")
@click.pass_context
def ceremony(context: click.Context, data: Path, operator: str | None, yes: bool) -> None:
    """Make root, issuing CA, time-stamping unit and OCSP responder, with a signed transcript.

    Without a command below: everything on one token, by one --operator. Each step is announced and waits for a
    confirmation. Refused where a hierarchy exists already; one that was interrupted is taken up again.

    With the root offline: `root` on its machine, `request` at the service, `certify` on the root's machine, `complete`
    at the service; then `crl` and `take-crl` once a year.
    """
    if context.invoked_subcommand is not None:
        return
    if operator is None:
        raise click.UsageError("name the --operator, or one of the commands: root, request, certify, complete, crl")
    settings = settings_of(data)

    own = hsm_settings(settings)
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        if settings.demonstration:
            make_service_keys(settings, stores, gate, tidy=ownership.alone, say=say, now=utc_now)
        keep_people_findable(settings, stores, now=utc_now, random_bytes=secrets.token_bytes, actor=operator)
        hierarchy = hold_ceremony(
            settings,
            stores,
            gate,
            confirm=partial(_announce, yes=yes),
            now=utc_now,
            random_bytes=secrets.token_bytes,
            actor=operator,
        )
    for label in hierarchy.certificates:
        click.echo(settings.pki.certificates / f"{label}.cer")
    click.echo(settings.pki.certificates / TRANSCRIPT)


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


def _number(label: str) -> int:
    return generation_number(label) or 1


def require_alone(ownership: Ownership) -> None:
    """A running service knows the generations that it started with: it has to stand still."""
    if not ownership.alone:
        raise click.UsageError("the token is in use: stop the service and everything else that uses it first")


@ceremony.command()
@with_data
@click.option("--operator", required=True, help="Who holds the ceremony; stands in the audit trail.")
@click.option("--generation", type=click.IntRange(min=2), required=True, help="Number of the new generation.")
@click.option("--yes", is_flag=True, help="Do not wait for a confirmation before each step (rehearsals).")
def successor(data: Path, operator: str, generation: int, yes: bool) -> None:
    """On one token: the next generation of the issuing CA, with an OCSP responder of its own.

    The service has to stand still; started again, it issues under the new generation, and the older one serves CRL and
    OCSP for what it issued. One that was interrupted is taken up again.
    """
    settings = settings_of(data)
    own, folder = hsm_settings(settings), settings.pki.certificates
    with open_stores(settings) as stores, owning(own) as ownership, open_gate(own) as gate:
        require_alone(ownership)
        made = hold_succession(
            settings,
            stores,
            gate,
            number=generation,
            confirm=partial(_announce, yes=yes),
            now=utc_now,
            random_bytes=secrets.token_bytes,
            actor=operator,
        )
    for name in (f"{made.id}.cer", f"{made.responder.label}.cer", f"succession-g{generation}.txt"):
        click.echo(folder / name)


def _announce(step: str, *, yes: bool) -> None:
    say(step)
    if not yes:
        click.confirm("  Go on?", abort=True, err=True)


@ceremony.command()
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


@ceremony.command()
@with_data
@with_people
@with_generation
@click.option("--common-name", help="Instead of `Teken Issuing CA 1 G<number>`.")
def request(data: Path, custodians: tuple[str, ...], out: Path, label: str, common_name: str | None) -> None:
    """At the service: key and request of the issuing CA, on the token of teken.toml."""
    common_name = common_name or generation_name(_number(label))
    desk = _desk(data, custodians, out)
    own = hsm_settings(desk.settings)
    with open_stores(desk.settings) as stores, owning(own), open_gate(own) as gate:
        desk.request(stores.certificates, stores.crls, gate, label, common_name)
    _tell(out)


@ceremony.command()
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
    common_name = common_name or generation_name(_number(label))
    desk = _desk(data, custodians, out)
    with open_root(desk.settings, root_dir, _both(shares, "--share"), secrets.token_bytes) as machine:
        certificate = read_certificate(out / f"{ROOT_ID}.cer")
        desk.certify(machine, certificate, read_request(csr), label=label, common_name=common_name)
    _tell(out)


@ceremony.command()
@with_data
@with_people
@with_root
def crl(data: Path, custodians: tuple[str, ...], out: Path, root_dir: Path, shares: tuple[Path, ...]) -> None:
    """On the root's machine, once a year: the root's next CRL."""
    desk = _desk(data, custodians, out)
    with open_root(desk.settings, root_dir, _both(shares, "--share"), secrets.token_bytes) as machine:
        desk.crl(machine, read_certificate(out / f"{ROOT_ID}.cer"))
    _tell(out)


@ceremony.command()
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
    if _number(label) > 1:
        _complete_successor(desk, carried, _number(label))
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


@ceremony.command("take-crl")
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
