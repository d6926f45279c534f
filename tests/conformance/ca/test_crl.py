"""pkilint and OpenSSL on both CRLs."""

import sys
from pathlib import Path

import pytest

from tests.support.ca_court import Court

pytestmark = pytest.mark.judge

BIN = Path(sys.executable).parent
CHAIN = ("-CAfile", "root.pem", "-untrusted", "sub.pem")


@pytest.mark.parametrize(("kind", "name"), [("ARL", "root.crl"), ("CRL", "full.crl")])
def test_pkilint_has_nothing_against_it(court: Court, kind: str, name: str) -> None:
    court.ask(BIN / "lint_crl", "lint", "-t", kind, "-p", "PKIX", "-s", "WARNING", name)


@pytest.mark.parametrize(("issuer", "name"), [("root.pem", "root.crl"), ("sub.pem", "full.crl")])
def test_openssl_verifies_its_signature(court: Court, issuer: str, name: str) -> None:
    said = court.ask("openssl", "crl", "-in", name, "-noout", "-text", "-CAfile", issuer)
    assert "verify OK" in said


def test_openssl_lets_the_good_pass_and_the_revoked_not(court: Court) -> None:
    checking = ("openssl", "verify", "-crl_check", "-CRLfile", "full.crl", *CHAIN)
    court.ask(*checking, "official.pem")
    assert "error 23" in court.ask(*checking, "revoked.pem", ok=False)


def test_openssl_stops_what_is_on_hold_and_lets_the_released_pass(court: Court) -> None:
    checking = ("openssl", "verify", "-crl_check", "-CRLfile", "full.crl", *CHAIN)
    assert "error 23" in court.ask(*checking, "held.pem", ok=False)
    court.ask(*checking, "released.pem")
    said = court.ask("openssl", "crl", "-in", "full.crl", "-noout", "-text")
    assert said.count("Certificate Hold") == 1
    assert "Remove From CRL" not in said


def test_openssl_checks_the_whole_chain(court: Court) -> None:
    lists = ("-CRLfile", "full.crl", "-CRLfile", "root.crl")
    court.ask("openssl", "verify", "-x509_strict", "-crl_check_all", *lists, *CHAIN, "official.pem")
