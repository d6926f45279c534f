"""OpenSSL and pkilint on the responder. `openssl ocsp` ends with 0 for revoked and unknown too: its lines are read."""

import base64
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509

from ca.ocsp import OcspResponder
from ca.presigned import PresignedAnswers
from tests.support.ca_court import Court

pytestmark = pytest.mark.judge

BIN = Path(sys.executable).parent
TRUST = ("-CAfile", "root.pem", "-verify_other", "sub.pem")
HASHES = ["-sha1", "-sha256", "-sha384", "-sha512"]


class Door(BaseHTTPRequestHandler):
    """POST and GET, as thin as a door can be."""

    responder: OcspResponder | PresignedAnswers

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._answer(base64.b64decode(urllib.parse.unquote(self.path.removeprefix("/"))))

    def _answer(self, request: bytes) -> None:
        answer = self.responder.respond(request)
        self.send_response(200)
        self.send_header("Content-Type", "application/ocsp-response")
        self.send_header("Content-Length", str(len(answer.der)))
        self.end_headers()
        self.wfile.write(answer.der)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def url(court: Court) -> Iterator[str]:
    with door(court.world.responder()) as address:
        yield address


@pytest.fixture(scope="module")
def kept_url(court: Court) -> Iterator[str]:
    """The door as the service has it: kept answers where the question is plain."""
    with door(court.world.answers()) as address:
        yield address


@contextmanager
def door(responder: OcspResponder | PresignedAnswers) -> Iterator[str]:
    handler = type("OurDoor", (Door,), {"responder": responder})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("algorithm", HASHES)
@pytest.mark.parametrize("nonce", ["-nonce", "-no_nonce"])
def test_openssl_believes_the_answer_in_every_hash(court: Court, url: str, algorithm: str, nonce: str) -> None:
    asked = (algorithm, "-issuer", "sub.pem", "-cert", "official.pem")
    said = court.ask("openssl", "ocsp", "-url", url, nonce, *asked, *TRUST)
    assert "Response verify OK" in said
    assert "official.pem: good" in said
    assert "WARNING" not in said


def test_openssl_reads_revoked_with_reason(court: Court, url: str) -> None:
    said = court.ask("openssl", "ocsp", "-url", url, "-issuer", "sub.pem", "-cert", "revoked.pem", *TRUST)
    assert "revoked.pem: revoked" in said
    assert "Reason: keyCompromise" in said


def test_openssl_reads_unknown(court: Court, url: str) -> None:
    said = court.ask("openssl", "ocsp", "-url", url, "-issuer", "sub.pem", "-serial", "0x99", *TRUST)
    assert "0x99: unknown" in said
    assert "Next Update" not in said


def test_openssl_reads_several_at_once(court: Court, url: str) -> None:
    certificates = ("-cert", "official.pem", "-cert", "revoked.pem", "-cert", "tsa.pem")
    said = court.ask("openssl", "ocsp", "-url", url, "-issuer", "sub.pem", *certificates, *TRUST)
    assert all(line in said for line in ("official.pem: good", "revoked.pem: revoked", "tsa.pem: good"))


def test_openssl_is_told_that_another_issuer_is_not_ours(court: Court, url: str) -> None:
    asked = ("-issuer", "root.pem", "-cert", "sub.pem")
    said = court.ask("openssl", "ocsp", "-url", url, *asked, "-CAfile", "root.pem", ok=False)
    assert "unauthorized (6)" in said


def test_a_get_gives_the_same_status(court: Court, url: str) -> None:
    asked = ("-issuer", "sub.pem", "-cert", "official.pem", "-no_nonce")
    court.ask("openssl", "ocsp", *asked, "-reqout", "q.der")
    encoded = urllib.parse.quote(base64.b64encode((court.folder / "q.der").read_bytes()), safe="")
    with urllib.request.urlopen(url + encoded) as answer:  # noqa: S310 - our own door on this machine
        court.write("g.der", answer.read())
    assert "official.pem: good" in court.ask("openssl", "ocsp", "-respin", "g.der", *asked, *TRUST)


@pytest.mark.parametrize("name", ["official.pem", "revoked.pem"])
def test_pkilint_has_nothing_against_an_answer(court: Court, url: str, name: str) -> None:
    asked = ("-sha256", "-issuer", "sub.pem", "-cert", name)
    court.ask("openssl", "ocsp", "-url", url, *asked, *TRUST, "-respout", f"{name}.r.der")
    court.ask(BIN / "lint_ocsp_response", "lint", "-s", "WARNING", f"{name}.r.der")


PLAIN = ["-sha1", "-sha256"]


@pytest.mark.parametrize("algorithm", PLAIN)
@pytest.mark.parametrize(
    ("name", "status"),
    [("official", "good"), ("released", "good"), ("revoked", "keyCompromise"), ("held", "certificateHold")],
)
def test_openssl_believes_what_was_signed_before_it_asked(
    court: Court, kept_url: str, algorithm: str, name: str, status: str
) -> None:
    asked = (algorithm, "-issuer", "sub.pem", "-cert", f"{name}.pem", "-no_nonce")
    said = court.ask("openssl", "ocsp", "-url", kept_url, *asked, *TRUST, "-respout", "first.der")
    assert "Response verify OK" in said
    assert (f"{name}.pem: good" if status == "good" else f"Reason: {status}") in said
    court.ask("openssl", "ocsp", "-url", kept_url, *asked, *TRUST, "-respout", "second.der")
    assert (court.folder / "first.der").read_bytes() == (court.folder / "second.der").read_bytes()
    court.ask(BIN / "lint_ocsp_response", "lint", "-s", "WARNING", "first.der")


def test_openssl_gets_its_nonce_back_at_the_same_door(court: Court, kept_url: str) -> None:
    asked = ("-sha256", "-issuer", "sub.pem", "-cert", "official.pem")
    said = court.ask("openssl", "ocsp", "-url", kept_url, "-nonce", *asked, *TRUST)
    assert "official.pem: good" in said
    assert "WARNING" not in said


def test_openssl_reads_unknown_at_the_same_door_and_nothing_is_kept(court: Court, kept_url: str) -> None:
    before = len(court.world.kept.kept)
    asked = ("-issuer", "sub.pem", "-serial", "0x99", "-no_nonce")
    said = court.ask("openssl", "ocsp", "-url", kept_url, *asked, *TRUST)
    assert "0x99: unknown" in said
    assert "Next Update" not in said
    assert len(court.world.kept.kept) == before


def test_the_status_for_a_signature_is_believed_and_without_findings(court: Court) -> None:
    official = x509.load_pem_x509_certificate((court.folder / "official.pem").read_bytes())
    court.write("dss.der", court.world.responder().status_of(official))
    asked = ("-issuer", "sub.pem", "-cert", "official.pem", "-no_nonce")
    said = court.ask("openssl", "ocsp", "-respin", "dss.der", *asked, *TRUST)
    assert "Response verify OK" in said
    assert "official.pem: good" in said
    court.ask(BIN / "lint_ocsp_response", "lint", "-s", "WARNING", "dss.der")


def test_openssl_shows_since_when_status_is_kept(court: Court) -> None:
    official = x509.load_pem_x509_certificate((court.folder / "official.pem").read_bytes())
    court.write("cutoff.der", court.world.responder().status_of(official))
    said = court.ask("openssl", "ocsp", "-respin", "cutoff.der", "-resp_text", "-noverify")
    assert "Response Single Extensions" in said
    assert "OCSP Archive Cutoff" in said
