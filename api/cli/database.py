"""`db`: the database's schema."""

from pathlib import Path

import click

from api.cli.options import settings_of, with_data
from api.stores import open_stores
from store.service_role import service_role_statements


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


@db.command("service-role")
@click.argument("role")
def service_role(role: str) -> None:
    """Print the SQL that gives ROLE what the service needs on PostgreSQL: of the audit trail, INSERT and SELECT only.

    The owner of the tables runs it after each migration: `teken db service-role teken_service | psql teken`.
    """
    for statement in service_role_statements(role):
        click.echo(f"{statement};")
