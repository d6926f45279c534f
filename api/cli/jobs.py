"""`jobs`: what waits for workers, what failed, and what to do about it; for who runs this machine."""

from pathlib import Path
from typing import Any, Final

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.given import utc_now
from api.office.jobs import ENGINE_WORDS, UNDONE, JobState, state_of
from api.stores import open_stores
from store.job_watchdog import SqlWatchdog
from store.jobs import JobView, SqlJobs

_ACTOR: Final = "command-line"


@click.group()
def jobs() -> None:
    """Jobs of workers: chunks of batches, messages. A document's own outcome is told by its batch."""


@jobs.command("list")
@with_data
@click.option(
    "--state", "states", multiple=True, type=click.Choice([each.value for each in JobState]), help="Again for more."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@with_json
def list_(data: Path, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """What is not done, the newest first, and which workers were heard."""
    wanted = [word for state in map(JobState, states or UNDONE) for word in ENGINE_WORDS[state]]
    with open_stores(settings_of(data)) as stores:
        found = SqlJobs(stores.database).find(states=wanted, limit=limit)
        heard = SqlWatchdog(stores.database).heard()
    if as_json:
        workers = {name: at.isoformat() for name, at in sorted(heard.items())}
        print_json({"jobs": [_told(each) for each in found], "workers": workers})
        return
    for each in found:
        click.echo(f"{state_of(each).value:10} {each.asked_at:%Y-%m-%d %H:%M:%S}  {each.key}")
    for name, at in sorted(heard.items()):
        click.echo(f"worker {name}: heard {at:%Y-%m-%d %H:%M:%S} UTC")


@jobs.command()
@with_data
@click.argument("key")
@with_json
def show(data: Path, key: str, as_json: bool) -> None:
    """One job: its kind, its state, who ran it last."""
    with open_stores(settings_of(data)) as stores:
        job = SqlJobs(stores.database).get(key)
    if job is None:
        raise click.ClickException("no such job; ended ones are forgotten after jobs.keep_days")
    if as_json:
        print_json(_told(job))
        return
    for name, value in _told(job).items():
        click.echo(f"{name:8} {value}")


@jobs.command()
@with_data
@click.argument("key")
def retry(data: Path, key: str) -> None:
    """Begin a failed or cancelled job anew. It takes up what its batch has left, and does nothing twice."""
    with open_stores(settings_of(data)) as stores:
        begun = SqlJobs(stores.database).retry(key, actor=_ACTOR, at=utc_now())
    if begun is None:
        raise click.ClickException("only a failed or cancelled job is begun anew")
    click.echo(begun)


@jobs.command()
@with_data
@click.argument("key")
def cancel(data: Path, key: str) -> None:
    """End a job that waits or runs: it is not begun again. To end documents, let the client cancel its batch."""
    with open_stores(settings_of(data)) as stores:
        if not SqlJobs(stores.database).end(key, actor=_ACTOR, at=utc_now()):
            raise click.ClickException("only a job that waits or runs is cancelled")


def _told(job: JobView) -> dict[str, Any]:
    return {
        "key": job.key,
        "kind": job.kind,
        "queue": job.queue,
        "state": state_of(job).value,
        "worker": job.worker,
        "asked": job.asked_at.isoformat(),
        "changed": job.changed_at.isoformat(),
    }
