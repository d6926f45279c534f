"""The nouns of seals: what a client may do with one, and the words for why it may not."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LONGEST: Final = timedelta(days=1)
MOST_DOCUMENTS: Final = 100_000
MOST_NETWORKS: Final = 16


class Refusal(StrEnum):
    """Why nothing is sealed; stable words, for the client and for each document of a batch."""

    NOT_ACTIVE = "seal-not-active"
    """The client never had a permission, or not yet."""
    DEACTIVATED = "seal-deactivated"
    EXPIRED = "seal-expired"
    NETWORK = "seal-network"
    USED_UP = "seal-used-up"
    PIN_NEEDED = "seal-pin-needed"
    """It is used with a PIN, and none came."""
    PIN_NONE = "seal-pin-none"
    """One came, and it has none."""
    PIN_WRONG = "seal-pin-wrong"
    PIN_LOCKED = "seal-pin-locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPermission:
    """What one client may do with one seal."""

    id: str
    credential_id: str
    client_id: str
    networks: tuple[str, ...]
    """From where it may ask, as CIDR."""
    documents: int
    """How many, at most."""
    used: int
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    def refusal(self, address: str | None, *, at: datetime) -> Refusal | None:
        """Why nothing may be sealed under it for a client at `address`; `None` where something may."""
        over = self.over(at=at)
        if over in (None, Refusal.USED_UP) and not (address is not None and lies_in(address, self.networks)):
            return Refusal.NETWORK
        return over

    def over(self, *, at: datetime) -> Refusal | None:
        """Why nothing may be sealed under it from anywhere; `None` where it stands."""
        if at < self.granted_at:
            return Refusal.NOT_ACTIVE
        if self.ended_at is not None and self.ended_at <= at:
            return Refusal.DEACTIVATED
        if at >= self.expires_at:
            return Refusal.EXPIRED
        return Refusal.USED_UP if self.used >= self.documents else None


def lies_in(address: str, networks: Sequence[str]) -> bool:
    """Whether `address` is in one of `networks` (CIDR); what is no address is in none.

    A socket for both families writes an IPv4 caller as `::ffff:192.0.2.7` (RFC 4291, 2.5.5.2): the same caller.
    """
    try:
        where = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(where, ipaddress.IPv6Address) and where.ipv4_mapped is not None:
        where = where.ipv4_mapped
    return any(where in ipaddress.ip_network(each) for each in networks)
