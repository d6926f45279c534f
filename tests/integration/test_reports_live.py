"""What a reader takes along from a real service: receipts, reports, digests, the file as it was signed."""

import hashlib
import json
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2
import pytest

from tests.conformance.signer.judges import Anchors
from tests.support.letters import letter
from tests.support.service import RunningService, teken
from tests.support.waiting import follow

VR = "{http://uri.etsi.org/19102/v1.4.1#}"


@pytest.fixture(scope="module")
def signed(service: RunningService) -> bytes:
    return service.sign(letter()).raise_for_status().content


@pytest.fixture(scope="module")
def receipt(service: RunningService, signed: bytes) -> bytes:
    answer = service.http.post(
        "/v1/verifications?report=receipt", content=signed, headers={"Content-Type": "application/pdf"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def words(pdf: bytes) -> str:
    return str(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range())


def form(service: RunningService, path: str, pdf: bytes, **fields: str) -> bytes:
    answer = service.http.post(path, files={"document": ("surat.pdf", pdf, "application/pdf")}, data=fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def test_a_receipt_is_one_page_about_this_file(signed: bytes, receipt: bytes) -> None:
    said = words(receipt)
    assert len(pypdfium2.PdfDocument(receipt)) == 1
    assert hashlib.sha256(signed).hexdigest() in said
    assert "Tanda terima pemeriksaan dokumen" in said
    assert "teken-1" in said


def test_a_receipt_passes_our_own_check_and_that_of_poppler(
    service: RunningService, receipt: bytes, anchors: Anchors, tmp_path: Path
) -> None:
    report = service.verify(receipt).json()
    assert report["indication"] == "TOTAL-PASSED", report
    (seal,) = report["signatures"]
    assert seal["level"] == "PAdES-B-LT"
    assert seal["timestamp"]["trusted"]
    assert seal["signer"]["subject"] == seal["signer"]["organisation"]
    assert seal["signer"]["subject"].startswith("Layanan Verifikasi ")
    path = tmp_path / "receipt.pdf"
    path.write_bytes(receipt)
    said = anchors.poppler_says(path)
    assert "Signature is Valid" in said
    assert "Certificate is Trusted" in said


def test_one_flipped_letter_of_a_receipt_is_found(service: RunningService, receipt: bytes) -> None:
    broken = receipt[:2000] + bytes([receipt[2000] ^ 1]) + receipt[2001:]
    assert service.verify(broken).json()["indication"] != "TOTAL-PASSED"


def test_who_asks_twice_gets_the_same_receipt_and_the_key_is_used_once(
    service: RunningService, signed: bytes, receipt: bytes
) -> None:
    assert form(service, "/receipt", signed) == receipt


def test_a_receipt_of_a_false_file_says_so(service: RunningService, signed: bytes) -> None:
    at = signed.index(b"stream") + 40
    changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    said = words(form(service, "/receipt", changed))
    assert "Dokumen asli dan utuh" not in said
    assert "TOTAL-FAILED" in said


def test_what_is_no_pdf_gets_a_receipt_that_claims_nothing(service: RunningService) -> None:
    said = words(form(service, "/receipt", b"<script>alert(1)</script>"))
    assert "Berkas tidak dapat dibaca" in said
    assert "script" not in said


def test_the_trail_tells_of_receipts_and_not_of_whose_files(service: RunningService, signed: bytes) -> None:
    database = service.directory / "teken.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        noted = rows.execute("SELECT object, details FROM audit_entries WHERE act = 'receipt.seal'").fetchall()
    assert noted
    assert all(re.fullmatch("receipt:[0-9a-f]{64}", name) for name, _ in noted)
    digest = hashlib.sha256(signed).hexdigest()
    assert not [row for row in noted if digest in str(row)]


def test_the_xml_report_is_the_same_at_every_door(service: RunningService, signed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(signed)
    at_page = form(service, "/report", signed)
    by_accept = service.http.post(
        "/v1/verifications", content=signed, headers={"Content-Type": "application/pdf", "Accept": "application/xml"}
    ).content
    by_command = teken(service.directory, "verify", str(path), "--report", "etsi")
    assert by_command.returncode == 0
    for xml in (at_page, by_accept, by_command.stdout.encode()):
        (passed,) = ET.fromstring(xml).findall(f"{VR}SignatureValidationReport")  # noqa: S314 our own
        main = passed.find(f"{VR}SignatureValidationStatus/{VR}MainIndication")
        assert main is not None
        assert main.text == "urn:etsi:019102:mainindication:total-passed"


def test_a_digest_answers_for_the_kept_bytes(service: RunningService, signed: bytes) -> None:
    digest = hashlib.sha256(signed).hexdigest()
    known = service.http.post("/v1/verifications/by-digest", json={"sha256": digest}).json()
    assert (known["register"]["relation"], known["indication"], known["newest"]) == ("same-bytes", "TOTAL-PASSED", True)
    assert known["verdict"] == service.verify(signed).json()["verdict"]
    unknown = service.http.post("/v1/verifications/by-digest", json={"sha256": "0" * 64}).json()
    assert unknown["register"]["relation"] == "not-registered"
    assert unknown["verdict"]["state"] == "digest-unknown"


def test_a_letter_with_two_signatures_is_seen_as_the_first_one_left_it(
    service: RunningService, signed: bytes, second_official: dict[str, str]
) -> None:
    stamp = {"page": 1, "x": 40, "y": 40}
    again = service.sign(signed, **second_official, stamp=stamp)
    assert again.status_code == 201, again.text
    twice = again.content
    page = service.upload(twice).text
    assert "Sebelum dan sesudah perubahan" in page
    assert page.count("data:image/webp;base64,") == 2
    (number,) = set(re.findall(r'name="revision" value="(\d+)"', page))
    first = form(service, "/revision", twice, revision=number)
    assert twice.startswith(first)
    assert service.verify(first).json()["indication"] == "TOTAL-PASSED"
    code = again.headers["teken-verification-code"]
    token = service.http.get(f"/v1/signatures/{code}", headers=service.bearer()).json()["code"]
    for address in (f"/v/{token}/revisions/{number}", f"/v/{token}/revisions/{number}.pdf"):
        assert service.http.get(address).status_code == 200
    assert service.http.get(f"/v/{token}/revisions/{number}.pdf").content == first


def test_uploads_leave_nothing_behind(service: RunningService, signed: bytes) -> None:
    """No file with these bytes, no open file, no word in the log: not even where the file is large."""
    marker = b"Rahasia-" + hashlib.sha256(signed).hexdigest().encode()
    large = signed + b"\n%" + marker * 40_000
    for path in ("/", "/receipt", "/report"):
        answer = service.http.post(path, files={"document": ("nama-rahasia.pdf", large, "application/pdf")})
        assert answer.status_code == 200
    assert service.verify(large).status_code == 200
    kept = [each for each in service.directory.rglob("*") if each.is_file() and marker in each.read_bytes()]
    assert kept == []
    log = service.log.read_text(errors="replace")
    assert "nama-rahasia" not in log
    assert marker.decode() not in log
    assert hashlib.sha256(large).hexdigest() not in log
    follow(lambda: temporary_files(service), lambda still_open: still_open == [])


def temporary_files(service: RunningService) -> list[str]:
    """Those that the service has open."""
    found = []
    for each in Path(f"/proc/{service.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(str(each.readlink()))
    return [each for each in found if "/tmp/tmp" in each or ("(deleted)" in each and "/tmp" in each)]


def test_a_crowd_is_told_when_to_come_back_and_everybody_else_is_served(service: RunningService, signed: bytes) -> None:
    def ask(_: int) -> tuple[int, str | None]:
        answer = service.verify(signed)
        return answer.status_code, answer.headers.get("retry-after")

    with ThreadPoolExecutor(60) as crowd:
        answers = list(crowd.map(ask, range(120)))
    assert {status for status, _ in answers} <= {200, 503}
    assert all(retry is not None and int(retry) > 0 for status, retry in answers if status == 503)
    assert service.verify(signed).status_code == 200
    assert json.loads(service.http.get("/readyz").text)["status"] == "ready"
