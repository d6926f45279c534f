"""Lists and answers about status: whoever signed them, with whatever algorithm; what cannot be read is no evidence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.pki import Pki
from verifier.certificates import Certificate, certificate
from verifier.status import StatusPool

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 20)


def issuer(key: Key, pki: Pki) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Penerbit Contoh")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(pki.at - timedelta(days=1))
        .not_valid_after(pki.at + timedelta(days=9))
    )
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def crl(key: Key, pki: Pki, *, pss: bool) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer(key, pki).subject)
        .last_update(pki.at)
        .next_update(pki.at + timedelta(days=1))
    )
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return builder.sign(key, None).public_bytes(Encoding.DER)
    return builder.sign(key, hashes.SHA256(), rsa_padding=PSS if pss else None).public_bytes(Encoding.DER)


def known(der: bytes, own: Certificate, by: Certificate) -> list[str]:
    pool = StatusPool(crls=[der], ocsp_responses=[der])
    return [each.source for each in pool.statuses(own, by)]


MAKERS: dict[str, tuple[Callable[[], Key], bool]] = {
    "RSA-PSS": (lambda: rsa.generate_private_key(65537, 2048), True),
    "RSA": (lambda: rsa.generate_private_key(65537, 2048), False),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate, False),
}


@pytest.mark.parametrize(("make", "pss"), MAKERS.values(), ids=list(MAKERS))
def test_a_list_counts_whatever_algorithm_signed_it(make: Callable[[], Key], pss: bool, pki: Pki) -> None:
    key = make()
    by = certificate(issuer(key, pki).public_bytes(Encoding.DER))
    assert known(crl(key, pki, pss=pss), by, by) == ["crl"]
    assert known(crl(make(), pki, pss=pss), by, by) == [], "of the same name, by another key"


def test_a_spoilt_list_or_answer_is_no_evidence_and_no_error(pki: Pki) -> None:
    own = certificate(pki.official.certificate.public_bytes(Encoding.DER))
    by = certificate(pki.issuing.certificate.public_bytes(Encoding.DER))
    for good in (pki.crl(), pki.ocsp(pki.official.certificate)):
        assert len(known(good, own, by)) == 1
        for at in range(len(good)):
            spoilt = good[:at] + bytes([good[at] ^ 0x11]) + good[at + 1 :]
            assert known(spoilt, own, by) == [], f"octet {at}"
