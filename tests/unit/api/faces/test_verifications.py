"""Verify: the whole report in our words, open to everybody, and nothing of a bad file is an error."""

from datetime import timedelta

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from api.metrics import Metrics
from tests.support.api_memory import NOON, PDF, SIGN_BODY, MemoryService
from tests.unit.api.faces.test_signatures import send_form
from verifier.etsi_report import etsi_report
from verifier.model import (
    CertificateSummary,
    ChangeKind,
    Indication,
    Modification,
    SignatureKind,
    SignatureReport,
    SubIndication,
    TimestampReport,
    ValidationReport,
)

Http = TestClient[Litestar]
RAW = {"Content-Type": "application/pdf"}

CHANGED = SignatureReport(
    field_name="<Signature1>",
    kind=SignatureKind.SIGNATURE,
    revision=1,
    covers_whole_file=False,
    indication=Indication.TOTAL_FAILED,
    reason=SubIndication.DOCUMENT_CHANGED,
    detail="A page was added.",
    level="PAdES-B-LT",
    intact=True,
    signer=CertificateSummary(
        subject="I Made Contoh",
        organisation="Dinas Contoh",
        issuer="Contoh CA",
        serial="1234",
        not_before=NOON - timedelta(days=1),
        not_after=NOON + timedelta(days=1),
    ),
    chain=("I Made Contoh", "Contoh CA"),
    anchor="Contoh Root",
    claimed_at=NOON,
    proven_at=NOON,
    timestamp=TimestampReport(time=NOON, authority="Contoh TSU", trusted=True, detail="ok"),
    revocation="crl",
    modifications=(Modification(revision=2, kind=ChangeKind.OTHER, allowed=False, page=2, detail="new page"),),
)
REPORT = ValidationReport(
    indication=Indication.TOTAL_FAILED,
    reason=SubIndication.DOCUMENT_CHANGED,
    detail="One signature failed.",
    policy="teken/1",
    validated_at=NOON,
    document_sha256="ab" * 32,
    document_size=41,
    page_count=2,
    revisions=2,
    signatures=(CHANGED,),
)


def test_every_word_of_the_report_is_in_the_answer(http: Http, service: MemoryService) -> None:
    service.verification.report = REPORT

    answer = http.post("/v1/verifications", content=PDF, headers=RAW)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "indication": "TOTAL-FAILED",
        "reason": "DOCUMENT_CHANGED",
        "detail": "One signature failed.",
        "verdict": {
            "state": "total-failed",
            "headline": {"id": "TOTAL-FAILED", "en": "TOTAL-FAILED"},
            "sentence": {"id": "Ya.", "en": "Yes."},
        },
        "policy": "teken/1",
        "validatedAt": "2026-06-01T12:00:00Z",
        "document": {"sha256": "ab" * 32, "size": 41, "pageCount": 2, "revisions": 2},
        "register": {"relation": "not-registered", "code": None, "page": None, "standing": None},
        "signatures": [
            {
                "fieldName": "<Signature1>",
                "kind": "signature",
                "isSeal": False,
                "act": None,
                "revision": 1,
                "coversWholeFile": False,
                "indication": "TOTAL-FAILED",
                "reason": "DOCUMENT_CHANGED",
                "explanation": {
                    "sentence": {
                        "id": "Setelah ditandatangani, berkas diubah dengan cara yang tidak diizinkan.",
                        "en": "After signing, the file was changed in a way that is not permitted.",
                    },
                    "nextStep": {
                        "id": "Lihat daftar perubahan, lalu minta berkas aslinya kepada instansi penerbit.",
                        "en": "See the list of changes, then ask the issuing office for the original.",
                    },
                },
                "detail": "A page was added.",
                "level": "PAdES-B-LT",
                "intact": True,
                "signer": {
                    "subject": "I Made Contoh",
                    "organisation": "Dinas Contoh",
                    "issuer": "Contoh CA",
                    "serial": "1234",
                    "notBefore": "2026-05-31T12:00:00Z",
                    "notAfter": "2026-06-02T12:00:00Z",
                },
                "chain": ["I Made Contoh", "Contoh CA"],
                "anchor": "Contoh Root",
                "claimedAt": "2026-06-01T12:00:00Z",
                "provenAt": "2026-06-01T12:00:00Z",
                "timestamp": {
                    "time": "2026-06-01T12:00:00Z",
                    "authority": "Contoh TSU",
                    "trusted": True,
                    "detail": "ok",
                },
                "revocation": "crl",
                "modifications": [
                    {
                        "revision": 2,
                        "kind": "other",
                        "allowed": False,
                        "page": 2,
                        "field": None,
                        "sentence": {
                            "id": "Revisi 2, halaman 2: isi dokumen diubah (tidak diizinkan)",
                            "en": "Revision 2, page 2: the document was changed (not permitted)",
                        },
                        "detail": "new page",
                    }
                ],
            }
        ],
    }


