"""Letters over HTTP: a client sees and withdraws its own, the office any."""

from dataclasses import replace

import pytest

from api.permissions import Permission
from signer.model import SignatureRecord
from store.database import open_database
from store.signatures import SqlSignatureLog
from tests.support.api_memory import MemoryService
from tests.unit.store.samples import intent, signed

WHY = {"reason": "wrong-content", "note": "Tanggal keliru."}


@pytest.fixture
def letter(kept: MemoryService) -> str:
    """The code of a signed letter of the client `sikd`."""
    record = replace(intent(), client_id="sikd")
    with open_database(kept.services.settings.store.url(), 1) as database:
        log = SqlSignatureLog(database)
        log.reserve(record)
        log.record(record.code, signed())
    kept.signing.records[record.code.token] = SignatureRecord(intent=record, outcome=signed())
    return record.code.token


def test_a_client_withdraws_its_letter_once(kept: MemoryService, letter: str) -> None:
    with kept.http() as http:
        before = http.get(f"/v1/signatures/{letter}/standing", headers=kept.bearer())
        assert before.json()["state"] == "stands"
        done = http.post(f"/v1/signatures/{letter}/withdrawal", json=WHY, headers=kept.bearer())
        assert done.status_code == 201
        assert done.json()["state"] == "withdrawn"
        assert done.json()["withdrawal"]["note"] == "Tanggal keliru."
        again = http.post(f"/v1/signatures/{letter}/withdrawal", json=WHY, headers=kept.bearer())
    assert (again.status_code, again.json()["reason"]) == (409, "already-withdrawn")


def test_another_clients_letter_looks_like_none(kept: MemoryService, letter: str) -> None:
    with kept.http() as http:
        for code in (letter, "0" * 26, "x"):
            theirs = http.post(f"/v1/signatures/{code}/withdrawal", json=WHY, headers=kept.bearer("other"))
            assert (theirs.status_code, theirs.json()["reason"]) == (404, "unknown-code")
            assert http.get(f"/v1/signatures/{code}/standing", headers=kept.bearer("other")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": "boredom"}, "reason"),
        (WHY | {"note": "a\x00b"}, "note"),
        (WHY | {"by": "me"}, "request"),
    ],
)
def test_a_reason_is_one_of_those(kept: MemoryService, letter: str, body: object, field: str) -> None:
    with kept.http() as http:
        answer = http.post(f"/v1/signatures/{letter}/withdrawal", json=body, headers=kept.bearer())
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_reading_is_not_withdrawing(kept: MemoryService, letter: str) -> None:
    reader = kept.bearer(scopes=frozenset({Permission.SIGNATURE_READ, Permission.SIGNATURE_CREATE}))
    with kept.http() as http:
        assert http.post(f"/v1/signatures/{letter}/withdrawal", json=WHY, headers=reader).status_code == 403
        assert http.post(f"/v1/letters/{letter}/withdrawal", json=WHY, headers=reader).status_code == 403
