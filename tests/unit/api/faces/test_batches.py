"""The door to batches: where passphrases stay out, they stay out here too."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.api_memory import memory_service, settings_in


@pytest.mark.parametrize(("allowed", "problem"), [(False, "passphrase-not-here"), (True, "batches-closed")])
def test_a_batch_is_no_way_around_the_setting(tmp_path: Path, *, allowed: bool, problem: str) -> None:
    settings = settings_in(tmp_path)
    settings = replace(settings, signing=replace(settings.signing, passphrase_through_api=allowed))
    service = memory_service(settings)
    with service.http() as http:
        consent = {"passphrase": "tujuh gunung menunggu hujan"}
        answer = http.post("/v1/batches/x/consent", json=consent, headers=service.bearer())
    assert answer.json()["type"] == f"/problems/{problem}"
    assert service.signing.requests == []