def test_a_document_that_was_signed_here_is_named_by_its_code(http: Http, service: MemoryService) -> None:
    record = send_form(http, service, SIGN_BODY).json()

    answer = http.post("/v1/verifications", files={"document": ("a.pdf", PDF + b"% signed\n", "application/pdf")})

    assert answer.json()["register"] == {
        "relation": "same-bytes",
        "code": record["code"],
        "page": record["links"]["page"],
        "standing": {"state": "stands", "withdrawnAt": None, "replacedBy": None, "validUntil": None},
    }


def test_no_token_is_asked_and_none_is_looked_at(http: Http, service: MemoryService) -> None:
    answer = http.post("/v1/verifications", content=PDF, headers=RAW | {"Authorization": "Bearer nonsense"})

    assert answer.status_code == 200


def test_indications_are_counted() -> None:
    metrics = Metrics(dict)
    metrics.verification("TOTAL-PASSED")

    assert b'teken_verifications_total{indication="TOTAL-PASSED"} 1.0' in metrics.text()


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/v1/verifications?report=etsi", "*/*"),
        ("/v1/verifications?report=etsi", "application/json"),
        ("/v1/verifications", "application/xml"),
        ("/v1/verifications", "text/html;q=0.1, application/xml;q=0.9, application/json;q=0.5"),
    ],
)
def test_the_report_comes_as_xml_where_that_is_asked_for(
    http: Http, service: MemoryService, path: str, accept: str
) -> None:
    service.verification.report = REPORT
    answer = http.post(path, content=PDF, headers=RAW | {"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == etsi_report(REPORT)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/xml;q=0.2, application/json"])
def test_otherwise_it_comes_as_json(http: Http, service: MemoryService, accept: str) -> None:
    service.verification.report = REPORT
    answer = http.post("/v1/verifications", content=PDF, headers=RAW | {"Accept": accept})
    assert answer.json()["indication"] == "TOTAL-FAILED"


def test_a_report_in_an_unknown_form_is_refused_before_anything_is_judged(http: Http, service: MemoryService) -> None:
    answer = http.post("/v1/verifications?report=xml%3Cscript", content=PDF, headers=RAW)
    assert answer.status_code == 400
    assert answer.json()["field"] == "report"
    assert "script" not in answer.text


def digest(http: Http, body: object) -> Response:
    return http.post("/v1/verifications/by-digest", json=body)


def test_a_digest_of_signed_bytes_says_how_they_stand(http: Http, service: MemoryService) -> None:
    send_form(http, service, SIGN_BODY)
    (sha256,) = service.signing.documents
    answer = digest(http, {"sha256": sha256})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["register"]["relation"] == "same-bytes"
    assert body["register"]["standing"]["state"] == "stands"
    assert body["register"]["page"].endswith(body["register"]["code"])
    assert (body["newest"], body["indication"]) == (True, "NO-SIGNATURE")
    assert "signatures" not in body


def test_an_unknown_digest_is_not_registered_and_nothing_was_judged(http: Http) -> None:
    body = digest(http, {"sha256": "0" * 64}).json()
    assert body["register"] == {"relation": "not-registered", "code": None, "page": None, "standing": None}
    assert (body["newest"], body["indication"], body["validatedAt"]) == (None, None, None)
    assert body["verdict"]["state"] == "digest-unknown"


@pytest.mark.parametrize("body", [{}, {"sha256": "abc"}, {"sha256": 1}, {"sha256": "0" * 64, "x": 1}, [], "x"])
def test_what_is_no_digest_is_refused(http: Http, body: object) -> None:
    assert digest(http, body).status_code == 400


def test_a_digest_counts_like_an_upload(http: Http, service: MemoryService) -> None:
    allowed = service.services.settings.limits.verifications_per_minute
    answers = [digest(http, {"sha256": "0" * 64}).status_code for _ in range(allowed + 1)]
    assert answers == [200] * allowed + [429]


@pytest.mark.parametrize("how", [{"params": {"report": "receipt"}}, {"headers": RAW | {"Accept": "application/pdf"}}])
def test_a_receipt_comes_as_pdf(http: Http, how: dict[str, dict[str, str]]) -> None:
    answer = http.post("/v1/verifications", content=PDF, **({"headers": RAW} | how))  # type: ignore[arg-type]  # by name
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == b"%PDF-1.7 receipt"
