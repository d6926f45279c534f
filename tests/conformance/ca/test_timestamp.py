"""OpenSSL and rfc3161-client (strict DER) on time-stamp tokens."""

import hashlib

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from ca.timestamp_request import granted
from tests.support.ca_court import Court

pytestmark = pytest.mark.judge

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
