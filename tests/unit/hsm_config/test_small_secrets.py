"""Small secrets: nothing but the HSM that sealed them opens them, and only for their owner."""

from dataclasses import replace
from secrets import token_bytes

import pytest

from hsm_config.errors import HsmMisconfigured, SealNotOpened
from hsm_config.gate import Gate
from hsm_config.small_secrets import SmallSecrets
from hsm_config.token_objects import destroy_secret
from tests.support.token_secrets import make_pepper

pytestmark = pytest.mark.hsm


@pytest.fixture
def secrets(softhsm_gate: Gate) -> SmallSecrets:
    return SmallSecrets(softhsm_gate, "pepper-1", token_bytes)


def test_what_is_sealed_opens_for_its_owner_alone(secrets: SmallSecrets) -> None:
    sealed = secrets.seal(b"a seed of 20 octets.", owner="K5QXA2LB")
    assert secrets.open(sealed, owner="K5QXA2LB") == b"a seed of 20 octets."
    with pytest.raises(SealNotOpened):
        secrets.open(sealed, owner="K5QXA2LC")


@pytest.mark.parametrize("field", ["sealed", "nonce", "salt"])
def test_a_changed_row_opens_nothing(secrets: SmallSecrets, field: str) -> None:
    sealed = secrets.seal(b"seed", owner="one")
    octets = getattr(sealed, field)
    for changed in (bytes([octets[0] ^ 1]) + octets[1:], octets[:-1], b""):
        with pytest.raises(SealNotOpened):
            secrets.open(replace(sealed, **{field: changed}), owner="one")


def test_the_same_secret_twice_looks_different(secrets: SmallSecrets) -> None:
    assert secrets.seal(b"seed", owner="one").sealed != secrets.seal(b"seed", owner="one").sealed


def test_a_newer_pepper_leaves_the_older_one_good(softhsm_gate: Gate, secrets: SmallSecrets) -> None:
    sealed = secrets.seal(b"seed", owner="one")
    make_pepper(softhsm_gate, "pepper-2")
    try:
        newer = SmallSecrets(softhsm_gate, "pepper-2", token_bytes)
        assert newer.is_outdated(sealed)
        assert newer.open(sealed, owner="one") == b"seed"
        assert not newer.is_outdated(newer.seal(b"seed", owner="one"))
    finally:
        destroy_secret(softhsm_gate, "pepper-2")  # other tests know what this token holds


def test_a_pepper_that_is_not_there_is_said(secrets: SmallSecrets) -> None:
    sealed = secrets.seal(b"seed", owner="one")
    with pytest.raises(HsmMisconfigured):
        secrets.open(replace(sealed, pepper_label="pepper-9"), owner="one")
