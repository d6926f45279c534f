"""Every endpoint with bad input: the status, the field to change and a stable reason, as problem details."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from signer.errors import (
    ActivationRefused,
    CredentialUnusable,
    KeyUnavailable,
    PassphraseLocked,
    ResultUnsound,
    StampRefused,
    StatusUnavailable,
    TimestampUnavailable,
)
from tests.support.api_memory import NOON, PASSPHRASE, PDF, SIGN_BODY, MemoryService, memory_service, settings_in
from verifier.errors import TooLarge, WorkerBusy, WorkerFailed

Http = TestClient[Litestar]
RAW = {"Content-Type": "application/pdf"}
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """One bad request and what it must be told."""

    name: str
    request: dict[str, Any] = field(default_factory=dict)
    status: int
    slug: str
    field_name: str | None = None
    reason: str | None = None


def told(answer: Response, bad: Bad) -> None:
    body = answer.json()
    assert (answer.status_code, body["status"]) == (bad.status, bad.status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert body["type"] == f"/problems/{bad.slug}"
    assert (body.get("field"), body.get("reason")) == (bad.field_name, bad.reason)
    assert body["title"]
    assert body["nextStep"]
    assert body["requestId"] == answer.headers["x-request-id"]
    assert PASSPHRASE not in answer.text


def part(name: str, content: bytes, *, file: bool = True) -> bytes:
    named = f'; filename="{name}"' if file else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def form(*parts: bytes) -> dict[str, Any]:
    return {"content": b"".join(parts) + b"--b--\r\n", "headers": BOUNDARY}


DOCUMENT = part("document", PDF)

UPLOADS = [
    Bad(
        name="no body and no type",
        status=415,
        slug="unsupported-media-type",
        field_name="Content-Type",
        reason="unsupported",
    ),
    Bad(
        name="json",
        request={"json": {}},
        status=415,
        slug="unsupported-media-type",
        field_name="Content-Type",
        reason="unsupported",
    ),
    Bad(
        name="empty raw body",
        request={"content": b"", "headers": RAW},
        status=400,
        slug="document-missing",
        field_name="document",
        reason="empty",
    ),
    Bad(
        name="empty form",
        request=form(),
        status=400,
        slug="document-missing",
        field_name="document",
        reason="missing",
    ),
    Bad(
        name="form without a body",
        request={"content": b"", "headers": BOUNDARY},
        status=400,
        slug="invalid-request",
        reason="broken-form",
    ),
    Bad(
        name="form without a boundary",
        request={"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        status=400,
        slug="invalid-request",
        field_name="Content-Type",
        reason="no-boundary",
    ),
    Bad(
        name="form that ends too early",
        request={"content": DOCUMENT, "headers": BOUNDARY},
        status=400,
        slug="invalid-request",
        reason="broken-form",
    ),
    Bad(
        name="form that is none",
        request={"content": b"hello", "headers": BOUNDARY},
        status=400,
        slug="invalid-request",
        reason="broken-form",
    ),
    Bad(
        name="form with an empty document",
        request=form(part("document", b"")),
        status=400,
        slug="document-missing",
        field_name="document",
        reason="empty",
    ),
    Bad(
        name="form with two documents",
        request=form(DOCUMENT, DOCUMENT),
        status=400,
        slug="invalid-request",
        field_name="document",
        reason="twice",
    ),
    Bad(
        name="form with too many parts",
        request=form(*(part(f"p{number}", b"x") for number in range(9))),
        status=400,
        slug="invalid-request",
        reason="form-limit",
    ),
    Bad(
        name="form with endless part headers",
        request={"content": b"--b\r\nX: " + b"x" * 9000, "headers": BOUNDARY},
        status=400,
        slug="invalid-request",
        reason="form-limit",
    ),
]

LIMIT = 1024 * 1024
OVERSIZED = [
    Bad(
        name="oversized raw body",
        request={"content": b"x" * (LIMIT + 1), "headers": RAW},
        status=413,
        slug="body-too-large",
        field_name="document",
        reason="too-large",
    ),
    Bad(
        name="oversized document in a form",
        request=form(part("document", b"x" * (LIMIT + 1))),
        status=413,
        slug="body-too-large",
        field_name="document",
        reason="too-large",
    ),
]


@pytest.mark.parametrize("path", ["/v1/signatures", "/v1/verifications"])
@pytest.mark.parametrize("bad", UPLOADS, ids=lambda bad: bad.name)
def test_an_upload_that_is_none_is_told_what_to_change(http: Http, service: MemoryService, path: str, bad: Bad) -> None:
    headers = service.bearer() | bad.request.get("headers", {})

    told(http.post(path, **{**bad.request, "headers": headers}), bad)
    assert not service.signing.requests


@pytest.fixture
def narrow(tmp_path: Path) -> MemoryService:
    """A service whose limits are lower than a test's patience."""
    settings = settings_in(tmp_path)
    signing = replace(settings.signing, max_document_bytes=LIMIT)
    return memory_service(
        replace(settings, signing=signing, verification=replace(settings.verification, max_document_bytes=LIMIT))
    )


