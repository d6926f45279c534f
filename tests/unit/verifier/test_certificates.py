"""Whose a certificate is: a body's, by its identifier and by nothing of a person."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from verifier.certificates import certificate

BODY = (
    (NameOID.COUNTRY_NAME, "ID"),
    (NameOID.ORGANIZATION_NAME, "Pemerintah Provinsi Contoh"),
    (NameOID.COMMON_NAME, "Segel Dinas Contoh"),
)
IDENTIFIER = (NameOID.ORGANIZATION_IDENTIFIER, "VATID-000000000000000")


def der_of(*attributes: tuple[x509.ObjectIdentifier, str]) -> bytes:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
    key, at = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 11, 20, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(17)
        .not_valid_before(at)
        .not_valid_after(at + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("more", "is_body"),
    [
        ((IDENTIFIER,), True),
        ((), False),
        ((IDENTIFIER, (NameOID.SERIAL_NUMBER, "K5QXA2LBONUWC3TB")), False),
        ((IDENTIFIER, (NameOID.GIVEN_NAME, "I Wayan")), False),
        ((IDENTIFIER, (NameOID.SURNAME, "Contoh")), False),
        ((IDENTIFIER, (NameOID.PSEUDONYM, "Pejabat")), False),
    ],
)
def test_a_body_is_told_from_a_person(more: tuple[tuple[x509.ObjectIdentifier, str], ...], is_body: bool) -> None:
    assert certificate(der_of(*BODY, *more)).summary.legal_person is is_body
