"""How often somebody may come: token buckets in a table of bounded size, in the memory of this process.

The header fields are those of draft-ietf-httpapi-ratelimit-headers-10. These limits stand in front of the counters
for passphrases, which live in the database, and never replace them.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final, Self

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import RATE_EXCEEDED, RequestRefused

MAX_KEYS: Final = 20_000
"""Who is remembered at once; the one that stayed away longest is forgotten first, with a full bucket."""

WINDOW_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a bucket says to one request."""

    allowed: bool
    remaining: int
    """Whole requests left."""
    wait: int
    """Seconds until the next request is allowed (when refused), or until the bucket is full again."""


class TokenBuckets:
    """One bucket a key: `per_minute` requests at once, refilled evenly. Safe to use from several threads."""

    def __init__(self, *, name: str, per_minute: int, now: Callable[[], datetime], max_keys: int = MAX_KEYS) -> None:
        self.name = name
        self.per_minute = per_minute
        self._now = now
        self._max_keys = max_keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> Allowance:
        """Use up one request of `key`, where one is left."""
        return self._draw(key, 1)

    def look(self, key: str) -> Allowance:
        """What `take` would say, with nothing used up."""
        return self._draw(key, 0)

    def _draw(self, key: str, count: int) -> Allowance:
        rate = self.per_minute / WINDOW_SECONDS
        with self._lock:
            at = self._now().timestamp()
            level, since = self._levels.pop(key, (float(self.per_minute), at))
            level = min(float(self.per_minute), level + max(0.0, at - since) * rate)
            allowed = level >= 1
            if allowed:
                level -= count
            self._levels[key] = (level, at)
            if len(self._levels) > self._max_keys:
                self._levels.popitem(last=False)
        missing = self.per_minute - level if allowed else 1 - level
        return Allowance(allowed=allowed, remaining=int(level), wait=math.ceil(missing / rate))

    def headers(self, allowance: Allowance) -> dict[str, str]:
        """The header fields that tell a client where it stands."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.per_minute};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.name}";r={allowance.remaining};t={allowance.wait}',
        }

    def refusal(self, allowance: Allowance) -> RequestRefused:
        """What is raised when no request is left."""
        return RequestRefused(
            RATE_EXCEEDED,
            f"More than {self.per_minute} in a minute.",
            headers={"Retry-After": str(allowance.wait), **self.headers(allowance)},
        )


def network_of(scope: Scope) -> str:
    """Whom a limit counts where nobody has a name: the IPv4 address, or the /64 of an IPv6 address.

    The address is that of the socket, or what a trusted proxy said; the server rewrites it, never this code.
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class RateLimit(ASGIMiddleware):
    """Refuses with 429 when the bucket of a request is empty, and tells every answer where its client stands.

    `key` says whom it counts, `applies` which requests.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(
        self,
        buckets: TokenBuckets,
        *,
        key: Callable[[Scope], str] = network_of,
        applies: Callable[[Scope], bool] = lambda _: True,
    ) -> None:
        self._buckets = buckets
        self._key = key
        self._applies = applies

    def __deepcopy__(self, _: dict[int, object]) -> Self:
        """The framework copies a router that it mounts; the counters are one and the same on purpose."""
        return self

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if not self._applies(scope):
            await next_app(scope, receive, send)
            return
        allowance = self._buckets.take(self._key(scope))
        if not allowance.allowed:
            raise self._buckets.refusal(allowance)
        fields = [(name.lower().encode(), value.encode()) for name, value in self._buckets.headers(allowance).items()]

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *fields]
            await send(message)

        await next_app(scope, receive, send_with_fields)
