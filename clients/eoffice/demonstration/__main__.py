"""`python -m eoffice.demonstration`: an office to look at, beside a demonstration of Teken that is running."""

from pathlib import Path

import click

from eoffice.compose import compose
from eoffice.demonstration.folder import make_settings, read_known, take_in
from eoffice.errors import OfficeError
from eoffice.settings import load_settings


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
def make(folder: Path, people: Path, teken: str, public_url: str) -> None:
    """Make the office in FOLDER: settings, agencies, people. What is there already stays."""
    known = read_known(people)
    try:
        settings = load_settings(make_settings(folder, known, teken=teken, public_url=public_url))
        with compose(settings) as office:
            password = take_in(office, known)
            click.echo(f"Everybody's password in the e-office: {password}")
            for person in office.people.people().values():
                click.echo(f"  {person.id:16} {person.office}, {office.people.agencies()[person.agency_id].name}")
    except OfficeError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    make()
