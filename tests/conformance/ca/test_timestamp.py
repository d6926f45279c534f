"""OpenSSL and rfc3161-client (strict DER) on time-stamp tokens."""

import hashlib
import secrets
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from ca.clock_guard import ClockGuard, ClockReading
from ca.timestamp import TimestampAuthority
from ca.timestamp_request import granted
from ca.tsu_renewal import renew_unit_if_due
from tests.support.ca_court import Court
from tests.support.ca_hierarchy import NAMES

pytestmark = pytest.mark.judge

BIN = Path(sys.executable).parent
DATA = b"Surat contoh\n"
TRUST = ("-CAfile", "root.pem", "-untrusted", "sub.pem")


@pytest.mark.parametrize("algorithm", ["-sha256", "-sha384", "-sha512"])
@pytest.mark.parametrize("options", [("-cert",), ("-cert", "-no_nonce")], ids=["nonce", "no nonce"])
def test_openssl_verifies_a_token(court: Court, algorithm: str, options: tuple[str, ...]) -> None:
    court.write("doc.bin", DATA)
    court.ask("openssl", "ts", "-query", "-data", "doc.bin", algorithm, *options, "-out", "q.tsq")
    court.write("r.tsr", court.world.tsa().respond((court.folder / "q.tsq").read_bytes()))
    assert "Verification: OK" in court.ask("openssl", "ts", "-verify", "-queryfile", "q.tsq", "-in", "r.tsr", *TRUST)
    court.write("other.bin", b"another letter")
    court.ask("openssl", "ts", "-verify", "-data", "other.bin", "-in", "r.tsr", *TRUST, ok=False)


def test_openssl_verifies_a_token_without_certificates(court: Court) -> None:
    court.write("doc.bin", DATA)
    court.ask("openssl", "ts", "-query", "-data", "doc.bin", "-sha256", "-out", "bare.tsq")
    court.write("bare.tsr", court.world.tsa().respond((court.folder / "bare.tsq").read_bytes()))
    units = (court.folder / "tsa.pem").read_bytes() + (court.folder / "sub.pem").read_bytes()
    court.write("units.pem", units)
    asked = ("-queryfile", "bare.tsq", "-in", "bare.tsr", "-CAfile", "root.pem", "-untrusted", "units.pem")
    assert "Verification: OK" in court.ask("openssl", "ts", "-verify", *asked)


def test_openssl_reads_a_refusal(court: Court) -> None:
    court.write("doc.bin", DATA)
    court.ask("openssl", "ts", "-query", "-data", "doc.bin", "-sha1", "-out", "sha1.tsq")
    court.write("sha1.tsr", court.world.tsa().respond((court.folder / "sha1.tsq").read_bytes()))
    said = court.ask("openssl", "ts", "-reply", "-in", "sha1.tsr", "-text")
    assert "Status: Rejected." in said
    assert "unrecognized or unsupported algorithm identifier" in said


def test_openssl_reads_a_refused_policy(court: Court) -> None:
    court.write("doc.bin", DATA)
    court.ask("openssl", "ts", "-query", "-data", "doc.bin", "-sha256", "-tspolicy", "1.2.3", "-out", "policy.tsq")
    court.write("policy.tsr", court.world.tsa().respond((court.folder / "policy.tsq").read_bytes()))
    said = court.ask("openssl", "ts", "-reply", "-in", "policy.tsr", "-text")
    assert "the requested TSA policy is not supported by the TSA" in said


def test_a_strict_client_verifies_a_token_and_refuses_it_for_other_data(court: Court) -> None:
    request = TimestampRequestBuilder(data=DATA, hash_algorithm=HashAlgorithm.SHA512, nonce=True).build()
    response = decode_timestamp_response(court.world.tsa().respond(request.as_bytes()))
    assert response.tst_info.nonce == request.nonce
    verifier = (
        VerifierBuilder()
        .add_root_certificate(court.world.root)
        .add_intermediate_certificate(court.world.issuing_ca)
        .tsa_certificate(court.world.hierarchy.tsu)
        .nonce(request.nonce)
        .build()
    )
    assert verifier.verify_message(response, DATA)
    with pytest.raises(VerificationError):
        verifier.verify_message(response, b"another letter")


def test_a_strict_client_verifies_tokens_made_in_process(court: Court) -> None:
    """Many of them: lengths of signatures differ, and some encodings go wrong at some lengths only."""
    verifier = (
        VerifierBuilder()
        .add_root_certificate(court.world.root)
        .add_intermediate_certificate(court.world.issuing_ca)
        .build()
    )
    tsa = court.world.tsa()
    for number in range(40):
        digest = hashlib.sha256(DATA * number).digest()
        response = decode_timestamp_response(granted(tsa.timestamp(digest, "sha256")))
        assert verifier.verify(response, digest)


def test_openssl_reads_that_the_clock_is_not_proven(court: Court) -> None:
    world = court.world
    guard = ClockGuard(now=world.clock, monotonic=time.monotonic, on_change=lambda *_: None)
    unit = unit_of(court, world.hierarchy.tsu, world.keys[world.hierarchy.tsu_id], clock=guard.time)
    court.write("doc.bin", DATA)
    court.ask("openssl", "ts", "-query", "-data", "doc.bin", "-sha256", "-out", "clock.tsq")
    court.write("clock.tsr", unit.respond((court.folder / "clock.tsq").read_bytes()))
    said = court.ask("openssl", "ts", "-reply", "-in", "clock.tsr", "-text")
    assert "Status: Rejected." in said
    assert "the TSA's time source is not available" in said
    guard.observe(ClockReading(is_synchronised=True, source="test"))
    court.write("clock.tsr", unit.respond((court.folder / "clock.tsq").read_bytes()))
    assert "Status: Granted." in court.ask("openssl", "ts", "-reply", "-in", "clock.tsr", "-text")


def test_the_judges_believe_the_next_unit_as_the_first(court: Court) -> None:
    world = court.world
    made = renew_unit_if_due(
        current=world.hierarchy.tsu,
        used=world.hierarchy.certificates,
        make_key=lambda _, curve: ec.generate_private_key(curve),
        issuance=world.issuance(),
        names=NAMES,
        now=world.clock,
        actor="renewal",
        prepare_before=timedelta(days=366),
    )
    assert made is not None
    court.certificate("next.pem", made.certificate)
    court.ask(BIN / "lint_pkix_cert", "lint", "-s", "WARNING", "next.pem")
    chain = ("-x509_strict", "-purpose", "timestampsign", *TRUST)
    court.ask("openssl", "verify", *chain, "next.pem")
    request = TimestampRequestBuilder(data=DATA, hash_algorithm=HashAlgorithm.SHA256).build()
    unit = unit_of(court, made.certificate, made.key, clock=world.clock)
    response = decode_timestamp_response(unit.respond(request.as_bytes()))
    verifier = (
        VerifierBuilder()
        .add_root_certificate(world.root)
        .add_intermediate_certificate(world.issuing_ca)
        .tsa_certificate(made.certificate)
        .build()
    )
    assert verifier.verify_message(response, DATA)


def unit_of(
    court: Court,
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    *,
    clock: Callable[[], datetime],
) -> TimestampAuthority:
    return TimestampAuthority(
        certificate=certificate,
        chain=(court.world.issuing_ca, court.world.root),
        key=key,
        policy_oid=NAMES.oid(2, 1),
        log=court.world.stamps,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
