"""`python -m eoffice.demonstration`: an office to look at, beside a demonstration of Teken that is running."""

from pathlib import Path
from typing import Final

import click

from eoffice.compose import Office, compose
from eoffice.demonstration.folder import make_settings, put_people, read_known
from eoffice.demonstration.papers import make_papers
from eoffice.errors import OfficeError
from eoffice.settings import load_settings

_TRY: Final = (
    ("rara", "drafts letters"),
    ("wayan", "takes in what arrives"),
    ("sekda", "reads, passes on, signs"),
    ("sinta", "has a task"),
)
"""Whom to log in as first."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--people",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="demonstration/people.json in the data folder of Teken.",
)
@click.option("--teken", default="http://127.0.0.1:8000", show_default=True, help="The address of Teken.")
@click.option("--public-url", default="http://127.0.0.1:8100", show_default=True, help="The address of the office.")
@click.option("--papers/--no-papers", default=True, show_default=True, help="Write invented papers, and sign them.")
def make(folder: Path, people: Path, teken: str, public_url: str, papers: bool) -> None:
    """Make the office in FOLDER: settings, agencies, people, papers. What is there already stays."""
    known = read_known(people)
    try:
        settings = load_settings(make_settings(folder, known, teken=teken, public_url=public_url))
        with compose(settings) as office:
            password = put_people(office, known)
            if papers:
                make_papers(office, known, say=lambda text: click.echo(f"  {text}"))
            _show(office, password, teken)
    except OfficeError as error:
        raise click.ClickException(str(error)) from None


def _show(office: Office, password: str, teken: str) -> None:
    click.secho("\nThe e-office is ready.\n", bold=True)
    click.echo(f"  The e-office              {office.settings.public_url}/\n  Password of everybody     {password}")
    agencies = office.people.agencies()
    for person_id, what in _TRY:
        person = office.people.people()[person_id]
        click.echo(f"  {person_id:24}  {what}: {person.office}, {agencies[person.agency_id].name}")
    click.echo(f"  Officials sign at         {teken}/desk  (their codes: .venv/bin/teken codes)\n")


if __name__ == "__main__":
    make()
