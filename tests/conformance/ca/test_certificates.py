"""pkilint, OpenSSL and NSS on every kind of certificate."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.ca_court import Court

pytestmark = pytest.mark.judge

BIN = Path(sys.executable).parent
EXPECTED_NOTICES = {
    "etsi.en_319_412_1.nat-5.1.3.national_identifier_scheme_detected",
    "pkix.certificate_policies_policy_has_qualifier",
}
POLICIES = {
    "official.pem": "1.3.6.1.4.1.32473.1.1.1",
    "seal.pem": "1.3.6.1.4.1.32473.1.1.2",
    "tsa.pem": "1.3.6.1.4.1.32473.1.1.3",
}


def notices(said: str) -> set[str]:
    results = json.loads(said)["results"]
    return {finding["code"] for result in results for finding in result["finding_descriptions"]}


@pytest.mark.parametrize("name", ["root.pem", "sub.pem", "tsa.pem", "ocsp.pem"])
def test_pkilint_has_nothing_against_the_certificates_of_the_operator(court: Court, name: str) -> None:
    court.ask(BIN / "lint_pkix_cert", "lint", "-s", "WARNING", name)


def test_pkilint_finds_on_an_official_just_the_two_known_notices(court: Court) -> None:
    official = ("lint", "-t", "NCP-NATURAL-PERSON-CERTIFICATE", "-f", "JSON")
    court.ask(BIN / "lint_etsi_cert", *official, "-s", "WARNING", "official.pem")
    said = court.ask(BIN / "lint_etsi_cert", *official, "-s", "NOTICE", "official.pem", ok=False)
    assert notices(said) == EXPECTED_NOTICES


def test_pkilint_has_nothing_against_a_seal(court: Court) -> None:
    court.ask(BIN / "lint_etsi_cert", "lint", "-t", "NCP-LEGAL-PERSON-CERTIFICATE", "-s", "WARNING", "seal.pem")


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [("root", "sub"), ("sub", "official"), ("sub", "seal"), ("sub", "tsa"), ("sub", "ocsp")],
)
def test_pkilint_has_nothing_against_issuer_and_subject_together(court: Court, issuer: str, subject: str) -> None:
    chain = (f"{issuer}.pem", f"{subject}.pem")
    court.ask(BIN / "lint_pkix_signer_signee_cert_chain", "lint", "-s", "WARNING", *chain)


@pytest.mark.parametrize("name", POLICIES)
def test_openssl_verifies_strictly_under_the_policy_and_under_no_other(court: Court, name: str) -> None:
    strict = ("openssl", "verify", "-x509_strict", "-policy_check", "-explicit_policy")
    chain = ("-CAfile", "root.pem", "-untrusted", "sub.pem", name)
    court.ask(*strict, "-policy", POLICIES[name], *chain)
    court.ask(*strict, "-policy", "1.3.6.1.4.1.32473.1.9.9", *chain, ok=False)


def test_openssl_takes_the_unit_for_time_stamping_and_nothing_else_for_it(court: Court) -> None:
    stamping = ("openssl", "verify", "-x509_strict", "-purpose", "timestampsign", "-CAfile", "root.pem")
    court.ask(*stamping, "-untrusted", "sub.pem", "tsa.pem")
    court.ask(*stamping, "-untrusted", "sub.pem", "official.pem", ok=False)


def test_openssl_takes_the_responder_for_ocsp(court: Court) -> None:
    helper = ("openssl", "verify", "-x509_strict", "-purpose", "ocsphelper", "-CAfile", "root.pem")
    court.ask(*helper, "-untrusted", "sub.pem", "ocsp.pem")


@pytest.fixture(scope="session")
def nss(court: Court) -> Court:
    """An NSS data base that trusts the root, as a desktop reader has it."""
    (court.folder / "nss").mkdir()
    court.ask("certutil", "-N", "-d", "sql:nss", "--empty-password")
    trust = {"root": "C,C,C", "sub": ",,", "ocsp": ",,", "official": ",,", "revoked": ",,", "seal": ",,"}
    for name, flags in trust.items():
        court.ask("certutil", "-A", "-d", "sql:nss", "-n", name, "-t", flags, "-a", "-i", f"{name}.pem")
    return court


@pytest.mark.parametrize(("name", "usage"), [("sub", "L"), ("ocsp", "O"), ("official", "S"), ("seal", "S")])
def test_nss_trusts_each_certificate_for_its_usage(nss: Court, name: str, usage: str) -> None:
    """S, e-mail signing, is what predicts pdfsig: NSS has no document signing."""
    said = nss.ask("certutil", "-V", "-d", "sql:nss", "-n", name, "-u", usage, "-e")
    assert "certificate is valid" in said


def test_nss_does_not_take_an_official_for_a_ca(nss: Court) -> None:
    nss.ask("certutil", "-V", "-d", "sql:nss", "-n", "official", "-u", "L", "-e", ok=False)


def test_nss_reads_the_crl(nss: Court) -> None:
    nss.ask("crlutil", "-I", "-d", "sql:nss", "-i", "full.der")
    said = nss.ask("certutil", "-V", "-d", "sql:nss", "-n", "revoked", "-u", "S", "-e", ok=False)
    assert "revoked" in said
