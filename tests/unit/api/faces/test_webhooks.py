"""Webhooks over HTTP: a client's own, their secret told once, nothing of another client's."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.permissions import Permission
from signer.events import EventType
from store.database import open_database
from store.deliveries import SqlDeliveries
from store.events import tell
from tests.support.api_memory import NOON, MemorySecrets, MemoryService
from tests.support.databases import execute

Http = TestClient[Litestar]
URL = "https://surat.contoh.go.id/hooks/teken"


@pytest.fixture
def http(kept: MemoryService) -> Iterator[Http]:
    with kept.http() as http:
        yield http


def added(kept: MemoryService, http: Http, client: str = "sikd", **body: object) -> dict[str, str]:
    answer = http.post("/v1/webhooks", json={"url": URL, **body}, headers=kept.bearer(client))
    assert answer.status_code == 201, answer.text
    return {**answer.json()["webhook"], "secret": answer.json()["secret"]}


def test_an_address_inside_is_refused_before_anything_is_kept(kept: MemoryService, http: Http) -> None:
    for url in ("http://surat.contoh.go.id/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/x"):
        answer = http.post("/v1/webhooks", json={"url": url}, headers=kept.bearer())
        assert (answer.status_code, answer.json()["field"]) == (422, "url")
    assert http.get("/v1/webhooks", headers=kept.bearer()).json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": URL, "types": ["signature.forged"]}, "types[0]"),
        ({"url": URL, "secret": "mine"}, "request"),
        ({"url": 1}, "url"),
    ],
)
def test_what_is_no_webhook_is_told(kept: MemoryService, http: Http, body: object, field: str) -> None:
    answer = http.post("/v1/webhooks", json=body, headers=kept.bearer())
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_the_secret_is_told_once_and_never_kept_in_the_clear(kept: MemoryService, http: Http) -> None:
    hook = added(kept, http)
    assert hook["secret"].startswith("whsec_")
    assert len(hook["secret"]) == len("whsec_") + 43
    for path in ("/v1/webhooks", f"/v1/webhooks/{hook['id']}"):
        assert hook["secret"] not in http.get(path, headers=kept.bearer()).text
    url = kept.services.settings.store.url()
    for table in ("webhooks", "webhook_secrets", "audit_entries", "idempotency_keys"):
        assert hook["secret"] not in str(execute(url, f"SELECT * FROM {table}"))  # noqa: S608 - our own names
    ((sealed,),) = execute(url, "SELECT sealed FROM webhook_secrets")
    assert hook["secret"].encode() not in bytes(sealed)  # type: ignore[arg-type] - octets


def test_under_a_key_one_webhook_is_made_and_its_secret_is_not_kept(kept: MemoryService, http: Http) -> None:
    headers = kept.bearer() | {"Idempotency-Key": "again"}
    first, again = (http.post("/v1/webhooks", json={"url": URL}, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["reason"]) == (201, 409, "told-once")
    assert first.headers["location"] == again.headers["location"]
    assert http.get(first.headers["location"], headers=kept.bearer()).json() == first.json()["webhook"]
    assert len(http.get("/v1/webhooks", headers=kept.bearer()).json()["items"]) == 1
    rows = execute(kept.services.settings.store.url(), "SELECT * FROM idempotency_keys")
    assert first.json()["secret"] not in str(rows)
    other = http.post("/v1/webhooks", json={"url": URL + "/x"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


def test_another_clients_webhook_looks_like_none(kept: MemoryService, http: Http) -> None:
    hook = added(kept, http)["id"]
    theirs = kept.bearer("other")
    for path in (hook, "0" * 32, "x" * 300):
        asked = [
            http.get(f"/v1/webhooks/{path}", headers=theirs),
            http.patch(f"/v1/webhooks/{path}", json={"state": "paused"}, headers=theirs),
            http.delete(f"/v1/webhooks/{path}", headers=theirs),
            http.post(f"/v1/webhooks/{path}/secret", json={}, headers=theirs),
            http.post(f"/v1/webhooks/{path}/test", headers=theirs),
            http.get(f"/v1/webhooks/{path}/deliveries", headers=theirs),
            http.post(f"/v1/webhooks/{path}/deliveries/1/replay", headers=theirs),
            http.post(f"/v1/webhooks/{path}/replay", json={"since": "2026-01-01T00:00:00Z"}, headers=theirs),
        ]
        assert {each.status_code for each in asked} == {404}
    assert http.get("/v1/webhooks", headers=theirs).json() == {"items": []}
    assert http.get(f"/v1/webhooks/{hook}", headers=kept.bearer()).status_code == 200


def test_changing_pausing_and_removing(kept: MemoryService, http: Http) -> None:
    hook = added(kept, http, types=["signature.signed"])["id"]
    path = f"/v1/webhooks/{hook}"

    def change(body: dict[str, object]) -> dict[str, object]:
        answer = http.patch(path, json=body, headers=kept.bearer())
        return {"status": answer.status_code, **answer.json()}

    assert change({"state": "paused"})["state"] == "paused"
    assert change({"types": []})["types"] == []
    assert change({"url": "https://lain.contoh.go.id/"})["url"] == "https://lain.contoh.go.id/"
    assert change({"url": "https://10.0.0.1/"})["reason"] == "address"
    assert change({"state": "failing"})["field"] == "state"
    assert http.post(f"{path}/test", headers=kept.bearer()).json()["reason"] == "paused"
    assert change({"state": "active"})["state"] == "active"
    assert http.delete(path, headers=kept.bearer()).json()["id"] == hook
    assert http.get(path, headers=kept.bearer()).status_code == 404
    entries = execute(kept.services.settings.store.url(), "SELECT act, details FROM audit_entries ORDER BY sequence")
    assert [act for act, _ in entries] == ["webhook.add", *["webhook.change"] * 4, "webhook.remove"]
    assert "contoh.go.id" not in str(entries)


def test_two_secrets_are_good_while_one_takes_over(kept: MemoryService, http: Http) -> None:
    hook = added(kept, http)
    path = f"/v1/webhooks/{hook['id']}/secret"
    first, second = hook["secret"], http.post(path, json={"overlapHours": 1}, headers=kept.bearer()).json()["secret"]
    third = http.post(path, json={"overlapHours": 1}, headers=kept.bearer()).json()["secret"]
    assert len({first, second, third}) == 3
    with open_database(kept.services.settings.store.url(), 1) as database:
        queue, vault, owner = SqlDeliveries(database), MemorySecrets(), f"webhook:{hook['id']}"
        now = [vault.open(each, owner=owner).decode() for each in queue.secrets(hook["id"], at=NOON)]
        kept.clock.forward(3601)
        later = [vault.open(each, owner=owner).decode() for each in queue.secrets(hook["id"], at=kept.clock.at)]
    assert (now, later) == ([third, second], [third])
    assert http.post(path, json={"overlapHours": 169}, headers=kept.bearer()).status_code == 400


def test_there_are_so_many_and_no_more(kept: MemoryService, http: Http) -> None:
    for _ in range(10):
        added(kept, http)
    answer = http.post("/v1/webhooks", json={"url": URL}, headers=kept.bearer())
    assert (answer.status_code, answer.json()["reason"]) == (422, "too-many-webhooks")
    added(kept, http, "other")


def test_the_log_is_read_and_replayed(kept: MemoryService, http: Http) -> None:
    hook = added(kept, http)["id"]
    path = f"/v1/webhooks/{hook}"
    with open_database(kept.services.settings.store.url(), 1) as database:
        with database.transaction() as session:
            for number in range(3):
                tell(session, EventType.SIGNATURE_SIGNED, client_id="sikd", subject=f"code {number}", at=NOON)
        execute(
            kept.services.settings.store.url(),
            "INSERT INTO clients (id, name, scopes, state, created_at, secret_sha256, auth_methods, grants,"
            " redirect_uris, jwks, networks)"
            " VALUES ('sikd', 'SIKD', '[]', 'active', '2026-01-01', '', '[]', '[]', '[]', '[]', '[]')",
        )
        queue = SqlDeliveries(database)
        claim = queue.claim(at=NOON, until=NOON)
        assert claim is not None
        queue.give_back(claim, rest_until=NOON)
    page = http.get(f"{path}/deliveries", params={"limit": 2}, headers=kept.bearer()).json()
    assert ([each["number"] for each in page["items"]], page["next"]) == ([3, 2], "2")
    rest = http.get(f"{path}/deliveries", params={"cursor": "2", "only": "waiting"}, headers=kept.bearer()).json()
    assert ([each["number"] for each in rest["items"]], rest["next"]) == ([1], None)
    again = http.post(f"{path}/deliveries/1/replay", headers=kept.bearer())
    assert (again.status_code, again.json()["attempts"]) == (202, 0)
    for number in ("4", "0", str(2**64)):
        assert http.post(f"{path}/deliveries/{number}/replay", headers=kept.bearer()).status_code == 404
    kept.clock.forward(300)
    for since, count in (("2026-06-01T12:00:00Z", 3), ("0001-01-01T00:00:00+14:00", 3), ("2026-06-01T12:00:01Z", 0)):
        answer = http.post(f"{path}/replay", json={"since": since}, headers=kept.bearer())
        assert (answer.status_code, answer.json()["events"]) == (202, count)
    for since in ("yesterday", "2026-06-01T12:00:00", 1):
        assert http.post(f"{path}/replay", json={"since": since}, headers=kept.bearer()).status_code == 400


def test_managing_webhooks_takes_its_scope_and_no_staff_reads_them(kept: MemoryService, http: Http) -> None:
    others = frozenset(str(each) for each in Permission) - {"webhook:manage"}
    assert http.get("/v1/webhooks", headers=kept.bearer(scopes=others)).status_code == 403
    assert http.post("/v1/webhooks", json={"url": URL}).status_code == 401
