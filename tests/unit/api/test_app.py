"""The whole application: people and machines at the same address, each answered in their own way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.testing import TestClient

from api.app import Pages
from tests.support.api_memory import PDF, MemoryService, memory_service, settings_in

Http = TestClient[Litestar]


def page(_: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    return Response(f"<p>{error.status_code}</p>", media_type=MediaType.HTML, status_code=error.status_code)


@get("/v/{code:str}", media_type=MediaType.HTML, sync_to_thread=False)
def by_code(code: FromPath[str]) -> str:
    if code == "broken":
        raise RuntimeError("a secret")
    return f"<p>{code}</p>"


@post("/", status_code=200, sync_to_thread=False)
def upload() -> None:
    return None


@pytest.fixture
def service(tmp_path: Path) -> MemoryService:
    return memory_service(settings_in(tmp_path), pages=lambda: Pages(handlers=[by_code, upload], problem=page))


@pytest.fixture
def http(service: MemoryService) -> Iterator[Http]:
    with service.http() as client:
        yield client


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/v", 404), ("/v/broken", 500)])
def test_people_get_a_page_for_an_error(http: Http, path: str, status: int) -> None:
    answer = http.get(path)

    assert (answer.status_code, answer.text) == (status, f"<p>{status}</p>")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/v1/nowhere", "/pki/nowhere", "/oauth2/nowhere"])
def test_machines_get_a_problem_for_an_error(http: Http, path: str) -> None:
    assert http.get(path).headers["content-type"] == "application/problem+json"


def test_every_answer_carries_an_id_and_the_security_header_fields(http: Http) -> None:
    for answer in (http.get("/v1"), http.get("/v/ABC"), http.get("/nowhere"), http.put("/v1"), http.get("/v1/x")):
        assert len(answer.headers["x-request-id"]) == 16
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_codes_cannot_be_tried_one_after_the_other(http: Http, service: MemoryService) -> None:
    most = service.services.settings.limits.codes_per_minute
    statuses = [http.get(f"/v/{number}").status_code for number in range(most + 1)]

    assert statuses == [200] * most + [429]
    assert http.get("/v1").status_code == 200


def test_an_upload_on_the_page_counts_like_one_of_the_interface(http: Http, service: MemoryService) -> None:
    most = service.services.settings.limits.verifications_per_minute
    for _ in range(most - 1):
        http.post("/")
    raw = {"Content-Type": "application/pdf"}

    assert http.post("/v1/verifications", content=PDF, headers=raw).status_code == 200
    assert http.post("/").status_code == 429
    assert http.post("/v1/verifications", content=PDF, headers=raw).status_code == 429


def test_the_same_parts_stand_behind_every_request(http: Http, service: MemoryService) -> None:
    service.clients.add("late")

    assert http.get("/v1/signatures/x", headers=service.bearer("late")).status_code == 404


def test_a_host_that_is_none_is_refused(http: Http) -> None:
    answer = http.get("/v1", headers={"Host": "a b"})

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