@pytest.mark.parametrize("path", ["/v1/signatures", "/v1/verifications"])
@pytest.mark.parametrize("bad", OVERSIZED, ids=lambda bad: bad.name)
def test_an_upload_beyond_the_limit_is_told_so(narrow: MemoryService, path: str, bad: Bad) -> None:
    with narrow.http() as client:
        told(client.post(path, **{**bad.request, "headers": narrow.bearer() | bad.request.get("headers", {})}), bad)
    assert not narrow.signing.requests


def invalid(name: str, body: object, field_name: str, reason: str = "invalid") -> Bad:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Bad(
        name=name,
        request={"text": text},
        status=400,
        slug="invalid-request",
        field_name=field_name,
        reason=reason,
    )


REQUESTS = [
    invalid("not json", b"{", "request", "not-json"),
    invalid("empty", b"", "request", "not-json"),
    invalid("not utf-8", b'{"credential": "\xff"}', "request", "not-json"),
    invalid("an array", [], "request"),
    invalid("nothing said", {}, "credential", "missing"),
    invalid("no passphrase", {"credential": "x"}, "passphrase", "missing"),
    invalid("a number as passphrase", SIGN_BODY | {"passphrase": 1234}, "passphrase"),
    invalid("an empty passphrase", SIGN_BODY | {"passphrase": ""}, "passphrase"),
    invalid("an endless passphrase", SIGN_BODY | {"passphrase": "x" * 257}, "passphrase"),
    invalid("an empty credential", SIGN_BODY | {"credential": ""}, "credential"),
    invalid("an unknown level", SIGN_BODY | {"level": "B-X"}, "level"),
    invalid("an unknown field", SIGN_BODY | {"pasphrase": "x"}, "request", "unknown-field"),
    invalid("an unknown field within", SIGN_BODY | {"letter": {"nomor": "1"}}, "letter", "unknown-field"),
    invalid("a page that is no number", SIGN_BODY | {"stamp": {"page": "last"}}, "stamp.page"),
    invalid("a stamp without width", SIGN_BODY | {"stamp": {"width": 0}}, "stamp.width"),
    invalid("a stamp that is nowhere", SIGN_BODY | {"stamp": {"x": 1e9}}, "stamp.x"),
    invalid("a control character", SIGN_BODY | {"reason": "a\u0000b"}, "reason"),
    invalid("an endless reason", SIGN_BODY | {"reason": "x" * 201}, "reason"),
    invalid("an unknown secrecy", SIGN_BODY | {"letter": {"secrecy": "umum"}}, "letter.secrecy"),
    invalid("a deep nest", b'{"credential":' + b"[" * 4000, "request", "not-json"),
]


@pytest.mark.parametrize("bad", REQUESTS, ids=lambda bad: bad.name)
def test_a_request_part_that_is_wrong_is_told_which_field(http: Http, service: MemoryService, bad: Bad) -> None:
    whole = form(DOCUMENT, part("request", bad.request["text"], file=False))

    answer = http.post("/v1/signatures", content=whole["content"], headers=service.bearer() | BOUNDARY)

    if bad.name == "a deep nest":  # whether the nest or the type is met first is the parser's affair
        bad = Bad(name="", status=400, slug=bad.slug, field_name=answer.json()["field"], reason=answer.json()["reason"])
    told(answer, bad)
    assert not service.signing.requests


