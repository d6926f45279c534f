"""A real SoftHSM token for tests. Import the fixtures in the conftest of your folder:

    from tests.support.softhsm import softhsm_gate, softhsm_settings, softhsm_shared, softhsm_vault

    __all__ = ["softhsm_gate", "softhsm_settings", "softhsm_shared", "softhsm_vault"]

A process may open one gate only, so all folders of one pytest process share the same one, whoever imports it first.
Without SoftHSM the tests fail; they never skip. A module in an unusual place is named by SOFTHSM_MODULE.
"""

import functools
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hsm_config.errors import HsmMisconfigured
from hsm_config.gate import Gate, open_gate
from hsm_config.settings import SOFTHSM_MODULES, HsmSettings, find_softhsm_module
from hsm_config.softhsm.initialise import initialise_token
from hsm_config.token_objects import make_ec_key
from hsm_config.vault import HsmVault
from tests.support.token_secrets import make_kek, make_pepper


def softhsm_module() -> Path:
    """The module of SOFTHSM_MODULE, or of the usual places; fails the test with the fix when there is none."""
    named = os.environ.get("SOFTHSM_MODULE")
    try:
        return find_softhsm_module([Path(named)] if named else SOFTHSM_MODULES)
    except HsmMisconfigured as error:
        pytest.fail(f"{error}, or name its libsofthsm2.so in SOFTHSM_MODULE", pytrace=False)


def new_token(directory: Path, label: str = "teken-test") -> HsmSettings:
    """An empty token of its own under `directory`."""
    return initialise_token(directory, label=label, random_bytes=os.urandom, module=softhsm_module())


def fill(gate: Gate, settings: HsmSettings) -> None:
    """Every permanent key that the settings name."""
    keys = settings.keys
    for label, curve in (
        (keys.root, ec.SECP384R1()),
        (keys.issuing_ca, ec.SECP384R1()),
        (keys.ocsp, ec.SECP256R1()),
        (keys.tsu, ec.SECP384R1()),
    ):
        make_ec_key(gate, label, curve)
    make_kek(gate, keys.kek)
    make_pepper(gate, keys.pepper)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    settings: HsmSettings
    gate: Gate
    stack: ExitStack


@functools.cache
def _shared(base: Path) -> _Shared:
    settings = new_token(base / "softhsm-of-this-process")
    stack = ExitStack()
    gate = stack.enter_context(open_gate(settings))
    fill(gate, settings)
    return _Shared(settings=settings, gate=gate, stack=stack)


@pytest.fixture(scope="session")
def softhsm_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Shared]:
    shared = _shared(tmp_path_factory.getbasetemp())
    yield shared
    shared.stack.close()  # the second folder's turn finds it closed already, which is harmless


@pytest.fixture(scope="session")
def softhsm_settings(softhsm_shared: _Shared) -> HsmSettings:
    """The settings of the token behind `softhsm_gate`."""
    return softhsm_shared.settings


@pytest.fixture(scope="session")
def softhsm_gate(softhsm_shared: _Shared) -> Gate:
    """The one gate of this pytest process, on a token that holds every key of `KeyLabels`."""
    return softhsm_shared.gate


@pytest.fixture(scope="session")
def softhsm_vault(softhsm_gate: Gate, softhsm_settings: HsmSettings) -> HsmVault:
    """A vault over `softhsm_gate`."""
    return HsmVault(softhsm_gate, softhsm_settings.keys, os.urandom)
