"""Sign and read: what comes in by either way reaches signing unchanged, and the answer is what was asked for."""

import hashlib
import json
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from signer.model import LetterMetadata, Secrecy, SignatureLevel, SignedAs, StampPlacement
from tests.support.api_memory import CREDENTIAL, PASSPHRASE, PDF, SIGN_BODY, MemoryService

Http = TestClient[Litestar]

EVERYTHING = {
    "credential": CREDENTIAL,
    "passphrase": PASSPHRASE,
    "level": "B-LTA",
    "stamp": {"page": 2, "x": 10, "y": 20.5, "width": 200, "height": 70},
    "reason": "Persetujuan",
    "location": "Denpasar — Bali",
    "signedAs": {"office": "Kepala Dinas", "agency": "Dinas Contoh", "rank": "Pembina", "onBehalf": "a.n. Gubernur"},
    "letter": {
        "externalId": "surat-1",
        "kind": "Surat Dinas",
        "number": "B.00/1",
        "subject": "Undangan",
        "secrecy": "sangat rahasia",
        "preview": False,
    },
}


def send_form(http: Http, service: MemoryService, body: object, **headers: str) -> Response:
    files = {"document": ("letter.pdf", PDF, "application/pdf"), "request": (None, json.dumps(body))}
    return http.post("/v1/signatures", files=files, headers=service.bearer() | headers)


def send_raw(http: Http, service: MemoryService, body: object, **headers: str) -> Response:
    own = {"Content-Type": "application/pdf", "Teken-Request": json.dumps(body)}
    return http.post("/v1/signatures", content=PDF, headers=service.bearer() | own | headers)


@pytest.mark.parametrize("send", [send_form, send_raw])
def test_everything_that_was_said_reaches_signing(http: Http, service: MemoryService, send: Any) -> None:
    assert send(http, service, EVERYTHING).status_code == 201

    (request,) = service.signing.requests
    assert request.document == PDF
    assert (request.credential_id, request.passphrase.reveal()) == (CREDENTIAL, PASSPHRASE)
    assert (request.client_id, request.level) == ("sikd", SignatureLevel.B_LTA)
    assert request.stamp == StampPlacement(page=2, x=10, y=20.5, width=200, height=70)
    assert (request.reason, request.location) == ("Persetujuan", "Denpasar — Bali")
    assert request.signed_as == SignedAs(
        office="Kepala Dinas", agency="Dinas Contoh", rank="Pembina", on_behalf="a.n. Gubernur"
    )
    assert request.letter == LetterMetadata(
        external_id="surat-1",
        kind="Surat Dinas",
        number="B.00/1",
        subject="Undangan",
        secrecy=Secrecy.SANGAT_RAHASIA,
        preview=False,
    )


def test_what_was_not_said_has_the_defaults_of_the_service(http: Http, service: MemoryService) -> None:
    send_form(http, service, SIGN_BODY)

    (request,) = service.signing.requests
    assert (request.level, request.stamp) == (SignatureLevel.B_LT, None)
    assert (request.signed_as, request.letter) == (SignedAs(), LetterMetadata())


def test_an_empty_stamp_stands_in_the_lower_right_corner_of_the_last_page(http: Http, service: MemoryService) -> None:
    send_form(http, service, SIGN_BODY | {"stamp": {}})

    assert service.signing.requests[0].stamp == StampPlacement()


def test_the_answer_is_the_record_with_its_links(http: Http, service: MemoryService) -> None:
    answer = send_form(http, service, EVERYTHING)

    code = answer.headers["teken-verification-code"]
    assert answer.headers["location"] == f"/v1/signatures/{code}"
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert (body["code"], body["state"], body["level"]) == (code, "signed", "B-LTA")
    assert (body["externalId"], body["certificateSerial"]) == ("surat-1", "1234")
    assert body["reservedAt"] == "2026-06-01T12:00:00Z"
    assert body["links"] == {
        "self": f"http://127.0.0.1:8000/v1/signatures/{code}",
        "document": f"http://127.0.0.1:8000/v1/signatures/{code}/document",
        "page": f"http://127.0.0.1:8000/v/{code}",
    }
    assert PASSPHRASE not in answer.text


