"""Fetching what other CAs publish: listed hosts only, little time, little memory, and no way to be sent elsewhere."""

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin

import httpx

from signer.foreign.addresses import listed
from signer.foreign.status import FetchFailed

_OCSP: Final = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
_REDIRECTS: Final = 3


class ListedFetcher:
    """`signer.foreign.status.Fetch` over HTTP."""

    def __init__(
        self, hosts: frozenset[str], *, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`hosts` as in `foreign.hosts`; `seconds`: for the whole answer, redirects included."""
        self._hosts = hosts
        self._seconds = seconds
        self._clock = clock

    def __call__(self, url: str, *, limit: int, body: bytes | None = None) -> bytes:
        """At most `limit` bytes, decoded by nobody. Raises `FetchFailed` with a stable word."""
        deadline = self._clock() + self._seconds
        try:
            with httpx.Client(timeout=self._seconds, follow_redirects=False, trust_env=False) as client:
                for _ in range(_REDIRECTS + 1):
                    if not listed(url, self._hosts):
                        raise FetchFailed("host-not-listed")
                    answer = self._ask(client, url, limit, body, deadline)
                    if isinstance(answer, bytes):
                        return answer
                    url = urljoin(url, answer)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise FetchFailed("unreachable") from None
        raise FetchFailed("too-many-redirects")

    def _ask(self, client: httpx.Client, url: str, limit: int, body: bytes | None, deadline: float) -> bytes | str:
        """The body, or the address that we are sent to."""
        headers = _OCSP if body is not None else {}
        method = "GET" if body is None else "POST"
        with client.stream(method, url, content=body, headers={**headers, "Accept-Encoding": "identity"}) as answer:
            if answer.is_redirect and body is None:
                return answer.headers["Location"]
            if answer.status_code != 200:
                raise FetchFailed(f"http-{answer.status_code}")
            received = bytearray()
            for part in answer.iter_raw():
                received += part
                if len(received) > limit:
                    raise FetchFailed("too-large")
                if self._clock() > deadline:
                    raise FetchFailed("too-slow")
            return bytes(received)
