"""Not a demonstration: the ceremony is an act of its own, and a good letter is called genuine."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.letters import letter
from tests.support.service import RunningService, registered, running_service, staff_login, teken, write_settings
from tests.support.verdicts import PASSED, said_of

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

CHRONYC = """#!/bin/sh
echo "C0A80001,ntp.example.org,3,$(date +%s).0,0.000001,0.0001,0.0002,-1.5,0.0,0.02,0.001,0.0005,64.2,Normal"
"""
GENUINE = "Dokumen asli dan utuh"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("production") / "data"
    write_settings(directory, demonstration=False, pki={"pen": 99999}, tsa={"clock": "chrony"})
    said = teken(directory, "check-config")
    assert (said.returncode, "mount it or make it" in said.stdout) == (1, True), said.stdout
    (directory / "checkpoints").mkdir()
    return directory


@pytest.fixture(scope="module", autouse=True)
def proven_clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A `chronyc` that vouches for this machine's clock, for the processes of this module."""
    tools = tmp_path_factory.mktemp("tools")
    (tools / "chronyc").write_text(CHRONYC)
    (tools / "chronyc").chmod(0o755)
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("PATH", str(tools), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def production(folder: Path) -> Iterator[RunningService]:
    """After the ceremony, with an official and an application of its own."""
    refused = teken(folder, "start")
    assert refused.returncode == 3
    assert "hold the ceremony first" in refused.stderr
    made = teken(folder, "custody", "make", "--custodian", "panitia", "--alone")
    assert made.returncode == 0, made.stderr
    held = teken(folder, "ceremony", "--operator", "panitia", "--yes")
    assert held.returncode == 0, held.stderr
    assert "Read aloud and compare the fingerprint of the root" in held.stderr
    with running_service(folder) as service:
        yield service


def test_a_letter_is_signed_verified_and_called_genuine(production: RunningService, folder: Path) -> None:
    official = registered(production, "I Ketut Contoh Sungguh")
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


def test_nobody_acts_without_a_name(production: RunningService, folder: Path) -> None:
    for words in (("enrol", "I Ketut Contoh"), ("suspend", "x"), ("resume", "x"), ("audit", "show")):
        refused = teken(folder, *words)
        assert (refused.returncode, "NotPermitted" in refused.stderr) == (1, True), words
    verified = teken(folder, "audit", "verify", "--copies", str(folder))
    assert "entries," in verified.stdout, verified.stderr


def test_the_next_unit_is_made_with_a_second_person(production: RunningService, folder: Path) -> None:
    asked = teken(folder, "ca", "next-tsu", *staff_login(folder, "kepala"))
    approval = asked.stdout.removeprefix("approval").strip()
    early = teken(folder, "ca", "next-tsu", *staff_login(folder, "kepala"), "--approval", approval)
    assert (early.returncode, "Nobody has approved it yet" in early.stderr) == (1, True)
    assert teken(folder, "approve", approval, *staff_login(folder, "pemeriksa")).returncode == 0
    made = teken(folder, "ca", "next-tsu", *staff_login(folder, "kepala"), "--approval", approval)
    assert made.returncode == 0, made.stderr
    assert (folder / "pki" / f"{made.stdout.strip()}.cer").exists()


def test_a_second_ceremony_is_refused(production: RunningService, folder: Path) -> None:
    again = teken(folder, "ceremony", "--operator", "panitia", "--yes")
    assert again.returncode == 3
    assert "exists already" in again.stderr
