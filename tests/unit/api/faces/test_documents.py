"""Documents of several signatories over HTTP: created, signed step by step, each client its own."""

import json
from dataclasses import replace
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from signer.model import FieldLock, LockAction
from tests.support.api_memory import CREDENTIAL, PASSPHRASE, PDF, MemoryService

Http = TestClient[Litestar]
STEPS = {"steps": [{"credential": CREDENTIAL}], "letter": {"externalId": "surat-1"}}
SIGNED = {"credential": CREDENTIAL, "passphrase": PASSPHRASE}


def create(
    http: Http, service: MemoryService, asked: Any, *, client: str = "sikd", pdf: bytes = PDF, **headers: str
) -> Response:
    files = {"document": ("letter.pdf", pdf, "application/pdf"), "request": (None, json.dumps(asked))}
    return http.post("/v1/documents", files=files, headers=service.bearer(client) | headers)


def test_a_document_is_created_read_and_signed(kept: MemoryService) -> None:
    with kept.http() as http:
        created = create(http, kept, STEPS)
        assert created.status_code == 201
        address = created.headers["location"]
        assert http.get(address, headers=kept.bearer()).json() == created.json()
        assert created.json()["steps"][0]["state"] == "ready"
        assert http.get(f"{address}/file", headers=kept.bearer()).content == PDF
        listed = http.get("/v1/documents", headers=kept.bearer()).json()
        assert [each["externalId"] for each in listed["items"]] == ["surat-1"]
        answer = http.post(f"{address}/steps/1", json=SIGNED, headers=kept.bearer())
    assert answer.status_code == 200
    (request,) = kept.signing.requests
    assert request.flow is not None
    assert (request.flow.number, request.document, request.client_id) == (1, PDF, "sikd")


def test_documents_are_found_by_the_clients_own_identifier(kept: MemoryService) -> None:
    with kept.http() as http:
        made = [create(http, kept, STEPS).json()["id"] for _ in range(3)]
        create(http, kept, STEPS | {"letter": {"externalId": "surat-2"}})
        create(http, kept, STEPS, client="other")

        def page(**query: str) -> Any:
            return http.get("/v1/documents", params={"externalId": "surat-1"} | query, headers=kept.bearer()).json()

        first = page(limit="2")
        second = page(limit="2", cursor=first["next"])
        bad = http.get("/v1/documents", params={"externalId": "x" * 201}, headers=kept.bearer())
    assert [each["id"] for each in (*first["items"], *second["items"])] == sorted(made)
    assert second["next"] is None
    assert (bad.status_code, bad.json()["field"]) == (400, "externalId")


def test_another_clients_document_looks_like_none(kept: MemoryService) -> None:
    with kept.http() as http:
        address = create(http, kept, STEPS).headers["location"]
        theirs = kept.bearer("other")
        for path in (address, f"{address}/file", "/v1/documents/x"):
            assert http.get(path, headers=theirs).status_code == 404
        assert http.post(f"{address}/steps/1", json=SIGNED, headers=theirs).status_code == 404
        assert http.post(f"{address}/cancellation", headers=theirs).status_code == 404
        assert http.get("/v1/documents", headers=theirs).json()["items"] == []
    assert kept.signing.requests == []


def test_a_step_may_lock_fields_and_the_last_one_close_the_document(kept: MemoryService) -> None:
    closing = {"credential": CREDENTIAL, "lock": {"action": "all", "closes": True}}
    naming = {"credential": "other", "lock": {"action": "include", "fields": ["nilai"]}}
    with kept.http() as http:
        assert create(http, kept, {"steps": [naming, closing]}).status_code == 201
        early = create(http, kept, {"steps": [closing, naming]})
        beside = create(http, kept, {"steps": [closing | {"order": 1}, naming | {"order": 1}]})
        address = create(http, kept, {"steps": [closing]}).headers["location"]
        assert http.post(f"{address}/steps/1", json=SIGNED, headers=kept.bearer()).status_code == 200
    assert (early.status_code, early.json()["reason"]) == (409, "lock")
    assert beside.json()["reason"] == "lock"
    (request,) = kept.signing.requests
    assert request.lock == FieldLock(action=LockAction.ALL, closes=True)


def test_what_makes_no_sense_is_refused_with_its_field(kept: MemoryService) -> None:
    with kept.http() as http:
        assert create(http, kept, {"steps": []}).status_code == 400
        assert create(http, kept, {"steps": [{"credential": "c", "act": "seal"}]}).json()["field"] == "steps[0].act"
        twice = create(http, kept, {"steps": [{"credential": "c"}, {"credential": "c"}]})
        assert (twice.status_code, twice.json()["reason"]) == (409, "twice")
        raw = http.post("/v1/documents", content=PDF, headers=kept.bearer() | {"Content-Type": "application/pdf"})
        assert raw.status_code == 400


def test_a_wrong_signer_and_a_cancelled_document_are_refused_politely(kept: MemoryService) -> None:
    with kept.http() as http:
        address = create(http, kept, STEPS).headers["location"]
        wrong = http.post(f"{address}/steps/1", json=SIGNED | {"credential": "other"}, headers=kept.bearer())
        assert (wrong.status_code, wrong.json()["reason"]) == (409, "wrong-signer")
        assert http.post(f"{address}/cancellation", headers=kept.bearer()).json()["state"] == "cancelled"
        late = http.post(f"{address}/steps/1", json=SIGNED, headers=kept.bearer())
        assert (late.status_code, late.json()["reason"]) == (409, "cancelled")
    assert kept.signing.requests == []


def test_no_passphrase_comes_through_where_the_settings_forbid_it(kept: MemoryService) -> None:
    settings = kept.services.settings
    closed = replace(settings, signing=replace(settings.signing, passphrase_through_api=False))
    kept.services = replace(kept.services, settings=closed)
    with kept.http() as http:
        address = create(http, kept, STEPS).headers["location"]
        answer = http.post(f"{address}/steps/1", json=SIGNED, headers=kept.bearer())
    assert (answer.status_code, answer.json()["reason"]) == (403, "not-through-api")
    assert kept.signing.requests == []
