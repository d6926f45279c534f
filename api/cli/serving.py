"""`start`, `serve`, `work`: the running service."""

import dataclasses
import secrets
import shlex
import socket
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.cli.options import say, settings_of, warn, with_data
from api.compose import Service, compose
from api.composition.working import working
from api.demonstration.first_letter import Demonstration, Maker, find_demonstration, make_demonstration
from api.demonstration.people import ACTOR, Registrar, make_people
from api.esign.build import build_api_credentials
from api.first_start import initialise, prepare_folder
from api.given import utc_now
from api.jobs import run_once, running_jobs
from api.listening import bound_socket
from api.logging import configure_logging
from api.oauth.client_certificates import ClientCertificates
from api.office.build import build_accounts
from api.office.identity_key import read_identity_key
from api.settings import Settings
from signer.model import Secret
from store.bulk import SqlContacts
from store.officials import SqlOfficialStore

_LOOPBACK: Final = "http://127.0.0.1:"

with_port = click.option("--port", type=click.IntRange(1, 65535), help="TCP port; that of teken.toml by default.")


@click.command()
@with_data
@click.option("--fresh", type=click.Path(path_type=Path, file_okay=False), help="A new data folder; must be empty.")
@with_port
@click.option("--demo/--no-demo", default=True, show_default=True, help="Sign a letter in front of your eyes.")
@click.option(
    "--people",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Enrol the officials of a demonstration: a folder with people.csv and agencies.csv.",
)
def start(data: Path, fresh: Path | None, port: int | None, demo: bool, people: Path | None) -> None:
    """Initialise what is missing, show the main job once, and serve.

    The first run makes a SoftHSM token, the database, the hierarchy, and signs and verifies a real letter. Later runs
    change nothing.
    """
    folder = fresh or data
    settings = _on_port(prepare_folder(folder, port=port or 8000, fresh=fresh is not None), port)
    configure_logging()
    warn(settings)
    with bound_socket(settings.server.host, settings.server.port) as door:
        initialise(settings, say=say, now=utc_now, random_bytes=secrets.token_bytes)
        with compose(settings) as service:
            shown = None
            if demo and settings.demonstration:
                shown = find_demonstration(folder) or make_demonstration(folder, _maker(settings, service), say=say)
            if people is not None and settings.demonstration:
                make_people(folder, people, registrar_of(settings, service), say=say)
            invited = _first_administrator(settings, service) if settings.demonstration else None
            door.listen()
            _show(settings, shown, invited, folder if people is not None else None)
            _answer(settings, service, door)


@click.command()
@with_data
@with_port
def serve(data: Path, port: int | None) -> None:
    """Serve a folder that is initialised already; initialises and migrates nothing."""
    settings = _on_port(settings_of(data), port)
    configure_logging()
    warn(settings)
    with bound_socket(settings.server.host, settings.server.port) as door, compose(settings) as service:
        _answer(settings, service, door)


@click.command()
@with_data
@click.option("--once", is_flag=True, help="Run every timed job once and end; exit code 1 when one failed.")
@click.option("--name", help="Name of this worker where several run on one machine; that of teken.toml by default.")
def work(data: Path, once: bool, name: str | None) -> None:
    """Work alone: batches, and by the clock CRLs, the OCSP responder, sweeping. For `[jobs] in_process = false`."""
    settings = settings_of(data)
    named = dataclasses.replace(settings.jobs, in_process=False, worker=name or settings.jobs.worker)
    apart = dataclasses.replace(settings, jobs=named)
    configure_logging()
    with compose(apart) as service:
        if once:
            well = [run_once(job) for job in service.jobs]
            raise SystemExit(0 if all(well) else 1)
        with working(apart, service.stores, service.works, utc_now), running_jobs(service.jobs):
            while True:
                time.sleep(3600)


def _on_port(settings: Settings, port: int | None) -> Settings:
    """The settings with another port; a public address on loopback follows it."""
    if port is None:
        return settings
    server = dataclasses.replace(settings.server, port=port)
    if server.public_url.startswith(_LOOPBACK):
        server = dataclasses.replace(server, public_url=f"{_LOOPBACK}{port}")
    return dataclasses.replace(settings, server=server)


