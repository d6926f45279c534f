"""The log: one line a request, and whatever is sent through whichever door, none of it is written down."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from litestar import Litestar
from litestar.testing import TestClient

from api.logging import configure_logging
from signer.errors import KeyUnavailable
from tests.support.api_memory import PDF, SECRET, SIGN_BODY, MemoryService

Http = TestClient[Litestar]
KNOWN = "sangat-rahasia-4711"
CODE = "0123456789ABCDEFGHJKMNPQRS"


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    root, before = logging.getLogger(), (logging.getLogger().handlers, logging.getLogger().level)
    stream = io.StringIO()
    configure_logging(stream, level=logging.DEBUG)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["logger"] == "teken.requests"]


def test_a_request_has_one_line_with_the_id_of_its_answer(http: Http, log: io.StringIO) -> None:
    answer = http.get("/v1")

    (line,) = requests(log)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"], line["client"]) == ("GET", "/v1", 200, None)
    assert (line["event"], line["level"], line["logger"]) == ("request", "info", "teken.requests")
    assert line["ms"] > 0


def test_the_route_stands_in_the_log_and_not_the_path(http: Http, service: MemoryService, log: io.StringIO) -> None:
    http.get(f"/v1/signatures/{CODE}", headers=service.bearer())
    http.get(f"/nowhere/{CODE}")

    assert [(line["route"], line["client"]) for line in requests(log)] == [
        ("/v1/signatures/{code}", "sikd"),
        ("(no route)", None),
    ]
    assert CODE not in log.getvalue()


def test_a_line_of_the_services_own_carries_the_request_id(
    http: Http, service: MemoryService, log: io.StringIO
) -> None:
    service.signing.fails_with = KeyUnavailable("the token does not answer")
    answer = http.post(
        "/v1/signatures",
        content=PDF,
        headers=service.bearer() | {"Content-Type": "application/pdf", "Teken-Request": json.dumps(SIGN_BODY)},
    )

    (failure,) = [line for line in lines(log) if line["logger"] == "teken.problems"]
    assert failure["request_id"] == answer.headers["x-request-id"]
    assert (failure["error"], failure["said"]) == ("KeyUnavailable", "the token does not answer")
    assert "the token does not answer" not in answer.text


def every_door(service: MemoryService) -> list[tuple[str, str, dict[str, Any]]]:
    """One request for each place in which a secret can arrive."""
    bearer = service.bearer()
    body = json.dumps(SIGN_BODY | {"passphrase": KNOWN, "reason": KNOWN})
    pdf = {"Content-Type": "application/pdf"}
    form = {"document": (KNOWN, PDF + KNOWN.encode()), "request": (None, body)}
    return [
        ("POST", "/v1/signatures", {"headers": bearer, "files": form}),
        ("POST", "/v1/signatures", {"headers": bearer | pdf | {"Teken-Request": body}, "content": PDF}),
        ("POST", "/v1/signatures", {"headers": bearer | pdf | {"Teken-Request": f"{{{KNOWN}"}, "content": PDF}),
        ("POST", "/v1/signatures", {"headers": {"Authorization": f"Bearer {KNOWN}"}}),
        ("POST", f"/v1/signatures?passphrase={KNOWN}", {"headers": bearer | {"Cookie": f"session={KNOWN}"}}),
        ("GET", f"/v1/signatures/{KNOWN}", {"headers": bearer}),
        ("GET", f"/v1/signatures/{KNOWN}/document", {"headers": bearer}),
        ("POST", "/v1/verifications", {"files": {"document": (KNOWN, KNOWN.encode()), KNOWN: (None, KNOWN)}}),
        ("POST", "/v1/verifications", {"headers": pdf | {"X-Forwarded-For": KNOWN}, "content": KNOWN.encode()}),
        ("POST", "/oauth2/token", {"data": {"grant_type": KNOWN}, "auth": ("sikd", KNOWN)}),
        ("POST", "/oauth2/token", {"data": {"grant_type": KNOWN, "scope": KNOWN}, "auth": ("sikd", SECRET)}),
        ("POST", "/oauth2/token", {"data": {"client_id": "sikd", "client_secret": KNOWN}}),
        ("POST", "/oauth2/revoke", {"data": {"token": KNOWN}, "auth": ("sikd", SECRET)}),
        ("GET", f"/pki/crl/{KNOWN}.crl", {}),
        ("GET", f"/pki/certificates/{KNOWN}.cer", {}),
        ("GET", f"/pki/ocsp/{KNOWN}", {}),
        ("POST", "/pki/ocsp", {"content": KNOWN.encode(), "headers": {"Content-Type": "application/ocsp-request"}}),
        ("POST", "/pki/tsa", {"content": KNOWN.encode(), "headers": {"Content-Type": "application/timestamp-query"}}),
        ("GET", f"/problems/{KNOWN}", {}),
        ("GET", f"/{KNOWN}", {"headers": {"User-Agent": KNOWN, "Referer": f"http://example.org/{KNOWN}"}}),
        (KNOWN.upper(), "/v1", {}),
        ("GET", "/v1", {"headers": {"Host": f"{KNOWN}:x"}}),
    ]


def test_a_known_secret_sent_through_every_door_is_never_written_down(
    http: Http, service: MemoryService, log: io.StringIO
) -> None:
    doors = every_door(service)
    for method, address, request in doors:
        http.request(method, address, **request)

    assert len(requests(log)) == len(doors)
    assert KNOWN.lower() not in log.getvalue().lower()
    assert SECRET not in log.getvalue()


def test_an_error_that_quotes_a_secret_does_not_take_it_to_the_log(
    http: Http, service: MemoryService, log: io.StringIO
) -> None:
    service.signing.fails_with = RuntimeError(f"cannot open with {KNOWN}")
    answer = http.post("/v1/signatures", **every_door(service)[0][2])

    (failure,) = [line for line in lines(log) if line["logger"] == "teken.problems"]
    assert (failure["error"], failure["said"]) == ("RuntimeError", None)
    assert failure["frames"][-1].endswith(" sign")
    assert answer.status_code == 500
    assert KNOWN not in log.getvalue() + answer.text


def test_a_foreign_traceback_becomes_kind_and_place(log: io.StringIO) -> None:
    try:
        raise ValueError(KNOWN)
    except ValueError:
        logging.getLogger("somebody.else").exception("it failed")

    (line,) = lines(log)
    assert (line["event"], line["error"]) == ("it failed", "ValueError")
    assert KNOWN not in log.getvalue()


@pytest.mark.parametrize("name", ["httpx", "httpcore", "uvicorn.access"])
def test_who_writes_whole_addresses_is_kept_quiet(log: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("GET http://example.org/v/%s", CODE)

    assert not log.getvalue()
