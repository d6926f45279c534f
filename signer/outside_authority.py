"""A time-stamping authority outside of this house (RFC 3161): asked over a wire, believed only after every check."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from signer.cms_check import CmsUnsound
from signer.der import oid
from signer.errors import TimestampUnavailable
from signer.foreign.path import checked_path
from signer.model import StampedToken
from signer.timestamp_check import certificates_in, check_token
from signer.timestamp_query import request_of, token_in

CLOCK_SKEW: Final = timedelta(minutes=1)
"""How far its clock may be from ours, which is proven or nothing would be stamped here."""
_NONCE_OCTETS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTrust:
    """Whom one authority's tokens have to come from."""

    anchors: tuple[x509.Certificate, ...]
    """Certificates in one of which the unit's chain ends."""
    policies: frozenset[str]
    """Policies (dotted OIDs) of which a token has to name one; empty: any."""


class OutsideAuthority:
    """`signer.ports.Timestamper` over `ask`, which carries a TimeStampReq there and a TimeStampResp back (DER)."""

    def __init__(
        self,
        *,
        name: str,
        ask: Callable[[bytes], bytes],
        trust: OutsideTrust,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._name = name
        self._ask = ask
        self._trust = trust
        self._policies = frozenset(map(oid, trust.policies))
        self._now = now
        self._random_bytes = random_bytes
        self._lock = threading.Lock()
        self._seen: tuple[x509.Certificate, ...] = ()

    @property
    def name(self) -> str:
        """As the settings call it."""
        return self._name

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """That of the unit that answered last; empty before."""
        with self._lock:
            return self._seen

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        """A token over `digest`, after these checks; `TimestampUnavailable` where one fails.

        1. The authority granted it.
        2. The unit signed exactly this, with a certificate for time-stamping alone that the token names.
        3. It is the answer to our question: our nonce; and made under a policy that is allowed.
        4. The unit's chain ends in a configured anchor, today.
        5. Its time is ours.
        """
        nonce = int.from_bytes(b"\x01" + self._random_bytes(_NONCE_OCTETS), "big")  # positive, and never shorter
        try:
            token = token_in(self._ask(self._request(digest, algorithm, nonce)))
            unit, *offered = certificates_in(token)
            said = check_token(token, digest, unit)
            _require(said.nonce == nonce, "the nonce is another")
            _require(not self._policies or said.policy in self._policies, "the policy is none of those allowed")
            at = self._now()
            chain = checked_path(unit, tuple(offered), self._trust.anchors, frozenset(), at=at)
            _require(abs(said.at - at) <= CLOCK_SKEW, "its clock and ours are too far apart")
        except TimestampUnavailable:
            raise
        except Exception as error:  # strangers' certificates make a parser raise anything at all
            raise TimestampUnavailable(f"{self._name}: {error}") from error
        with self._lock:
            self._seen = chain
        return StampedToken(token=token, chain=chain)

    def _request(self, digest: bytes, algorithm: str, nonce: int) -> bytes:
        """TimeStampReq (RFC 3161, 2.4.1); names the policy where only one is allowed."""
        policy = next(iter(self._policies)) if len(self._policies) == 1 else b""
        return request_of(digest, algorithm, nonce, policy=policy)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CmsUnsound(otherwise)
