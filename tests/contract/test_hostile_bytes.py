"""Bytes that nobody thought of: whatever comes through a door, the answer is ours and never an accident."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from api.settings import LimitSettings
from tests.support.api_memory import PASSPHRASE, PDF, SECRET, SIGN_BODY, MemoryService, memory_service, settings_in

Http = TestClient[Litestar]
UNLIMITED = LimitSettings(
    requests_per_minute=10**9,
    verifications_per_minute=10**9,
    tokens_per_minute=10**9,
    signatures_per_minute=10**9,
    failed_logins_per_minute=10**9,
)
SLOW_MACHINE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> MemoryService:
    folder: Path = tmp_path_factory.mktemp("service")
    return memory_service(settings_in(folder, limits=UNLIMITED))


@pytest.fixture(scope="module")
def http(service: MemoryService) -> Iterator[Http]:
    with service.http() as client:
        yield client


def forms() -> st.SearchStrategy[bytes]:
    """Pieces of forms in any order, whole and broken."""
    pieces = st.sampled_from(
        [
            b"--b\r\n",
            b"--b--\r\n",
            b"\r\n",
            b'Content-Disposition: form-data; name="document"; filename="a.pdf"\r\n',
            b'Content-Disposition: form-data; name="request"\r\n',
            b"Content-Disposition: form-data\r\n",
            b"Content-Disposition: form-data; name*=utf-8''%ff\r\n",
            b"Content-Type: text/plain; charset=nonsense\r\n",
            b": \r\n",
            PDF,
            json.dumps(SIGN_BODY).encode(),
        ]
    )
    return st.lists(pieces | st.binary(max_size=40), max_size=12).map(b"".join)


@SLOW_MACHINE
@given(body=forms(), path=st.sampled_from(["/v1/signatures", "/v1/verifications"]))
def test_no_form_is_an_accident(http: Http, service: MemoryService, body: bytes, path: str) -> None:
    headers = service.bearer() | {"Content-Type": "multipart/form-data; boundary=b"}

    answer = http.post(path, content=body, headers=headers)

    assert answer.status_code in (200, 201, 400, 403, 413, 422)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["credential", "passphrase", "level", "stamp", "reason", "location", "signedAs", "letter"])


@SLOW_MACHINE
@given(said=st.dictionaries(FIELDS, JSON, max_size=4))
def test_no_json_is_an_accident_and_no_passphrase_comes_back(
    http: Http, service: MemoryService, said: dict[str, Any]
) -> None:
    body = SIGN_BODY | said
    headers = {"Content-Type": "application/pdf", "Teken-Request": json.dumps(body)}

    answer = http.post("/v1/signatures", content=PDF, headers=service.bearer() | headers)

    assert answer.status_code in (201, 400, 403, 422)
    assert PASSPHRASE not in answer.text


@SLOW_MACHINE
@given(body=st.binary(max_size=60) | st.sampled_from([b"grant_type=%00", b"grant_type=a&grant_type=a", b"=&=&="]))
def test_no_token_request_is_an_accident(http: Http, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = http.post("/oauth2/token", content=body, headers=headers, auth=("sikd", SECRET))

    assert answer.status_code in (200, 400)
    assert answer.headers["cache-control"] == "no-store"


@SLOW_MACHINE
@given(value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=80))
def test_no_authorization_is_an_accident(http: Http, value: str) -> None:
    form = {"grant_type": "client_credentials"}

    tokens = http.post("/oauth2/token", data=form, headers={"Authorization": value})
    signing = http.post("/v1/signatures", headers={"Authorization": value})

    assert (tokens.status_code, signing.status_code) == (401, 401)


@SLOW_MACHINE
@given(path=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="?#"), max_size=60))
def test_no_address_is_an_accident(http: Http, path: str) -> None:
    for prefix in ("/pki/ocsp/", "/pki/crl/", "/pki/certificates/", "/problems/", "/"):
        assert http.get(prefix + path).status_code in (200, 404, 405, 414)
