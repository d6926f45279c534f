"""The place outside where copies of checkpoints go: outside of a demonstration nobody serves without it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from api.alarms import Alarm, Severity
from api.settings import Settings, SettingsError

_FIX: Final = "name a folder on a place that the database's administrator does not own"


def require_place(settings: Settings) -> None:
    """The place is named, there, and can be written. Raises `SettingsError`; a demonstration may do without it.

    A place that goes away later stops nothing at once: acts are refused when the trail was not proven for too long.
    """
    folder = settings.audit.checkpoints_to
    if folder is None:
        if not settings.demonstration:
            raise SettingsError(f"audit.checkpoints_to: is missing; {_FIX}")
        return
    if not folder.is_dir():
        raise SettingsError(f"audit.checkpoints_to: {folder} is no folder; mount it or make it")
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        raise SettingsError(f"audit.checkpoints_to: {folder} cannot be written by this user; change its rights")


def place_alarms(settings: Settings) -> Iterator[Alarm]:
    """Where the copies lie on the database's own file system, who owns that owns both."""
    folder, (driver, _, file) = settings.audit.checkpoints_to, settings.store.database_url.partition(":///")
    if settings.demonstration or folder is None:
        return
    beside = Path(file).parent if driver.startswith("sqlite") else settings.pki.certificates
    try:
        same = folder.stat().st_dev == beside.stat().st_dev
    except OSError:
        return  # what is not there is said elsewhere
    if same:
        yield Alarm(
            name="audit-place",
            severity=Severity.WARNING,
            text=f"audit.checkpoints_to: {folder} is on the file system of {beside}; {_FIX}",
        )
