"""A key signs with the hash of its curve, and its failures have one name."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.errors import Misconfigured, SigningKeyUnavailable
from ca.signing import hash_for, holds, sign
from tests.support.ca_keys import RemoteKey, SilentKey


@pytest.mark.parametrize(("curve", "name"), [(ec.SECP256R1(), "sha256"), (ec.SECP384R1(), "sha384")])
def test_the_hash_goes_with_the_curve(curve: ec.EllipticCurve, name: str) -> None:
    assert hash_for(curve).name == name
    key = RemoteKey(ec.generate_private_key(curve))
    assert holds(key.public_key(), sign(key, b"data", "a test"), b"data")


def test_another_curve_is_refused_by_name() -> None:
    with pytest.raises(Misconfigured, match="secp521r1"):
        hash_for(ec.SECP521R1())


def test_whatever_a_key_raises_means_that_it_is_unavailable() -> None:
    with pytest.raises(SigningKeyUnavailable, match="a test") as unavailable:
        sign(SilentKey(ec.generate_private_key(ec.SECP256R1())), b"data", "a test")
    assert isinstance(unavailable.value.__cause__, OSError)


def test_another_signature_does_not_hold() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = sign(key, b"data", "a test")
    assert not holds(key.public_key(), signature, b"other data")
    assert not holds(key.public_key(), b"no signature", b"data")
    assert not holds(rsa.generate_private_key(65537, 2048).public_key(), signature, b"data")
