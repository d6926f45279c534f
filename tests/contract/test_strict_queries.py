"""No route of the contract takes a parameter that the document does not have: a misspelled filter lists everything."""

import json
from collections.abc import Iterator
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from api.openapi import openapi_document
from api.permissions import Permission
from tests.support.api_memory import MemoryService

Http = TestClient[Litestar]
DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi_document("http://127.0.0.1:8000")))


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path with its examples filled in, and operation."""
    for path, item in DOCUMENT["paths"].items():
        if path.startswith(("/v1", "/problems")):
            for method, operation in item.items():
                named = {
                    each["name"]: each["example"] for each in operation.get("parameters", ()) if each["in"] == "path"
                }
                yield method.upper(), path.format(**named), operation


def test_a_parameter_that_is_not_in_the_contract_is_refused_everywhere(http: Http, service: MemoryService) -> None:
    headers = service.bearer(scopes=frozenset(map(str, Permission)))
    found = {}
    for method, path, operation in operations():
        answer = http.request(method, f"{path}?salah=1", headers=headers)
        found[operation["operationId"]] = (answer.status_code, answer.json().get("reason"))

    assert len(found) > 100
    assert {name: each for name, each in found.items() if each != (400, "unknown-parameter")} == {}


def test_every_route_says_that_it_may_answer_so() -> None:
    assert [path for _, path, operation in operations() if "400" not in operation["responses"]] == []


def test_a_word_that_a_parameter_does_not_have_is_refused(http: Http) -> None:
    answer = http.post("/v1/verifications?report=xml", content=b"%PDF-", headers={"Content-Type": "application/pdf"})

    assert (answer.status_code, answer.json()["field"], answer.json()["reason"]) == (400, "report", "invalid")
