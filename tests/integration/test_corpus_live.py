"""Real and hostile files of others, through both doors: none passes, none is slow, none hurts the service."""

import gzip
from typing import Any

import pytest

from tests.support.service import RunningService
from tests.support.shared import CorpusCase, corpus
from tests.support.verdicts import PASSED, said_of

LONGEST = 10.0
CASES = list(corpus())


def untouched(signatures: list[dict[str, Any]]) -> bool:
    """Whether the cryptography holds and nothing forbidden came later, whoever signed."""
    return bool(signatures) and all(
        each["intact"] and all(change["allowed"] for change in each["modifications"]) for each in signatures
    )


@pytest.mark.skipif(not CASES, reason="the corpus is absent: set TEKEN_SHARED")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.name[:40])
def test_a_strangers_file_gets_a_careful_verdict_in_time(service: RunningService, case: CorpusCase) -> None:
    content = case.path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    said = said_of(service, content)
    assert said.seconds < LONGEST
    assert said.indication != PASSED, "nobody here is known to us"
    assert "good" not in said.tones
    if case.accept == "no":
        assert not untouched(said.report["signatures"]), case.why


def test_the_service_is_as_well_as_before(service: RunningService) -> None:
    assert service.http.get("/readyz").json()["status"] == "ready"
