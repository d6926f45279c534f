"""The main job over HTTP: every real document is signed at B-LT with a stamp, and everybody agrees that it is so."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conformance.signer.judges import Anchors, embedded, qpdf_warnings
from tests.support.letters import letter
from tests.support.service import RunningService
from tests.support.shared import documents

pytestmark = pytest.mark.judge

DOCUMENTS = [pytest.param(path, id=path.stem) for path in documents()] + [pytest.param(None, id="our letter")]
SAMPLE = "Dokumen uji coba"
"""The headline of every good document of a demonstration: its certificates are test certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One document before and after."""

    original: Path
    path: Path
    code: str

    @property
    def pdf(self) -> bytes:
        return self.path.read_bytes()


@pytest.fixture(scope="module", params=DOCUMENTS)
def signed(request: pytest.FixtureRequest, service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Signed:
    original, path = (tmp_path_factory.mktemp("main") / name for name in ("original.pdf", "signed.pdf"))
    original.write_bytes(request.param.read_bytes() if request.param else letter())
    answer = service.sign(original.read_bytes())
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    path.write_bytes(answer.content)
    return Signed(original=original, path=path, code=answer.headers["teken-verification-code"])


def test_poppler_finds_the_signature_valid_and_trusted(signed: Signed, anchors: Anchors) -> None:
    said = anchors.poppler_says(signed.path)
    assert "Signature is Valid." in said
    assert "Certificate is Trusted." in said
    assert "ETSI.CAdES.detached" in said


def test_openssl_verifies_signature_and_timestamp(signed: Signed, anchors: Anchors) -> None:
    (ours,) = embedded(signed.pdf, after=signed.original.stat().st_size)
    assert ours.token is not None
    anchors.require_cms(ours.cms, ours.content)
    anchors.require_token(ours.token, ours.value)


def test_qpdf_warns_of_nothing_that_was_not_there_before(signed: Signed) -> None:
    assert qpdf_warnings(signed.path) <= qpdf_warnings(signed.original)


def test_the_original_is_there_to_the_last_byte(signed: Signed) -> None:
    assert signed.pdf.startswith(signed.original.read_bytes())


def test_the_service_itself_finds_that_every_check_passed(signed: Signed, service: RunningService) -> None:
    report = service.verify(signed.pdf).raise_for_status().json()
    assert (report["indication"], report["reason"]) == ("TOTAL-PASSED", None)
    assert [each["level"] for each in report["signatures"]] == ["PAdES-B-LT"]
    assert report["signatures"][0]["timestamp"]["trusted"]
    assert report["register"] == {
        "relation": "same-bytes",
        "code": signed.code,
        "page": f"{service.url}/v/{signed.code}",
        "standing": {"state": "stands", "withdrawnAt": None, "replacedBy": None, "validUntil": None},
    }


def test_its_page_opens_by_long_and_by_short_code(signed: Signed, service: RunningService) -> None:
    record = service.http.get(f"/v1/signatures/{signed.code}", headers=service.bearer()).raise_for_status().json()
    typed = service.http.get("/c", params={"code": record["shortCode"]}, follow_redirects=True)
    for page in (service.http.get(f"/v/{signed.code}"), typed):
        assert page.status_code == 200
        assert f"<title>{SAMPLE} · Teken</title>" in page.text
        assert "I Wayan Contoh Wijaya" in page.text


def test_who_asks_for_json_gets_a_record_whose_links_work(service: RunningService) -> None:
    pdf = letter()
    answer = service.sign(pdf, accept="application/json", letter={"externalId": "surat-7", "number": "000/7"})
    record = answer.json()
    assert (answer.status_code, record["state"], record["externalId"]) == (201, "signed", "surat-7")
    assert urlsplit(record["links"]["self"]).path == answer.headers["location"]
    bearer = service.bearer()
    assert service.http.get(record["links"]["self"], headers=bearer).json() == record
    document = service.http.get(record["links"]["document"], headers=bearer)
    assert document.content.startswith(pdf)
    assert len(document.content) == record["documentSize"]
    assert document.headers["etag"] == f'"{record["documentSha256"]}"'
    assert service.verify(document.content).json()["indication"] == "TOTAL-PASSED"
    assert SAMPLE in service.http.get(record["links"]["page"]).text


def test_a_raw_body_with_the_request_in_a_header_is_signed_alike(service: RunningService) -> None:
    answer = service.http.post(
        "/v1/signatures",
        content=letter(),
        headers={
            **service.bearer(),
            "Accept": "application/pdf",
            "Content-Type": "application/pdf",
            "Teken-Request": json.dumps(service.sign_request | {"reason": "Persetujuan · naskah"}),
        },
    )
    assert answer.status_code == 201, answer.text
    assert service.verify(answer.content).json()["indication"] == "TOTAL-PASSED"


def test_one_official_signs_a_pile_of_letters_at_once(service: RunningService) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: service.sign(letter(), reason=f"Surat {number}"), range(16)))
    assert [each.status_code for each in answers] == [201] * 16
    assert len({each.headers["teken-verification-code"] for each in answers}) == 16
    assert service.verify(answers[-1].content).json()["indication"] == "TOTAL-PASSED"


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_every_level_is_what_it_says(service: RunningService, level: str) -> None:
    signed = service.sign(letter(), level=level)
    report = service.verify(signed.content).json()
    assert report["indication"] == "TOTAL-PASSED", report["detail"]
    assert report["signatures"][0]["level"] == f"PAdES-{level}"


def test_the_signature_of_a_second_official_leaves_the_first_one_valid(
    service: RunningService, second_official: dict[str, str], anchors: Anchors, tmp_path: Path
) -> None:
    once = service.sign(letter()).content
    answer = service.sign(once, stamp={"page": -1, "x": 60, "y": 60}, **second_official)
    twice = tmp_path / "twice.pdf"
    twice.write_bytes(answer.content)
    report = service.verify(answer.content).json()
    assert report["indication"] == "TOTAL-PASSED", report["detail"]
    signers = [(each["signer"]["subject"], each["indication"]) for each in report["signatures"]]
    assert signers == [("I Wayan Contoh Wijaya", "TOTAL-PASSED"), ("Ni Luh Contoh Lestari", "TOTAL-PASSED")]
    assert all(change["allowed"] for each in report["signatures"] for change in each["modifications"])
    said = anchors.poppler_says(twice)
    assert (said.count("Signature is Valid."), said.count("Certificate is Trusted.")) == (2, 2)
    for ours in embedded(answer.content):
        anchors.require_cms(ours.cms, ours.content)
    assert service.verify(once).json()["indication"] == "TOTAL-PASSED"
