"""RFC 3161 authorities in order: the first one that gives a good token wins; one that keeps failing rests."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signer.breaker import Breaker
from signer.cms_signer import DIGEST
from signer.errors import TimestampUnavailable
from signer.ports import Timestamper
from signer.timestamp_check import check_token

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A token that was checked against the authority's certificate."""

    token: bytes
    """TimeStampToken, DER, exactly as it came."""
    at: datetime
    """genTime; aware, UTC."""
    chain: tuple[x509.Certificate, ...]
    """The unit's certificate first, root last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityCount:
    """What became of asking one authority, since this process began."""

    name: str
    granted: int
    failed: int
    rests: bool
    """Whether nobody asks it at the moment."""


class TimestampAuthorities:
    """Several authorities as one, with a breaker for each. Share it: what one caller learns spares the next."""

    def __init__(self, authorities: Sequence[Timestamper], *, now: Callable[[], datetime]) -> None:
        self._authorities = tuple((each, Breaker(now=now)) for each in authorities)
        self._lock = threading.Lock()
        self._granted: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._token_size = 0

    def expected_size(self) -> int:
        """Octets that a token will need: the largest one met so far, or an estimate from the longest chain."""
        if self._token_size:
            return self._token_size + 32
        chains = [authority.chain for authority, _ in self._authorities]
        return 1024 + max((sum(len(each.public_bytes(Encoding.DER)) for each in chain) for chain in chains), default=0)

    def likely_chain(self) -> tuple[x509.Certificate, ...]:
        """That of the unit that will probably answer next; empty where nobody knows."""
        return next((each.chain for each, breaker in self._authorities if each.chain and not breaker.rests), ())

    def chains(self) -> tuple[tuple[x509.Certificate, ...], ...]:
        """Those of every unit that is known: somebody has to keep their status fresh."""
        return tuple(each.chain for each, _ in self._authorities if each.chain)

    def get_to_know(self, digest: bytes) -> int:
        """Ask each authority whose unit nobody knows yet for a token over `digest`; how many gave a good one."""
        met = 0
        for authority, breaker in self._authorities:
            if not authority.chain and breaker.permits():
                met += self._ask(authority, breaker, digest) is not None
        return met

    def timestamp(self, digest: bytes) -> Timestamp:
        """A checked token over a SHA-256 `digest`; `TimestampUnavailable` when no authority gave a good one."""
        for authority, breaker in self._authorities:
            if breaker.permits() and (stamped := self._ask(authority, breaker, digest)) is not None:
                return stamped
        raise TimestampUnavailable("no time-stamping authority gave a good token")

    def _ask(self, authority: Timestamper, breaker: Breaker, digest: bytes) -> Timestamp | None:
        try:
            answer = authority.timestamp(digest, DIGEST)
            at = check_token(answer.token, digest, answer.chain[0]).at
        except Exception as error:  # whatever one authority's client raises, the next authority is asked
            log.warning("time-stamping authority %s failed: %s: %s", authority.name, type(error).__name__, error)
            breaker.failed()
            self._count(self._failed, authority.name)
            return None
        breaker.succeeded()
        self._count(self._granted, authority.name)
        with self._lock:
            self._token_size = max(self._token_size, len(answer.token))
        return Timestamp(token=answer.token, at=at, chain=answer.chain)

    def counts(self) -> tuple[AuthorityCount, ...]:
        """Each authority, in order."""
        with self._lock:
            return tuple(
                AuthorityCount(
                    name=authority.name,
                    granted=self._granted[authority.name],
                    failed=self._failed[authority.name],
                    rests=breaker.rests,
                )
                for authority, breaker in self._authorities
            )

    def _count(self, counter: Counter[str], name: str) -> None:
        with self._lock:
            counter[name] += 1
