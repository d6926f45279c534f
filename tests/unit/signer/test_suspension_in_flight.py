"""Suspended is suspended: also for a signing that was let in before, as long as its key has not signed."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from signer.errors import CredentialUnusable
from signer.model import CredentialState, SealedKey, Secret, SigningState
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import MemoryKeyVault
from tests.support.signing import CREDENTIAL, Desk, request


class SlowVault(MemoryKeyVault):
    """While it opens the key, somebody at the registration office does something."""

    def __init__(self, desk: Desk | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.meanwhile: CredentialState | None = None

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        opened = super().open(key, passphrase)
        if self.meanwhile is not None and self.desk is not None:
            self.desk.credentials.set_state(CREDENTIAL, self.meanwhile, actor="registrar", at=self.desk.clock)
        return opened


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.mark.parametrize("state", [CredentialState.SUSPENDED, CredentialState.REVOKED, CredentialState.RETIRED])
def test_a_key_that_is_open_already_signs_nothing_once_its_credential_was_stopped(
    pki: Pki, state: CredentialState
) -> None:
    vault = SlowVault()
    desk = vault.desk = Desk(pki=pki, keys=vault)
    vault.meanwhile = state
    with pytest.raises(CredentialUnusable) as refused:
        desk.service.sign(request())
    assert refused.value.reason == state.value
    [outcome] = desk.log.outcomes
    assert outcome is not None
    assert (outcome.state, outcome.failure) == (SigningState.FAILED, state.value)
    assert desk.vault.contents == {}
