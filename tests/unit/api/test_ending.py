"""How a call ends: told a year before in each answer and in the document, then gone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from api.answers import problem_handler
from api.ending import LEAST, Ending, ending_fields, with_endings
from api.faces.rest.first import looked_at_first

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD = Ending(since=NOON, gone=NOON + LEAST, instead="Use GET /new.")
PATHS: dict[str, dict[str, Any]] = {
    "/old": {"get": {"operationId": "Old", "parameters": [], "responses": {"200": {"description": "Old"}}}},
    "/new": {"get": {"operationId": "New", "parameters": [], "responses": {"200": {"description": "New"}}}},
}
PAGE = "https://teken.example/docs"


@get("/old", operation_id="Old", sync_to_thread=False)
def old() -> str:
    return "old"


@get("/new", operation_id="New", sync_to_thread=False)
def new() -> str:
    return "new"


class Clock:
    now = NOON


@pytest.fixture
def http() -> Iterator[TestClient[Litestar]]:
    Clock.now = NOON
    app = Litestar(
        [old, new],
        before_request=looked_at_first(PATHS, {"Old": OLD}, now=lambda: Clock.now),
        before_send=[ending_fields({"Old": OLD}, page=PAGE)],
        exception_handlers={Exception: problem_handler(lambda: Clock.now, None, {})},
        openapi_config=None,
    )
    with TestClient(app) as client:
        yield client


def test_each_answer_of_a_call_that_ends_tells_it_also_a_refusal(http: TestClient[Litestar]) -> None:
    for path, status in (("/old", 200), ("/old?x=1", 400)):
        answer = http.get(path)
        assert answer.status_code == status
        assert answer.headers["deprecation"] == "@1795262400"
        assert answer.headers["sunset"] == "Sun, 21 Nov 2027 12:00:00 GMT"
        assert answer.headers["link"] == f'<{PAGE}>; rel="deprecation"; type="text/html"'


def test_a_call_that_stays_tells_nothing(http: TestClient[Litestar]) -> None:
    assert not {"deprecation", "sunset", "link"} & set(http.get("/new").headers)


def test_after_its_end_it_is_gone_and_says_what_takes_its_place(http: TestClient[Litestar]) -> None:
    Clock.now = OLD.gone - timedelta(seconds=1)
    assert http.get("/old").status_code == 200
    Clock.now = OLD.gone
    gone = http.get("/old")
    assert (gone.status_code, gone.json()["type"], gone.json()["detail"]) == (410, "/problems/ended", OLD.instead)
    assert http.get("/new").status_code == 200


def test_the_document_marks_it() -> None:
    marked = with_endings(PATHS, {"Old": OLD})
    assert marked["/old"]["get"]["deprecated"] is True
    assert OLD.instead in marked["/old"]["get"]["description"]
    assert "410" in marked["/old"]["get"]["responses"]
    assert marked["/new"] == PATHS["/new"]
    assert "deprecated" not in PATHS["/old"]["get"]


def test_nobody_has_less_than_a_year() -> None:
    with pytest.raises(ValueError, match="a year"):
        Ending(since=NOON, gone=NOON + LEAST - timedelta(seconds=1), instead="")
