"""`kinds`: kinds of letters that stay outside of electronic signing."""

from pathlib import Path
from typing import Final

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.letters.build import kind_rules, note_kinds
from api.stores import open_stores
from signer.kinds import KindDefault, load_lists
from store.errors import IllegalMove
from store.kinds import SqlKinds

_ACTOR: Final = "command-line"


@click.group()
def kinds() -> None:
    """Kinds of letters that stay outside of electronic signing: which lists, and for whom."""


@kinds.command()
@with_data
@with_json
def show(data: Path, as_json: bool) -> None:
    """The lists, with their kinds, and the clients for whom something else than all of them holds."""
    settings = settings_of(data)
    lists = load_lists(settings.signing.kind_lists)
    with open_stores(settings) as stores:
        assigned = {each.client_id: sorted(each.lists) for each in SqlKinds(stores.database).assignments()}
    if as_json:
        print_json(
            {
                "lists": [
                    {
                        "name": each.name,
                        "version": each.version,
                        "author": each.author,
                        "date": each.date,
                        "kinds": [kind.name for kind in each.kinds],
                    }
                    for each in lists
                ],
                "assigned": assigned,
            }
        )
        return
    for each in lists:
        click.echo(f"{each.name}  version {each.version}, {each.author}, {each.date}")
        click.echo(f"    {'; '.join(kind.name for kind in each.kinds)}")
    for client_id, names in assigned.items():
        click.echo(f"{client_id}: {', '.join(names) or 'none'}")
    click.echo("every other client: all of them")


@kinds.command()
@click.argument("client_id")
@click.option("--list", "lists", multiple=True, help="A list that holds for this client; may be given again.")
@click.option("--none", is_flag=True, help="No list holds: every kind is signed.")
@with_data
def assign(client_id: str, lists: tuple[str, ...], none: bool, data: Path) -> None:
    """Decide which lists hold for the application CLIENT_ID."""
    settings = settings_of(data)
    if bool(lists) == none:
        raise click.UsageError("name at least one --list, or say --none")
    known = {each.name for each in load_lists(settings.signing.kind_lists)}
    if unknown := sorted(set(lists) - known):
        raise click.UsageError(f"{unknown[0]}: no such list; there are {', '.join(sorted(known))}")
    with open_stores(settings) as stores:
        note_kinds(settings, stores.database, now=utc_now)
        try:
            SqlKinds(stores.database).assign(client_id, lists, actor=_ACTOR, at=utc_now())
        except IllegalMove:
            raise click.UsageError(f"{client_id}: no application has this identifier") from None
        held = ", ".join(each.name for each in kind_rules(settings, stores.database).lists_for(client_id))
    click.echo(f"{client_id}: {held or 'none'}")


@kinds.command()
@click.argument("credential")
@click.option("--kind", help="What the official signs where a request states no kind.")
@click.option("--unstated/--no-unstated", default=True, show_default=True, help="Whether no kind at all is allowed.")
@with_data
def default(credential: str, kind: str | None, unstated: bool, data: Path) -> None:
    """Decide what holds for the official of CREDENTIAL where a request states no kind."""
    with open_stores(settings_of(data)) as stores:
        found = stores.credentials.get(credential)
        if found is None:
            raise click.UsageError(f"{credential}: there is no such credential")
        chosen = KindDefault(kind=kind, unstated_allowed=unstated)
        SqlKinds(stores.database).set_default(found.signatory.id, chosen, actor=_ACTOR, at=utc_now())
    click.echo(f"{credential}: {kind or ('no kind needed' if unstated else 'a kind has to be stated')}")
