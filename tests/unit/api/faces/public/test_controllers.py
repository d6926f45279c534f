"""The citizen's addresses, asked over HTTP."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from httpx import Response
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.testing import TestClient

from api.faces.public.ports import CodeResult, UploadResult
from api.faces.public.router import public_router
from api.faces.public.settings import PublicSettings
from signer.errors import KeyUnavailable
from signer.model import Secrecy, SigningOutcome, SigningState
from tests.browser.server import DocumentsInMemory, ReportsInMemory, application, code_of, digest_of, token_of
from tests.unit.api.faces.public.examples import (
    CERTIFICATE,
    CODES,
    COSIGNED,
    NOON,
    PASSED,
    RECORD,
    SETTINGS,
    UPLOADS,
    kept,
    record,
)
from verifier.errors import WorkerBusy
from verifier.etsi_report import etsi_report

GENUINE = code_of("genuine")
GENUINE_LONG = token_of(GENUINE)
BENEATH = ("/pages/1.webp", "/document.pdf", "/receipt.pdf", "/report.xml")


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(application()) as client:
        yield client


def upload(client: TestClient[Litestar], example: str) -> tuple[int, str]:
    answer = client.post("/", files={"document": ("surat.pdf", f"%PDF-1.7 {example}".encode(), "application/pdf")})
    return answer.status_code, answer.text


def sealed(_: UploadResult) -> bytes:
    return b"%PDF-1.7 sealed"


def one(document: CodeResult, settings: PublicSettings = SETTINGS) -> Litestar:
    return Litestar(
        [public_router(DocumentsInMemory({GENUINE: document}), settings, sealed, ReportsInMemory())],
        openapi_config=None,
    )


def test_the_start_page_offers_both_ways(client: TestClient[Litestar]) -> None:
    page = client.get("/").text
    assert 'name="document"' in page
    assert 'name="code"' in page
    assert "teken.contoh.go.id" in page


@pytest.mark.parametrize("example", UPLOADS)
def test_every_upload_gets_one_headline_and_no_claim_of_legal_effect(
    client: TestClient[Litestar], example: str
) -> None:
    status, page = upload(client, example)
    assert status == 200
    assert page.count("<h1") == 1
    assert not re.search(r"\bsah\b|BSrE", page, re.IGNORECASE)


@pytest.mark.parametrize("written", [GENUINE.lower(), f"{GENUINE[:5]}-{GENUINE[5:]}", f"{GENUINE[:5]} {GENUINE[5:]}"])
def test_a_code_may_be_written_in_any_way(client: TestClient[Litestar], written: str) -> None:
    assert client.get(f"/v/{written}").status_code == 200


def test_unknown_malformed_and_never_issued_codes_look_alike(client: TestClient[Litestar]) -> None:
    answers = [client.get(f"/v/{code}") for code in ("ZZZZZZZZZZ", "0" * 26, "x", "a%20b%3Cscript%3E", "9" * 300)]
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers}) == 1
    assert "Bukan dokumen kami" in answers[0].text


@pytest.mark.parametrize(
    "outcome", [None, SigningOutcome(state=SigningState.FAILED, at=NOON, failure="interrupted")], ids=["open", "failed"]
)
def test_a_signing_that_never_ended_well_looks_unknown_too(outcome: SigningOutcome | None) -> None:
    with TestClient(one(replace(CODES["genuine"], record=replace(RECORD, outcome=outcome)))) as client:
        for path in ("", *BENEATH):
            assert client.get(f"/v/{GENUINE_LONG}{path}").status_code == 404


def test_the_typed_code_leads_to_its_page(client: TestClient[Litestar]) -> None:
    answer = client.get("/c", params={"code": " aaaaa aaaaa "}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/v/aaaaa-aaaaa")


@pytest.mark.parametrize("typed", ["../../docs", "https://contoh.example/", "a\r\nSet-Cookie: x=1", "ü", "/" * 500])
def test_whatever_is_typed_the_redirect_stays_in_the_house(client: TestClient[Litestar], typed: str) -> None:
    answer = client.get("/c", params={"code": typed}, follow_redirects=False)
    assert re.fullmatch(r"/v/[0-9A-Za-z-]{1,104}", answer.headers["location"])


def test_an_empty_code_leads_back_to_the_start(client: TestClient[Litestar]) -> None:
    assert client.get("/c", follow_redirects=False).headers["location"] == "/"


def test_pages_and_original_are_given_for_an_ordinary_letter(client: TestClient[Litestar]) -> None:
    picture, original = client.get(f"/v/{GENUINE_LONG}/pages/2.webp"), client.get(f"/v/{GENUINE_LONG}/document.pdf")
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/webp", b"RIFF")
    assert (original.headers["content-type"], original.content[:5]) == ("application/pdf", b"%PDF-")
    assert original.headers["content-disposition"].startswith("attachment;")


def test_what_was_found_about_a_kept_letter_can_be_taken_along(client: TestClient[Litestar]) -> None:
    page = client.get(f"/v/{GENUINE}").text
    for path, kind, start in (
        ("/receipt.pdf", "application/pdf", b"%PDF-"),
        ("/report.xml", "application/xml", b"<?xml"),
    ):
        assert f'href="/v/{GENUINE_LONG}{path}"' in page
        answer = client.get(f"/v/{GENUINE_LONG}{path}")
        assert (answer.headers["content-type"], answer.content[:5]) == (kind, start)
        assert "no-store" in answer.headers["Cache-Control"]


def test_an_original_can_be_fetched_in_pieces(client: TestClient[Litestar]) -> None:
    path = f"/v/{GENUINE_LONG}/document.pdf"
    whole = client.get(path)
    rest = client.get(path, headers={"Range": "bytes=5-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[5:])
    assert "no-store" in rest.headers["Cache-Control"]
    assert client.get(path, headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416


@pytest.mark.parametrize("picture", ["0.webp", "4.webp", "1.png", "01.webp", "1e3.webp", "99999.webp", "-1.webp"])
def test_there_is_no_other_picture(client: TestClient[Litestar], picture: str) -> None:
    assert client.get(f"/v/{GENUINE_LONG}/pages/{picture}").status_code == 404


@pytest.mark.parametrize("name", ["no-preview", "terbatas", "rahasia", "sangat-rahasia"])
def test_secrecy_closes_pages_and_original_also_to_those_who_know_the_address(
    client: TestClient[Litestar], name: str
) -> None:
    page = client.get(f"/v/{code_of(name)}").text
    assert ".webp" not in page
    assert not any(path in page for path in BENEATH)
    for path in BENEATH:
        assert client.get(f"/v/{token_of(code_of(name))}{path}").status_code == 404


def test_a_short_code_which_can_be_tried_opens_its_page_and_nothing_beneath(client: TestClient[Litestar]) -> None:
    assert client.get(f"/v/{GENUINE}").status_code == 200
    for path in BENEATH:
        assert client.get(f"/v/{GENUINE}{path}").status_code == 404


@pytest.mark.parametrize("secrecy", Secrecy)
def test_no_number_of_a_person_reaches_any_page(secrecy: Secrecy) -> None:
    nip = "19870101 201001 1 002"
    letter = record(secrecy, subject=f"Kenaikan pangkat NIP {nip}", number=f"800/{nip}")
    named = replace(CERTIFICATE, subject=f"Ni Luh Contoh {nip}", organisation=nip)
    signature = replace(PASSED, signer=named, field_name=f"sig {nip}", chain=(nip,), detail=f"reason: {nip}")
    with TestClient(one(kept(signature, of=letter))) as client:
        page = client.get(f"/v/{GENUINE}").text
    assert "201001" not in page


def test_a_strangers_markup_stays_text(client: TestClient[Litestar]) -> None:
    hostile = replace(CERTIFICATE, subject="<script>alert(1)</script>", organisation='" onload="x')
    with TestClient(one(kept(replace(PASSED, signer=hostile, field_name="<img src=x>")))) as one_client:
        page = one_client.get(f"/v/{GENUINE}").text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", [f"/v/{GENUINE}", "/v/ZZZZZZZZZZ", f"/v/{GENUINE}/document.pdf"])
def test_nothing_about_a_document_is_cached_or_indexed(client: TestClient[Litestar], path: str) -> None:
    headers = client.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]


@pytest.mark.parametrize(
    ("files", "status"),
    [({"document": ("", b"", "application/pdf")}, 422), ({"document": ("leer.pdf", b"", "application/pdf")}, 422)],
)
def test_an_upload_without_a_file_is_told_so(
    client: TestClient[Litestar], files: dict[str, tuple[str, bytes, str]], status: int
) -> None:
    answer = client.post("/", files=files)
    assert (answer.status_code, "Belum ada berkas" in answer.text) == (status, True)


def test_a_body_that_is_no_form_gets_a_page_too(client: TestClient[Litestar]) -> None:
    answer = client.post("/", json={"document": "x"})
    assert answer.status_code == 400
    assert "Permintaan tidak dapat dibaca" in answer.text


@pytest.mark.parametrize("size", [1_001, 200_000], ids=["just-above", "far-above"])
def test_a_file_above_the_limit_is_refused_before_anybody_reads_it(size: int) -> None:
    small = replace(SETTINGS, max_document_size=1_000)
    with TestClient(one(CODES["genuine"], small)) as client:
        answer = client.post("/", files={"document": ("x.pdf", b"%" * size, "application/pdf")})
    assert answer.status_code == 413
    assert "Berkas terlalu besar" in answer.text


def test_a_busy_service_says_when_to_come_back_and_blames_nobody(client: TestClient[Litestar]) -> None:
    answer = client.post("/", files={"document": ("x.pdf", b"%PDF-1.7 busy", "application/pdf")})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert "Ini bukan berarti dokumennya palsu" in answer.text


def test_our_own_failure_tells_nothing_of_the_inside() -> None:
    with TestClient(application(), raise_server_exceptions=False) as client:
        status, page = upload(client, "broken")
    assert status == 500
    assert "secret detail" not in page
    assert "Ada gangguan pada kami" in page


def test_too_many_tries_get_a_page_and_a_pause() -> None:
    app = Litestar(
        [public_router(DocumentsInMemory({}), SETTINGS, sealed, ReportsInMemory())],
        middleware=[RateLimitConfig(("minute", 1)).middleware],
        compression_config=CompressionConfig(backend="gzip"),
        openapi_config=None,
    )
    with TestClient(app) as client:
        client.get("/v/ZZZZZZZZZZ")
        answer = client.get("/v/ZZZZZZZZZZ")
    assert answer.status_code == 429
    assert "Terlalu banyak percobaan" in answer.text
    assert int(answer.headers["retry-after"]) > 0


def test_a_wrong_verb_is_not_an_error_page_of_ours_to_fear(client: TestClient[Litestar]) -> None:
    assert client.put("/").status_code == 405


def ask(client: TestClient[Litestar], digest: str) -> tuple[int, str]:
    answer = client.post("/digest", data={"sha256": digest})
    return answer.status_code, answer.text


def test_a_registered_digest_tells_how_the_kept_bytes_stand(client: TestClient[Litestar]) -> None:
    status, page = ask(client, digest_of("genuine").upper())
    assert status == 200
    assert "Sidik jari berkas Anda; berkasnya tidak dikirim" in page
    assert "Dokumen asli dan utuh" in page
    assert "sama persis dengan yang terdaftar" in page
    assert f'href="/v/{RECORD.intent.code.token}"' in page


def test_an_older_version_is_told_to_be_one(client: TestClient[Litestar]) -> None:
    assert "Kami menyimpan versi yang lebih baru" in ask(client, digest_of("additions"))[1]


def test_an_unknown_digest_accuses_nobody_and_offers_the_upload(client: TestClient[Litestar]) -> None:
    status, page = ask(client, "0" * 64)
    assert status == 200
    assert "Sidik jari ini tidak tercatat" in page
    assert 'name="document"' in page
    assert "Bukan dokumen kami" not in page


def test_a_digest_opens_no_more_than_the_code_does(client: TestClient[Litestar]) -> None:
    page = ask(client, digest_of("secret"))[1]
    assert "Kode ini tercatat" in page
    for hidden in (CERTIFICATE.subject, "Dinas Contoh", "CONTOH/2026", "Surat tugas", ".webp", "document.pdf"):
        assert hidden not in page


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "0" * 63, "0" * 65, "../" * 21, "0" * 900])
def test_what_is_no_digest_is_refused(client: TestClient[Litestar], digest: str) -> None:
    assert ask(client, digest)[0] == 400


def test_a_digest_form_of_a_megabyte_is_not_read(client: TestClient[Litestar]) -> None:
    assert ask(client, "0" * 1_000_000)[0] == 413


def test_nothing_about_a_digest_is_cached_or_indexed(client: TestClient[Litestar]) -> None:
    headers = client.post("/digest", data={"sha256": digest_of("genuine")}).headers
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]


def again(client: TestClient[Litestar], example: str, revision: str) -> Response:
    file = ("surat.pdf", f"%PDF-1.7 {example}".encode(), "application/pdf")
    return client.post("/revision", files={"document": file}, data={"revision": revision})


def test_a_file_that_was_added_to_is_shown_before_and_after(client: TestClient[Litestar]) -> None:
    _, page = upload(client, "additions")
    assert "Sebelum dan sesudah perubahan" in page
    assert page.count("data:image/webp;base64,") == 3
    assert "Halaman ini tidak ada" in page
    assert 'action="/revision"' in page


def test_a_file_whose_pictures_cannot_be_made_says_so(client: TestClient[Litestar]) -> None:
    _, page = upload(client, "changed-later")
    assert "Gambarnya tidak dapat dibuat" in page
    assert 'action="/revision"' in page


def test_a_file_that_nobody_added_to_shows_no_revision(client: TestClient[Litestar]) -> None:
    for example in ("genuine", "changed", "no-signature", "unreadable"):
        assert 'action="/revision"' not in upload(client, example)[1]


def test_the_bytes_as_they_were_signed_come_back(client: TestClient[Litestar]) -> None:
    answer = again(client, "additions", "1")
    assert answer.status_code == 200
    assert answer.content == b"%PDF-1.7 a"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="revisi-1.pdf"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("revision", ["", "0", "2", "-1", "1.5", "9999", "1\r\nX: y", "x" * 1000])
def test_another_revision_is_not_there(client: TestClient[Litestar], revision: str) -> None:
    assert again(client, "additions", revision).status_code == 404


def test_a_revision_needs_a_file(client: TestClient[Litestar]) -> None:
    assert client.post("/revision", data={"revision": "1"}, files={"x": b""}).status_code == 422


def test_a_kept_document_has_a_page_and_the_bytes_of_its_signed_revision(client: TestClient[Litestar]) -> None:
    code = token_of(code_of("additions"))
    assert f"/v/{code}/revisions/1" in client.get(f"/v/{code_of('additions')}").text
    page = client.get(f"/v/{code}/revisions/1")
    assert (page.status_code, page.text.count("data:image/webp;base64,")) == (200, 3)
    taken = client.get(f"/v/{code}/revisions/1.pdf")
    assert (taken.status_code, taken.content) == (200, client.get(f"/v/{code}/document.pdf").content[:10])


@pytest.mark.parametrize("name", ["0", "2", "2.pdf", "1.PDF", "1.pdf.exe", "01", "..%2f1", "1e1", "%31%0a"])
def test_a_kept_document_has_no_other_revision(client: TestClient[Litestar], name: str) -> None:
    assert client.get(f"/v/{token_of(code_of('additions'))}/revisions/{name}").status_code == 404


@pytest.mark.parametrize("secrecy", [Secrecy.TERBATAS, Secrecy.RAHASIA, Secrecy.SANGAT_RAHASIA])
def test_secrecy_closes_revisions_too(secrecy: Secrecy) -> None:
    with TestClient(one(kept(COSIGNED, of=record(secrecy)))) as client:
        assert "/revisions/" not in client.get(f"/v/{GENUINE}").text
        for name in ("1", "1.pdf"):
            assert client.get(f"/v/{GENUINE_LONG}/revisions/{name}").status_code == 404


def test_a_short_code_opens_no_revision(client: TestClient[Litestar]) -> None:
    assert client.get(f"/v/{code_of('additions')}/revisions/1.pdf").status_code == 404


def take(client: TestClient[Litestar], path: str, example: str = "genuine") -> Response:
    file = ("surat.pdf", f"%PDF-1.7 {example}".encode(), "application/pdf")
    return client.post(path, files={"document": file})


def test_a_receipt_and_a_report_are_taken_along(client: TestClient[Litestar]) -> None:
    page = upload(client, "genuine")[1]
    assert 'action="/receipt"' in page
    assert 'formaction="/report"' in page
    receipt, report = take(client, "/receipt"), take(client, "/report")
    assert (receipt.status_code, receipt.headers["content-type"]) == (200, "application/pdf")
    assert receipt.headers["content-disposition"] == 'attachment; filename="tanda-terima-cdcdcdcdcd.pdf"'
    assert (report.status_code, report.headers["content-type"]) == (200, "application/xml")
    assert report.content == etsi_report(UPLOADS["genuine"].report)
    assert {each.headers["cache-control"] for each in (receipt, report)} == {"no-store"}


def test_the_page_of_a_code_offers_no_receipt_because_no_file_was_checked(client: TestClient[Litestar]) -> None:
    assert 'action="/receipt"' not in client.get(f"/v/{GENUINE}").text


@pytest.mark.parametrize(
    ("error", "wait"),
    [(WorkerBusy("too many", retry_after=11), "11"), (KeyUnavailable("the token is away"), "30")],
    ids=["busy", "away"],
)
def test_a_receipt_that_cannot_be_sealed_says_when_to_come_back(error: Exception, wait: str) -> None:
    def fails(_: UploadResult) -> bytes:
        raise error

    app = Litestar([public_router(DocumentsInMemory({}), SETTINGS, fails, ReportsInMemory())], openapi_config=None)
    with TestClient(app) as client:
        answer = take(client, "/receipt")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, wait)
    assert "token is away" not in answer.text


@pytest.mark.parametrize("path", ["/receipt", "/report", "/revision"])
def test_what_is_taken_along_needs_a_file_within_the_limit(path: str) -> None:
    small = replace(SETTINGS, max_document_size=1_000)
    with TestClient(one(CODES["genuine"], small)) as client:
        assert client.post(path, files={"x": b"y"}).status_code == 422
        assert client.post(path, files={"document": ("x.pdf", b"%" * 1_001, "application/pdf")}).status_code == 413


def test_a_locked_file_asks_for_its_password_again_and_for_no_other(client: TestClient[Litestar]) -> None:
    file = ("surat.pdf", b"%PDF-1.7 genuine", "application/pdf")
    locked = client.post("/", files={"document": file}, data={"password": "rahasia"}).text
    assert 'id="again-password"' in locked
    assert "rahasia" not in locked
    assert 'id="again-password"' not in upload(client, "genuine")[1]


@pytest.mark.parametrize("path", ["/receipt", "/report", "/revision"])
def test_a_password_that_can_be_none_is_refused_everywhere(client: TestClient[Litestar], path: str) -> None:
    file = ("surat.pdf", b"%PDF-1.7 genuine", "application/pdf")
    assert client.post(path, files={"document": file}, data={"password": "x" * 128}).status_code == 422


def test_pictures_come_first_only_where_something_is_wrong(client: TestClient[Litestar]) -> None:
    bad, good = upload(client, "changed-later")[1], upload(client, "additions")[1]
    assert bad.index("Sebelum dan sesudah") < bad.index("Empat fakta")
    assert good.index("Sebelum dan sesudah") > good.index("Empat fakta")


def test_only_the_page_that_reads_a_qr_may_run_web_assembly(client: TestClient[Litestar]) -> None:
    scanning = client.get("/scan").headers["content-security-policy"]
    others = {
        client.get(path).headers["content-security-policy"] for path in ("/", "/v/nonsense", f"/v/{GENUINE}", "/x")
    }
    assert others == {scanning.replace(" 'wasm-unsafe-eval'", "")}
    assert scanning.count("'unsafe") == 0


def test_the_address_for_reports_stands_there_as_it_was_set(client: TestClient[Litestar]) -> None:
    assert 'href="mailto:aduan@contoh.go.id"' in client.get("/report-fake").text
