import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hsm_config.errors import HsmMisconfigured
from hsm_config.pin import read_pin
from hsm_config.softhsm.initialise import initialise_token
from tests.support.fresh import in_fresh_process
from tests.support.softhsm import new_token
from tests.unit.hsm_config import scenarios

pytestmark = pytest.mark.hsm


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def content(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_new_token_opens_with_the_settings_it_came_with(tmp_path: Path) -> None:
    assert in_fresh_process(scenarios.open_and_close, new_token(tmp_path)) == "ok"


def test_only_its_owner_can_look_into_the_folder(tmp_path: Path) -> None:
    settings = new_token(tmp_path / "hsm")
    assert mode(tmp_path / "hsm") == mode(tmp_path / "hsm" / "tokens") == 0o700
    for path in content(tmp_path / "hsm"):
        assert mode(path) == 0o600
    assert read_pin(settings.pin_file).reveal() != read_pin(tmp_path / "hsm" / "so.pin").reveal()


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    first, before = new_token(tmp_path), content(tmp_path)
    assert new_token(tmp_path) == first
    assert content(tmp_path) == before


def test_a_token_that_was_interrupted_before_its_user_pin_is_made_again(tmp_path: Path) -> None:
    settings = new_token(tmp_path)
    in_fresh_process(scenarios.forget_user_pin, settings, read_pin(tmp_path / "so.pin").reveal())
    assert in_fresh_process(scenarios.open_and_close, settings) != "ok"
    assert new_token(tmp_path) == settings
    assert in_fresh_process(scenarios.open_and_close, settings) == "ok"
    assert len(list((tmp_path / "tokens").iterdir())) == 1


def test_a_folder_that_was_moved_opens_where_it_is_now(tmp_path: Path) -> None:
    new_token(tmp_path / "before")
    (tmp_path / "before").rename(tmp_path / "after")
    settings = new_token(tmp_path / "after")
    assert in_fresh_process(scenarios.open_and_close, settings) == "ok"
    assert len(list((tmp_path / "after" / "tokens").iterdir())) == 1


def test_a_token_that_the_operator_keeps_elsewhere_is_left_there(tmp_path: Path) -> None:
    settings = new_token(tmp_path / "hsm")
    (tmp_path / "hsm" / "tokens").rename(tmp_path / "elsewhere")
    assert settings.softhsm_conf is not None
    conf = settings.softhsm_conf.read_text().replace(str(tmp_path / "hsm" / "tokens"), str(tmp_path / "elsewhere"))
    settings.softhsm_conf.write_text(conf)
    assert in_fresh_process(scenarios.open_and_close, new_token(tmp_path / "hsm")) == "ok"
    assert settings.softhsm_conf.read_text() == conf


@pytest.mark.parametrize("lost", ["user.pin", "so.pin"])
def test_a_token_whose_pin_file_is_gone_is_not_touched(tmp_path: Path, lost: str) -> None:
    new_token(tmp_path)
    (tmp_path / lost).unlink()
    before = content(tmp_path)
    with pytest.raises(HsmMisconfigured, match=f"{lost} is not: put the PIN file back"):
        new_token(tmp_path)
    assert content(tmp_path) == before


def test_no_pin_stands_in_an_argument_list_or_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    run = subprocess.run

    def watched(command: list[str], **given: Any) -> Any:
        seen.extend([*command, *given["env"].values()])
        return run(command, **given)

    monkeypatch.setattr(subprocess, "run", watched)
    new_token(tmp_path)
    pins = {read_pin(tmp_path / name).reveal() for name in ("so.pin", "user.pin")}
    assert "--init-token" in seen
    assert not [text for text in seen for pin in pins if pin in text]


@pytest.mark.parametrize("label", ["", "a" * 33, "é" * 17, "two\nlines", " blank"])
def test_a_label_that_pkcs11_cannot_hold_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(HsmMisconfigured, match="32 octets"):
        initialise_token(tmp_path, label=label, random_bytes=os.urandom)


def test_a_folder_name_that_softhsm_cannot_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HsmMisconfigured, match="without '#'"):
        new_token(tmp_path / "a#b")


def broken_tool(tmp_path: Path) -> Path:
    tool = tmp_path / "bin" / "softhsm2-util"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'ERROR: invented reason' >&2\nexit 1\n")
    tool.chmod(0o755)
    return tool.parent


@pytest.mark.parametrize(
    ("path", "says"),
    [(lambda tmp: tmp, "not installed"), (broken_tool, "invented reason")],
    ids=["absent", "failing"],
)
def test_a_tool_that_is_absent_or_fails_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Callable[[Path], Path], says: str
) -> None:
    monkeypatch.setenv("PATH", str(path(tmp_path)))
    with pytest.raises(HsmMisconfigured, match=says):
        new_token(tmp_path / "hsm")
