"""Where a webhook may lead: a stranger's address must never reach what only this machine or this house can reach.

An address is taken apart once, here, by one grammar, and only the parts go on, so nobody reads it differently later.
Names are looked up when something is sent, and every address behind the name has to be permitted; who sends connects
to one of exactly those (RFC 6890 lists the special ones).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from signer.errors import WebhookRefused

LONGEST: Final = 500
"""Characters of an address."""
MOST_ADDRESSES: Final = 16
"""Behind one name; who has more is looked at no further."""

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_URL: Final = re.compile(
    rf"(?P<scheme>https?)://(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>{_LABEL}(?:\.{_LABEL})*))(?::(?P<port>\d{{1,5}}))?"
    r"(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
"""A host whose last label is a number is an IPv4 address for some readers (WHATWG URL), whatever it looks like."""
_PORTS: Final = range(1024, 65536)
_REFUSED: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # a cloud's metadata behind a public address
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "::/96",  # IPv4-compatible (RFC 4291, 2.5.5.1)
            "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
            "64:ff9b::/96",  # NAT64 (RFC 6052)
            "64:ff9b:1::/48",  # NAT64 of a house (RFC 8215)
            "2001::/32",  # Teredo (RFC 4380)
            "2002::/16",  # 6to4 (RFC 3056)
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",  # segment routing (RFC 9602)
            "fec0::/10",  # site-local (RFC 3879)
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address taken apart."""

    scheme: str
    host: str
    """A name in lower case, or an IP address without brackets."""
    port: int
    path: str
    """With its query."""


class AddressRules:
    """What is permitted: public addresses, and the networks that the operator named."""

    def __init__(self, networks: Iterable[str]) -> None:
        """`networks`: in CIDR notation; raises `ValueError` for what is none."""
        self._networks = tuple(map(ip_network, networks))

    def permit(self, address: str) -> bool:
        """Whether something may be sent to this IP address; nothing else is one."""
        found = _parsed(address)
        if found is None:
            return False
        if any(found in network for network in self._networks):
            return True
        special = found.is_multicast or found.is_reserved or any(found in network for network in _REFUSED)
        return found.is_global and not special

    def target(self, url: str) -> Target:
        """The address taken apart; raises `WebhookRefused` for one that could not be reached for its own sake."""
        match = _URL.fullmatch(url) if len(url) <= LONGEST else None
        if match is None:
            raise _refused("This is no address of a webhook. Write https://name/path.", "not-an-address")
        host, scheme = (match["host"] or match["six"]).lower(), match["scheme"]
        literal = _parsed(host)
        if (match["six"] or _NUMBER.fullmatch(host)) and literal is None:
            raise _refused("This is no IP address. Write it in full.", "not-an-address")
        port = int(match["port"] or (443 if scheme == "https" else 80))
        if port not in _PORTS and port != (443 if scheme == "https" else 80):
            raise _refused("Use port 443, or one from 1024 on.", "port")
        here = host == "localhost" or host.endswith(".localhost") or (literal is not None and literal.is_loopback)
        permitted = self.permit(host) if literal else (not here or self.permit("127.0.0.1"))
        if scheme == "http" and not (here and permitted):
            raise _refused("What is delivered must be encrypted. Write an https address.", "not-encrypted")
        if not permitted:
            raise _refused("Nothing is delivered to this address. Ask the operator.", "address")
        path = (match["path"] or "/") + (match["query"] or "")
        return Target(scheme=scheme, host=host, port=port, path=path)

    def reachable(self, target: Target, addresses: Sequence[str]) -> tuple[str, ...]:
        """Those behind the name, in their order; none where one of them is not permitted, or where they are many."""
        if len(addresses) > MOST_ADDRESSES or not all(map(self.permit, addresses)):
            return ()
        if target.scheme == "http" and not all((found := _parsed(each)) and found.is_loopback for each in addresses):
            return ()
        return tuple(addresses)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address; IPv4 where it is only wrapped into IPv6 (RFC 4291, 2.5.5.2). With a zone it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return None if found.scope_id is not None else found.ipv4_mapped or found
    return found


def _refused(message: str, reason: str) -> WebhookRefused:
    return WebhookRefused(message, field="url", reason=reason)
