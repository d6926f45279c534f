"""Tokens: who may have one, what it says, and how an error looks (RFC 6749, RFC 7009)."""

import base64
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.api_memory import ALL, PDF, SECRET, MemoryService

Http = TestClient[Litestar]
GRANT = {"grant_type": "client_credentials"}


def ask(http: Http, *, form: dict[str, str] | None = None, auth: tuple[str, str] | None = ("sikd", SECRET)) -> Response:
    return http.post("/oauth2/token", data=GRANT | (form or {}), auth=auth)


def test_a_client_that_knows_its_secret_gets_a_token(http: Http) -> None:
    answer = ask(http)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["access_token"].startswith("tk_")
    assert len(body["access_token"]) == 46
    assert {**body, "access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 1800,
        "scope": " ".join(sorted(ALL - {"credential"})),
    }


def test_the_secret_may_come_in_the_form(http: Http) -> None:
    assert ask(http, form={"client_id": "sikd", "client_secret": SECRET}, auth=None).status_code == 200


def test_basic_credentials_are_form_urlencoded_before_they_are_joined(http: Http, service: MemoryService) -> None:
    service.clients.add("a:b c", secret="p%q+r:s")
    joined = base64.b64encode(b"a%3Ab+c:p%25q%2Br%3As").decode()

    answer = http.post("/oauth2/token", data=GRANT, headers={"Authorization": f"Basic {joined}"})

    assert answer.status_code == 200


def test_a_token_is_kept_as_its_hash_only(http: Http, service: MemoryService) -> None:
    token = ask(http).json()["access_token"]

    assert token not in repr(service.clients)
    assert [len(key) for key in service.clients.tokens] == [64]


def test_two_tokens_are_never_the_same(http: Http) -> None:
    assert ask(http).json()["access_token"] != ask(http).json()["access_token"]


def test_a_client_gets_the_scope_it_asked_for(http: Http) -> None:
    assert ask(http, form={"scope": "signature:read"}).json()["scope"] == "signature:read"


@pytest.mark.parametrize("scope", ["signature:read admin", "admin", " ", "credential"])
def test_a_scope_beyond_the_clients_own_is_refused_and_not_shortened(http: Http, scope: str) -> None:
    answer = ask(http, form={"scope": scope})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("auth", [("sikd", "wrong"), ("nobody", SECRET), ("", ""), ("sikd", "")])
def test_unknown_client_and_wrong_secret_look_alike(http: Http, auth: tuple[str, str]) -> None:
    answer = ask(http, auth=auth)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.json() == {"error": "invalid_client", "error_description": "Unknown client or wrong secret."}


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        ({"data": GRANT}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Basic !!!"}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Basic bm9jb2xvbg=="}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"Authorization": "Bearer tk_x"}}, 401, "invalid_client"),
        ({"data": GRANT | {"client_secret": SECRET}, "auth": ("sikd", SECRET)}, 400, "invalid_request"),
        ({"data": GRANT | {"client_id": "other"}, "auth": ("sikd", SECRET)}, 400, "invalid_request"),
        ({"data": {"scope": "x"}, "auth": ("sikd", SECRET)}, 400, "invalid_request"),
        ({"data": {"grant_type": ""}, "auth": ("sikd", SECRET)}, 400, "invalid_request"),
        ({"data": {"grant_type": "password"}, "auth": ("sikd", SECRET)}, 400, "unsupported_grant_type"),
        ({"data": {"grant_type": ["a", "b"]}, "auth": ("sikd", SECRET)}, 400, "invalid_request"),
        ({"json": GRANT, "auth": ("sikd", SECRET)}, 415, "invalid_request"),
        ({"auth": ("sikd", SECRET)}, 415, "invalid_request"),
        ({"data": GRANT | {"scope": "x" * 70_000}, "auth": ("sikd", SECRET)}, 413, "invalid_request"),
        (
            {
                "content": b"grant_type=%ff\xff",
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
                "auth": ("sikd", SECRET),
            },
            400,
            "invalid_request",
        ),
        (
            {
                "content": b"&".join(b"f%d=1" % number for number in range(50)),
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
                "auth": ("sikd", SECRET),
            },
            400,
            "invalid_request",
        ),
    ],
)
def test_every_error_has_the_shape_of_the_standard(
    http: Http, request_: dict[str, Any], status: int, error: str
) -> None:
    answer = http.post("/oauth2/token", **request_)

    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error


def test_guessing_is_slowed_down_before_the_secret_is_looked_at(http: Http, service: MemoryService) -> None:
    answers = [ask(http, auth=("sikd", "wrong")).status_code for _ in range(6)]
    asked = service.clients.asked
    locked = ask(http)

    assert answers == [401] * 5 + [429]
    assert (locked.status_code, locked.json()["error"]) == (429, "temporarily_unavailable")
    assert int(locked.headers["retry-after"]) == 12
    assert service.clients.asked == asked == 5

    service.clock.forward(12)
    assert ask(http).status_code == 200


def test_guessing_at_one_client_does_not_lock_out_another(http: Http) -> None:
    for _ in range(6):
        ask(http, auth=("sikd", "wrong"))

    assert ask(http, auth=("other", SECRET)).status_code == 200


def test_a_network_that_guesses_at_many_clients_is_slowed_down_as_a_whole(http: Http) -> None:
    for number in range(30):
        assert ask(http, auth=(f"client-{number}", "wrong")).status_code == 401

    assert ask(http).status_code == 429


def test_a_failure_behind_the_door_is_told_without_a_word_of_it(
    http: Http, service: MemoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"table clients: {SECRET}")

    monkeypatch.setattr(type(service.clients), "authenticate", broken)
    answer = ask(http)

    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert SECRET not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["error_description"]


def revoke(http: Http, token: str, *, auth: tuple[str, str] = ("sikd", SECRET)) -> Response:
    return http.post("/oauth2/revoke", data={"token": token}, auth=auth)


def sign_status(http: Http, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/pdf"}
    return http.post("/v1/signatures", content=PDF, headers=headers).status_code


def test_a_revoked_token_is_good_no_more(http: Http) -> None:
    token = ask(http).json()["access_token"]
    assert sign_status(http, token) == 400

    assert revoke(http, token).status_code == 204

    assert sign_status(http, token) == 401


def test_a_client_ends_its_own_tokens_only(http: Http) -> None:
    token = ask(http).json()["access_token"]

    assert revoke(http, token, auth=("other", SECRET)).json() == revoke(http, "tk_unknown").json()
    assert sign_status(http, token) == 400


def test_revoking_needs_a_token_and_a_client(http: Http) -> None:
    assert revoke(http, "").json()["error"] == "invalid_request"
    assert revoke(http, "tk_x", auth=("sikd", "wrong")).status_code == 401
