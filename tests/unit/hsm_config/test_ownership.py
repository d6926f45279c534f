"""Who may tidy a token up: one process alone, and nobody who arrives meanwhile."""

from pathlib import Path

import pytest

from hsm_config.errors import HsmMisconfigured, HsmUnavailable
from hsm_config.ownership import owning
from hsm_config.settings import HsmSettings


@pytest.fixture
def settings(tmp_path: Path) -> HsmSettings:
    (tmp_path / "user.pin").write_text("invented")
    return HsmSettings(module=tmp_path / "module.so", token_label="t", pin_file=tmp_path / "user.pin")


def test_the_first_has_the_token_to_itself_until_it_shares(settings: HsmSettings) -> None:
    with owning(settings) as first:
        assert first.alone
        first.share()
        assert not first.alone
        with owning(settings) as second:
            assert not second.alone


def test_who_arrives_while_somebody_tidies_up_waits_and_then_gives_up(settings: HsmSettings) -> None:
    waits: list[float] = []
    with owning(settings), pytest.raises(HsmUnavailable, match="to itself"), owning(settings, sleep=waits.append):
        pass
    assert sum(waits) == pytest.approx(30)


def test_who_waits_goes_on_as_soon_as_the_other_shares(settings: HsmSettings) -> None:
    with owning(settings) as first, owning(settings, sleep=lambda _: first.share()) as second:
        assert not second.alone


def test_after_everybody_left_somebody_is_alone_again(settings: HsmSettings) -> None:
    with owning(settings) as first:
        first.share()
        with owning(settings):
            pass
    with owning(settings) as last:
        assert last.alone


def test_without_a_pin_file_nobody_owns_the_token(settings: HsmSettings) -> None:
    settings.pin_file.unlink()
    with pytest.raises(HsmMisconfigured, match="create it or correct pin_file"), owning(settings):
        pass
