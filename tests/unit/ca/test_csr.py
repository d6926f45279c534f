"""Who asks for a certificate proves that the key is theirs."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ca.csr import proven_key, request_for
from ca.errors import RequestRefused, SigningKeyUnavailable
from tests.support.ca_hierarchy import PERSON
from tests.support.ca_keys import SilentKey


def test_the_key_of_a_request_signed_by_it_is_proven() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert proven_key(request_for(key, PERSON.common_name), PERSON) == key.public_key()


def test_a_request_without_names_is_enough() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    nameless = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    assert proven_key(nameless, PERSON) == key.public_key()


def test_a_request_signed_by_another_key_is_refused() -> None:
    own, other = (
        request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name).public_bytes(Encoding.DER)
        for _ in range(2)
    )
    point = x509.load_der_x509_csr(own).public_key().public_numbers()
    foreign = x509.load_der_x509_csr(other).public_key().public_numbers()
    swapped = own.replace(point.x.to_bytes(32, "big"), foreign.x.to_bytes(32, "big"))
    swapped = swapped.replace(point.y.to_bytes(32, "big"), foreign.y.to_bytes(32, "big"))
    assert swapped != own
    with pytest.raises(RequestRefused) as refused:
        proven_key(x509.load_der_x509_csr(swapped), PERSON)
    assert (refused.value.field, refused.value.reason) == ("csr", "possession")


def test_a_request_in_another_name_is_refused() -> None:
    request = request_for(ec.generate_private_key(ec.SECP256R1()), "Ni Made Contoh")
    with pytest.raises(RequestRefused) as refused:
        proven_key(request, PERSON)
    assert refused.value.reason == "name"
    assert "Made" not in str(refused.value)


def test_a_key_that_does_not_answer_makes_no_request() -> None:
    with pytest.raises(SigningKeyUnavailable):
        request_for(SilentKey(ec.generate_private_key(ec.SECP256R1())), "Teken TSU 2026-1")
