"""What a fuzzer once found, replayed for ever; `python -m tests.fuzz TARGET` looks for more."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

INPUTS = sorted((Path(__file__).parent / "inputs").glob("*.bin"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_a_found_input_is_refused_or_judged(path: Path) -> None:
    TARGETS[path.name.partition("-")[0]].run(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read(name: str) -> None:
    for each in TARGETS[name].seeds():
        TARGETS[name].run(each)
