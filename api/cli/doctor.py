"""`check-config` and `doctor`: what is wrong, and how to mend it."""

import sys
from pathlib import Path

import click

from api.audit.place import place_alarms, require_place
from api.cli.options import print_json, settings_of, warn, with_data, with_json
from api.diagnosis import Finding, Health, diagnose
from api.settings import SettingsError

_LOOK = {Health.WELL: ("✓", "green"), Health.WARNING: ("!", "yellow"), Health.ILL: ("✗", "red")}


@click.command("check-config")
@with_data
@with_json
def check_config(data: Path, as_json: bool) -> None:
    """Read teken.toml and say whether it can be used; nothing is opened. Exit code 1 when it cannot."""
    try:
        settings = settings_of(data)
        if not settings.demonstration or any(settings.pki.certificates.glob("*.cer")):  # else its first start makes it
            require_place(settings)
    except SettingsError as error:
        if as_json:
            print_json({"ok": False, "text": str(error)})
        else:
            click.secho(str(error), fg="red")
        sys.exit(1)
    warn(settings)
    for alarm in place_alarms(settings):
        click.secho(f"  {alarm.text}", err=True, fg="yellow")
    if as_json:
        print_json({"ok": True, "demonstration": settings.demonstration})
    else:
        click.echo(f"{data / 'teken.toml'} is good" + (" (a demonstration)" if settings.demonstration else ""))


@click.command()
@with_data
@with_json
def doctor(data: Path, as_json: bool) -> None:
    """Look at token, PIN, keys, database, clock, certificates, CRLs and disk. Exit code 1 when something is wrong."""
    try:
        findings = diagnose(settings_of(data))
    except SettingsError as error:
        findings = (Finding(name="settings", health=Health.ILL, text=str(error)),)
    if as_json:
        print_json([{"name": each.name, "health": each.health.value, "text": each.text} for each in findings])
    else:
        for each in findings:
            _tell(each)
    sys.exit(1 if any(each.health is Health.ILL for each in findings) else 0)


def _tell(finding: Finding) -> None:
    mark, colour = _LOOK[finding.health]
    click.echo(f"{click.style(mark, fg=colour, bold=True)} {finding.name:14} {finding.text}")
