"""RFC 3161 authorities in order: the first one that gives a good token wins; one that failed rests for a while."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.cms_check import ID_TST_INFO, CmsUnsound, check_signed_data
from signer.cms_signer import DIGEST
from signer.der import OCTETS, SEQUENCE, DerError, Element
from signer.errors import TimestampUnavailable
from signer.ports import Timestamper

log = logging.getLogger(__name__)

FAILURES_UNTIL_REST: Final = 3
REST: Final = timedelta(seconds=30)
_GENERALIZED_TIME: Final = 0x18


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A token that was checked against the authority's certificate."""

    token: bytes
    """TimeStampToken, DER, exactly as it came."""
    at: datetime
    """genTime; aware, UTC."""
    chain: tuple[x509.Certificate, ...]
    """The unit's certificate first, root last."""


class TimestampAuthorities:
    """Several authorities as one, with a simple breaker for each."""

    def __init__(self, authorities: Sequence[Timestamper], *, now: Callable[[], datetime]) -> None:
        self._authorities = tuple(authorities)
        self._now = now
        self._lock = threading.Lock()
        self._failures = dict.fromkeys(range(len(self._authorities)), 0)
        self._rests_until: dict[int, datetime] = {}
        self._token_size = 0

    def expected_size(self) -> int:
        """Octets that a token will need: the largest one met so far, or an estimate from the chain."""
        if self._token_size:
            return self._token_size + 32
        chain = self._authorities[0].chain if self._authorities else ()
        return 1024 + sum(len(certificate.public_bytes(Encoding.DER)) for certificate in chain)

    def timestamp(self, digest: bytes) -> Timestamp:
        """A checked token over a SHA-256 `digest`; `TimestampUnavailable` when no authority gave a good one."""
        for index, authority in enumerate(self._authorities):
            if self._rests(index):
                continue
            try:
                token = authority.timestamp(digest, DIGEST)
                stamped = Timestamp(
                    token=token, at=check_token(token, digest, authority.chain[0]), chain=authority.chain
                )
            except Exception as error:  # whatever one authority's client raises, the next authority is asked
                log.warning("time-stamping authority %d failed: %s: %s", index, type(error).__name__, error)
                self._count_failure(index)
                continue
            with self._lock:
                self._failures[index] = 0
                self._token_size = max(self._token_size, len(token))
            return stamped
        raise TimestampUnavailable("no time-stamping authority gave a good token")

    def _rests(self, index: int) -> bool:
        with self._lock:
            until = self._rests_until.get(index)
        return until is not None and self._now() < until

    def _count_failure(self, index: int) -> None:
        with self._lock:
            self._failures[index] += 1
            if self._failures[index] >= FAILURES_UNTIL_REST:
                self._rests_until[index] = self._now() + REST


def check_token(token: bytes, digest: bytes, unit: x509.Certificate) -> datetime:
    """genTime of a token over exactly `digest` that `unit` signed (RFC 3161, 2.4.2); `CmsUnsound` otherwise."""
    try:
        usage = unit.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise CmsUnsound("the unit's certificate has no extended key usage") from None
    if list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING] or not usage.critical:
        raise CmsUnsound("the unit's certificate is not for time-stamping alone (RFC 3161, 2.3)")
    checked = check_signed_data(token, unit, content_type=ID_TST_INFO)
    if unit.public_bytes(Encoding.DER) not in checked.certificates:
        raise CmsUnsound("the unit's certificate is not in the token")
    try:
        at, imprint = _read_tst_info(checked.content or b"")
    except (DerError, ValueError) as error:
        raise CmsUnsound(f"TSTInfo cannot be read: {error}") from error
    if imprint != digest:
        raise CmsUnsound("the token is over another digest")
    if not unit.not_valid_before_utc <= at <= unit.not_valid_after_utc:
        raise CmsUnsound("the token is older or younger than the unit's certificate")
    return at


def _read_tst_info(content: bytes) -> tuple[datetime, bytes]:
    _version, _policy, imprint, _serial, time, *_rest = Element(content).expect(SEQUENCE).children()
    _algorithm, hashed = imprint.expect(SEQUENCE).children()
    text = time.expect(_GENERALIZED_TIME).body.decode("ascii")
    if not text.endswith("Z"):
        raise DerError("genTime is not in UTC")
    form = "%Y%m%d%H%M%S.%f" if "." in text else "%Y%m%d%H%M%S"
    return datetime.strptime(text[:-1], form).replace(tzinfo=UTC), hashed.expect(OCTETS).body
