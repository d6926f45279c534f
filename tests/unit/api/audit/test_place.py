"""Outside of a demonstration nobody serves without a place for the copies of checkpoints."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.audit.place import place_alarms, require_place
from api.settings import Settings, SettingsError
from api.settings_file import load_settings
from api.settings_template import default_toml

NOBODY = 65534


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Not a demonstration, with a place that is there."""
    (tmp_path / "teken.toml").write_text(default_toml(tmp_path, 8000), encoding="utf-8")
    (tmp_path / "checkpoints").mkdir()
    return replace(load_settings(tmp_path / "teken.toml"), demonstration=False)


def to(settings: Settings, folder: Path | None) -> Settings:
    return replace(settings, audit=replace(settings.audit, checkpoints_to=folder))


def test_a_place_that_is_there_is_enough(settings: Settings) -> None:
    require_place(settings)


def test_none_at_all_is_refused_outside_of_a_demonstration(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"audit\.checkpoints_to: is missing; name a folder"):
        require_place(to(settings, None))
    require_place(replace(to(settings, None), demonstration=True))


def test_a_share_that_is_not_mounted_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="mount it or make it"):
        require_place(to(settings, tmp_path / "share"))


@pytest.fixture
def others() -> Iterator[Path]:
    """A folder that everybody may read, seen by somebody who may not write it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        before = os.geteuid()
        if before == 0:
            os.seteuid(NOBODY)
        yield Path(folder)
        if before == 0:
            os.seteuid(before)
        Path(folder).chmod(0o755)


def test_a_place_that_cannot_be_written_is_refused(settings: Settings, others: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written by this user"):
        require_place(to(settings, others))


def test_the_databases_own_file_system_is_an_alarm(settings: Settings) -> None:
    (alarm,) = place_alarms(settings)
    assert (alarm.name, alarm.severity.value) == ("audit-place", "warning")
    assert list(place_alarms(replace(settings, demonstration=True))) == []


def test_another_file_system_is_none(settings: Settings) -> None:
    elsewhere = Path("/dev/shm")
    if elsewhere.stat().st_dev == settings.pki.certificates.parent.stat().st_dev:
        pytest.fail("the folder of this test lies in /dev/shm: name another --basetemp")
    assert list(place_alarms(to(settings, elsewhere))) == []
