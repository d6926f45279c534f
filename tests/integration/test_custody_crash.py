"""A first start that is killed anywhere is taken up again by the next one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from api.first_start import BEGUN, initialise, prepare_folder
from api.given import utc_now
from api.hierarchy import HierarchyMissing, read_hierarchy
from api.hsm import hsm_settings
from api.settings import Settings
from api.stores import open_stores
from ca.ceremony import ISSUING_CA_ID, ROOT_ID
from ca.model import CertificateState
from hsm_config.gate import open_gate
from hsm_config.token_objects import remove_leftovers
from hsm_config.vault import HsmVault
from tests.support.fresh import in_fresh_process

pytestmark = pytest.mark.hsm

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from pathlib import Path
from tests.integration.test_custody_crash import start
print("ready", flush=True)
start(Path(sys.argv[1]))
"""
WHOLE_RUN = 2.0
"""Seconds that a first start takes here, about: kills are spread over it."""


def start(folder: Path) -> Settings:
    """One first start, to its end."""
    settings = prepare_folder(folder, port=8000, fresh=False)
    initialise(settings, say=lambda _: None, now=utc_now, random_bytes=os.urandom)
    return settings


def started(folder: Path) -> dict[str, Any]:
    """A first start in this process; then what an auditor would look at."""
    settings = start(folder)
    own = hsm_settings(settings)
    hierarchy = read_hierarchy(settings.pki.certificates)
    with open_stores(settings) as stores, open_gate(own) as gate:
        vault = HsmVault(gate, own.keys, os.urandom)
        vault.canary()
        labels = {*hierarchy.certificates, own.keys.kek, own.keys.pepper, own.transport_label, "audit-1"}
        found = remove_leftovers(gate, labels)
        rows = [
            stores.certificates.find(serial=each.serial_number, issuer_id=issuer_of(label))
            for label, each in hierarchy.certificates.items()
        ]
        return {
            "begun": (settings.pki.certificates / BEGUN).exists(),
            "labels": sorted(hierarchy.certificates),
            "rows": [row.state for row in rows if row is not None],
            "audit": stores.audit.verify(),
            "token": (found.removed, found.broken, found.missing, found.unexpected),
            "transcript": (settings.pki.certificates / "ceremony.txt").read_text(),
        }


def issuer_of(label: str) -> str:
    return ROOT_ID if label in (ROOT_ID, ISSUING_CA_ID) else ISSUING_CA_ID


def killed_after(folder: Path, seconds: float) -> bool:
    """Start and kill; whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return running


def check(folder: Path) -> None:
    seen = in_fresh_process(started, folder)
    assert not seen["begun"]
    assert [label.split("-")[0] for label in seen["labels"]] == ["ca", "ocsp", "root", "tsu"]
    assert seen["rows"] == [CertificateState.ISSUED] * 4
    assert seen["audit"] is None
    assert seen["token"] == ((), (), (), ())
    assert "ceremony ended" in seen["transcript"]


@pytest.mark.parametrize("part", [0.45, 0.85])
def test_a_first_start_that_is_killed_is_taken_up_again(tmp_path: Path, part: float) -> None:
    killed_after(tmp_path / "data", part * WHOLE_RUN)
    check(tmp_path / "data")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_first_start_that_is_killed_fifty_times_is_taken_up_again(tmp_path: Path) -> None:
    draw = random.Random(17)  # noqa: S311 - moments, not secrets
    struck = 0
    for number in range(50):
        folder = tmp_path / f"data-{number}"
        struck += sum(killed_after(folder, draw.uniform(0, WHOLE_RUN)) for _ in range(2))
        check(folder)
    assert struck > 25, "the kills came too late to prove anything"


def test_a_token_of_another_hierarchy_is_not_taken_for_an_interrupted_ceremony(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    in_fresh_process(started, folder)
    for path in (*folder.glob("pki/*"), *folder.glob("teken.sqlite3*")):
        path.unlink()
    with pytest.raises(HierarchyMissing, match="put pki/ and the database back from their backup"):
        in_fresh_process(start, folder)