SIGNING_ONLY = [
    (form(DOCUMENT), "missing"),
    (form(DOCUMENT, part("request", b"{}"), part("extra", b"x")), "unknown-part"),
    ({"content": PDF, "headers": RAW}, "missing"),
    (form(DOCUMENT, part("request", b"{}")) | {"more": {"Teken-Request": "{}"}}, "twice"),
]


@pytest.mark.parametrize(("request_", "reason"), SIGNING_ONLY, ids=["form", "extra", "raw", "both"])
def test_the_json_comes_once(http: Http, service: MemoryService, request_: dict[str, Any], reason: str) -> None:
    headers = service.bearer() | request_["headers"] | request_.get("more", {})

    answer = http.post("/v1/signatures", content=request_["content"], headers=headers)

    told(answer, Bad(name="", status=400, slug="invalid-request", field_name="request", reason=reason))


def test_a_verification_takes_a_document_and_nothing_else(http: Http) -> None:
    answer = http.post("/v1/verifications", **form(DOCUMENT, part("request", b"{}")))

    told(answer, Bad(name="", status=400, slug="invalid-request", field_name="document", reason="unknown-part"))


@pytest.mark.parametrize(
    ("password", "reason"), [(b"x" * 128, "too-long"), (b"\xff\xfe", "not-text")], ids=["long", "no text"]
)
def test_a_password_that_is_none_is_refused_and_not_sent_back(http: Http, password: bytes, reason: str) -> None:
    answer = http.post("/v1/verifications", **form(DOCUMENT, part("password", password, file=False)))

    told(answer, Bad(name="", status=400, slug="invalid-request", field_name="password", reason=reason))
    assert "xxxx" not in answer.text


def test_a_document_comes_with_its_password(http: Http) -> None:
    assert http.post("/v1/verifications", **form(DOCUMENT, part("password", b"rahasia", file=False))).status_code == 200


@pytest.mark.parametrize("raw", [True, False])
def test_the_json_has_a_limit_of_its_own(http: Http, service: MemoryService, raw: bool) -> None:
    long = json.dumps(SIGN_BODY | {"reason": "x" * 9000})
    if raw:
        answer = http.post("/v1/signatures", content=PDF, headers=service.bearer() | RAW | {"Teken-Request": long})
    else:
        whole = form(DOCUMENT, part("request", long.encode()))
        answer = http.post("/v1/signatures", content=whole["content"], headers=service.bearer() | BOUNDARY)

    told(answer, Bad(name="", status=413, slug="body-too-large", field_name="request", reason="too-large"))


def sign(http: Http, service: MemoryService, body: dict[str, Any], pdf: bytes = PDF) -> Response:
    headers = service.bearer() | RAW | {"Teken-Request": json.dumps(body)}
    return http.post("/v1/signatures", content=pdf, headers=headers)


@pytest.mark.parametrize(
    ("ask", "bad"),
    [
        (
            lambda http, service: sign(http, service, SIGN_BODY, b"hello"),
            Bad(name="", status=422, slug="document-refused", field_name="document", reason="not-a-pdf"),
        ),
        (
            lambda http, service: sign(http, service, SIGN_BODY | {"credential": "nobody"}),
            Bad(name="", status=422, slug="credential-unknown", field_name="credential", reason="unknown"),
        ),
        (
            lambda http, service: sign(http, service, SIGN_BODY | {"passphrase": "wrong"}),
            Bad(name="", status=403, slug="passphrase-wrong", field_name="passphrase", reason="wrong"),
        ),
    ],
    ids=["not a pdf", "unknown credential", "wrong passphrase"],
)
def test_what_signing_refuses_is_told_with_its_field(
    http: Http, service: MemoryService, ask: Callable[[Http, MemoryService], Response], bad: Bad
) -> None:
    told(ask(http, service), bad)


