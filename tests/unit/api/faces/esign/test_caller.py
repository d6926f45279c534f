"""Who gets in at the gateway: one Basic value among whatever else arrives, from where it may, and never in plain."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, get
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from api.esign.build import Esign
from api.faces.esign.paths import PathRule
from api.faces.esign.router import esign_router
from signer.api_credentials import Terms
from tests.unit.api.faces.esign.conftest import Gateway, basic


@get("/who", sync_to_thread=False)
def who(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Whom the face believes to see."""
    return {"user": request.user.credential.user_name, "client": request.user.client_id}


@pytest.fixture
def asked(gateway: Gateway) -> Iterator[TestClient[Litestar]]:
    """The face with one address of the tests' own; the header `from` says whence a request comes."""
    services = gateway.service.services
    assert isinstance(services.esign, Esign)
    app = Litestar([esign_router(services, services.esign, after=[], controllers=[who])], openapi_config=None)
    inner = PathRule(app.asgi_handler)

    async def from_somewhere(scope: Scope, receive: Receive, send: Send) -> None:
        told = dict(scope["headers"]) if scope["type"] == "http" else {}
        scope["client"] = told.get(b"from", b"127.0.0.1").decode(), 4711
        if b"over-tls" in told:
            scope["scheme"] = "https"
        await inner(scope, receive, send)

    app.asgi_handler = from_somewhere  # type: ignore[assignment]
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_b1_basic_right_gets_in_and_wrong_gets_401_with_a_body(gateway: Gateway, asked: TestClient[Litestar]) -> None:
    right = asked.get("/api/who", headers={"Authorization": gateway.basic})
    assert right.json() == {"user": "e-office-utama", "client": "e-office"}
    for value in (basic("e-office-utama", "salah"), basic("nobody", gateway.password), "Bearer abc", "Basic !!", None):
        refused = asked.get("/api/who", headers={"Authorization": value} if value else {})
        assert refused.status_code == 401
        assert refused.json()["status_code"] == 401
        assert refused.json()["error"].endswith("tidak cocok.")
        assert refused.headers["WWW-Authenticate"].startswith('Basic realm="')
        gateway.service.clock.forward(60)


def test_b2_b3_cookies_and_x_requested_with_are_ignored(gateway: Gateway, asked: TestClient[Litestar]) -> None:
    headers = {"Authorization": gateway.basic, "Cookie": "JSESSIONID=0A1B", "X-Requested-With": "XMLHttpRequest"}
    assert asked.get("/api/who", headers=headers).status_code == 200


@pytest.mark.parametrize("basic_first", [True, False])
def test_b4_two_authorization_lines(gateway: Gateway, asked: TestClient[Litestar], basic_first: bool) -> None:
    lines = [("Authorization", gateway.basic), ("Authorization", "Bearer abc.def")]
    assert asked.get("/api/who", headers=lines if basic_first else lines[::-1]).status_code == 200


@pytest.mark.parametrize("value", ["{}, Bearer abc.def", "Bearer abc.def,{}", "{},{}"])
def test_b5_folded_authorization(gateway: Gateway, asked: TestClient[Litestar], value: str) -> None:
    folded = value.replace("{}", gateway.basic)
    assert asked.get("/api/who", headers={"Authorization": folded}).status_code == 200


def test_b4_the_first_of_two_basic_values_counts(gateway: Gateway, asked: TestClient[Litestar]) -> None:
    wrong = basic("e-office-utama", "salah")
    lines = [("Authorization", wrong), ("Authorization", gateway.basic)]
    assert asked.get("/api/who", headers=lines).status_code == 401


def test_b6_disabled_or_from_elsewhere_is_403(gateway: Gateway, asked: TestClient[Litestar]) -> None:
    own = {"Authorization": gateway.basic}
    gateway.credentials.change("e-office-utama", Terms(networks=("192.0.2.0/24",)), actor="test")
    elsewhere = asked.get("/api/who", headers=own)
    assert (elsewhere.status_code, elsewhere.json()["status_code"]) == (403, 403)
    inside = asked.get("/api/who", headers={**own, "from": "::ffff:192.0.2.7", "over-tls": "1"})
    assert inside.status_code == 200
    gateway.credentials.enable("e-office-utama", False, actor="test")
    disabled = asked.get("/api/who", headers={**own, "from": "192.0.2.7", "over-tls": "1"})
    assert (disabled.status_code, disabled.json()["error"]) == (403, "Kredensial API ini dinonaktifkan.")


def test_guesses_are_counted_and_the_right_password_waits_too(gateway: Gateway, asked: TestClient[Litestar]) -> None:
    wrong = {"Authorization": basic("e-office-utama", "salah")}
    assert [asked.get("/api/who", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    waiting = asked.get("/api/who", headers={"Authorization": gateway.basic})
    assert waiting.status_code == 429
    assert int(waiting.headers["Retry-After"]) > 0
    assert waiting.json()["status_code"] == 429


@pytest.mark.parametrize("query", ["passphrase=x", "a=1&TOTP=x", "otp", "%70assphrase=x", "passphrase[]=x"])
def test_m1_a_secret_in_the_address_is_400(gateway: Gateway, asked: TestClient[Litestar], query: str) -> None:
    refused = asked.get(f"/api/who?{query}", headers={"Authorization": gateway.basic})
    assert (refused.status_code, refused.json()["status_code"]) == (400, 400)


def test_m3_plain_http_over_a_network_is_off_by_default(gateway: Gateway, asked: TestClient[Litestar]) -> None:
    assert gateway.service.services.settings.esign.plain_http is False
    own = {"Authorization": gateway.basic}
    for headers in ({"from": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.7"}, {"Forwarded": "for=192.0.2.7"}):
        refused = asked.get("/api/who", headers={**own, **headers})
        assert (refused.status_code, refused.json()["status_code"]) == (403, 403)
    assert asked.get("/api/who", headers={**own, "from": "192.0.2.7", "over-tls": "1"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/who", "//api/who", "/api/api/who", "/api//who/", "/api/api//who", "///api///who/"]
)
def test_a1_to_a7_paths_mean_what_they_say_without_a_redirect(
    gateway: Gateway, asked: TestClient[Litestar], path: str
) -> None:
    url = f"http://testserver.local{path}"
    answer = asked.get(url, headers={"Authorization": gateway.basic}, follow_redirects=False)
    assert answer.json() == {"user": "e-office-utama", "client": "e-office"}
