"""The command line of the office."""

import csv
import secrets
from pathlib import Path
from typing import Final, TextIO

import click
import structlog
import teken
import uvicorn
from structlog.typing import Processor

from eoffice.app import create_app
from eoffice.compose import compose
from eoffice.errors import OfficeError
from eoffice.model import Agency, Person, Role
from eoffice.networks import believing
from eoffice.passwords import hash_of
from eoffice.settings import Settings, load_settings
from eoffice.webhook import ring

_LOG_LINES: Final[list[Processor]] = [
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.add_log_level,
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    structlog.processors.JSONRenderer(),
]
"""One line of JSON each."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("eoffice.toml"),
    show_default=True,
    envvar="EOFFICE_SETTINGS",
    help="The settings; everything else lies beside this file.",
)
@click.pass_context
def eoffice(context: click.Context, path: Path) -> None:
    """A small e-office that rests on Teken."""
    try:
        context.obj = load_settings(path)
    except OfficeError as error:
        raise click.ClickException(str(error)) from None


@eoffice.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8100, show_default=True)
@click.option("--work/--no-work", default=True, show_default=True, help="Carry papers to Teken from this process too.")
@click.pass_obj
def serve(settings: Settings, host: str, port: int, work: bool) -> None:
    """Serve the pages, and carry papers to Teken."""
    try:
        structlog.configure(processors=_LOG_LINES)
        with compose(settings) as office:
            app = believing(create_app(office, work=work), settings.trusted_proxies)
            uvicorn.run(
                app, host=host, port=port, log_level="warning", proxy_headers=False, timeout_graceful_shutdown=20
            )
    except OfficeError as error:
        raise click.ClickException(str(error)) from None


@eoffice.command()
@click.pass_obj
def webhook(settings: Settings) -> None:
    """Have Teken ring at this office as soon as something happens (scope webhook:manage)."""
    try:
        with compose(settings) as office:
            click.echo(f"webhook\t{ring(settings, office.teken)}")
    except (OfficeError, teken.TekenError) as error:
        raise click.ClickException(str(error)) from None


@eoffice.command("import")
@click.argument("agencies", type=click.File(encoding="utf-8-sig"))
@click.argument("people", type=click.File(encoding="utf-8-sig"))
@click.pass_obj
def take_in(settings: Settings, agencies: TextIO, people: TextIO) -> None:
    """Take in AGENCIES (id,name,code,address,seal,outside) and PEOPLE (id,name,office,agency,rank,credential,roles):
    two CSV files. Whoever is new gets a password, which is shown once."""
    try:
        with compose(settings) as office:
            for row in csv.DictReader(agencies):
                office.people.put_agency(
                    Agency(
                        id=row["id"],
                        name=row["name"],
                        code=row["code"],
                        address=row["address"],
                        seal=row.get("seal") or None,
                        outside=row.get("outside") == "yes",
                    )
                )
            known = office.people.people()
            for row in csv.DictReader(people):
                password = None if row["id"] in known else secrets.token_urlsafe(12)
                person = Person(
                    id=row["id"],
                    name=row["name"],
                    office=row["office"],
                    agency_id=row["agency"],
                    rank=row.get("rank") or None,
                    credential=row.get("credential") or None,
                    roles=frozenset(Role(each) for each in row["roles"].split()),
                )
                office.people.put_person(person, password_hash=hash_of(password) if password else None)
                if password:
                    click.echo(f"{person.id}\t{password}")
    except KeyError as error:
        raise click.ClickException(f"a column is missing: {error.args[0]}") from None
    except (OfficeError, ValueError) as error:
        raise click.ClickException(str(error)) from None
