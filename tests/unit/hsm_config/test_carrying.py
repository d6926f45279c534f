"""A key that is carried on opens with its secret, for its authorisation, and with nothing else."""

import dataclasses

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hsm_config.carrying import CarriedKey
from hsm_config.errors import HsmError, HsmMisconfigured, SealNotOpened
from hsm_config.private_keys import WrappedEcKey
from hsm_config.vault import HsmVault

pytestmark = pytest.mark.hsm
ECDSA = ec.ECDSA(hashes.SHA256())
SECRET, ANOTHER = "a" * 43, "b" * 43
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pejabat Contoh")])


@pytest.fixture(scope="module")
def key(softhsm_vault: HsmVault) -> WrappedEcKey:
    sealed, _ = softhsm_vault.generate(
        key_id="key-1",
        signatory_id="signatory-1",
        passphrase="kunci rahasia contoh",
        make_csr=lambda made: x509.CertificateSigningRequestBuilder().subject_name(NAME).sign(made, hashes.SHA256()),
    )
    return softhsm_vault.open(sealed, "kunci rahasia contoh")


@pytest.fixture(scope="module")
def carried(softhsm_vault: HsmVault, key: WrappedEcKey) -> CarriedKey:
    return softhsm_vault.carry(key, SECRET, owner="authorisation-1")


def test_it_signs_again_behind_its_secret(softhsm_vault: HsmVault, key: WrappedEcKey, carried: CarriedKey) -> None:
    again = softhsm_vault.open_carried(carried, SECRET, owner="authorisation-1")
    assert again.public_key() == key.public_key()
    key.public_key().verify(again.sign(b"letter", ECDSA), b"letter", ECDSA)


def test_it_goes_from_one_secret_to_the_next(softhsm_vault: HsmVault, carried: CarriedKey) -> None:
    opened = softhsm_vault.open_carried(carried, SECRET, owner="authorisation-1")
    onward = softhsm_vault.carry(opened, ANOTHER, owner="authorisation-1")
    softhsm_vault.open_carried(onward, ANOTHER, owner="authorisation-1").sign(b"letter", ECDSA)
    with pytest.raises(SealNotOpened):
        softhsm_vault.open_carried(onward, SECRET, owner="authorisation-1")


@pytest.mark.parametrize(
    ("secret", "owner"), [(ANOTHER, "authorisation-1"), (SECRET, "authorisation-2"), (SECRET, ""), ("c" * 32, "")]
)
def test_another_secret_or_authorisation_opens_nothing(
    softhsm_vault: HsmVault, carried: CarriedKey, secret: str, owner: str
) -> None:
    with pytest.raises(SealNotOpened):
        softhsm_vault.open_carried(carried, secret, owner=owner)


@pytest.mark.parametrize(
    "change",
    [
        {"sealed": b"\0" * 96},
        {"nonce": b"\0" * 12},
        {"nonce": b"\0" * 11},
        {"salt": b"\0" * 16},
        {"salt": b""},
        {"public_key": b"another"},
        {"kek_label": "another"},
    ],
)
def test_a_changed_row_opens_nothing(softhsm_vault: HsmVault, carried: CarriedKey, change: dict[str, bytes]) -> None:
    with pytest.raises(SealNotOpened):
        softhsm_vault.open_carried(dataclasses.replace(carried, **change), SECRET, owner="authorisation-1")


@pytest.mark.parametrize("change", [{"wrap_mechanism": 1}, {"pepper_label": "another"}])
def test_what_another_token_made_is_named(softhsm_vault: HsmVault, carried: CarriedKey, change: dict[str, int]) -> None:
    with pytest.raises(HsmMisconfigured):
        softhsm_vault.open_carried(dataclasses.replace(carried, **change), SECRET, owner="authorisation-1")


def test_nothing_is_carried_under_what_can_be_guessed(softhsm_vault: HsmVault, key: WrappedEcKey) -> None:
    with pytest.raises(ValueError, match="32"):
        softhsm_vault.carry(key, "123456", owner="authorisation-1")


def test_the_blob_of_the_hsm_is_not_in_the_row(key: WrappedEcKey, carried: CarriedKey) -> None:
    assert key.blob() not in carried.sealed
    assert "sealed" not in repr(carried)


def test_a_key_that_was_put_away_is_not_carried(softhsm_vault: HsmVault, carried: CarriedKey) -> None:
    opened = softhsm_vault.open_carried(carried, SECRET, owner="authorisation-1")
    opened.forget()
    with pytest.raises(HsmError):
        softhsm_vault.carry(opened, ANOTHER, owner="authorisation-1")