def _answer(settings: Settings, service: Service, door: socket.socket) -> None:
    """Answer until Ctrl-C. Codes and tokens stand in addresses, so there is no access log."""
    server = settings.server
    app: Any = service.app  # what stands around it speaks of ASGI in types of its own
    if server.trusted_proxies:
        app = ProxyHeadersMiddleware(app, list(server.trusted_proxies))
    if settings.oauth.certificate_header is not None:  # outside of the former: it has to see who really calls
        app = ClientCertificates(app, header=settings.oauth.certificate_header, proxies=server.trusted_proxies)
    config = uvicorn.Config(
        app,
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[door])


def _maker(settings: Settings, service: Service) -> Maker:
    return Maker(
        credentials=service.credentials,
        signing=service.services.signing,
        clients=service.stores.clients,
        officials=SqlOfficialStore(service.stores.database),
        gateway=build_api_credentials(service.stores.database, now=utc_now, random_bytes=secrets.token_bytes),
        numbers=partial(read_identity_key, settings.people.identity_key_file),
        validate=lambda pdf: service.services.verification.by_upload(pdf).report,
        root_pem=service.authority.hierarchy.root.public_bytes(Encoding.PEM),
        now=utc_now,
        random_bytes=secrets.token_bytes,
    )


def registrar_of(settings: Settings, service: Service) -> Registrar:
    """What the people of a demonstration are made with."""
    return Registrar(
        organisation=settings.pki.organisation,
        organisation_identifier=settings.pki.organisation_identifier,
        credentials=service.credentials,
        seals=service.seals,
        clients=service.stores.clients,
        contacts=SqlContacts(service.stores.database),
        factors=service.consent.doors.factors,
        link=lambda signatory_id: service.consent.links.invite(signatory_id, actor=ACTOR),
        now=utc_now,
        random_bytes=secrets.token_bytes,
    )


def _first_administrator(settings: Settings, service: Service) -> str | None:
    """In a demonstration: the address at which the first administrator comes in, until somebody has; the number of
    this person is invented, as everybody in a demonstration is."""
    accounts = build_accounts(settings, service.stores.database, now=utc_now, random_bytes=secrets.token_bytes)
    made = accounts.invite_first(
        id="admin", name="Administrator", number=lambda: Secret(f"{secrets.randbelow(10**16):016}")
    )
    return None if made is None else f"{settings.server.public_url}/staff/{made.token}"


def _show(settings: Settings, shown: Demonstration | None, invited: str | None, played: Path | None) -> None:
    url = settings.server.public_url
    ready = f"\n{click.style('Teken is ready.', bold=True)}\n"
    doors = f"  Check any PDF             {url}/\n  API documentation         {url}/docs\n"
    doors += f"  Console for staff         {url}/console\n"
    if invited is not None:
        doors += f"  First administrator       {invited}\n"
    if played is not None:
        doors += f"  Page of officials         {url}/desk\n"
        doors += f"  Their codes               .venv/bin/teken codes --data {shlex.quote(str(played))}\n"
    end = "Ctrl-C ends it; ./start goes on where it was.\n"
    if shown is None:
        click.echo(f"{ready}\n{doors}\n{end}")
        return
    folder = shown.folder
    token = (
        f'$(curl -s -u "$(cat {shlex.quote(str(folder))}/client)" -d grant_type=client_credentials {url}/oauth2/token'
        " | grep -o 'tk_[A-Za-z0-9_-]*')"
    )
    sign = (
        f'curl -s -H "Authorization: Bearer {token}" -H "Accept: application/pdf" -F document=@letter.pdf'
        f' -F "request=<{folder}/request.json;type=application/json" {url}/v1/signatures -o signed.pdf'
    )
    click.echo(
        f"""{ready}
  The letter just signed    {url}/v/{shown.token}
{doors}  The signed PDF            {shown.letter}
  Short code of the letter  {shown.short[:5]} {shown.short[5:]}

Sign a PDF of your own:
  {sign}

The same through the gateway that existing e-offices know:
  curl -s -K {folder}/gateway -F file=@letter.pdf {url}/api/sign/pdf -o signed.pdf

Verify it:
  curl -s -F document=@signed.pdf {url}/v1/verifications

{end}"""
    )
