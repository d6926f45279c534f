"""The validation policy is chosen by name; another name than that of a file is refused before anything starts."""

import pytest

from api.settings import SettingsError
from api.verification import policy_named


def test_a_policy_is_chosen_by_name() -> None:
    assert policy_named("teken-1").id == "teken-1"


@pytest.mark.parametrize("name", ["teken-99", "../teken-1", "", "teken"])
def test_a_policy_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"verification\.policy"):
        policy_named(name)
