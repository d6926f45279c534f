"""What certificates point at, asked over HTTP by OpenSSL: CRL, CA certificates, OCSP, timestamps, and a revocation."""

import base64
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.conformance.signer.judges import Anchors, embedded, run
from tests.support.letters import letter
from tests.support.problems import require_problem
from tests.support.service import ROOT, RunningService, enrolled, environment

pytestmark = pytest.mark.judge

OCSP, TSA = {"Content-Type": "application/ocsp-request"}, {"Content-Type": "application/timestamp-query"}
REVOKE = """
import secrets, sys
from pathlib import Path
from cryptography import x509
from api.given import utc_now
from api.first_start import settings_in
from api.authority import build_authority
from api.hsm import open_hsm
from api.stores import open_stores
settings = settings_in(Path(sys.argv[1]))
with open_stores(settings) as stores, open_hsm(settings, secrets.token_bytes) as hsm:
    authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=secrets.token_bytes)
    serial = stores.credentials.get(sys.argv[2]).certificate.serial_number
    reason = x509.ReasonFlags.key_compromise
    authority.revocation.revoke(serial=serial, issuer_id="ca-1-g1", reason=reason, actor="officer")
"""
"""An officer's revocation in a process of its own, beside the one that answers."""


def pem(certificate: x509.Certificate, path: Path) -> Path:
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def official(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the demonstration official, out of a letter they signed."""
    signed = service.sign(letter()).content
    return pem(embedded(signed)[0].signer, tmp_path_factory.mktemp("official") / "official.pem")


def openssl_ocsp(service: RunningService, anchors: Anchors, *asked: str | Path) -> str:
    """What OpenSSL reads in the answer; the responder's signature must hold, and only then is the rest looked at."""
    done = run(
        *("openssl", "ocsp", "-url", f"{service.url}/pki/ocsp", "-issuer", anchors.intermediate, *asked),
        *("-CAfile", anchors.root, "-verify_other", anchors.intermediate),
    )
    assert "Response verify OK" in done.stderr, done.stderr
    return done.stdout


def published_crl(service: RunningService, issuer: str) -> bytes:
    return service.http.get(f"/pki/crl/{issuer}.crl").raise_for_status().content


@pytest.mark.parametrize("issuer", ["root-g1", "ca-1-g1"])
def test_the_published_crl_is_signed_by_the_published_ca(service: RunningService, issuer: str, tmp_path: Path) -> None:
    answer = service.http.get(f"/pki/certificates/{issuer}.cer")
    assert answer.headers["content-type"] == "application/pkix-cert"
    ca = pem(x509.load_der_x509_certificate(answer.content), tmp_path / "ca.pem")
    (tmp_path / "crl.der").write_bytes(published_crl(service, issuer))
    said = run("openssl", "crl", "-inform", "DER", "-in", tmp_path / "crl.der", "-noout", "-CAfile", ca)
    assert "verify OK" in said.stderr


def test_a_cache_that_has_the_crl_already_gets_nothing_again(service: RunningService) -> None:
    first = service.http.get("/pki/crl/ca-1-g1.crl")
    assert first.headers["content-type"] == "application/pkix-crl"
    again = service.http.get("/pki/crl/ca-1-g1.crl", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
@pytest.mark.parametrize("nonce", ["-nonce", "-no_nonce"])
def test_openssl_learns_by_post_that_the_official_is_good(
    service: RunningService, anchors: Anchors, official: Path, digest: str, nonce: str
) -> None:
    assert f"{official}: good" in openssl_ocsp(service, anchors, digest, "-cert", official, nonce)


def test_openssl_learns_that_a_serial_number_was_never_issued(service: RunningService, anchors: Anchors) -> None:
    said = openssl_ocsp(service, anchors, "-serial", "0x7f00000000000000000000000000000001")
    assert "good" not in said
    assert "unknown" in said or "revoked" in said  # RFC 6960, 2.2: either word says so


def test_the_same_question_in_the_address_gets_an_answer_that_may_be_kept(
    service: RunningService, anchors: Anchors, official: Path, tmp_path: Path
) -> None:
    ask = ("openssl", "ocsp", "-issuer", anchors.intermediate, "-cert", official, "-no_nonce")
    assert run(*ask, "-reqout", tmp_path / "request.der").returncode == 0
    encoded = base64.b64encode((tmp_path / "request.der").read_bytes()).decode()
    answer = service.http.get(f"/pki/ocsp/{quote(encoded, safe='')}")
    assert answer.headers["content-type"] == "application/ocsp-response"
    assert "max-age" in answer.headers["cache-control"]
    (tmp_path / "answer.der").write_bytes(answer.content)
    said = run(
        *(*ask, "-respin", tmp_path / "answer.der"), *("-CAfile", anchors.root, "-verify_other", anchors.intermediate)
    )
    assert "Response verify OK" in said.stderr
    assert f"{official}: good" in said.stdout


@pytest.mark.parametrize("junk", [b"", b"junk", b"0\x80", bytes(1000)], ids=["nothing", "a word", "cut", "zeros"])
def test_what_is_no_question_gets_the_protocols_own_refusal(
    service: RunningService, junk: bytes, tmp_path: Path
) -> None:
    status = service.http.post("/pki/ocsp", content=junk, headers=OCSP)
    assert (status.status_code, status.content) == (200, bytes.fromhex("30030a0101"))  # malformedRequest
    stamp = service.http.post("/pki/tsa", content=junk, headers=TSA)
    assert stamp.status_code == 200
    (tmp_path / "refusal.tsr").write_bytes(stamp.content)
    assert "Status: Rejected." in run("openssl", "ts", "-reply", "-in", tmp_path / "refusal.tsr", "-text").stdout


def test_openssl_verifies_a_timestamp_over_http(service: RunningService, anchors: Anchors, tmp_path: Path) -> None:
    data, query, reply = (tmp_path / name for name in ("data", "query.tsq", "reply.tsr"))
    data.write_bytes(letter())
    assert run("openssl", "ts", "-query", "-data", data, "-sha384", "-cert", "-out", query).returncode == 0
    answer = service.http.post("/pki/tsa", content=query.read_bytes(), headers=TSA)
    assert answer.headers["content-type"] == "application/timestamp-reply"
    reply.write_bytes(answer.content)
    verify = ("openssl", "ts", "-verify", "-in", reply, "-CAfile", anchors.root, "-untrusted", anchors.intermediate)
    assert "Verification: OK" in run(*verify, "-queryfile", query).stdout
    data.write_bytes(letter() + b"\n")
    assert "Verification: OK" not in run(*verify, "-data", data).stdout


def listed(service: RunningService, serial: int) -> x509.RevokedCertificate:
    """The entry on the CRL; another process revoked, so the service notices within its ten seconds."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        crl = x509.load_der_x509_crl(published_crl(service, "ca-1-g1"))
        entry = crl.get_revoked_certificate_by_serial_number(serial)
        if entry is not None:
            return entry
        time.sleep(0.5)
    raise AssertionError(f"{serial:x} is not on the CRL")


def test_a_revocation_is_seen_at_every_door(service: RunningService, anchors: Anchors, tmp_path: Path) -> None:
    lost = enrolled(service.directory, "I Nyoman Contoh Hilang")
    signed = service.sign(letter(), **lost).content
    certificate = embedded(signed)[0].signer
    path = pem(certificate, tmp_path / "lost.pem")
    assert f"{path}: good" in openssl_ocsp(service, anchors, "-cert", path)

    words = [sys.executable, "-c", REVOKE, str(service.directory), lost["credential"]]
    subprocess.run(words, cwd=ROOT, env=environment(), check=True, timeout=60)

    said = openssl_ocsp(service, anchors, "-cert", path)
    assert f"{path}: revoked" in said
    assert "keyCompromise" in said
    entry = listed(service, certificate.serial_number)
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    require_problem(service.sign(letter(), **lost), 409, "credential-unusable", "credential", "revoked")
    earlier = service.verify(signed).json()
    assert earlier["indication"] == "TOTAL-PASSED", "the timestamp proves that the letter is older than the revocation"
