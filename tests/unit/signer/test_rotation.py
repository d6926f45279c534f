"""A key under an older KEK moves to the newest one at its next successful use, and not before."""

import pytest

from signer.errors import CredentialUnusable, KeyUnavailable, PassphraseWrong
from signer.model import Credential, SealedKey, Secret
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import MemoryKeyVault
from tests.support.signing import CREDENTIAL, PASSPHRASE, Desk, request


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


class NoRewrap(MemoryKeyVault):
    """Opens keys, and cannot seal them anew."""

    def reseal(self, key: SealedKey, old: Secret, new: Secret) -> SealedKey:
        raise KeyUnavailable("the token is gone")


def kept(desk: Desk) -> Credential:
    credential = desk.credentials.get(CREDENTIAL)
    assert credential is not None
    return credential


def test_a_successful_use_moves_the_key_and_signs(pki: Pki) -> None:
    desk = Desk(pki=pki)
    before = kept(desk).key
    desk.software.kek_label = "memory-2"
    desk.service.sign(request())
    after = kept(desk).key
    assert (before.kek_label, after.kek_label) == ("memory", "memory-2")
    assert after.public_key == before.public_key
    desk.service.sign(request())
    assert kept(desk).key == after


def test_a_wrong_passphrase_moves_nothing(pki: Pki) -> None:
    desk = Desk(pki=pki)
    before = kept(desk).key
    desk.software.kek_label = "memory-2"
    with pytest.raises(PassphraseWrong):
        desk.service.sign(request(passphrase=Secret("kunci yang salah")))
    assert kept(desk).key == before


def test_signing_goes_on_where_the_key_cannot_be_moved(pki: Pki) -> None:
    vault = NoRewrap()
    desk = Desk(pki=pki, keys=vault)
    before = kept(desk).key
    vault.kek_label = "memory-2"
    assert desk.service.sign(request()).pdf
    assert kept(desk).key == before


def test_of_two_that_move_it_at_once_one_wins_and_both_sign(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(pki=pki)

    def late(*_: object, **__: object) -> None:
        raise CredentialUnusable("Somebody else was first.", field="credential_id", reason="changed")

    monkeypatch.setattr(desk.credentials, "reseal", late)
    desk.software.kek_label = "memory-2"
    assert desk.service.sign(request()).pdf
    assert kept(desk).key.kek_label == "memory"
    desk.software.open(kept(desk).key, Secret(PASSPHRASE))
