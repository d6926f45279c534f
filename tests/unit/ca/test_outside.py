"""Somebody else's root certifies our issuing CA: what we ask for, and what we take back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca.errors import RequestRefused, SigningKeyUnavailable
from ca.model import PkiNames
from ca.outside import ANY_POLICY, check_granted, issuing_ca_request
from tests.support.ca_keys import SilentKey

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP384R1())
ROOT = ec.generate_private_key(ec.SECP384R1())
NAMES = PkiNames(
    country="ID",
    organisation="Pemerintah Provinsi Contoh",
    organisation_identifier="NTRID-0000000000",
    pen=32473,
    base_url="http://pki.example.org",
    cps_uri="https://pki.example.org/cps",
    name_authority_uri="https://pki.example.org/identifiers",
)
OURS = tuple(f"1.3.6.1.4.1.32473.1.1.{number}" for number in (1, 2, 3))


def granted(**wrong: Any) -> x509.Certificate:
    """What a national root gives; `wrong` is the one thing to get wrong."""
    good: dict[str, Any] = {
        "key": KEY.public_key(),
        "constraints": x509.BasicConstraints(ca=True, path_length=0),
        "signs": (True, True),
        "policies": (ANY_POLICY,),
        "start": AT - timedelta(days=1),
        "years": 10,
        "crl": "http://root.example.org/root.crl",
    }
    asked = {**good, **wrong}
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoh Issuing CA")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root CA Contoh Nasional")]))
        .public_key(asked["key"])
        .serial_number(x509.random_serial_number())
        .not_valid_before(asked["start"])
        .not_valid_after(asked["start"] + timedelta(days=365 * asked["years"]))
    )
    if asked["constraints"] is not None:
        builder = builder.add_extension(asked["constraints"], critical=True)
    if asked["signs"] is not None:
        certs, crls = asked["signs"]
        own = x509.KeyUsage(**usage, encipher_only=False, decipher_only=False, key_cert_sign=certs, crl_sign=crls)
        builder = builder.add_extension(own, critical=True)
    if asked["policies"]:
        stated = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in asked["policies"]]
        builder = builder.add_extension(x509.CertificatePolicies(stated), critical=False)
    if asked["crl"]:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(asked["crl"])], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.sign(ROOT, hashes.SHA384())


def test_the_request_proves_possession_and_asks_for_no_more_than_an_issuing_ca() -> None:
    request = issuing_ca_request(KEY, NAMES, "Contoh Issuing CA")
    assert request.is_signature_valid
    assert request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value == "NTRID-0000000000"
    constraints = request.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    usage = request.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)


def test_a_token_that_is_away_makes_no_request() -> None:
    with pytest.raises(SigningKeyUnavailable):
        issuing_ca_request(SilentKey(KEY), NAMES, "Contoh Issuing CA")


@pytest.mark.parametrize("policies", [(ANY_POLICY,), OURS, (*OURS, "2.16.360.1.1.1.3.12.2")])
def test_what_we_asked_for_is_taken(policies: tuple[str, ...]) -> None:
    check_granted(granted(policies=policies), KEY.public_key(), NAMES, at=AT)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"key": ec.generate_private_key(ec.SECP384R1()).public_key()}, "other-key"),
        ({"constraints": None}, "not-a-ca"),
        ({"constraints": x509.BasicConstraints(ca=False, path_length=None)}, "not-a-ca"),
        ({"constraints": x509.BasicConstraints(ca=True, path_length=None)}, "path-length"),
        ({"constraints": x509.BasicConstraints(ca=True, path_length=1)}, "path-length"),
        ({"signs": None}, "usage"),
        ({"signs": (True, False)}, "usage"),
        ({"signs": (False, True)}, "usage"),
        ({"policies": ()}, "policies"),
        ({"policies": OURS[:2]}, "policies"),
        ({"policies": ("2.16.360.1.1.1.3.12.2",)}, "policies"),
        ({"start": AT + timedelta(days=1)}, "validity"),
        ({"years": 2}, "validity"),
        ({"crl": None}, "no-status"),
    ],
)
def test_what_we_did_not_ask_for_is_refused(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_granted(granted(**wrong), KEY.public_key(), NAMES, at=AT)
    assert (refused.value.field, refused.value.reason) == ("certificate", reason)
