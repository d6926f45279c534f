from pathlib import Path

import pytest

from hsm_config.errors import HsmMisconfigured
from hsm_config.settings import find_softhsm_module


def test_the_first_module_that_exists_is_taken(tmp_path: Path) -> None:
    first, second = tmp_path / "a.so", tmp_path / "b.so"
    second.touch()
    assert find_softhsm_module([first, second]) == second


def test_without_softhsm_the_error_names_the_places_and_the_package(tmp_path: Path) -> None:
    with pytest.raises(HsmMisconfigured, match=r"a\.so.*install the package softhsm2"):
        find_softhsm_module([tmp_path / "a.so"])
