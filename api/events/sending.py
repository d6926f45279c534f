"""Sending to a webhook: the name looked up once, every address behind it checked, and connected to exactly those.

Redirects are answers like others, proxies of the environment are not asked, and of an answer only the status is read.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import httpx

from api.connection import Connection, cut_after
from api.settings import SettingsError
from signer.hooks.addresses import AddressRules, Target
from signer.hooks.ports import NotDelivered

SECONDS: Final = 10.0
"""For one attempt, however slowly the answer drips."""
CONNECT_SECONDS: Final = 3.0
MOST_TRIED: Final = 3
"""Addresses of one name that are tried in one attempt."""


def looked_up(host: str, port: int) -> list[str]:
    """The IP addresses of a name, in the system's order; raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class CheckedPost:
    """`signer.hooks.ports.Post` over HTTP/1.1. Safe for threads; every exchange has a connection of its own."""

    def __init__(
        self,
        rules: AddressRules,
        tls: ssl.SSLContext,
        *,
        look_up: Callable[[str, int], Sequence[str]] = looked_up,
        seconds: float = SECONDS,
    ) -> None:
        """`tls`: whom to trust, whatever the address; names are checked against the certificate."""
        self._rules = rules
        self._tls = tls
        self._look_up = look_up
        self._seconds = seconds
        self._timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)

    def __call__(self, target: Target, body: bytes, headers: Sequence[tuple[str, str]]) -> int:
        """The status of the answer; raises `NotDelivered`."""
        try:
            addresses = self._look_up(target.host, target.port)
        except (OSError, UnicodeError):
            raise NotDelivered("unknown-host") from None
        reachable = self._rules.reachable(target, addresses)
        if not reachable:
            raise NotDelivered("address-refused")
        with cut_after(self._seconds) as connection:
            for address in reachable[:MOST_TRIED]:
                try:
                    return self._send(connection, target, address, body, headers)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    if _is_of_tls(error):
                        raise NotDelivered("tls") from None
                except (httpx.HTTPError, OSError, ValueError):
                    raise NotDelivered("too-slow" if connection.was_cut else "broken-off") from None
        raise NotDelivered("too-slow" if connection.was_cut else "unreachable")

    def _send(
        self, connection: Connection, target: Target, address: str, body: bytes, headers: Sequence[tuple[str, str]]
    ) -> int:
        """To this very address; the name goes into `Host` and into TLS, where the certificate has to have it."""
        url = httpx.URL(scheme=target.scheme, host=address, port=target.port, raw_path=target.path.encode("ascii"))
        named = [("Host", _host_header(target)), ("Accept-Encoding", "identity"), *headers]
        extensions = {"sni_hostname": target.host, "trace": connection.note}
        with (
            httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False, verify=self._tls) as client,
            client.stream("POST", url, content=body, headers=named, extensions=extensions) as answer,
        ):
            return answer.status_code


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, and those of `ca_file` besides. Raises `SettingsError` where it holds none."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except (OSError, ssl.SSLError) as error:
            text = f"events.ca_file: {ca_file} holds no certificates (PEM): {type(error).__name__}"
            raise SettingsError(text) from None
    return context


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether it began with TLS: with a certificate that does not fit, another address behind the name is no better."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"https": 443, "http": 80}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"
