"""A download goes on where it stopped, or begins anew; never are octets of two documents mixed."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.testing import TestClient

from api.downloads import download
from signer.document import IN_MEMORY, Document, new_spool

SMALL = b"%PDF-1.7 " + bytes(range(256)) * 8
LARGE = b"%PDF-1.7 " + bytes(range(256)) * (IN_MEMORY // 128)


def in_file(content: bytes) -> Document:
    spool = new_spool(None)
    spool.write(content)
    return Document.in_spool(spool, len(content), hashlib.sha256(content))


DOCUMENTS = {"small": Document.of(SMALL), "large": in_file(LARGE)}
CONTENTS = {"small": SMALL, "large": LARGE}


@get("/{name:str}", sync_to_thread=True)
def answer(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    return download(request.headers, DOCUMENTS[name], {"Cache-Control": "private, no-store"})


def refused(_: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return Response(None, status_code=error.status_code, headers=dict(error.headers or {}))


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient[Litestar]]:
    with TestClient(Litestar([answer], exception_handlers={HTTPException: refused})) as client:
        yield client


@pytest.fixture(params=["small", "large"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def tag_of(name: str) -> str:
    return f'"{hashlib.sha256(CONTENTS[name]).hexdigest()}"'


def test_the_whole_says_that_pieces_can_be_had(http: TestClient[Litestar], name: str) -> None:
    got = http.get(f"/{name}")
    assert (got.status_code, got.content) == (200, CONTENTS[name])
    assert got.headers["ETag"] == tag_of(name)
    assert got.headers["Accept-Ranges"] == "bytes"
    assert got.headers["Content-Length"] == str(len(CONTENTS[name]))
    assert got.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-", 100, None),
        ("bytes=100-199", 100, 200),
        ("bytes=-7", -7, None),
        ("bytes=5-999999999999", 5, None),
        ("Bytes = 3 - 4", 3, 5),
        ("bytes=-999999999999", 0, None),
    ],
)
def test_one_range_is_that_piece(
    http: TestClient[Litestar], name: str, asked: str, start: int, end: int | None
) -> None:
    got, content = http.get(f"/{name}", headers={"Range": asked}), CONTENTS[name]
    piece = content[start:end]
    first = start % len(content)
    assert (got.status_code, got.content) == (206, piece)
    assert got.headers["Content-Range"] == f"bytes {first}-{first + len(piece) - 1}/{len(content)}"
    assert got.headers["Content-Length"] == str(len(piece))
    assert got.headers["ETag"] == tag_of(name)
    assert got.headers["Content-Type"].startswith("application/pdf")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "pages=1-2", "bytes=", "bytes=-", "bytes=9-3", "bytes=a-b", "bytes=1" + "0" * 30 + "-"]
)
def test_what_is_not_one_range_is_answered_with_the_whole(http: TestClient[Litestar], name: str, asked: str) -> None:
    got = http.get(f"/{name}", headers={"Range": asked})
    assert (got.status_code, got.content) == (200, CONTENTS[name])


@pytest.mark.parametrize("behind", ["bytes={size}-", "bytes=-0", "bytes={size}-999999999"])
def test_a_range_behind_the_end_is_416_with_the_size(http: TestClient[Litestar], name: str, behind: str) -> None:
    size = len(CONTENTS[name])
    got = http.get(f"/{name}", headers={"Range": behind.format(size=size)})
    assert got.status_code == 416
    assert got.headers["Content-Range"] == f"bytes */{size}"


def test_a_piece_of_another_document_is_never_sent(http: TestClient[Litestar], name: str) -> None:
    """Also not where it would be unsatisfiable there, and not for a date, which no document has."""
    for other in ('"something else"', f"W/{tag_of(name)}", "Sat, 21 Nov 2026 04:00:00 GMT"):
        for wanted in ("bytes=5-", "bytes=99999999-"):
            got = http.get(f"/{name}", headers={"Range": wanted, "If-Range": other})
            assert (got.status_code, got.content) == (200, CONTENTS[name])
    got = http.get(f"/{name}", headers={"Range": "bytes=5-", "If-Range": tag_of(name)})
    assert (got.status_code, got.content) == (206, CONTENTS[name][5:])


def test_who_has_it_gets_nothing(http: TestClient[Litestar], name: str) -> None:
    for known in (tag_of(name), f'"x", W/{tag_of(name)}', "*"):
        got = http.get(f"/{name}", headers={"If-None-Match": known, "Range": "bytes=0-4"})
        assert (got.status_code, got.content) == (304, b"")
        assert got.headers["ETag"] == tag_of(name)
    assert http.get(f"/{name}", headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_download_that_stopped_goes_on(http: TestClient[Litestar]) -> None:
    """As a browser does it: half of it, then the rest under the same tag, in pieces of no particular size."""
    got, tag = b"", tag_of("large")
    while len(got) < len(LARGE):
        headers = {"Range": f"bytes={len(got)}-{len(got) + 700_000}", "If-Range": tag}
        got += http.get("/large", headers=headers).content
    assert hashlib.sha256(got).hexdigest() in tag
