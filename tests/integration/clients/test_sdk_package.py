"""The package as others get it: built without a network, installed beside nothing of this repository, and used."""

import email
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.architecture.pages import ROOT
from tests.support.letters import letter
from tests.support.service import RunningService

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(180)]

UV = Path(sys.executable).with_name("uv")

USE = """
import importlib.util, io, os, sys
import teken
rooms = ("signer", "ca", "verifier", "hsm_config", "store", "api")
assert all(importlib.util.find_spec(room) is None for room in rooms)
assert "site-packages" in teken.__file__
from teken.types import SignBody
login = teken.ClientSecret(os.environ["TEKEN_CLIENT"], os.environ["TEKEN_SECRET"])
request = SignBody(credential=os.environ["TEKEN_CREDENTIAL"], passphrase=os.environ["TEKEN_PASSPHRASE"])
with teken.Teken(os.environ["TEKEN_URL"], login) as client:
    signed = client.signatures.sign(sys.stdin.buffer, request, io.BytesIO())
    print(client.verifications.by_code(signed.code).indication)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of wheel and sdist, built with the backend that uv carries."""
    if not UV.exists():
        pytest.skip("uv is absent: the environment was installed by pip")
    out = tmp_path_factory.mktemp("dist")
    words = [UV, "build", "--offline", "--wheel", "--sdist", "--out-dir", out, ROOT / "clients" / "sdk"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def test_wheel_and_sdist_hold_the_package_and_nothing_else(built: Path) -> None:
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    source = ROOT / "clients" / "sdk" / "src"
    modules = {str(each.relative_to(source)) for each in source.rglob("*.py")} | {"teken/py.typed"}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (name for name in names if name.endswith("METADATA"))
        told = email.message_from_bytes(archive.read(metadata))
    with tarfile.open(sdist) as archive_:
        sources = {name.partition("/")[2] for name in archive_.getnames()}

    assert {name for name in names if ".dist-info/" not in name and not name.endswith("/")} == modules
    assert {f"src/{name}" for name in modules} <= sources
    assert (told["Name"], told["Version"]) == ("teken", "0.1.0")
    assert sorted(told.get_all("Requires-Dist")) == ["httpx>=0.28.1,<1", "msgspec>=0.20"]


def test_it_works_where_nothing_of_this_repository_is(built: Path, service: RunningService, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    venv.create(tmp_path / "venv", with_pip=False)
    (wheel,) = built.glob("*.whl")
    words = [UV, "pip", "install", "--offline", "--python", python, wheel]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no wheels of httpx and msgspec without a network: {done.stderr.strip().splitlines()[-1]}")

    said, (client_id, secret) = service.sign_request, service.client
    known = {"URL": service.url, "CLIENT": client_id, "SECRET": secret}
    known |= {"CREDENTIAL": said["credential"], "PASSPHRASE": said["passphrase"]}
    used = subprocess.run(
        [python, "-c", USE],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]} | {f"TEKEN_{name}": value for name, value in known.items()},
        input=letter(),
        capture_output=True,
        check=False,
    )

    assert (used.returncode, used.stdout.strip()) == (0, b"TOTAL-PASSED"), used.stderr.decode()
