"""`db`: the database's schema."""

from pathlib import Path

import click

from api.cli.options import settings_of, with_data
from api.parts import open_stores


@click.group()
def db() -> None:
    """The database."""


@db.command()
@with_data
def upgrade(data: Path) -> None:
    """Migrate the schema to the one of this release; harmless when it is there already."""
    with open_stores(settings_of(data)) as stores:
        before = stores.database.revision()
        stores.database.upgrade()
        click.echo(f"{before or 'empty'} -> {stores.database.revision()}")
