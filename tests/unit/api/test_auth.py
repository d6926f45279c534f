"""Bearer tokens at the door: 401 with its challenge, 403 with the scope that is missing (RFC 6750)."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.auth import AccessToken
from tests.support.api_memory import MemoryService

Http = TestClient[Litestar]


@pytest.mark.parametrize(
    ("header", "reason", "challenge"),
    [
        (None, "token-missing", 'Bearer realm="teken"'),
        ("Basic c2lrZDp4", "token-malformed", 'Bearer realm="teken"'),
        ("Bearer", "token-invalid", 'Bearer realm="teken", error="invalid_token"'),
        ("Bearer tk_short", "token-invalid", 'Bearer realm="teken", error="invalid_token"'),
        ("Bearer " + "x" * 5000, "token-invalid", 'Bearer realm="teken", error="invalid_token"'),
        ("Bearer tk_" + "A" * 43, "token-invalid", 'Bearer realm="teken", error="invalid_token"'),
    ],
)
def test_who_has_no_good_token_is_refused_with_a_challenge(
    http: Http, header: str | None, reason: str, challenge: str
) -> None:
    answer = http.post("/v1/signatures", headers={} if header is None else {"Authorization": header})

    assert answer.status_code == 401
    assert answer.json()["reason"] == reason
    assert answer.headers["www-authenticate"] == challenge


def test_two_authorization_fields_are_refused(http: Http, service: MemoryService) -> None:
    token = service.bearer()["Authorization"]

    answer = http.post("/v1/signatures", headers=[("Authorization", token), ("Authorization", token)])

    assert answer.status_code == 401


def test_a_token_in_the_address_is_no_token(http: Http, service: MemoryService) -> None:
    assert http.post(f"/v1/signatures?access_token={service.token()}").status_code == 401


def test_an_expired_token_is_refused(http: Http, service: MemoryService) -> None:
    headers = service.bearer()
    assert http.get("/v1/signatures/x", headers=headers).status_code == 404

    service.clock.forward(30 * 60)

    answer = http.get("/v1/signatures/x", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "token-invalid")


def test_the_scheme_is_read_without_regard_to_case(http: Http, service: MemoryService) -> None:
    headers = {"Authorization": service.bearer()["Authorization"].replace("Bearer", "bearer")}

    assert http.get("/v1/signatures/x", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("request_", "has", "needs"),
    [
        (("POST", "/v1/signatures"), "signature:read", "signature:create"),
        (("GET", "/v1/signatures/x"), "signature:create", "signature:read"),
        (("GET", "/v1/signatures/x/document"), "signature:create", "signature:read"),
    ],
)
def test_a_token_without_the_scope_is_told_which_one_is_missing(
    http: Http, service: MemoryService, request_: tuple[str, str], has: str, needs: str
) -> None:
    answer = http.request(*request_, headers=service.bearer(scopes=frozenset({has})))

    assert answer.status_code == 403
    assert answer.json()["reason"] == "insufficient-scope"
    assert f'error="insufficient_scope", scope="{needs}"' in answer.headers["www-authenticate"]


def test_a_token_never_shows_itself() -> None:
    assert repr(AccessToken(text="tk_secret", scopes=frozenset(), seconds=1)) == "AccessToken(***)"