@pytest.mark.parametrize("accept", ["application/pdf", "application/pdf, application/json;q=0.5"])
def test_who_asks_for_a_pdf_gets_the_pdf(http: Http, service: MemoryService, accept: str) -> None:
    answer = send_form(http, service, SIGN_BODY, Accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/pdf")
    assert answer.content == PDF + b"% signed\n"
    assert answer.headers["location"].endswith(answer.headers["teken-verification-code"])


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/json, application/pdf"])
def test_everybody_else_gets_the_record(http: Http, service: MemoryService, accept: str) -> None:
    answer = send_form(http, service, SIGN_BODY, Accept=accept)

    assert answer.headers["content-type"].startswith("application/json")


def signed(http: Http, service: MemoryService) -> dict[str, Any]:
    body: dict[str, Any] = send_form(http, service, SIGN_BODY).json()
    return body


def test_a_signing_is_found_by_its_long_and_its_short_code(http: Http, service: MemoryService) -> None:
    record = signed(http, service)

    for code in (record["code"], record["code"].lower(), record["shortCode"], record["shortCode"].replace(" ", "-")):
        answer = http.get(f"/v1/signatures/{code}", headers=service.bearer())
        assert (answer.status_code, answer.json()) == (200, record)


def test_the_signed_document_can_be_fetched_again(http: Http, service: MemoryService) -> None:
    record = signed(http, service)

    answer = http.get(record["links"]["document"], headers=service.bearer())

    assert answer.content == PDF + b"% signed\n"
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_signed_document_can_be_fetched_in_pieces(http: Http, service: MemoryService) -> None:
    path = f"/v1/signatures/{signed(http, service)['code']}/document"
    whole = http.get(path, headers=service.bearer())
    rest = http.get(path, headers={**service.bearer(), "Range": "bytes=5-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[5:])
    assert http.get(path, headers={**service.bearer(), "If-None-Match": whole.headers["ETag"]}).status_code == 304
    behind = http.get(path, headers={**service.bearer(), "Range": "bytes=999999999-"})
    assert (behind.status_code, behind.json()["type"]) == (416, "/problems/range-not-satisfiable")


@pytest.mark.parametrize("path", ["", "/document"])
def test_another_clients_signing_looks_like_one_that_never_was(http: Http, service: MemoryService, path: str) -> None:
    code = signed(http, service)["code"]

    other = http.get(f"/v1/signatures/{code}{path}", headers=service.bearer("other"))
    never = http.get(f"/v1/signatures/{'0' * 26}{path}", headers=service.bearer("other"))
    broken = http.get(f"/v1/signatures/nonsense{path}", headers=service.bearer("other"))

    assert [each.status_code for each in (other, never, broken)] == [404] * 3
    bodies = [each.json() | {"requestId": ""} for each in (other, never, broken)]
    assert bodies[0] == bodies[1] == bodies[2]


def test_a_signing_without_a_document_says_so(http: Http, service: MemoryService) -> None:
    code = signed(http, service)["code"]
    service.signing.documents.clear()

    answer = http.get(f"/v1/signatures/{code}/document", headers=service.bearer())

    assert (answer.status_code, answer.json()["reason"]) == (404, "no-document")


def test_outcomes_are_counted_without_a_name(http: Http, service: MemoryService) -> None:
    service.peer = "127.0.0.1"
    send_form(http, service, SIGN_BODY)
    send_form(http, service, SIGN_BODY | {"passphrase": "wrong"})

    counted = [line for line in http.get("/metrics").text.splitlines() if line.startswith("teken_signings_total")]

    assert counted == [
        'teken_signings_total{level="B-LT",outcome="signed"} 1.0',
        'teken_signings_total{level="B-LT",outcome="passphrase-wrong"} 1.0',
    ]


def test_signings_are_found_by_the_clients_own_identifier(http: Http, service: MemoryService) -> None:
    lettered = SIGN_BODY | {"letter": {"externalId": "surat-1"}}
    codes = sorted(send_form(http, service, lettered).json()["code"] for _ in range(3))
    send_form(http, service, SIGN_BODY)

    def page(client: str = "sikd", **query: str) -> Any:
        return http.get("/v1/signatures", params=query, headers=service.bearer(client)).json()

    first = page(externalId="surat-1", limit="2")
    second = page(externalId="surat-1", limit="2", cursor=first["next"])
    assert [each["code"] for each in (*first["items"], *second["items"])] == codes
    assert second["next"] is None
    assert page("other", externalId="surat-1")["items"] == []
    assert page(externalId="surat-2")["items"] == []
    missing, empty = page(), page(externalId="")
    assert (missing["field"], empty["field"]) == ("externalId", "externalId")
