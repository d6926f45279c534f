"""The doors to a higher level."""

import json
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from signer.errors import StatusUnavailable
from signer.model import SignatureLevel
from tests.support.api_memory import ALL, PDF, SIGN_BODY, MemoryService
from tests.unit.api.faces.test_signatures import send_form

Http = TestClient[Litestar]
SIGNED = PDF + b"% signed elsewhere\n"


def send(http: Http, service: MemoryService, document: bytes, body: object, **headers: str) -> Response:
    files = {"document": ("a.pdf", document, "application/pdf"), "request": (None, json.dumps(body))}
    return http.post("/v1/augmentations", files=files, headers=service.bearer() | headers)


def raise_code(http: Http, service: MemoryService, code: str, body: object, **more: Any) -> Response:
    return http.post(f"/v1/signatures/{code}/augmentations", json=body, headers=service.bearer(**more))


def code_of(http: Http, service: MemoryService) -> str:
    return str(send_form(http, service, SIGN_BODY).json()["code"])


def test_a_file_comes_back_at_its_new_level(http: Http, service: MemoryService) -> None:
    answer = send(http, service, SIGNED, {"level": "B-LTA"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(SIGNED)
    assert answer.headers["Teken-Level"] == "B-LTA"
    assert answer.headers["Teken-Good-Until"].startswith("2029-")
    assert "Location" not in answer.headers
    assert service.archive.asked == [(SignatureLevel.B_LTA, "sikd")]


def test_a_raw_file_says_its_level_in_a_header(http: Http, service: MemoryService) -> None:
    headers = {"Content-Type": "application/pdf", "Teken-Request": '{"level": "B-T"}'}
    answer = http.post("/v1/augmentations", content=SIGNED, headers=service.bearer() | headers)
    assert (answer.status_code, answer.headers["Teken-Level"]) == (201, "B-T")


def test_a_signing_is_raised_by_its_code_and_the_document_is_then_the_newest(
    http: Http, service: MemoryService
) -> None:
    code = code_of(http, service)
    answer = raise_code(http, service, code, {"level": "B-LTA"})
    assert answer.status_code == 201
    assert answer.headers["Teken-Verification-Code"] == code
    assert answer.headers["Location"] == f"/v1/signatures/{code}/document?version=1"

    def document(query: str = "") -> Response:
        return http.get(f"/v1/signatures/{code}/document{query}", headers=service.bearer())

    assert document().content == document("?version=1").content == answer.content
    assert document().headers["ETag"] == answer.headers["ETag"]
    assert answer.content.startswith(document("?version=0").content)
    assert document("?version=2").status_code == 404
    assert document("?version=x").status_code == 400


def test_another_clients_code_is_unknown(http: Http, service: MemoryService) -> None:
    code = code_of(http, service)
    assert raise_code(http, service, code, {"level": "B-LTA"}, client_id="other").status_code == 404
    assert raise_code(http, service, "0123456789ABCDEFGHJKMNPQRS", {"level": "B-LTA"}).status_code == 404


def test_the_scope_is_needed(http: Http, service: MemoryService) -> None:
    scopes = ALL - {"augmentation:create"}
    answer = send(http, service, SIGNED, {"level": "B-LTA"}, **service.bearer(scopes=scopes))
    assert answer.status_code == 403
    assert raise_code(http, service, "x", {"level": "B-LTA"}, scopes=scopes).status_code == 403
    assert http.post("/v1/augmentations", content=SIGNED).status_code == 401
    assert service.archive.asked == []


@pytest.mark.parametrize("body", [{}, {"level": "B-X"}, {"level": None}, {"level": "B-T", "code": "x"}, [], "x"])
def test_a_bad_body_is_refused(http: Http, service: MemoryService, body: object) -> None:
    assert send(http, service, SIGNED, body).status_code == 400
    assert raise_code(http, service, code_of(http, service), body).status_code == 400
    assert service.archive.asked == []


def test_refusals_and_failures_have_their_problems(http: Http, service: MemoryService) -> None:
    refused = send(http, service, PDF, {"level": "B-LTA"})
    assert (refused.status_code, refused.json()["reason"]) == (422, "unsigned")
    service.archive.fails_with = StatusUnavailable("no status of 1234")
    failed = send(http, service, SIGNED, {"level": "B-LTA"})
    assert failed.status_code == 503
    assert "1234" not in failed.text
