"""Security headers on every answer, also on those of exceptions and unknown paths."""

from collections.abc import Awaitable, Callable
from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
A_YEAR: Final = "max-age=31536000"

_ALWAYS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def security_headers(*, https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """A `before_send` hook for `Litestar`. A header that a handler has set on purpose is left alone.

    `https`: whether readers reach us by HTTPS; only then HSTS is sent (RFC 6797, 7.2), also behind a proxy that
    speaks HTTP to us.
    """
    added = {**_ALWAYS, "Strict-Transport-Security": A_YEAR} if https else _ALWAYS

    async def add(message: Message, _scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in added.items():
            headers.setdefault(name, value)

    return add
