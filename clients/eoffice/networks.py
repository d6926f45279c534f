"""Whom a limit counts where nobody has a name: the network that somebody comes from."""

import ipaddress
from collections.abc import Sequence
from typing import Any, Final

from litestar.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

SITE: Final = 48
"""Bits of an IPv6 address that are the same all over one site, at most (RFC 6177, 2): whoever has a whole site to
themselves is still one."""


def network_of(scope: Scope) -> str:
    """The IPv4 address, or the /48 of an IPv6 address.

    The address is that of the socket, or what a trusted proxy said (`believing`).
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, SITE), strict=False))
    return str(address)


def believing(app: Any, proxies: Sequence[str]) -> Any:
    """The application behind these proxies, whose `X-Forwarded-For` is believed; nobody else's is."""
    return ProxyHeadersMiddleware(app, list(proxies)) if proxies else app
