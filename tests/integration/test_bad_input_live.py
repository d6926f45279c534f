"""Every door with bad input: the right refusal, with its field and what to do now."""

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from tests.support.letters import letter
from tests.support.problems import require_page, require_problem
from tests.support.service import RunningService

RAW = {"Content-Type": "application/pdf"}


def encrypted(tmp_path: Path) -> bytes:
    """Our letter, behind a password."""
    plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
    plain.write_bytes(letter())
    subprocess.run(["qpdf", "--encrypt", "reader", "owner", "256", "--", plain, locked], check=True)
    return locked.read_bytes()


def without_pages(_: Path) -> bytes:
    """A sound PDF that has no page."""
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(out)
    return out.getvalue()


def raw(service: RunningService, pdf: bytes) -> httpx.Response:
    """The second shape of a signing: the document alone, the JSON in a header."""
    headers = {**service.bearer(), **RAW, "Teken-Request": json.dumps(service.sign_request)}
    return service.http.post("/v1/signatures", content=pdf, headers=headers)


def form(service: RunningService, pdf: bytes) -> httpx.Response:
    """The second shape of a verification."""
    return service.http.post("/v1/verifications", files={"document": ("surat.pdf", pdf, "application/pdf")})


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDocument:
    """A file that is no letter, and what each side makes of it."""

    make: Callable[[Path], bytes]
    refused: tuple[int, str, str]
    """Status, kind and reason at the signing doors."""
    judged: str | None
    """Indication at the verification doors; `None` where they refuse as the signing doors do."""
    page: tuple[int, str]


NOT_A_FILE, UNREADABLE, UNSIGNED = "Belum ada berkas", "Berkas tidak dapat dibaca", "Tidak ada tanda tangan elektronik"
DOCUMENTS = {
    "nothing": BadDocument(
        make=lambda _: b"", refused=(400, "document-missing", "empty"), judged=None, page=(422, NOT_A_FILE)
    ),
    "a text": BadDocument(
        make=lambda _: b"Surat ini bukan PDF.",
        refused=(422, "document-refused", "not-a-pdf"),
        judged="UNREADABLE",
        page=(200, UNREADABLE),
    ),
    "a header alone": BadDocument(
        make=lambda _: b"%PDF-1.7\n",
        refused=(422, "document-refused", "broken"),
        judged="UNREADABLE",
        page=(200, UNREADABLE),
    ),
    "encrypted": BadDocument(
        make=encrypted,
        refused=(422, "document-refused", "encrypted"),
        judged="UNREADABLE",
        page=(200, UNREADABLE),
    ),
    "without pages": BadDocument(
        make=without_pages,
        refused=(422, "document-refused", "no-page"),
        judged="NO-SIGNATURE",
        page=(200, UNSIGNED),
    ),
}


@pytest.mark.parametrize("bad", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_file_that_is_no_letter_is_not_signed_and_not_called_genuine(
    service: RunningService, bad: BadDocument, tmp_path: Path
) -> None:
    pdf = bad.make(tmp_path)
    status, slug, reason = bad.refused
    for signing in (service.sign(pdf), raw(service, pdf)):
        require_problem(signing, status, slug, "document", reason)
    for verifying in (service.verify(pdf), form(service, pdf)):
        if bad.judged is None:
            require_problem(verifying, status, slug, "document", reason)
        else:
            assert (verifying.status_code, verifying.json()["indication"]) == (200, bad.judged)
    require_page(service.upload(pdf), *bad.page)


UPLOAD_DOORS = ("/v1/signatures", "/v1/verifications")
JSON_BODY = {"content": b"{}", "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize("path", [*UPLOAD_DOORS, "/pki/ocsp", "/pki/tsa"])
@pytest.mark.parametrize("wrong", [{}, JSON_BODY], ids=["no type", "json"])
def test_a_body_of_another_type_is_told_which_one(service: RunningService, path: str, wrong: dict[str, Any]) -> None:
    answer = service.http.post(path, **{**wrong, "headers": {**service.bearer(), **wrong.get("headers", {})}})
    require_problem(answer, 415, "unsupported-media-type", "Content-Type", "unsupported")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/oauth2/token"),
        ("PUT", "/v1/signatures"),
        ("GET", "/v1/verifications"),
        ("GET", "/pki/ocsp"),
        ("GET", "/pki/tsa"),
        ("POST", "/pki/crl/ca-1-g1.crl"),
    ],
)
def test_a_wrong_method_at_a_machines_door_is_told_the_right_one(
    service: RunningService, method: str, path: str
) -> None:
    answer = service.http.request(method, path)
    require_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST", "OPTIONS"}


@pytest.mark.parametrize(("method", "path"), [("PUT", "/"), ("DELETE", "/v/x"), ("POST", "/c")])
def test_a_wrong_method_at_a_page_is_answered_by_a_page(service: RunningService, method: str, path: str) -> None:
    answer = service.http.request(method, path)
    require_page(answer, 405, "Halaman tidak ditemukan")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "code", ["x", "%00", "%ff", "A" * 26, "A" * 5000, "0123456789ABCDEFGHJKMNPQRS", "%3Cscript%3E"], ids=lambda c: c[:9]
)
def test_every_code_that_is_none_looks_alike(service: RunningService, code: str) -> None:
    require_page(service.http.get(f"/v/{code}"), 404, "Bukan dokumen kami")
    assert service.http.get(f"/v/{code}/document.pdf").status_code == 404
    assert service.http.get(f"/v/{code}/pages/1.webp").status_code == 404
    assert service.http.get(f"/v1/signatures/{code}", headers=service.bearer()).status_code == 404


@pytest.mark.parametrize("typed", ["", "   ", "x", "\x00", "A" * 5000, "../../etc/passwd", "https://contoh.example/"])
def test_whatever_is_typed_as_a_code_leads_to_one_of_our_pages(service: RunningService, typed: str) -> None:
    answer = service.http.get("/c", params={"code": typed})
    assert answer.status_code == 303
    assert re.fullmatch(r"/|/v/[0-9A-Za-z-]+", answer.headers["location"])
    page = service.http.get(answer.headers["location"])
    assert page.status_code in (200, 404)
    assert page.headers["content-type"].startswith("text/html")


def test_what_the_pki_does_not_know_is_not_found(service: RunningService) -> None:
    require_problem(service.http.get("/pki/crl/nope.crl"), 404, "not-found", "issuer", "unknown")
    require_problem(service.http.get("/pki/certificates/tsu-1.cer"), 404, "not-found", "id", "unknown")


def test_the_head_of_every_address_leaves_the_connection_usable(service: RunningService) -> None:
    with httpx.Client(base_url=service.url, trust_env=False) as http:
        streams = set()
        for path in (
            "/",
            "/v/x",
            "/c",
            "/docs",
            "/nothing",
            "/v1",
            "/v1/signatures",
            "/pki/crl/ca-1-g1.crl",
            "/readyz",
        ):
            head, whole = http.head(path), http.get(path)
            assert (head.status_code, head.content) == (whole.status_code, b"")
            streams.add(head.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(streams) == 1
