"""`./start`, the one command that a newcomer types, in a checkout whose packages are installed already."""

import hashlib
import os
import subprocess
import sysconfig
import venv
from pathlib import Path

import httpx
import pytest

from tests.support.service import ROOT, environment, free_port, wait_until_ready
from tests.support.waiting import follow

pytestmark = pytest.mark.hsm


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository as it was cloned, with the packages that are installed already."""
    here = tmp_path / "teken"
    here.mkdir()
    for name in (
        "api",
        "ca",
        "clients",
        "hsm_config",
        "signer",
        "store",
        "verifier",
        "requirements",
        "start",
        "pyproject.toml",
    ):
        (here / name).symlink_to(ROOT / name)
    venv.create(here / ".venv", symlinks=True)
    purelib = next((here / ".venv" / "lib").glob("python3*/site-packages"))
    (purelib / "installed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    lock = (ROOT / "requirements" / "dev.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    (here / ".venv" / ".lock").write_text(hashlib.sha256(lock).hexdigest() + "\n")
    return here


def test_the_start_script_works_from_any_folder_and_takes_folders_from_there(checkout: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    port = free_port()
    log = tmp_path / "start.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [checkout / "start", "--fresh", "mine", "--no-demo", "--port", str(port)],
            cwd=elsewhere,
            stdout=out,
            stderr=out,
            env={name: value for name, value in environment().items() if name != "PYTHONPATH"},
        )
    try:
        wait_until_ready(port, process, log)
        assert (elsewhere / "mine" / "teken.toml").exists()
        assert not (elsewhere / "mine" / "demonstration").exists()
        assert "Teken is ready" in log.read_text()
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_start_script_explains_itself(checkout: Path) -> None:
    done = subprocess.run([checkout / "start", "--help"], cwd=os.sep, capture_output=True, text=True, check=True)
    for option in ("--fresh", "--port", "--no-demo", "--with-eoffice"):
        assert option in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_an_e_office_starts_beside_it_with_its_papers_and_ends_with_it(checkout: Path, tmp_path: Path) -> None:
    port, office, log = free_port(), free_port(), tmp_path / "start.log"
    words = ["--data", tmp_path / "data", "--with-eoffice", "--port", str(port), "--eoffice-port", str(office)]
    own = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    with log.open("wb") as out:
        process = subprocess.Popen([checkout / "start", *words], stdout=out, stderr=out, env=own)
    try:
        page = follow(lambda: _page(f"http://127.0.0.1:{office}/login"), lambda page: page is not None, still=300)
        assert page is not None
        assert "Masuk" in page
        assert "The e-office is ready" in log.read_text()
    finally:
        process.terminate()
        process.wait(timeout=60)
    assert _page(f"http://127.0.0.1:{port}/") is None
    assert _page(f"http://127.0.0.1:{office}/login") is None


def _page(address: str) -> str | None:
    try:
        return httpx.get(address, trust_env=False).text
    except httpx.TransportError:
        return None
