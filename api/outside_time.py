"""Time-stamping authorities of others over HTTP (RFC 3161, 3.4): listed addresses, little time, little memory."""

import base64
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography import x509

from api.connection import cut_after
from api.settings import OutsideTsaSettings, Settings, SettingsError
from signer.errors import TimestampUnavailable
from signer.outside_authority import OutsideAuthority, OutsideTrust
from verifier.model import TrustAnchorEntry

MAX_ANSWER: Final = 64 * 1024
"""A token takes 2 to 8 KiB; who sends more sends something else."""
_QUERY: Final = "application/timestamp-query"
_REPLY: Final = "application/timestamp-reply"


class TimestampHttp:
    """Carries one question there and the answer back. Safe for threads; every question has a connection of its own."""

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float,
        seconds: float,
        authorization: Callable[[], str | None] = lambda: None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds`: for the whole answer, however slowly it drips; `authorization` gives the header's value."""
        self._url = url
        self._timeout = httpx.Timeout(seconds, connect=connect_seconds)
        self._seconds = seconds
        self._authorization = authorization
        self._tls = tls
        self._clock = clock

    def __call__(self, request: bytes) -> bytes:
        """TimeStampReq in, TimeStampResp out (DER); `TimestampUnavailable` with a stable word."""
        headers = {"Content-Type": _QUERY, "Accept": _REPLY, "Accept-Encoding": "identity"}
        if (authorization := self._authorization()) is not None:
            headers["Authorization"] = authorization
        with cut_after(self._seconds) as connection:
            try:
                verify = self._tls if self._tls is not None else True
                with (
                    httpx.Client(
                        timeout=self._timeout, follow_redirects=False, trust_env=False, verify=verify
                    ) as client,
                    client.stream(
                        "POST", self._url, content=request, headers=headers, extensions={"trace": connection.note}
                    ) as answer,
                ):
                    return _body(answer)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                raise TimestampUnavailable("too-slow" if connection.was_cut else type(error).__name__) from None


def _body(answer: httpx.Response) -> bytes:
    if answer.status_code != 200:
        raise ValueError(f"status {answer.status_code}")
    if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _REPLY:
        raise ValueError("another content type")
    received = bytearray()
    for part in answer.iter_raw():
        received += part
        if len(received) > MAX_ANSWER:
            raise ValueError("too large")
    return bytes(received)


def outside_authorities(
    settings: Settings,
    anchors: tuple[TrustAnchorEntry, ...],
    *,
    now: Callable[[], Any],
    random_bytes: Callable[[int], bytes],
) -> tuple[OutsideAuthority, ...]:
    """Those of `tsa.outside`, in order; `anchors`: what lies in `pki.anchors`. Raises `SettingsError`."""
    return tuple(
        OutsideAuthority(
            name=own.name,
            ask=TimestampHttp(
                own.url,
                connect_seconds=own.connect_seconds,
                seconds=own.seconds,
                authorization=lambda own=own: _authorization(own),  # type: ignore[misc]  # bound now, read at each use
                tls=None if own.ca_file is None else _trusting(own.ca_file),
            ),
            trust=OutsideTrust(anchors=_anchors(own, anchors), policies=frozenset(own.policies)),
            now=now,
            random_bytes=random_bytes,
        )
        for own in settings.tsa.outside
    )


def _anchors(own: OutsideTsaSettings, anchors: tuple[TrustAnchorEntry, ...]) -> tuple[x509.Certificate, ...]:
    """Those for timestamps that this authority may chain to."""
    fit = [each for each in anchors if "timestamp" in each.purposes and (not own.anchors or each.name in own.anchors)]
    if not fit or set(own.anchors) - {each.name for each in fit}:
        raise SettingsError(
            f"tsa.outside: {own.name} needs its trust anchor in pki.anchors, for the purpose timestamp, "
            "under the name that its key anchors says"
        )
    return tuple(x509.load_der_x509_certificate(each.certificate) for each in fit)


def _authorization(own: OutsideTsaSettings) -> str | None:
    """The header's value, from the file of this moment; a missing file is an authority that does not answer."""
    try:
        if own.token_file is not None:
            return f"Bearer {_line(own.token_file)}"
        if own.user is not None and own.password_file is not None:
            pair = f"{own.user}:{_line(own.password_file)}".encode()
            return f"Basic {base64.b64encode(pair).decode('ascii')}"
    except OSError as error:
        raise TimestampUnavailable(f"{own.name}: its secret cannot be read ({error.strerror})") from None
    return None


def _line(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].strip()


def _trusting(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"tsa.outside: {ca_file} holds no certificates (PEM): {type(error).__name__}") from None
