"""Every field of every profile, in a certificate that the whole hierarchy made."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, SignatureAlgorithmOID

from ca.profiles import E_SEAL, OFFICIAL, OFFICIAL_2, PROFILES, profile_of
from tests.support.ca_hierarchy import NAMES, NOON, PERSON, World, new_world

DAY = timedelta(days=1)
BACKDATED = NOON - timedelta(minutes=5)
OPERATOR = [
    ("2.5.4.6", "ID"),
    ("2.5.4.10", "Pemerintah Provinsi Contoh"),
    ("2.5.4.97", "VATID-001234567890000"),
]


@pytest.fixture(scope="module")
def world() -> World:
    return new_world()


@pytest.fixture(scope="module")
def official(world: World) -> x509.Certificate:
    return world.official(unit="Sekretariat Daerah", surname="Contoh", given_name="I Wayan")


def subject_of(certificate: x509.Certificate) -> list[tuple[str, str]]:
    assert all(len(list(rdn)) == 1 for rdn in certificate.subject.rdns)
    return [(attribute.oid.dotted_string, str(attribute.value)) for attribute in certificate.subject]


def extensions_of(certificate: x509.Certificate) -> dict[str, bool]:
    """Name and criticality of each extension."""
    return {extension.oid._name: extension.critical for extension in certificate.extensions}


def usages_of(certificate: x509.Certificate) -> set[str]:
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    people = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    return {bit for bit in (*people, "key_cert_sign", "crl_sign") if getattr(usage, bit)}


def purposes_of(certificate: x509.Certificate) -> list[str]:
    found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return [oid.dotted_string for oid in found]


def accesses_of(certificate: x509.Certificate) -> list[tuple[x509.ObjectIdentifier, str]]:
    found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return [(one.access_method, one.access_location.value) for one in found]


def crl_addresses_of(certificate: x509.Certificate) -> list[str]:
    (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.reasons is None
    assert point.crl_issuer is None
    assert point.full_name is not None
    return [name.value for name in point.full_name]


def policies_of(certificate: x509.Certificate) -> list[tuple[str, object]]:
    found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    return [(one.policy_identifier.dotted_string, one.policy_qualifiers) for one in found]


def test_the_root(world: World) -> None:
    root = world.root
    assert subject_of(root) == [*OPERATOR, ("2.5.4.3", "Teken Root CA G1")]
    assert root.issuer == root.subject
    assert isinstance(root.public_key(), ec.EllipticCurvePublicKey)
    assert root.public_key().curve.name == "secp384r1"
    assert (root.not_valid_before_utc, root.not_valid_after_utc) == (BACKDATED, NOON + 20 * 365 * DAY)
    assert extensions_of(root) == {"subjectKeyIdentifier": False, "basicConstraints": True, "keyUsage": True}
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, None)
    assert usages_of(root) == {"key_cert_sign", "crl_sign"}


def test_the_issuing_ca(world: World) -> None:
    ca = world.issuing_ca
    assert subject_of(ca) == [*OPERATOR, ("2.5.4.3", "Teken Issuing CA 1 G1")]
    assert ca.public_key().curve.name == "secp384r1"
    assert (ca.not_valid_before_utc, ca.not_valid_after_utc) == (BACKDATED, NOON + 10 * 365 * DAY)
    assert extensions_of(ca) == {
        "authorityKeyIdentifier": False,
        "subjectKeyIdentifier": False,
        "basicConstraints": True,
        "keyUsage": True,
        "certificatePolicies": False,
        "cRLDistributionPoints": False,
        "authorityInfoAccess": False,
    }
    constraints = ca.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert usages_of(ca) == {"key_cert_sign", "crl_sign"}
    assert policies_of(ca) == [("2.5.29.32.0", None)]
    assert crl_addresses_of(ca) == ["http://pki.example.org/pki/crl/root-g1.crl"]
    issuer_address = "http://pki.example.org/pki/certificates/root-g1.cer"
    assert accesses_of(ca) == [(AuthorityInformationAccessOID.CA_ISSUERS, issuer_address)]


def test_the_time_stamping_unit(world: World) -> None:
    tsu = world.hierarchy.tsu
    assert subject_of(tsu) == [*OPERATOR, ("2.5.4.3", "Teken TSU 2026-1")]
    assert tsu.public_key().curve.name == "secp384r1"
    assert (tsu.not_valid_before_utc, tsu.not_valid_after_utc) == (BACKDATED, NOON + 5 * 365 * DAY)
    assert extensions_of(tsu) == {
        "authorityKeyIdentifier": False,
        "subjectKeyIdentifier": False,
        "keyUsage": True,
        "extendedKeyUsage": True,
        "certificatePolicies": False,
        "cRLDistributionPoints": False,
        "authorityInfoAccess": False,
        "privateKeyUsagePeriod": False,
    }
    assert usages_of(tsu) == {"digital_signature"}
    assert purposes_of(tsu) == [ExtendedKeyUsageOID.TIME_STAMPING.dotted_string]
    assert policies_of(tsu) == [("1.3.6.1.4.1.32473.1.1.3", None)]
    period = tsu.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    assert period.not_before is not None
    assert period.not_after is not None
    used = (period.not_before.replace(tzinfo=UTC), period.not_after.replace(tzinfo=UTC))
    assert used == (BACKDATED, BACKDATED + 365 * DAY)
    assert crl_addresses_of(tsu) == ["http://pki.example.org/pki/crl/ca-1-g1.crl"]
    assert accesses_of(tsu) == [
        (AuthorityInformationAccessOID.OCSP, "http://pki.example.org/pki/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, "http://pki.example.org/pki/certificates/ca-1-g1.cer"),
    ]


def test_the_ocsp_responder(world: World) -> None:
    responder = world.hierarchy.responder
    assert subject_of(responder) == [*OPERATOR, ("2.5.4.3", "Teken OCSP 2026-11-21")]
    assert responder.public_key().curve.name == "secp256r1"
    assert (responder.not_valid_before_utc, responder.not_valid_after_utc) == (BACKDATED, NOON + 30 * DAY)
    assert extensions_of(responder) == {
        "authorityKeyIdentifier": False,
        "subjectKeyIdentifier": False,
        "keyUsage": True,
        "extendedKeyUsage": False,
        "OCSPNoCheck": False,
    }
    assert usages_of(responder) == {"digital_signature"}
    assert purposes_of(responder) == [ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string]


def test_an_official(official: x509.Certificate) -> None:
    assert subject_of(official) == [
        *OPERATOR,
        ("2.5.4.11", "Sekretariat Daerah"),
        ("2.5.4.4", "Contoh"),
        ("2.5.4.42", "I Wayan"),
        ("2.5.4.5", "BP:ID-MFRGGZDFMZTWQ2LK"),
        ("2.5.4.3", "I Wayan Contoh"),
    ]
    assert official.public_key().curve.name == "secp256r1"
    assert (official.not_valid_before_utc, official.not_valid_after_utc) == (BACKDATED, NOON + 730 * DAY)
    assert extensions_of(official) == {
        "authorityKeyIdentifier": False,
        "subjectKeyIdentifier": False,
        "keyUsage": True,
        "extendedKeyUsage": False,
        "certificatePolicies": False,
        "Unknown OID": False,  # QCStatements: test_qc_statements.py reads them
        "cRLDistributionPoints": False,
        "authorityInfoAccess": False,
    }
    assert usages_of(official) == {"content_commitment"}
    assert purposes_of(official) == ["1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4"]
    assert policies_of(official) == [("1.3.6.1.4.1.32473.1.1.1", ["http://pki.example.org/cps"])]
    assert crl_addresses_of(official) == ["http://pki.example.org/pki/crl/ca-1-g1.crl"]
    assert accesses_of(official) == [
        (AuthorityInformationAccessOID.OCSP, "http://pki.example.org/pki/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, "http://pki.example.org/pki/certificates/ca-1-g1.cer"),
    ]


def test_an_official_without_family_name_and_unit_has_neither_attribute(world: World) -> None:
    types = [oid for oid, _ in subject_of(world.official())]
    assert types == ["2.5.4.6", "2.5.4.10", "2.5.4.97", "2.5.4.42", "2.5.4.5", "2.5.4.3"]


def test_an_e_seal(world: World) -> None:
    subject = replace(PERSON, common_name="Segel Pemerintah Provinsi Contoh", given_name=None, opaque_id=None)
    seal = world.certificate(subject, E_SEAL)
    assert subject_of(seal) == [*OPERATOR, ("2.5.4.3", "Segel Pemerintah Provinsi Contoh")]
    assert usages_of(seal) == {"content_commitment"}
    assert purposes_of(seal) == ["1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4"]
    assert policies_of(seal) == [("1.3.6.1.4.1.32473.1.1.2", ["http://pki.example.org/cps"])]
    assert seal.not_valid_after_utc == NOON + 730 * DAY


def test_every_certificate_says_who_issued_it_and_how(world: World, official: x509.Certificate) -> None:
    issuers = {
        world.root: world.root,
        world.issuing_ca: world.root,
        world.hierarchy.tsu: world.issuing_ca,
        world.hierarchy.responder: world.issuing_ca,
        official: world.issuing_ca,
    }
    for certificate, issuer in issuers.items():
        certificate.verify_directly_issued_by(issuer)
        assert certificate.version is x509.Version.v3
        assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA384
        own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        assert own == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
        if certificate is not world.root:
            authority = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
            assert authority.key_identifier == x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest
            assert authority.authority_cert_issuer is authority.authority_cert_serial_number is None


def test_a_profile_is_named_by_id_and_version_and_no_two_share_a_name() -> None:
    assert str(OFFICIAL) == "official/1"
    assert str(replace(OFFICIAL, version=2)) == "official/2"
    assert len({str(profile) for profile in PROFILES}) == len(PROFILES) == 8


def test_a_later_version_differs_in_what_it_says_and_in_nothing_else() -> None:
    assert replace(OFFICIAL_2, version=1, validity=OFFICIAL.validity) == OFFICIAL
    assert OFFICIAL_2.validity < OFFICIAL.validity
    assert profile_of("official", 2) is OFFICIAL_2
    assert profile_of("official", 3) is None


def test_no_oid_of_a_policy_is_written_in_code() -> None:
    assert OFFICIAL.policy_oid(replace(NAMES, pen=99999)) == "1.3.6.1.4.1.99999.1.1.1"
