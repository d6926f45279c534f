"""Applications at the door of administrators: who may, what is refused with which word, and what the trail keeps."""

import base64
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from joserfc.jwk import ECKey

from signer.people import Role
from store.audit import AuditTrail
from store.clients import SqlClientStore
from store.database import Database
from tests.support.api_memory import NOON, MemoryService
from tests.support.office import TestOffice
from tests.support.office_doors import *  # noqa: F403 - its fixtures
from tests.support.office_doors import Door, Http

BACK = "https://e-office.example/kembali"
WEB: dict[str, Any] = {"name": "E-office Contoh", "scopes": ["service", "credential"], "redirectUris": [BACK]}
MACHINE: dict[str, Any] = {"name": "Mesin Contoh", "scopes": ["signature:create"]}
KEY = ECKey.generate_key("P-256")
KEYS = {"keys": [{**KEY.as_dict(private=False), "kid": "a"}]}


def refused(answer: Response, status: int) -> dict[str, Any]:
    """The problem that it has to be."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["nextStep"]
    return problem


def added(administrator: Door, body: dict[str, Any]) -> dict[str, Any]:
    answer = administrator.post("/v1/clients", body)
    assert answer.status_code == 201, answer.text
    assert "no-store" in answer.headers["cache-control"]
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture(autouse=True)
def kept_answers(office: TestOffice, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, office.settings.store.url().partition(":///")[2])


def test_a_web_application_is_registered_and_its_secret_is_told_once(administrator: Door, database: Database) -> None:
    told = added(administrator, WEB | {"clientId": "e-office"})
    client, secret = told["client"], told["clientSecret"]
    assert client["grants"] == ["authorization_code", "client_credentials", "refresh_token"]
    assert client["authMethods"] == ["client_secret_basic", "client_secret_post"]
    assert set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
    assert SqlClientStore(database).authenticate("e-office", secret) is not None
    shown = administrator.get("/v1/clients/e-office")
    assert shown.json() == client
    assert secret not in shown.text + administrator.get("/v1/clients").text
    assert not any(secret in repr(entry) or hashed(secret) in repr(entry) for entry in AuditTrail(database).read())


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def test_applications_without_a_secret(administrator: Door, database: Database) -> None:
    public = added(administrator, WEB | {"authMethods": ["none"], "redirectUris": ["id.example.app:/kembali"]})
    assert public["clientSecret"] is None
    assert public["client"]["grants"] == ["authorization_code", "refresh_token"]
    keyed = added(administrator, MACHINE | {"authMethods": ["private_key_jwt"], "jwks": KEYS})
    assert (keyed["clientSecret"], keyed["client"]["jwks"]) == (None, KEYS)
    by_tls = added(
        administrator,
        MACHINE | {"authMethods": ["self_signed_tls_client_auth"], "tlsThumbprint": ":".join(["AB"] * 32)},
    )
    assert by_tls["client"]["tlsThumbprint"] == "ab" * 32
    named = added(administrator, MACHINE | {"authMethods": ["tls_client_auth"], "tlsSubject": "CN=a,O=Dinas Contoh"})
    assert named["client"]["tlsSubject"] == "CN=a,O=Dinas Contoh"


def test_pages_of_applications_leave_staff_out(administrator: Door) -> None:
    for number in range(5):
        added(administrator, MACHINE | {"clientId": f"m{number}"})
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = administrator.get("/v1/clients", **query).json()
        seen += [each["clientId"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == [f"m{number}" for number in range(5)]


def test_a_change_says_in_the_trail_what_is_otherwise_now(administrator: Door, database: Database) -> None:
    added(administrator, WEB | {"clientId": "e-office"})
    change = {"redirectUris": [BACK, "http://127.0.0.1:9000/kembali"], "networks": ["192.0.2.0/24"]}
    changed = administrator.patch("/v1/clients/e-office", change)
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in change} == change
    assert administrator.patch("/v1/clients/e-office", change).json() == changed.json()
    entries = [entry for entry in AuditTrail(database).read() if entry.act == "client.change"]
    assert [(entry.object, entry.actor, entry.role) for entry in entries] == [
        ("client:e-office", "administrator", "administrator")
    ]
    assert json.loads(entries[0].details) == {
        "redirect_uris": change["redirectUris"],
        "networks": change["networks"],
    }


def test_new_keys_are_in_the_trail_by_their_thumbprints(administrator: Door, database: Database) -> None:
    added(administrator, MACHINE | {"clientId": "jwt", "authMethods": ["private_key_jwt"], "jwks": KEYS})
    other = ECKey.generate_key("P-256")
    keys = {"keys": [*KEYS["keys"], other.as_dict(private=False)]}
    assert administrator.patch("/v1/clients/jwt", {"jwks": keys}).json()["jwks"] == keys
    entry = next(entry for entry in AuditTrail(database).read() if entry.act == "client.change")
    assert json.loads(entry.details) == {"keys": [KEY.thumbprint(), other.thumbprint()]}


def test_another_secret_ends_the_one_of_before(administrator: Door, database: Database) -> None:
    first = added(administrator, MACHINE | {"clientId": "m"})["clientSecret"]
    store = SqlClientStore(database)
    store.issue_token("m", frozenset({"signature:create"}), "ab" * 32, NOON.replace(year=2099), at=NOON)
    answer = administrator.post("/v1/clients/m/secret")
    assert (answer.status_code, "no-store" in answer.headers["cache-control"]) == (201, True)
    second = answer.json()["clientSecret"]
    assert (store.authenticate("m", first), store.authenticate("m", second) is None) == (None, False)
    assert store.token("ab" * 32, NOON) is None
    assert [entry.details for entry in AuditTrail(database).read() if entry.act == "client.secret"] == ["{}"]


def test_under_a_key_one_application_is_made_and_its_secret_changed_once(administrator: Door) -> None:
    key, other = {"Idempotency-Key": "k-1"}, {"Idempotency-Key": "k-2"}
    asked = MACHINE | {"clientId": "m"}
    assert administrator.post("/v1/clients", asked, **key).headers["location"] == "/v1/clients/m"
    again = administrator.post("/v1/clients", asked, **key)
    assert (refused(again, 409)["reason"], again.headers["location"]) == ("told-once", "/v1/clients/m")
    assert administrator.post("/v1/clients/m/secret", **other).status_code == 201
    assert refused(administrator.post("/v1/clients/m/secret", **other), 409)["reason"] == "told-once"
    key = {"Idempotency-Key": "k-3"}
    ended = administrator.post("/v1/clients/m/disable", **key)
    assert administrator.post("/v1/clients/m/disable", **key).json() == ended.json()


def test_a_disabled_application_is_shown_and_does_nothing(administrator: Door, database: Database) -> None:
    secret = added(administrator, MACHINE | {"clientId": "m"})["clientSecret"]
    assert administrator.post("/v1/clients/m/disable").json()["state"] == "disabled"
    assert administrator.get("/v1/clients/m").json()["state"] == "disabled"
    assert SqlClientStore(database).authenticate("m", secret) is None
    for answer in (
        administrator.post("/v1/clients/m/disable"),
        administrator.post("/v1/clients/m/secret"),
        administrator.patch("/v1/clients/m", {"name": "Lain"}),
    ):
        assert refused(answer, 404)["reason"] == "disabled"


@pytest.mark.parametrize("client_id", ["nobody", "administrator", "x" * 300])
def test_whoever_is_no_application_is_unknown(
    administrator: Door, registrar: Door, office: TestOffice, client_id: str
) -> None:
    for answer in (
        administrator.get(f"/v1/clients/{client_id}"),
        administrator.patch(f"/v1/clients/{client_id}", {"scopes": ["service"]}),
        administrator.post(f"/v1/clients/{client_id}/secret"),
        administrator.post(f"/v1/clients/{client_id}/disable"),
    ):
        assert refused(answer, 404)["field"] == "client"


@pytest.mark.parametrize("role", Role)
def test_administrators_alone(http: Http, service: MemoryService, role: Role) -> None:
    door = Door(http, service, role)
    for answer in (
        door.get("/v1/clients"),
        door.get("/v1/clients/none"),
        door.post("/v1/clients", {}),
        door.patch("/v1/clients/none", {}),
        door.post("/v1/clients/none/secret"),
        door.post("/v1/clients/none/disable"),
    ):
        closed = answer.status_code == 403 and answer.json()["type"].endswith("scope-missing")
        assert closed is (role is not Role.ADMINISTRATOR), answer.text


def test_an_application_registers_nobody(http: Http, service: MemoryService) -> None:
    answer = http.post("/v1/clients", json=MACHINE, headers=service.bearer("sikd"))
    assert refused(answer, 403)["type"].endswith("staff-refused")


NO_URIS = [
    "http://e-office.example/kembali",
    "https://e-office.example/kembali#x",
    "https://e-office.example/*",
    "https://user@e-office.example/",
    "https:///kembali",
    "https://e-office.example:99999/",
    "https://[::1/",
    "/kembali",
    "javascript:alert(1)",
    "data:text/html,x",
    "id.example.app:/kembali",
    "https://e-office.example/a b",
    "https://e-office.example/\u00e9",
    "https://e-office.example\\@evil.example/",
    "http://localhost.evil.example/",
    "urn:ietf:wg:oauth:2.0:oob",
]


@pytest.mark.parametrize("uri", NO_URIS)
def test_a_redirect_address_that_others_could_hear_is_refused(administrator: Door, uri: str) -> None:
    assert refused(administrator.post("/v1/clients", WEB | {"redirectUris": [uri]}), 422)["field"] == "redirectUris"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (WEB | {"redirectUris": [BACK, BACK]}, 422, "redirectUris"),
        (WEB | {"redirectUris": [f"{BACK}/{n}" for n in range(21)]}, 400, "redirectUris"),
        (WEB | {"redirectUris": [BACK + "a" * 512]}, 400, "redirectUris[0]"),
        (WEB | {"redirectUris": []}, 422, "scopes"),
        (WEB | {"grants": ["client_credentials"]}, 422, "redirectUris"),
        (WEB | {"grants": []}, 400, "grants"),
        (WEB | {"grants": ["implicit"]}, 400, "grants[0]"),
        (WEB | {"grants": ["password"]}, 400, "grants[0]"),
        (MACHINE | {"grants": ["client_credentials", "refresh_token"]}, 422, "grants"),
        (MACHINE | {"grants": ["authorization_code"]}, 422, "redirectUris"),
        (WEB | {"authMethods": ["none"], "grants": ["authorization_code", "client_credentials"]}, 422, "grants"),
        (WEB | {"authMethods": ["none", "client_secret_basic"]}, 422, "authMethods"),
        (WEB | {"authMethods": []}, 400, "authMethods"),
        (WEB | {"authMethods": ["client_secret_jwt"]}, 400, "authMethods[0]"),
        (MACHINE | {"authMethods": ["private_key_jwt"]}, 422, "jwks"),
        (MACHINE | {"jwks": KEYS}, 422, "jwks"),
        (MACHINE | {"authMethods": ["private_key_jwt"], "jwks": {}}, 422, "jwks"),
        (
            MACHINE | {"authMethods": ["private_key_jwt"], "jwks": {"keys": [KEY.as_dict(private=True)]}},
            422,
            "jwks",
        ),
        (MACHINE | {"authMethods": ["tls_client_auth"]}, 422, "tlsSubject"),
        (MACHINE | {"authMethods": ["tls_client_auth"], "tlsSubject": "nobody"}, 422, "tlsSubject"),
        (MACHINE | {"tlsSubject": "CN=a"}, 422, "tlsSubject"),
        (MACHINE | {"authMethods": ["self_signed_tls_client_auth"]}, 422, "tlsThumbprint"),
        (MACHINE | {"authMethods": ["self_signed_tls_client_auth"], "tlsThumbprint": "ab"}, 422, "tlsThumbprint"),
        (MACHINE | {"networks": ["192.0.2.1/24"]}, 422, "networks"),
        (MACHINE | {"networks": ["192.0.2.0/24"] * 17}, 400, "networks"),
        (MACHINE | {"scopes": ["audit:read"]}, 422, "scopes"),
        (MACHINE | {"scopes": ["client:manage"]}, 422, "scopes"),
        (MACHINE | {"name": ""}, 400, "name"),
        (MACHINE | {"name": "a\u0007b"}, 400, "name"),
        (MACHINE | {"clientId": "a b"}, 422, "clientId"),
        (MACHINE | {"clientId": "a/b"}, 422, "clientId"),
        (MACHINE | {"secret": "chosen"}, 400, "request"),
        ({"name": "x"}, 400, "scopes"),
    ],
)
def test_a_registration_that_could_not_work_or_is_unsafe_is_refused_with_its_field(
    administrator: Door, body: dict[str, Any], status: int, field: str
) -> None:
    problem = refused(administrator.post("/v1/clients", body), status)
    assert problem["field"] == field
    assert base64.b64encode(b"x").decode() not in json.dumps(problem)
    assert administrator.get("/v1/clients").json()["items"] == []


def test_an_identifier_is_given_once(administrator: Door) -> None:
    added(administrator, MACHINE | {"clientId": "m"})
    for taken in ("m", "administrator"):
        assert refused(administrator.post("/v1/clients", MACHINE | {"clientId": taken}), 422)["reason"] == "taken"


def test_a_change_obeys_the_same_rules_and_changes_nothing_where_it_breaks_one(
    administrator: Door, database: Database
) -> None:
    before = added(administrator, WEB | {"clientId": "e-office"})["client"]
    for change, field in (
        ({"redirectUris": []}, "redirectUris"),
        ({"authMethods": ["none"]}, "grants"),
        ({"authMethods": ["private_key_jwt"]}, "jwks"),
        ({"scopes": ["staff:manage"]}, "scopes"),
        ({"networks": ["everywhere"]}, "networks"),
    ):
        assert refused(administrator.patch("/v1/clients/e-office", change), 422)["field"] == field
    assert administrator.get("/v1/clients/e-office").json() == before
    assert not [entry for entry in AuditTrail(database).read() if entry.act == "client.change"]


def test_the_last_way_by_secret_takes_the_secret_along(administrator: Door, database: Database) -> None:
    secret = added(administrator, MACHINE | {"clientId": "m"})["clientSecret"]
    to_keys = {"authMethods": ["private_key_jwt"], "jwks": KEYS}
    assert administrator.patch("/v1/clients/m", to_keys).status_code == 200
    assert refused(administrator.post("/v1/clients/m/secret"), 422)["reason"] == "no-secret"
    back = {"authMethods": ["client_secret_basic"], "jwks": {"keys": []}}
    assert administrator.patch("/v1/clients/m", back).status_code == 200
    assert SqlClientStore(database).authenticate("m", secret) is None
    renewed = administrator.post("/v1/clients/m/secret").json()["clientSecret"]
    assert SqlClientStore(database).authenticate("m", renewed) is not None
