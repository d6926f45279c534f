"""Not a demonstration: the ceremony is an act of its own, and a good letter is called genuine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.letters import letter
from tests.support.service import RunningService, enrolled, running_service, teken, write_settings
from tests.support.verdicts import PASSED, said_of

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

GENUINE = "Dokumen asli dan utuh"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("production") / "data"
    write_settings(directory, demonstration=False, pki={"pen": 99999})
    return directory


@pytest.fixture(scope="module")
def production(folder: Path) -> Iterator[RunningService]:
    """After the ceremony, with an official and an application of its own."""
    refused = teken(folder, "start")
    assert refused.returncode == 3
    assert "run `teken ceremony`" in refused.stderr
    held = teken(folder, "ceremony", "--operator", "panitia", "--yes")
    assert held.returncode == 0, held.stderr
    assert "Read aloud and compare the fingerprint of the root" in held.stderr
    with running_service(folder) as service:
        yield service


def test_a_letter_is_signed_verified_and_called_genuine(production: RunningService, folder: Path) -> None:
    official = enrolled(folder, "I Ketut Contoh Sungguh")
    added = json.loads(teken(folder, "client", "add", "Aplikasi surat", "--json").stdout)
    answer = production.http.post(
        "/v1/signatures",
        content=letter(),
        headers={
            **production.bearer((added["client_id"], added["client_secret"])),
            "Content-Type": "application/pdf",
            "Accept": "application/pdf",
            "Teken-Request": json.dumps({**official, "stamp": {}}),
        },
    )
    assert answer.status_code == 201, answer.text
    said = said_of(production, answer.content)
    assert (said.indication, said.tones, said.report["verdict"]["state"]) == (PASSED, {"good"}, "genuine")
    page = production.http.get(f"/v/{answer.headers['teken-verification-code']}")
    assert f"<title>{GENUINE} · Teken</title>" in page.text


def test_a_second_ceremony_is_refused(production: RunningService, folder: Path) -> None:
    again = teken(folder, "ceremony", "--operator", "panitia", "--yes")
    assert again.returncode == 3
    assert "exists already" in again.stderr
