"""`teken trust`: what is imported is believed by the next command, and a verdict is explained."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.given import utc_now
from tests.support.pki import Pki, make_pki
from tests.support.service import RunningService, teken_in_turn
from tests.vectors.letters import add_validation_data, pages, sign
from tests.vectors.trust_lists import Service, trust_list

pytestmark = pytest.mark.hsm


@pytest.fixture(scope="module")
def folder(service: RunningService) -> Path:
    """The data folder of the service, with a folder for anchors."""
    file = service.directory / "teken.toml"
    if not re.search(r"(?m)^anchors", file.read_text()):
        file.write_text(re.sub(r"(?m)^\[pki\]$", '[pki]\nanchors = "anchors"', file.read_text(), count=1))
    (service.directory / "anchors").mkdir(exist_ok=True)
    return service.directory


@pytest.fixture(scope="module")
def other() -> Pki:
    return make_pki(utc_now() - timedelta(hours=1), label="Luar")


def letter(pki: Pki, file: Path) -> Path:
    signed = sign(pages("Surat luar"), pki.official, claimed=pki.at)
    crls = [pki.crl(pki.issuing), pki.crl(pki.root, lifetime=timedelta(days=300))]
    file.write_bytes(add_validation_data(signed, pki.official.chain, crls, []))
    return file


def test_a_stranger_is_explained_imported_and_believed(folder: Path, other: Pki, tmp_path: Path) -> None:
    pdf, root = letter(other, tmp_path / "surat.pdf"), tmp_path / "root.pem"
    root.write_bytes(other.root.certificate.public_bytes(Encoding.PEM))
    explain = ("trust", "explain", str(pdf))
    take = ("trust", "import", str(root), "--name", "Induk Luar", "--purpose", "signature")
    before, words, taken, listed, after = teken_in_turn(
        (folder, (*explain, "--json")),
        (folder, explain),
        (folder, take),
        (folder, ("trust", "list", "--json")),
        (folder, (*explain, "--json")),
    )
    (told,) = json.loads(before.stdout)["signatures"]
    assert (before.returncode, told["indication"]) == (1, "INDETERMINATE · NO_CERTIFICATE_CHAIN_FOUND")
    assert "teken trust import" in told["langkah"]
    assert "teken trust import" in told["next step"]
    assert "Akar penerbitnya" in words.stdout
    assert "Its issuer's root" in words.stdout
    assert taken.returncode == 0, taken.stderr
    names = {each["name"]: each for each in json.loads(listed.stdout)["anchors"]}
    assert names["Induk Luar"]["purposes"] == ["signature"]
    assert len(names) == 2
    (told,) = json.loads(after.stdout)["signatures"]
    assert (after.returncode, told["indication"], told["akar/root"]) == (0, "TOTAL-PASSED", "Induk Luar")
    assert told["status"] == "crl"


def test_a_list_is_imported_under_its_digest_alone(folder: Path, tmp_path: Path) -> None:
    pki, file = make_pki(utc_now() - timedelta(hours=1), label="Daftar"), tmp_path / "list.xml"
    granted = Service(name="CA", certificate=pki.root.certificate.public_bytes(Encoding.DER))
    file.write_bytes(trust_list(granted))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    ended = tmp_path / "ended.xml"
    ended.write_bytes(trust_list(granted, next_update="2020-01-01T00:00:00Z"))
    wrong, late, good, listed = teken_in_turn(
        (folder, ("trust", "import-list", str(file), "--sha256", "0" * 64)),
        (folder, ("trust", "import-list", str(ended), "--sha256", hashlib.sha256(ended.read_bytes()).hexdigest())),
        (folder, ("trust", "import-list", str(file), "--sha256", digest)),
        (folder, ("trust", "list")),
    )
    assert (wrong.returncode, digest in wrong.stderr) == (1, True)
    assert (late.returncode, "ended" in late.stderr) == (1, True)
    assert good.returncode == 0, good.stderr
    assert "1 anchors written" in good.stdout
    assert "Example TSP: CA" in listed.stdout
    assert "from 2026-01-01" in listed.stdout
