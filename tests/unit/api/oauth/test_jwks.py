"""Which keys a client may register."""

import base64
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from api.oauth.jwks import public_keys
from signer.errors import ClientRefused

SMALL = base64.urlsafe_b64encode(b"\xc1" * 128).rstrip(b"=").decode()  # 1024 bits
P256 = ECKey.generate_key("P-256").as_dict(private=False)


def test_public_keys_are_kept_without_what_is_not_needed() -> None:
    assert public_keys({"keys": [{**P256, "kid": "a", "x5u": "https://evil.example", "key_ops": ["sign"]}]}) == (
        {**P256, "kid": "a"},
    )


@pytest.mark.parametrize(
    "key",
    [ECKey.generate_key("P-384"), RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519")],
    ids=["P-384", "RSA", "Ed25519"],
)
def test_kinds_that_an_assertion_may_be_signed_with(key: Any) -> None:
    assert public_keys({"keys": [key.as_dict(private=False)]})[0]["kty"] == key.key_type


@pytest.mark.parametrize(
    ("key_set", "reason"),
    [
        ({}, "not-a-key-set"),
        ({"keys": []}, "not-a-key-set"),
        ({"keys": P256}, "not-a-key-set"),
        ({"keys": [P256] * 9}, "not-a-key-set"),
        ({"keys": ["x"]}, "not-a-key"),
        ({"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}, "private-key"),
        ({"keys": [OctKey.generate_key(256).as_dict(private=True)]}, "private-key"),
        ({"keys": [{"kty": "oct"}]}, "key-kind"),
        ({"keys": [{"kty": "EC"}]}, "not-a-key"),
        ({"keys": [{**P256, "x": "AAAA"}]}, "not-a-key"),
        ({"keys": [{**P256, "x": 7}]}, "not-a-key"),
        ({"keys": [{**P256, "x": ["A"]}]}, "not-a-key"),
        ({"keys": [{**P256, "crv": "P-999"}]}, "not-a-key"),
        ({"keys": [{**P256, "use": "enc"}]}, "not-a-key"),
        ({"keys": [{**P256, "kid": "k" * 257}]}, "not-a-key"),
        ({"keys": [{**P256, "kid": "a"}, {**P256, "kid": "a"}]}, "same-kid"),
        ({"keys": [ECKey.generate_key("P-521").as_dict(private=False)]}, "key-kind"),
        ({"keys": [ECKey.generate_key("secp256k1").as_dict(private=False)]}, "key-kind"),
        ({"keys": [OKPKey.generate_key("X25519").as_dict(private=False)]}, "key-kind"),
        ({"keys": [{"kty": "RSA", "e": "AQAB", "n": SMALL}]}, "key-kind"),
    ],
)
def test_what_is_no_key_for_assertions_is_refused(key_set: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientRefused) as caught:
        public_keys(key_set)
    assert (caught.value.field, caught.value.reason) == ("jwks", reason)
