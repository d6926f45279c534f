"""The recovery drill by the command line: the second token signs with what the first one sealed (12.2, 17 i)."""

import os
from pathlib import Path

import pytest

from api.compose import compose
from api.first_start import initialise, prepare_folder, settings_in
from api.given import utc_now
from tests.integration.test_custody_service import teken
from tests.support.fresh import in_fresh_process
from tests.support.softhsm import new_token

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]


def prepare(production: Path, recovery: Path) -> None:
    """A demonstration that will have new keys, and the folder of a second token."""
    initialise(
        prepare_folder(production, port=8000, fresh=True), say=lambda _: None, now=utc_now, random_bytes=os.urandom
    )
    for folder, line in (
        (production, 'kek = "kek-official-2"\npepper = "pepper-2"'),
        (recovery, 'kek = "kek-official-2"\npepper = "pepper-2"'),
    ):
        prepare_folder(folder, port=8000, fresh=False)
        toml = folder / "teken.toml"
        toml.write_text(toml.read_text().replace("\n[store]", f"\n{line}\n\n[store]", 1))
    toml.write_text(toml.read_text().replace('token_label = "teken"', 'token_label = "recovery"'))
    new_token(recovery / "hsm", "recovery")


def run_once(folder: Path) -> int:
    """Start the service, which stores its canary, and end it."""
    with compose(settings_in(folder)) as service:
        return len(service.stores.custody.canaries())


def test_a_second_token_opens_what_the_service_sealed(tmp_path: Path) -> None:
    production, recovery, key = tmp_path / "data", tmp_path / "recovery", tmp_path / "recovery.pem"
    in_fresh_process(prepare, production, recovery)
    code, heard = teken("custody", "export-transport", "--data", recovery, key)
    assert code == 0, heard
    code, heard = teken("custody", "make", "--data", production, "--custodian", "K", "--to", key)
    assert code == 0, heard
    own = teken("custody", "export-transport", "--data", production, tmp_path / "own.pem")[1].split()[2][:16]
    packages = [path for path in (production / "hsm" / "transport").glob("*-2.for-*.json") if own not in path.name]
    assert len(packages) == 2
    assert in_fresh_process(run_once, production) == 1
    drill = ("--token-dir", recovery / "hsm", "--token-label", "recovery")
    code, heard = teken("custody", "drill", "--data", production, "--custodian", "K", *drill, *packages)
    assert (code, heard) == (0, "1 canary(s) of this service signed on token recovery\n")