def refused(kind: Any, field_name: str, reason: str, **more: Any) -> Exception:
    error: Exception = kind("Told.", field=field_name, reason=reason, **more)
    return error


def ended(said: Response, error: Exception, status: int, slug: str, retry_after: str | None) -> None:
    field_name, reason = getattr(error, "field", None), getattr(error, "reason", None)
    told(said, Bad(name="", status=status, slug=slug, field_name=field_name, reason=reason))
    assert said.headers.get("retry-after") == retry_after


LOCKED = NOON + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (refused(CredentialUnusable, "credential", "suspended"), (409, "credential-unusable", None)),
        (refused(PassphraseLocked, "passphrase", "locked", until=LOCKED), (423, "passphrase-locked", "120")),
        (refused(PassphraseLocked, "passphrase", "locked", until=None), (423, "passphrase-locked", None)),
        (refused(StampRefused, "stamp.page", "no-such-page"), (422, "stamp-refused", None)),
        (refused(ActivationRefused, "document", "other-digest"), (403, "activation-refused", None)),
        (KeyUnavailable("label kek-1"), (503, "signing-unavailable", "5")),
        (TimestampUnavailable("tsa"), (503, "timestamp-unavailable", "5")),
        (StatusUnavailable("crl"), (503, "status-unavailable", "5")),
        (ResultUnsound("digest"), (500, "unexpected", None)),
        (RuntimeError(PASSPHRASE), (500, "unexpected", None)),
    ],
)
def test_every_way_in_which_signing_ends_has_its_answer(
    http: Http, service: MemoryService, error: Exception, answer: tuple[int, str, str | None]
) -> None:
    service.signing.fails_with = error

    said = sign(http, service, SIGN_BODY)

    ended(said, error, *answer)
    assert ("detail" in said.json()) is (said.status_code < 500)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (refused(TooLarge, "document", "too-large"), (413, "body-too-large", None)),
        (WorkerBusy("full", retry_after=3), (503, "verification-busy", "3")),
        (WorkerFailed("no fork"), (503, "verification-unavailable", "5")),
        (RuntimeError("x"), (500, "unexpected", None)),
    ],
)
def test_every_way_in_which_verification_ends_has_its_answer(
    http: Http, service: MemoryService, error: Exception, answer: tuple[int, str, str | None]
) -> None:
    service.verification.fails_with = error

    ended(http.post("/v1/verifications", content=PDF, headers=RAW), error, *answer)


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/oauth2/nothing", 404, "not-found"),
        ("GET", "/pki/nothing", 404, "not-found"),
        ("DELETE", "/v1/signatures", 405, "method-not-allowed"),
        ("GET", "/v1/verifications", 405, "method-not-allowed"),
        ("GET", "/oauth2/token", 405, "method-not-allowed"),
        ("PUT", "/pki/tsa", 405, "method-not-allowed"),
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("POST", "/openapi.json", 405, "method-not-allowed"),
    ],
)
def test_a_wrong_address_or_method_is_a_problem_as_well(
    http: Http, method: str, path: str, status: int, slug: str
) -> None:
    answer = http.request(method, path)

    told(answer, Bad(name="", status=status, slug=slug))
    assert ("allow" in answer.headers) is (status == 405)


def test_too_many_requests_are_told_to_wait(http: Http, service: MemoryService) -> None:
    most = service.services.settings.limits.verifications_per_minute
    answers = [http.post("/v1/verifications", content=PDF, headers=RAW) for _ in range(most + 1)]

    assert {each.status_code for each in answers[:-1]} == {200}
    told(answers[-1], Bad(name="", status=429, slug="rate-exceeded"))
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].headers["ratelimit"].startswith('"verifications";r=0;t=')

    service.peer = "192.0.2.2"
    assert http.post("/v1/verifications", content=PDF, headers=RAW).status_code == 200


def test_signatures_are_limited_by_client_and_not_by_network(http: Http, service: MemoryService) -> None:
    answer = sign(http, service, SIGN_BODY)

    assert '"signatures";r=5999' in answer.headers["ratelimit"]
