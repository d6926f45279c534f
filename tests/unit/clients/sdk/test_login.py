"""Who an application says that it is: its secret in a header, or an assertion that its key signed."""

import base64
import json

import pytest
import teken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from teken.login import Asking

ASKING = Asking(at=1_795_000_000.5, name="never-before", token_url="https://teken.example/oauth2/token")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_secret_goes_into_the_header_and_nowhere_else() -> None:
    form, headers = teken.ClientSecret("e office", "a:b%c").prove(ASKING)

    scheme, _, encoded = headers["Authorization"].partition(" ")
    assert (form, scheme) == ({}, "Basic")
    assert base64.b64decode(encoded) == b"e+office:a%3Ab%25c"  # RFC 6749, 2.3.1: each is encoded by itself


def test_an_assertion_is_signed_and_says_for_whom_and_how_long() -> None:
    key = ec.generate_private_key(ec.SECP256R1())

    def sign(octets: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    form, headers = teken.PrivateKeyJwt("e-office", sign, key_id="k1").prove(ASKING)
    head, claims, signature = form["client_assertion"].split(".")
    raw = decoded(signature)

    assert headers == {}
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert json.loads(decoded(head)) == {"alg": "ES256", "typ": "JWT", "kid": "k1"}
    assert json.loads(decoded(claims)) == {
        "iss": "e-office",
        "sub": "e-office",
        "aud": "https://teken.example/oauth2/token",
        "iat": 1_795_000_000,
        "exp": 1_795_000_060,
        "jti": "never-before",
    }
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    "address",
    ["http://teken.example", "ftp://teken.example", "https://user:secret@teken.example", "https://teken.example?a=b"],
)
def test_an_address_over_which_secrets_would_be_read_is_refused(address: str) -> None:
    for client in (teken.Teken, teken.AsyncTeken):
        with pytest.raises(ValueError, match=r"only https|neither user") as refused:
            client(address)
        assert "secret" not in str(refused.value)
