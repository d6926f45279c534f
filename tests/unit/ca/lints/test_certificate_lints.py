"""Each lint has a certificate that it alone objects to; a good certificate passes them all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ca.drafts import Draft
from ca.extensions import Extension
from ca.lints import CERTIFICATE_LINTS, Candidate
from ca.lints.pkilint_rules import pkilint_rules
from ca.model import PkiNames
from ca.profiles import E_SEAL, ISSUING_CA, OCSP_RESPONDER, OFFICIAL, PROFILES, TSU, Profile, Semantics
from ca.qc_statements import qc_statements
from ca.serials import new_serial
from ca.subjects import name_of
from tests.support.ca_hierarchy import NAMES, NOON, PERSON, World, new_world

SECURED = replace(NAMES, base_url="https://pki.example.org")
HOUSE_LINTS = [lint for lint in CERTIFICATE_LINTS if lint is not pkilint_rules]


@pytest.fixture(scope="module")
def world() -> World:
    return new_world()


def draft(world: World, profile: Profile = OFFICIAL, *, names: PkiNames = NAMES) -> Draft:
    """A good one."""
    return world.issuer(names=names).draft(
        profile,
        serial=new_serial(lambda octets: bytes([0x42] * octets)),
        subject=name_of(PERSON, profile, names),
        public_key=ec.generate_private_key(ec.SECP256R1()).public_key(),
        at=NOON,
    )


def candidate(it: Draft, *, names: PkiNames = NAMES) -> Candidate:
    """The draft as a lint sees it."""
    key = ec.generate_private_key(ec.SECP384R1())
    return Candidate(certificate=it.signed_by(key), profile=it.profile, issuer=it.issuer, names=names, at=NOON)


def objectors(it: Draft, *, names: PkiNames = NAMES) -> set[str]:
    """Names of the house lints that object."""
    seen = candidate(it, names=names)
    return {lint.__name__ for lint in HOUSE_LINTS if list(lint(seen))}


def with_extension(it: Draft, value: x509.ExtensionType, *, critical: bool = False) -> Draft:
    """The draft with its extension of that kind replaced, or with one more."""
    kept: list[Extension] = [pair for pair in it.extensions if pair[0].oid != value.oid]
    return replace(it, extensions=(*kept, (value, critical)))


def with_subject(it: Draft, *attributes: x509.NameAttribute[str]) -> Draft:
    """The draft with these attributes in place of those of the same type."""
    by_type = {attribute.oid: attribute for attribute in attributes}
    return replace(it, subject=x509.Name([by_type.get(one.oid, one) for one in it.subject]))


def uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)


@pytest.mark.parametrize("profile", [profile for profile in PROFILES if not profile.is_authority], ids=str)
def test_a_good_draft_passes_every_lint(world: World, profile: Profile) -> None:
    seen = candidate(draft(world, profile))
    assert [finding for lint in CERTIFICATE_LINTS for finding in lint(seen)] == []


BAD: dict[str, list[tuple[str, Callable[[Draft], Draft]]]] = {
    "house_serial": [
        ("short", lambda it: replace(it, serial=2**127)),
        ("long", lambda it: replace(it, serial=2**140)),
    ],
    "house_validity": [
        ("longer", lambda it: replace(it, validity=replace(it.validity, not_after=NOON + timedelta(days=731)))),
        ("shorter", lambda it: replace(it, validity=replace(it.validity, not_after=NOON + timedelta(days=729)))),
        (
            "outlives its issuer",
            lambda it: replace(it, validity=replace(it.validity, not_after=NOON + timedelta(days=7300))),
        ),
        ("backdated", lambda it: replace(it, validity=replace(it.validity, not_before=NOON - timedelta(days=1)))),
    ],
    "house_subject": [
        ("no organisation", lambda it: replace(it, subject=without(it.subject, NameOID.ORGANIZATION_NAME))),
        ("no name part", lambda it: replace(it, subject=without(it.subject, NameOID.GIVEN_NAME))),
        ("out of order", lambda it: replace(it, subject=x509.Name(reversed(list(it.subject))))),
        ("a post", lambda it: replace(it, subject=plus(it.subject, NameOID.TITLE, "Kepala Dinas"))),
        ("doubled", lambda it: replace(it, subject=plus(it.subject, NameOID.COMMON_NAME, "Contoh"))),
        ("two in an RDN", lambda it: replace(it, subject=last_two_joined(it.subject))),
    ],
    "house_identity_numbers": [
        ("16 digits", lambda it: with_subject(it, x509.NameAttribute(NameOID.COMMON_NAME, "Contoh 1234567890123456"))),
        ("18 digits", lambda it: with_subject(it, x509.NameAttribute(NameOID.GIVEN_NAME, "123456789012345678"))),
        (
            "grouped",
            lambda it: with_subject(it, x509.NameAttribute(NameOID.COMMON_NAME, "Contoh 19900101 201501 1 001")),
        ),
    ],
    "house_public_key": [
        ("P-384", lambda it: rekeyed(it, ec.generate_private_key(ec.SECP384R1()).public_key())),
        ("publicly known", lambda it: rekeyed(it, ec.derive_private_key(1, ec.SECP256R1()).public_key())),
    ],
    "house_addresses": [
        (
            "CRL elsewhere",
            lambda it: with_extension(
                it,
                x509.CRLDistributionPoints(
                    [x509.DistributionPoint([uri("http://evil.example.org/a.crl")], None, None, None)]
                ),
            ),
        ),
        (
            "CRL with reasons",
            lambda it: with_extension(
                it,
                x509.CRLDistributionPoints(
                    [
                        x509.DistributionPoint(
                            [uri(NAMES.crl_url("ca-1-g1"))], None, frozenset({x509.ReasonFlags.superseded}), None
                        )
                    ]
                ),
            ),
        ),
        (
            "OCSP missing",
            lambda it: with_extension(
                it,
                x509.AuthorityInformationAccess(
                    [
                        x509.AccessDescription(
                            AuthorityInformationAccessOID.CA_ISSUERS, uri(NAMES.certificate_url("ca-1-g1"))
                        )
                    ]
                ),
            ),
        ),
        (
            "https",
            lambda it: with_extension(
                it,
                x509.AuthorityInformationAccess(
                    [
                        x509.AccessDescription(
                            AuthorityInformationAccessOID.OCSP, uri("https://pki.example.org/pki/ocsp")
                        ),
                        x509.AccessDescription(
                            AuthorityInformationAccessOID.CA_ISSUERS, uri(NAMES.certificate_url("ca-1-g1"))
                        ),
                    ]
                ),
            ),
        ),
    ],
    "house_extension_set": [
        ("a SAN", lambda it: with_extension(it, x509.SubjectAlternativeName([x509.DNSName("example.org")]))),
        ("no key usage", lambda it: replace(it, extensions=lacking(it, x509.KeyUsage))),
        ("no EKU", lambda it: replace(it, extensions=lacking(it, x509.ExtendedKeyUsage))),
    ],
    "rfc5280_strings": [
        (
            "C in UTF-8",
            lambda it: with_subject(it, x509.NameAttribute(NameOID.COUNTRY_NAME, "ID", _ASN1Type.UTF8String)),
        ),
        (
            "CN printable",
            lambda it: with_subject(it, x509.NameAttribute(NameOID.COMMON_NAME, "Contoh", _ASN1Type.PrintableString)),
        ),
        ("not NFC", lambda it: with_subject(it, x509.NameAttribute(NameOID.COMMON_NAME, "Ne\u0301ngah"))),
        ("blank end", lambda it: with_subject(it, x509.NameAttribute(NameOID.COMMON_NAME, "Contoh "))),
        ("control", lambda it: with_subject(it, x509.NameAttribute(NameOID.COMMON_NAME, "Con\u200btoh"))),
        ("long", lambda it: with_subject(it, x509.NameAttribute(NameOID.GIVEN_NAME, "C" * 65))),
    ],
    "rfc5280_basic_constraints": [],
    "rfc5280_key_usage": [
        ("not critical", lambda it: with_extension(it, key_usage(content_commitment=True))),
        (
            "also digitalSignature",
            lambda it: with_extension(it, key_usage(content_commitment=True, digital_signature=True), critical=True),
        ),
        (
            "may issue",
            lambda it: with_extension(it, key_usage(content_commitment=True, key_cert_sign=True), critical=True),
        ),
    ],
    "rfc5280_extended_key_usage": [
        ("critical", lambda it: with_extension(it, x509.ExtendedKeyUsage(OFFICIAL.extended_key_usage), critical=True)),
        (
            "one missing",
            lambda it: with_extension(it, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])),
        ),
        (
            "one more",
            lambda it: with_extension(
                it, x509.ExtendedKeyUsage([*OFFICIAL.extended_key_usage, ExtendedKeyUsageOID.TIME_STAMPING])
            ),
        ),
    ],
    "rfc5280_key_identifiers": [
        ("foreign SKI", lambda it: with_extension(it, x509.SubjectKeyIdentifier(bytes(20)))),
        ("foreign AKI", lambda it: with_extension(it, x509.AuthorityKeyIdentifier(bytes(20), None, None))),
    ],
    "rfc5280_certificate_policies": [
        (
            "another policy",
            lambda it: with_extension(it, policy("0.4.0.2042.1.1", [NAMES.cps_uri])),
        ),
        ("no CPS", lambda it: with_extension(it, policy(NAMES.oid(1, 1), None))),
    ],
    "etsi_en_319_412_1_semantics": [
        (
            "a legal person",
            lambda it: with_extension(it, qc_statements(Semantics.LEGAL_PERSON, NAMES.name_authority_uri)),
        ),
        (
            "another authority",
            lambda it: with_extension(it, qc_statements(Semantics.NATURAL_PERSON, "http://other.example.org")),
        ),
        (
            "critical",
            lambda it: with_extension(
                it, qc_statements(Semantics.NATURAL_PERSON, NAMES.name_authority_uri), critical=True
            ),
        ),
    ],
}


def without(name: x509.Name, oid: x509.ObjectIdentifier) -> x509.Name:
    return x509.Name([attribute for attribute in name if attribute.oid != oid])


def last_two_joined(name: x509.Name) -> x509.Name:
    *others, last_but_one, last = name.rdns
    return x509.Name([*others, x509.RelativeDistinguishedName([*last_but_one, *last])])


def plus(name: x509.Name, oid: x509.ObjectIdentifier, value: str) -> x509.Name:
    return x509.Name([*name, x509.NameAttribute(oid, value)])


def lacking(it: Draft, kind: type[x509.ExtensionType]) -> tuple[Extension, ...]:
    return tuple(pair for pair in it.extensions if not isinstance(pair[0], kind))


def rekeyed(it: Draft, public_key: ec.EllipticCurvePublicKey) -> Draft:
    own = x509.SubjectKeyIdentifier.from_public_key(public_key)
    return with_extension(replace(it, public_key=public_key), own)


def policy(oid: str, qualifiers: list[str] | None) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), qualifiers)])


def key_usage(**bits: bool) -> x509.KeyUsage:
    names = "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
    rest = "key_cert_sign crl_sign encipher_only decipher_only"
    return x509.KeyUsage(**{name: bits.get(name, False) for name in f"{names} {rest}".split()})


CASES = [pytest.param(lint, change, id=f"{lint}: {what}") for lint, cases in BAD.items() for what, change in cases]


@pytest.mark.parametrize(("lint", "change"), CASES)
def test_one_lint_alone_objects(world: World, lint: str, change: Callable[[Draft], Draft]) -> None:
    assert objectors(change(draft(world))) == {lint}


def test_an_issuing_ca_without_a_path_limit_is_objected_to(world: World) -> None:
    ca = world.issuing_ca
    identity = replace(world.issuer().identity, id="root-g1", name=ca.issuer, not_after=world.root.not_valid_after_utc)
    authority = ca.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    good = Draft(
        issuer=replace(identity, key_identifier=authority),
        profile=ISSUING_CA,
        serial=ca.serial_number,
        subject=ca.subject,
        public_key=world.keys["ca-1-g1"].public_key(),
        validity=replace(draft(world).validity, not_after=ca.not_valid_after_utc),
        extensions=tuple((extension.value, extension.critical) for extension in ca.extensions),
    )
    assert objectors(good) == set()
    unlimited = with_extension(good, x509.BasicConstraints(ca=True, path_length=None), critical=True)
    assert objectors(unlimited) == {"rfc5280_basic_constraints"}
    uncritical = with_extension(good, x509.BasicConstraints(ca=True, path_length=0))
    assert objectors(uncritical) == {"rfc5280_basic_constraints"}


def test_a_time_stamping_purpose_must_be_critical(world: World) -> None:
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    assert objectors(with_extension(draft(world, TSU), purposes)) == {"rfc3161_timestamping_unit"}


def test_a_usage_period_must_be_closed_and_inside_the_validity(world: World) -> None:
    naive = NOON.replace(tzinfo=None)
    for starts, ends in [(naive, None), (None, naive), (naive, naive + timedelta(days=4000)), (naive, naive)]:
        period = x509.PrivateKeyUsagePeriod(starts, ends)
        assert objectors(with_extension(draft(world, TSU), period)) == {"rfc3161_timestamping_unit"}


def test_a_responder_lives_at_most_45_days(world: World) -> None:
    long_lived = replace(OCSP_RESPONDER, validity=timedelta(days=46))
    assert objectors(draft(world, long_lived)) == {"rfc6960_ocsp_responder"}


def test_a_responder_whose_profile_forgot_nocheck_is_objected_to(world: World) -> None:
    assert objectors(draft(world, replace(OCSP_RESPONDER, ocsp_no_check=False))) == {"rfc6960_ocsp_responder"}
    assert objectors(draft(world, replace(OCSP_RESPONDER, crl_pointer=True))) == {"rfc6960_ocsp_responder"}


def test_addresses_of_an_https_base_are_objected_to(world: World) -> None:
    assert objectors(draft(world, names=SECURED), names=SECURED) == {"house_addresses"}


def test_pkilint_knows_what_no_house_lint_asks(world: World) -> None:
    """A host without a public suffix."""
    names = replace(NAMES, base_url="http://pki.example")
    it = draft(world, names=names)
    assert objectors(it, names=names) == set()
    codes = {finding.code for finding in pkilint_rules(candidate(it, names=names))}
    assert codes == {"pkilint.etsi.internal_domain_name"}


def test_pkilint_judges_seals_as_legal_persons(world: World) -> None:
    as_person = replace(E_SEAL, semantics=Semantics.NATURAL_PERSON)
    codes = {finding.code for finding in pkilint_rules(candidate(draft(world, as_person)))}
    assert "pkilint.etsi.en_319_412_2.nat-4.2.4-1.required_attribute_missing" in codes
    assert list(pkilint_rules(candidate(draft(world, E_SEAL)))) == []


def test_a_finding_never_repeats_a_number_of_a_person(world: World) -> None:
    numbered = with_subject(draft(world), x509.NameAttribute(NameOID.COMMON_NAME, "Contoh 1234567890123456"))
    told = [str(finding) for lint in CERTIFICATE_LINTS for finding in lint(candidate(numbered))]
    assert told
    assert "1234567890123456" not in "".join(told)


def test_every_house_lint_has_a_bad_certificate() -> None:
    elsewhere = {"rfc5280_basic_constraints", "rfc3161_timestamping_unit", "rfc6960_ocsp_responder"}
    covered = {lint for lint, cases in BAD.items() if cases} | elsewhere
    assert {lint.__name__ for lint in HOUSE_LINTS} == covered
