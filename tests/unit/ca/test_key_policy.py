"""Which public keys are certified."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.errors import RequestRefused
from ca.key_policy import accept_key, is_publicly_known, spki_sha256
from ca.profiles import OFFICIAL, ROOT_CA


def never(_: str) -> bool:
    return False


def refusal(public_key: PublicKeyTypes, *, known: bool = False) -> str:
    with pytest.raises(RequestRefused) as refused:
        accept_key(public_key, OFFICIAL, lambda _: known)
    assert refused.value.field == "csr"
    return refused.value.reason


def test_a_new_key_on_the_curve_of_the_profile_is_accepted() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert accept_key(key, OFFICIAL, never) is key


@pytest.mark.parametrize(
    "public_key",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        ec.generate_private_key(ec.SECP256K1()).public_key(),
        rsa.generate_private_key(65537, 2048).public_key(),
    ],
    ids=["P-384", "secp256k1", "RSA"],
)
def test_another_kind_of_key_is_refused(public_key: PublicKeyTypes) -> None:
    assert refusal(public_key) == "key-type"


def test_a_p_256_key_is_no_ca_key() -> None:
    with pytest.raises(RequestRefused):
        accept_key(ec.generate_private_key(ec.SECP256R1()).public_key(), ROOT_CA, never)


def test_a_key_that_was_certified_before_is_refused() -> None:
    assert refusal(ec.generate_private_key(ec.SECP256R1()).public_key(), known=True) == "key-already-certified"


def test_the_log_is_asked_by_the_hash_of_the_key() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    asked: list[str] = []
    accept_key(key, OFFICIAL, lambda name: bool(asked.append(name)))
    assert asked == [spki_sha256(key)]


@pytest.mark.parametrize("scalar", [1, 2, 64, 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721])
def test_a_key_out_of_a_book_is_refused(scalar: int) -> None:
    key = ec.derive_private_key(scalar, ec.SECP256R1()).public_key()
    assert is_publicly_known(key)
    assert refusal(key) == "key-publicly-known"
