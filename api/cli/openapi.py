"""`openapi`: the contract as a file, for whoever makes a client of it."""

import click
import msgspec

from api.openapi import EXAMPLE_URL, openapi_document


@click.command()
@click.option("--url", default=EXAMPLE_URL, show_default=True, help="Where the service is reached.")
def openapi(url: str) -> None:
    """The OpenAPI document (3.1) on standard output. `docs/openapi.json` is what this prints without options."""
    click.echo(msgspec.json.format(msgspec.json.encode(openapi_document(url.rstrip("/")))))
