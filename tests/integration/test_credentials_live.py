"""Clients, tokens and passphrases that are wrong: who knocks is told what to do, and cannot go on guessing."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from store.clients import SqlClientStore
from store.database import open_database
from tests.support.letters import letter
from tests.support.problems import require_problem
from tests.support.service import PASSPHRASE, RunningService, enrolled, teken

PDF = {"Content-Type": "application/pdf"}
JSON_BODY = {"content": b"{}", "headers": {"Content-Type": "application/json"}}
MISTYPED = "delapan gunung menunggu hujan"
GARBAGE_TOKEN = "tk_" + "A" * 43


def with_token(service: RunningService, token: str) -> httpx.Response:
    """404 for whoever may ask: there is no such signing."""
    return service.http.get("/v1/signatures/x", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    ("asked", "status", "word"),
    [
        (JSON_BODY, 415, "invalid_request"),
        ({"data": {"grant_type": "client_credentials"}}, 401, "invalid_client"),
        ({"data": {"grant_type": "password"}, "known": True}, 400, "unsupported_grant_type"),
        ({"data": {"scope": "everything", "grant_type": "client_credentials"}, "known": True}, 400, "invalid_scope"),
        ({"content": b"\xff=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400, None),
    ],
    ids=["json", "no secret", "another grant", "another scope", "not a form"],
)
def test_the_token_endpoint_speaks_oauth_also_when_it_refuses(
    service: RunningService, asked: dict[str, Any], status: int, word: str | None
) -> None:
    auth = service.client if asked.get("known") else None
    answer = service.http.post("/oauth2/token", auth=auth, **{key: asked[key] for key in asked if key != "known"})
    assert answer.status_code == status
    assert answer.json()["error"] == (word or "invalid_request")
    assert answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


def test_guessing_a_clients_secret_is_slowed_down_for_that_client_alone(service: RunningService) -> None:
    answers = [
        service.http.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=("nobody", f"guess-{number}")
        )
        for number in range(6)
    ]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert service.token()


BEARERS = {
    "none": (None, "token-missing"),
    "another scheme": ("Basic eDp5", "token-malformed"),
    "garbage": ("Bearer garbage", "token-invalid"),
    "well made and unknown": (f"Bearer {GARBAGE_TOKEN}", "token-invalid"),
}


@pytest.mark.parametrize(("header", "reason"), BEARERS.values(), ids=BEARERS)
def test_who_has_no_good_token_is_sent_to_the_token_endpoint(
    service: RunningService, header: str | None, reason: str
) -> None:
    headers = {**PDF, **({"Authorization": header} if header else {})}
    for method, path in (("POST", "/v1/signatures"), ("GET", "/v1/signatures/x"), ("GET", "/v1/signatures/x/document")):
        answer = service.http.request(method, path, headers=headers)
        require_problem(answer, 401, "unauthenticated", "Authorization", reason)
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_that_was_revoked_is_no_good(service: RunningService) -> None:
    token = service.token()
    assert with_token(service, token).status_code == 404
    service.http.post("/oauth2/revoke", data={"token": token}, auth=service.client).raise_for_status()
    require_problem(with_token(service, token), 401, "unauthenticated", "Authorization", "token-invalid")


def test_a_token_that_expired_is_no_good(service: RunningService) -> None:
    now = datetime.now(UTC)
    ended, living = (f"tk_{letter_ * 43}" for letter_ in "EL")
    with open_database(f"sqlite+pysqlite:///{service.directory}/teken.sqlite3", 1) as database:
        for token, end in ((ended, now - timedelta(seconds=1)), (living, now + timedelta(minutes=5))):
            digest = hashlib.sha256(token.encode()).hexdigest()
            SqlClientStore(database).issue_token(service.client[0], frozenset({"signature:read"}), digest, end, at=now)
    require_problem(with_token(service, ended), 401, "unauthenticated", "Authorization", "token-invalid")
    assert with_token(service, living).status_code == 404


def test_an_unknown_credential_is_called_by_its_name_on_the_wire(service: RunningService) -> None:
    require_problem(service.sign(letter(), credential="nobody"), 422, "credential-unknown", "credential", "unknown")


def test_wrong_passphrases_lock_the_credential_and_tell_how_long(service: RunningService) -> None:
    official = enrolled(service.directory, "I Made Contoh Terkunci")
    for _ in range(5):
        answer = service.sign(letter(), **official | {"passphrase": MISTYPED})
        require_problem(answer, 403, "passphrase-wrong", "passphrase", "wrong")
    for passphrase in (MISTYPED, PASSPHRASE):
        answer = service.sign(letter(), **official | {"passphrase": passphrase})
        require_problem(answer, 423, "passphrase-locked", "passphrase", "wait")
        assert 50 <= int(answer.headers["retry-after"]) <= 60


def test_a_suspended_official_signs_no_more_until_resumed(
    service: RunningService, second_official: dict[str, str]
) -> None:
    assert teken(service.directory, "suspend", second_official["credential"]).returncode == 0
    require_problem(service.sign(letter(), **second_official), 409, "credential-unusable", "credential", "suspended")
    assert teken(service.directory, "resume", second_official["credential"]).returncode == 0
    assert service.sign(letter(), **second_official).status_code == 201
