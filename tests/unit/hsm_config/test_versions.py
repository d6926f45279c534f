"""KEK and pepper in versions, and the canary that notices an exchange between two runs."""

from pathlib import Path

import pytest

from hsm_config.settings import HsmSettings
from tests.support.fresh import in_fresh_process
from tests.support.softhsm import new_token
from tests.unit.hsm_config import custody_scenarios as scenarios
from tests.unit.hsm_config import scenarios as others

pytestmark = pytest.mark.hsm


@pytest.fixture
def settings(tmp_path: Path) -> HsmSettings:
    return new_token(tmp_path)


def test_a_key_moves_to_the_new_kek_and_pepper_and_signs_without_the_old_ones(settings: HsmSettings) -> None:
    in_fresh_process(others.make_service_keys, settings)
    sealed = in_fresh_process(scenarios.seal, settings)
    seen = in_fresh_process(scenarios.rotate, settings, sealed)
    moved = seen["moved"]
    assert (moved.kek_label, moved.pepper_label) == ("kek-official-2", "pepper-2")
    assert (moved.key_id, moved.signatory_id, moved.public_key) == (
        sealed.key_id,
        sealed.signatory_id,
        sealed.public_key,
    )
    assert moved.salt != sealed.salt
    assert seen["outdated"] == [True, False]
    assert seen["old"].startswith("HsmMisconfigured: no SECRET_KEY labelled 'pepper-1'")
    assert seen["live"] == 0
    assert seen["labels"] == ("kek-official-2", "pepper-2")


def test_a_stored_canary_sings_in_the_next_run(settings: HsmSettings) -> None:
    row = in_fresh_process(scenarios.canary_row, settings)
    assert (row.argon2_memory_kib, row.argon2_passes, row.argon2_lanes) == (0, 0, 0)
    assert in_fresh_process(scenarios.sing, settings, row) == "ok"


@pytest.mark.parametrize("label", ["kek-official-1", "pepper-1"])
def test_a_stored_canary_notices_a_key_exchanged_between_two_runs(settings: HsmSettings, label: str) -> None:
    row = in_fresh_process(scenarios.canary_row, settings)
    assert in_fresh_process(scenarios.sing, settings, row, label).startswith("WrappedKeyRefused")
