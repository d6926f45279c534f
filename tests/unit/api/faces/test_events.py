"""Events over HTTP: a client's own, in their order, from wherever it stopped reading."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.permissions import Permission
from signer.events import EventType
from store.database import open_database
from store.events import tell
from tests.support.api_memory import NOON, MemoryService

Http = TestClient[Litestar]


@pytest.fixture
def http(kept: MemoryService) -> Iterator[Http]:
    with open_database(kept.services.settings.store.url(), 1) as database, database.transaction() as session:
        for number in range(3):
            told = {"subject": f"code {number}", "external_id": f"S-{number}", "data": {"level": "B-LT"}}
            tell(session, EventType.SIGNATURE_SIGNED, client_id="sikd", at=NOON, **told)  # type: ignore[arg-type] - mixed
        tell(session, EventType.BATCH_FINISHED, client_id="other", subject="batch", at=NOON)
    with kept.http() as http:
        yield http


def test_reading_goes_on_behind_the_last_event(kept: MemoryService, http: Http) -> None:
    first = http.get("/v1/events", params={"limit": 2}, headers=kept.bearer()).json()
    assert [each["subject"] for each in first["items"]] == ["code 0", "code 1"]
    then = http.get("/v1/events", params={"cursor": first["next"]}, headers=kept.bearer()).json()
    assert [each["externalId"] for each in then["items"]] == ["S-2"]
    nothing = http.get("/v1/events", params={"cursor": then["next"]}, headers=kept.bearer()).json()
    assert nothing == {"items": [], "next": then["next"]}
    assert then["items"][0].keys() == {"id", "type", "at", "subject", "externalId", "data"}
    assert then["items"][0]["at"] == "2026-06-01T12:00:00Z"


def test_types_are_chosen(kept: MemoryService, http: Http) -> None:
    asked = [("type", "batch.finished"), ("type", "webhook.test")]
    assert http.get("/v1/events", params=asked, headers=kept.bearer()).json() == {"items": [], "next": None}
    found = http.get("/v1/events", params=asked, headers=kept.bearer("other")).json()
    assert [each["subject"] for each in found["items"]] == ["batch"]


@pytest.mark.parametrize("limit", ["0", "201", "many"])
def test_a_page_has_a_size(kept: MemoryService, http: Http, limit: str) -> None:
    assert http.get("/v1/events", params={"limit": limit}, headers=kept.bearer()).status_code == 400


def test_an_unknown_type_is_told(kept: MemoryService, http: Http) -> None:
    answer = http.get("/v1/events", params={"type": "signature.forged"}, headers=kept.bearer())
    assert (answer.status_code, answer.json()["field"]) == (400, "type")


def test_another_clients_event_is_no_place_to_go_on_from(kept: MemoryService, http: Http) -> None:
    own = http.get("/v1/events", headers=kept.bearer()).json()["next"]
    for after in (own, "0" * 36, "x", "x" * 64):
        answer = http.get("/v1/events", params={"cursor": after}, headers=kept.bearer("other"))
        assert (answer.status_code, answer.json()["reason"]) == (410, "unknown-event")
    assert http.get("/v1/events", params={"cursor": "x" * 65}, headers=kept.bearer()).status_code == 400


def test_reading_events_takes_its_scope(kept: MemoryService, http: Http) -> None:
    others = frozenset(str(each) for each in Permission) - {"event:read"}
    assert http.get("/v1/events", headers=kept.bearer(scopes=others)).status_code == 403
    assert http.get("/v1/events").status_code == 401
