"""The page on the contract lists every call with what it has, as the document says it."""

from collections.abc import Iterator
from typing import Any

from api.openapi import openapi_document
from tests.architecture.pages import read, table

JSON = {"application/json", "application/x-www-form-urlencoded"}


def features(operation: dict[str, Any]) -> Iterator[str]:
    """What of the shared behaviour a call has, in the words of the page."""
    names = {each["name"] for each in operation.get("parameters", ())}
    answers = [operation["responses"].get(status, {}) for status in ("200", "201")]
    if "Idempotency-Key" in names:
        yield "key"
    if "cursor" in names:
        yield "pages"
    if any("ETag" in answer.get("headers", {}) for answer in answers):
        yield "tag"
    if "If-Match" in names:
        yield "match"
    if operation.get("requestBody", {}).get("content", {}).keys() - JSON:
        yield "upload"


def test_the_table_has_every_call_with_what_it_has() -> None:
    document = openapi_document("http://127.0.0.1:8000")
    expected = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if path.startswith("/v1"):
                scopes = [scope for each in operation["security"] for given in each.values() for scope in given]
                call = f"{method.upper()} {path}"
                expected[call] = (operation["summary"], ", ".join(scopes) or "none", ", ".join(features(operation)))

    written = {row[0]: tuple(row[1:]) for row in table(read("docs/api.md"), "call")}

    assert {call: tuple(each.replace("`", "") for each in row) for call, row in written.items()} == {
        call: tuple(each.replace("`", "") for each in row) for call, row in expected.items()
    }


def test_every_list_that_has_a_cursor_has_one_shape() -> None:
    document = openapi_document("http://127.0.0.1:8000")
    for path, item in document["paths"].items():
        for operation in item.values():
            parameters = {each["name"]: each for each in operation.get("parameters", ())}
            if "cursor" not in parameters or not path.startswith("/v1"):
                continue
            name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            page = document["components"]["schemas"][name]
            limit = parameters["limit"]["schema"]
            assert set(page["required"]) == {"items", "next"}, path
            assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 200, 50), path
            assert "410" in operation["responses"], path
