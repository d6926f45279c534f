"""Fetching from other CAs: nowhere else, not for long, not much."""

from collections.abc import Iterator
from threading import Event

import pytest

from api.fetching import ListedFetcher
from signer.foreign.status import FetchFailed
from tests.support.local_servers import LocalHttp, local_http


@pytest.fixture
def http() -> Iterator[LocalHttp]:
    with local_http() as server:
        yield server


def failure(fetch: ListedFetcher, url: str, limit: int = 100) -> str:
    with pytest.raises(FetchFailed) as failed:
        fetch(url, limit=limit)
    return str(failed.value)


def test_what_is_listed_is_fetched(http: LocalHttp) -> None:
    http.say("/a.crl", b"crl")
    assert ListedFetcher(frozenset({http.host}))(http.url("/a.crl"), limit=3) == b"crl"


def test_an_ocsp_request_is_posted_as_one(http: LocalHttp) -> None:
    http.answers["/ocsp"] = lambda body: (200, {}, body[::-1])
    assert ListedFetcher(frozenset({http.host}))(http.url("/ocsp"), limit=10, body=b"abc") == b"cba"
    method, _, headers, _ = http.asked[0]
    assert (method, headers["Content-Type"]) == ("POST", "application/ocsp-request")


def test_what_is_not_listed_is_not_asked(http: LocalHttp) -> None:
    assert failure(ListedFetcher(frozenset({"pki.example.org"})), http.url("/")) == "host-not-listed"
    assert http.asked == []


def test_nobody_sends_us_to_another_host(http: LocalHttp) -> None:
    with local_http() as other:
        http.say("/a.crl", status=302, Location=other.url("/secret"))
        assert failure(ListedFetcher(frozenset({http.host})), http.url("/a.crl")) == "host-not-listed"
        assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed_a_few_times(http: LocalHttp) -> None:
    http.say("/old", status=301, Location="/new")
    http.say("/new", b"crl")
    http.say("/round", status=302, Location="/round")
    fetch = ListedFetcher(frozenset({http.host}))
    assert fetch(http.url("/old"), limit=10) == b"crl"
    assert failure(fetch, http.url("/round")) == "too-many-redirects"


def test_more_than_the_limit_is_cut_off(http: LocalHttp) -> None:
    http.say("/a.crl", b"x" * 101)
    assert failure(ListedFetcher(frozenset({http.host})), http.url("/a.crl")) == "too-large"


def test_a_slow_server_does_not_hold_the_job(http: LocalHttp) -> None:
    gone = Event()

    def slowly(_: bytes) -> tuple[int, dict[str, str], bytes]:
        gone.wait(60)
        return 200, {}, b"late"

    http.answers["/slow"] = slowly
    try:
        assert failure(ListedFetcher(frozenset({http.host}), seconds=0.1), http.url("/slow")) == "unreachable"
    finally:
        gone.set()


@pytest.mark.parametrize("status", [204, 400, 404, 500])
def test_only_a_whole_answer_counts(http: LocalHttp, status: int) -> None:
    http.say("/a.crl", status=status)
    assert failure(ListedFetcher(frozenset({http.host})), http.url("/a.crl")) == f"http-{status}"
