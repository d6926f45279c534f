"""Keys opened side by side: one try for all who bring the same passphrase while it lasts, and nothing kept after it."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from signer.errors import PassphraseLocked, PassphraseWrong
from signer.model import Credential, SealedKey, Secret
from signer.opening import Turns, open_key
from store.database import Database
from tests.support.office import ANOTHER, PASSPHRASE, TestOffice, office_in
from tests.support.pki import make_pki
from tests.support.signer_memory import MemoryKeyVault
from tests.unit.store.samples import together

Open = Callable[[Secret], ec.EllipticCurvePrivateKey]


class CountedSecret(Secret):
    """Knows how many came with it."""

    came = 0

    def reveal(self) -> str:
        self.came += 1
        return super().reveal()


class SlowVault(MemoryKeyVault):
    """About as slow as Argon2id, and at least until as many have come as are awaited, so that they come meanwhile."""

    awaited = 0

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        while isinstance(passphrase, CountedSecret) and passphrase.came < self.awaited:
            time.sleep(0.001)
        time.sleep(0.2)
        return super().open(key, passphrase)


@pytest.fixture
def office(tmp_path: Path, database: Database) -> TestOffice:
    return office_in(tmp_path, database, make_pki())


@pytest.fixture
def credential(office: TestOffice) -> Credential:
    return office.enrolled()


@pytest.fixture
def vault() -> SlowVault:
    return SlowVault()


@pytest.fixture
def opened(office: TestOffice, credential: Credential, vault: SlowVault) -> Open:
    """Opens the official's key, as signing does."""
    turns = Turns()
    return lambda passphrase: open_key(office.kept, vault, credential, passphrase, turns=turns, now=lambda: office.at)


def public(key: ec.EllipticCurvePrivateKey) -> object:
    return key.public_key()


def test_eight_who_come_together_are_opened_for_once(opened: Open, credential: Credential, vault: SlowVault) -> None:
    passphrase, vault.awaited = CountedSecret(PASSPHRASE.reveal()), 8
    keys = together(8, lambda _: opened(passphrase))
    assert {public(key) == credential.certificate.public_key() for key in keys} == {True}
    assert vault.opened == 1


def test_who_comes_after_it_is_opened_for_anew(opened: Open, vault: SlowVault) -> None:
    for times in (1, 2, 3):
        opened(PASSPHRASE)
        assert vault.opened == times


def test_a_wrong_passphrase_beside_the_right_one_gets_nothing(opened: Open, vault: SlowVault) -> None:
    outcomes = together(2, lambda number: opened((PASSPHRASE, ANOTHER)[number]))
    assert isinstance(outcomes[0], ec.EllipticCurvePrivateKey)
    assert isinstance(outcomes[1], PassphraseWrong)
    assert vault.opened == 2


def test_wrong_passphrases_that_come_together_are_all_counted(
    opened: Open, office: TestOffice, credential: Credential
) -> None:
    outcomes = together(4, lambda _: opened(ANOTHER))
    assert all(isinstance(each, PassphraseWrong) for each in outcomes)
    counted = office.kept.get(credential.id)
    assert counted is not None
    assert counted.failed_attempts == 4


def test_more_wrong_ones_than_allowed_are_not_even_tried(opened: Open, vault: SlowVault) -> None:
    outcomes = together(8, lambda _: opened(ANOTHER))
    assert sum(isinstance(each, PassphraseWrong) for each in outcomes) == 5
    assert sum(isinstance(each, PassphraseLocked) for each in outcomes) == 3
    assert vault.opened == 5
