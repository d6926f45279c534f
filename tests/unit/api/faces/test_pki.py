"""The addresses that stand in certificates: media types, caching, and every way to spell an OCSP request."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.api_memory import NOON, MemoryService, a_crl

Http = TestClient[Litestar]
CRL = "/pki/crl/ca-1-g1.crl"
ETAG = '"861aaa0731bdaea1fa598d1750466ef6210c4a1cc1e39d3ea4f3ee4f1bc9e5a2"'


def test_a_crl_is_served_as_it_is_stored(http: Http) -> None:
    answer = http.get(CRL)

    assert (answer.status_code, answer.content) == (200, b"crl")
    assert answer.headers["content-type"] == "application/pkix-crl"
    assert answer.headers["etag"] == ETAG
    assert answer.headers["last-modified"] == "Mon, 01 Jun 2026 12:00:00 GMT"
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_head_tells_the_same_without_the_content(http: Http) -> None:
    asked, told = http.get(CRL), http.head(CRL)

    assert (told.status_code, told.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "last-modified", "cache-control"):
        assert told.headers[name] == asked.headers[name]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If-None-Match": ETAG}, 304),
        ({"If-None-Match": f'"other", W/{ETAG}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Mon, 01 Jun 2026 12:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Mon, 01 Jun 2026 11:59:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Mon, 01 Jun 2026 12:00:00 -0000"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": "Mon, 01 Jun 2026 12:00:00 GMT"}, 200),
    ],
)
def test_who_has_the_crl_already_is_told_so(http: Http, asked: dict[str, str], status: int) -> None:
    answer = http.get(CRL, headers=asked)

    assert answer.status_code == status
    assert answer.content == (b"crl" if status == 200 else b"")
    assert answer.headers["etag"] == ETAG


def test_no_cache_keeps_a_crl_beyond_its_end(http: Http, service: MemoryService) -> None:
    service.crls.crls["ca-1-g1"] = a_crl(hours=0.05)
    assert http.get(CRL).headers["cache-control"] == "public, max-age=180"

    service.clock.forward(3600)
    assert http.get(CRL).headers["cache-control"] == "public, max-age=0"


@pytest.mark.parametrize("name", ["other.crl", "ca-1-g1", "ca-1-g1.cer", ".crl", "..%2Fca-1-g1.crl"])
def test_an_unknown_crl_is_not_found(http: Http, name: str) -> None:
    assert http.get(f"/pki/crl/{name}").status_code == 404


def test_a_ca_certificate_is_served_as_der(http: Http, service: MemoryService) -> None:
    answer = http.get("/pki/certificates/ca-1-g1.cer")

    assert answer.content == service.services.certificates["ca-1-g1"]
    assert answer.headers["content-type"] == "application/pkix-cert"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert http.get("/pki/certificates/ca-1-g1.crl").status_code == 404


REQUEST = bytes.fromhex("30ff") + b"\xff\xef\xbe\xfb\xff" * 9
ENCODED = base64.b64encode(REQUEST).decode()


def test_the_request_of_these_tests_needs_every_special_character() -> None:
    assert {"+", "/", "="} <= set(ENCODED)
    assert "//" in ENCODED


@pytest.mark.parametrize(
    "path",
    [
        f"/pki/ocsp/{quote(ENCODED, safe='')}",
        f"/pki/ocsp/{ENCODED}",
        f"/pki/ocsp//{ENCODED}",
        f"/pki/ocsp//{quote(ENCODED, safe='')}",
        f"/pki/ocsp/{ENCODED.rstrip('=')}",
    ],
)
def test_an_ocsp_request_may_be_spelt_in_many_ways(http: Http, service: MemoryService, path: str) -> None:
    answer = http.get(path)

    assert service.ocsp.asked == [REQUEST]
    assert (answer.status_code, answer.content) == (200, b"ocsp:" + REQUEST)
    assert answer.headers["content-type"] == "application/ocsp-response"


def test_garbage_reaches_the_responder_which_calls_it_malformed(http: Http, service: MemoryService) -> None:
    assert http.get("/pki/ocsp/%00not-base64").status_code == 200
    assert service.ocsp.asked == [b"\x00not-base64"]


def test_an_answer_that_was_signed_before_may_be_kept_for_a_while(http: Http, service: MemoryService) -> None:
    service.ocsp.keep_until = NOON + timedelta(hours=12)
    answer = http.get(f"/pki/ocsp/{quote(ENCODED, safe='')}")

    assert answer.headers["cache-control"] == "public, no-transform, must-revalidate, max-age=300"
    assert answer.headers["expires"] == "Tue, 02 Jun 2026 00:00:00 GMT"
    assert answer.headers["last-modified"] == "Mon, 01 Jun 2026 12:00:00 GMT"
    again = http.get(f"/pki/ocsp/{quote(ENCODED, safe='')}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_every_other_answer_is_never_kept(http: Http, service: MemoryService) -> None:
    assert http.get(f"/pki/ocsp/{ENCODED}").headers["cache-control"] == "no-store"

    service.ocsp.keep_until = NOON + timedelta(hours=12)
    posted = http.post("/pki/ocsp", content=REQUEST, headers={"Content-Type": "application/ocsp-request"})
    assert posted.headers["cache-control"] == "no-store"


def test_ocsp_by_post_and_timestamps_take_their_own_type_only(http: Http) -> None:
    for path, question, reply, echo in (
        ("/pki/ocsp", "application/ocsp-request", "application/ocsp-response", b"ocsp:x"),
        ("/pki/tsa", "application/timestamp-query", "application/timestamp-reply", b"tsa:x"),
    ):
        good = http.post(path, content=b"x", headers={"Content-Type": question})
        assert (good.status_code, good.content, good.headers["content-type"]) == (200, echo, reply)
        for other in ("application/octet-stream", "application/json", ""):
            refused = http.post(path, content=b"x", headers={"Content-Type": other})
            assert (refused.status_code, refused.json()["field"]) == (415, "Content-Type")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (("POST", "/pki/ocsp", "application/ocsp-request", 10 * 1024), 200),
        (("POST", "/pki/ocsp", "application/ocsp-request", 10 * 1024 + 1), 413),
        (("POST", "/pki/tsa", "application/timestamp-query", 4 * 1024), 200),
        (("POST", "/pki/tsa", "application/timestamp-query", 4 * 1024 + 1), 413),
    ],
)
def test_bodies_have_their_limit(http: Http, request_: tuple[str, str, str, int], status: int) -> None:
    method, path, media_type, size = request_

    answer = http.request(method, path, content=b"x" * size, headers={"Content-Type": media_type})

    assert answer.status_code == status


@pytest.mark.parametrize(("size", "status"), [(1024, 200), (1028, 414)])
def test_a_request_in_the_address_has_its_limit(http: Http, size: int, status: int) -> None:
    encoded = base64.urlsafe_b64encode(b"\x00" * size).decode()

    assert http.get(f"/pki/ocsp/{encoded}").status_code == status


def test_no_answer_is_compressed_on_the_way(http: Http, service: MemoryService) -> None:
    service.crls.crls["ca-1-g1"] = a_crl(der=b"x" * 5000)

    answer: Any = http.get(CRL, headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in answer.headers
