"""Security headers, on answers of every kind."""

from collections.abc import Iterator

import pytest
from litestar import Litestar, Response, get
from litestar.testing import TestClient

from api.headers import CONTENT_SECURITY_POLICY, security_headers


@get("/own", sync_to_thread=False)
def own() -> Response[str]:
    return Response(
        "x", headers={"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"}
    )


@get("/plain", sync_to_thread=False)
def plain() -> str:
    return "x"


@get("/broken", sync_to_thread=False)
def broken() -> str:
    raise RuntimeError


def client(*, https: bool) -> TestClient[Litestar]:
    app = Litestar([own, plain, broken], before_send=[security_headers(https=https)], openapi_config=None)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def plain_client() -> Iterator[TestClient[Litestar]]:
    with client(https=False) as each:
        yield each


@pytest.mark.parametrize("path", ["/plain", "/broken", "/nowhere"])
def test_every_answer_carries_them(plain_client: TestClient[Litestar], path: str) -> None:
    headers = plain_client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_nothing_may_be_loaded_from_elsewhere_or_inline() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none';")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_a_handlers_own_policy_is_left_alone(plain_client: TestClient[Litestar]) -> None:
    assert "wasm-unsafe-eval" in plain_client.get("/own").headers["content-security-policy"]


def test_strict_transport_is_demanded_only_where_there_is_https(plain_client: TestClient[Litestar]) -> None:
    assert "strict-transport-security" not in plain_client.get("/plain").headers
    with client(https=True) as secure:
        assert secure.get("/plain").headers["strict-transport-security"] == "max-age=31536000"
