"""What the commands share: the data folder, JSON or words, a quiet place to say things."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from api.first_start import settings_in
from api.settings import Settings
from api.timekeeping import unsafe_choice

Command = TypeVar("Command", bound=Callable[..., Any])


def with_data(command: Command) -> Command:
    """`--data DIR`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("data"),
        show_default=True,
        envvar="TEKEN_DATA",
        help="The data folder, which holds teken.toml.",
    )(command)


def with_json(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")(command)


def with_password(command: Command) -> Command:
    """`--password`, whose value is asked for: a command line can be read by everybody on the machine."""
    return click.option("--password", "asks_password", is_flag=True, help="Ask for the password that opens FILE.")(
        command
    )


def asked_password(asked: bool) -> str:
    """What was typed, or the first line of standard input; empty where nothing is asked."""
    return str(click.prompt("Password of the file", hide_input=True, err=True)) if asked else ""


def with_approval(command: Command) -> Command:
    """`--approval ID`."""
    return click.option("--approval", help="Id of the approval, once it was given. Without it: ask a second person.")(
        command
    )


def settings_of(data: Path) -> Settings:
    """The settings of a folder that was started before; a usage error where it was not."""
    if not (data / "teken.toml").exists():
        raise click.UsageError(f"{data} holds no teken.toml: run `./start` first, or name the folder with --data")
    return settings_in(data)


def warn(settings: Settings) -> None:
    """What was chosen that is fit for a demonstration and for nothing else, on standard error."""
    readable = "esign.plain_http: passphrases cross the network readable; only for a closed network"
    for unsafe in (unsafe_choice(settings.tsa), readable if settings.esign.plain_http else None):
        if unsafe is not None:
            click.secho(f"  {unsafe}", err=True, fg="yellow")


def say(text: str) -> None:
    """Progress, on standard error, so that standard output stays for results."""
    click.secho(f"  {text}", err=True, dim=True)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
