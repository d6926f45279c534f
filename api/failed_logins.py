"""Guessed passwords and secrets of applications, counted before the next one is looked at."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from api.limits import TokenBuckets

NETWORK_FACTOR: Final = 6
"""How many times as many failures a network may have as one client identifier in it: officials share an address."""


class FailedLogins:
    """Counts failed authentications per network, and per client identifier within a network.

    The identifier alone is no key: whoever knows it could lock its owner out from anywhere.
    """

    def __init__(self, *, per_minute: int, now: Callable[[], datetime]) -> None:
        self._clients = TokenBuckets(name="failed-logins", per_minute=per_minute, now=now)
        self._networks = TokenBuckets(name="failed-logins-network", per_minute=per_minute * NETWORK_FACTOR, now=now)

    def check(self, network: str, client_id: str) -> None:
        """Refuse with 429 before the secret is looked at, where too many were wrong."""
        for buckets, key in self._keys(network, client_id):
            if not (allowance := buckets.look(key)).allowed:
                raise buckets.refusal(allowance)

    def count(self, network: str, client_id: str) -> None:
        """One more was wrong."""
        for buckets, key in self._keys(network, client_id):
            buckets.take(key)

    def _keys(self, network: str, client_id: str) -> tuple[tuple[TokenBuckets, str], ...]:
        return (self._networks, network), (self._clients, f"{network} {client_id[:64]}")
