"""A signing key ends where it was made, whole, and nothing else with it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hsm_config.errors import HsmMisconfigured
from hsm_config.gate import Gate
from hsm_config.private_keys import token_key
from hsm_config.retirement import destroy_signing_key
from hsm_config.token_objects import list_labels, make_ec_key

pytestmark = pytest.mark.hsm


def test_a_retired_key_is_gone_with_both_halves_and_can_be_retired_again(softhsm_gate: Gate) -> None:
    before = list_labels(softhsm_gate)
    make_ec_key(softhsm_gate, "ocsp-2026-01-01", ec.SECP256R1())
    assert "ocsp-2026-01-01" in list_labels(softhsm_gate)
    for _ in range(2):
        destroy_signing_key(softhsm_gate, "ocsp-2026-01-01")
        assert list_labels(softhsm_gate) == before
    with pytest.raises(HsmMisconfigured):
        token_key(softhsm_gate, "ocsp-2026-01-01")


def test_no_label_names_nothing(softhsm_gate: Gate) -> None:
    before = list_labels(softhsm_gate)
    with pytest.raises(HsmMisconfigured):
        destroy_signing_key(softhsm_gate, "")
    assert list_labels(softhsm_gate) == before
