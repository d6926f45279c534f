"""What another CA sends is taken in only when it keeps every rule; each broken one has its own refusal."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from cryptography.x509.oid import NameOID

from signer.errors import ForeignRefused
from signer.foreign.acceptance import Accepted, accept, certificates_in
from signer.foreign.addresses import listed
from signer.foreign.model import ForeignRules
from tests.support.foreign_ca import NO_USAGE, OCSP, certify, key_usage, pem, rules
from tests.support.pki import POLICY, Pki, make_pki
from tests.support.signing import SIGNATORY

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key()
SPKI = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
Make = Callable[[Pki], x509.Certificate]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def stranger() -> Pki:
    return make_pki(label="Asing")


def taken(pki: Pki, content: bytes, own: ForeignRules | None = None) -> Accepted:
    return accept(certificates_in(content), public_key=SPKI, signatory=SIGNATORY, rules=own or rules(pki), at=pki.at)


def refusal(pki: Pki, content: bytes, own: ForeignRules | None = None) -> str:
    with pytest.raises(ForeignRefused) as refused:
        taken(pki, content, own)
    assert refused.value.field == "certificate"
    assert " / " in str(refused.value)
    return refused.value.reason


def test_a_good_answer_gives_its_whole_chain(pki: Pki) -> None:
    leaf = certify(pki, PUBLIC)
    accepted = taken(pki, pem(leaf, pki.issuing.certificate))
    assert accepted.chain == (leaf, *pki.issuing.chain)
    assert accepted.differences == ()


def test_order_and_form_of_the_file_do_not_matter(pki: Pki) -> None:
    leaf = certify(pki, PUBLIC)
    bundle = [pki.root.certificate, leaf, pki.issuing.certificate]
    for content in (
        pem(*bundle),
        pkcs7.serialize_certificates(bundle, Encoding.DER),
        pkcs7.serialize_certificates(bundle, Encoding.PEM),
    ):
        assert taken(pki, content).chain == (leaf, *pki.issuing.chain)


@pytest.mark.parametrize(
    "content", [b"", b"MZ", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"0" * 300_000]
)
def test_what_holds_no_certificate_is_unreadable(pki: Pki, content: bytes) -> None:
    assert refusal(pki, content) == "unreadable"


def test_a_heap_of_certificates_is_unreadable(pki: Pki) -> None:
    assert refusal(pki, pem(*[certify(pki, PUBLIC) for _ in range(11)])) == "unreadable"


def test_another_key_is_refused(pki: Pki) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert refusal(pki, pem(certify(pki, other), pki.issuing.certificate)) == "other-key"


def test_a_chain_to_no_configured_anchor_is_refused(pki: Pki, stranger: Pki) -> None:
    leaf = certify(stranger, PUBLIC)
    assert refusal(pki, pem(leaf, stranger.issuing.certificate, stranger.root.certificate)) == "path"


def test_a_chain_with_a_gap_is_refused(pki: Pki) -> None:
    assert refusal(pki, pem(certify(pki, PUBLIC))) == "path"


def test_without_anchors_nothing_is_taken(pki: Pki) -> None:
    leaf = certify(pki, PUBLIC)
    assert refusal(pki, pem(leaf, pki.issuing.certificate), rules(pki, anchors=())) == "path"


def test_a_policy_that_we_did_not_ask_for_is_refused(pki: Pki) -> None:
    leaf = certify(pki, PUBLIC, policy=f"{POLICY}.9.9")
    assert refusal(pki, pem(leaf, pki.issuing.certificate)) == "path"


def test_a_signature_that_does_not_verify_is_refused(pki: Pki, stranger: Pki) -> None:
    forger = type(pki.issuing)(key=stranger.issuing.key, chain=pki.issuing.chain)
    assert refusal(pki, pem(certify(pki, PUBLIC, issuer=forger), pki.issuing.certificate)) == "path"


def test_an_official_who_issues_is_no_ca(pki: Pki) -> None:
    leaf = certify(pki, PUBLIC, issuer=pki.official)
    assert refusal(pki, pem(leaf, pki.official.certificate, pki.issuing.certificate)) == "path"


@pytest.mark.parametrize("usage", [NO_USAGE, key_usage(content_commitment=False, key_cert_sign=True)])
def test_a_key_usage_without_non_repudiation_is_refused(pki: Pki, usage: x509.KeyUsage) -> None:
    assert refusal(pki, pem(certify(pki, PUBLIC, usage=usage), pki.issuing.certificate)) == "key-usage"


def test_a_ca_certificate_is_refused(pki: Pki) -> None:
    root_signed = certify(pki, PUBLIC, is_ca=True, usage=key_usage(key_cert_sign=True), issuer=pki.root)
    assert refusal(pki, pem(root_signed)) == "is-a-ca"


@pytest.mark.parametrize(
    ("start", "days", "reason"),
    [(1, 365, "not-yet-valid"), (-400, 365, "expired"), (0, 1200, "too-long")],
)
def test_validity_has_to_be_now_and_within_limits(pki: Pki, start: int, days: int, reason: str) -> None:
    leaf = certify(pki, PUBLIC, start=pki.at + timedelta(days=start), days=days)
    assert refusal(pki, pem(leaf, pki.issuing.certificate)) == reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"crl": "http://evil.example.org/a.crl"},
        {"ocsp": "http://127.0.0.1/ocsp"},
        {"ca_issuers": "http://169.254.169.254/latest"},
        {"crl": "http://pki.example.org@evil.example.org/a.crl"},
        {"crl": "file:///etc/passwd"},
        {"crl": "ldap://pki.example.org/cn=x"},
        {"ocsp": "http://pki.example.org:8080/ocsp"},
    ],
)
def test_status_elsewhere_than_on_listed_hosts_is_refused(pki: Pki, wrong: dict[str, str]) -> None:
    assert refusal(pki, pem(certify(pki, PUBLIC, **wrong), pki.issuing.certificate)) == "host"  # type: ignore[arg-type]


def test_an_issuer_that_points_elsewhere_is_refused_too(pki: Pki) -> None:
    leaf = certify(pki, PUBLIC, crl="http://status.example.org/a.crl", ocsp=None)
    own = rules(pki, hosts=frozenset({"status.example.org"}))
    assert refusal(pki, pem(leaf, pki.issuing.certificate), own) == "host"


def test_a_certificate_whose_status_nobody_tells_is_refused(pki: Pki) -> None:
    assert refusal(pki, pem(certify(pki, PUBLIC, crl=None, ocsp=None), pki.issuing.certificate)) == "no-status"


@pytest.mark.parametrize(
    ("wrong", "difference"),
    [
        ({"name": "I Made Contoh"}, "commonName: I Wayan Contoh -> I Made Contoh"),
        ({"name": "I WAYAN CONTOH"}, "commonName: I Wayan Contoh -> I WAYAN CONTOH"),
        ({"organisation": None}, "organizationName: Pemerintah Provinsi Contoh -> -"),
        (
            {"more_names": [(NameOID.ORGANIZATIONAL_UNIT_NAME, "Biro Lain")]},
            "organizationalUnitName: - -> Biro Lain",
        ),
        (
            {"more_names": [(NameOID.SERIAL_NUMBER, "5171010101700001")]},
            "subject: holds a number like a NIK or NIP",
        ),
    ],
)
def test_a_subject_that_differs_is_told_and_left_to_people(pki: Pki, wrong: dict[str, object], difference: str) -> None:
    accepted = taken(pki, pem(certify(pki, PUBLIC, **wrong), pki.issuing.certificate))  # type: ignore[arg-type]
    assert accepted.differences == (difference,)


@pytest.mark.parametrize("address", [OCSP, "https://pki.example.org/x", "HTTP://PKI.EXAMPLE.ORG/x"])
def test_listed_addresses(address: str) -> None:
    assert listed(address, frozenset({"pki.example.org"}))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pki.example.org",
        "http://pki.example.org.evil.org/",
        "http://pki.example.org:81/",
        "http://pki.example.org:x/",
        "http://user@pki.example.org/",
        "http://evil.org\\@pki.example.org/",
        "ftp://pki.example.org/",
        "http://[pki.example.org/",
    ],
)
def test_addresses_that_only_look_listed(address: str) -> None:
    assert not listed(address, frozenset({"pki.example.org"}))
