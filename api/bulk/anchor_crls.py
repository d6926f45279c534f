"""The CRLs that the operator names at a trust anchor, fetched from listed hosts: the verifier itself asks nobody."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from signer.foreign.addresses import listed
from signer.foreign.model import KeptStatus
from signer.foreign.ports import ForeignStatusStore
from signer.foreign.status import CRL_BYTES, Fetch, FetchFailed
from signer.status import genuine_crl

_AGAIN: Final = timedelta(hours=1)
_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorLists:
    """What the anchors' files say."""

    addresses: tuple[str, ...]
    anchors: tuple[x509.Certificate, ...]


class AnchorCrls:
    """Keeps each listed CRL young.

    A list of an anchor must bear its signature. A list of a CA beneath one is kept as it comes: whose it is shows only
    when a file brings that CA, and no judgement believes a list without its issuer's signature.
    """

    def __init__(
        self,
        lists: AnchorLists,
        *,
        kept: ForeignStatusStore,
        fetch: Fetch,
        hosts: frozenset[str],
        now: Callable[[], datetime],
    ) -> None:
        self._lists, self._kept, self._fetch, self._hosts, self._now = lists, kept, fetch, hosts, now
        self._again: dict[str, datetime] = {}
        self._failing: dict[str, str] = {}

    def refresh(self) -> int:
        """One round; how many lists were renewed. An address that fails stops no other."""
        return sum(self._renew(each) for each in self._lists.addresses)

    def failing(self) -> Iterable[tuple[str, str]]:
        """Address and word of each that gave nothing good when it was last asked."""
        return tuple(self._failing.items())

    def _renew(self, url: str) -> bool:
        at, known = self._now(), self._kept.get(url)
        if at < self._again.get(url, at) or (known is not None and at < known.due_at):
            return False
        try:
            status = self._fetched(url, known, at)
        except FetchFailed as error:
            self._again[url], self._failing[url] = at + _AGAIN, str(error)
            return False
        self._failing.pop(url, None)
        self._again[url] = at + _AGAIN
        if known is None or known.der != status.der:
            self._kept.put(status)
        return True

    def _fetched(self, url: str, known: KeptStatus | None, at: datetime) -> KeptStatus:
        if not listed(url, self._hosts):
            raise FetchFailed("host-not-listed")
        der = self._fetch(url, limit=CRL_BYTES)
        crl = self._crl(der)
        if crl.next_update_utc is None or crl.last_update_utc - _SKEW > at or at >= crl.next_update_utc:
            raise FetchFailed("out-of-date")
        if known is not None and crl.last_update_utc < known.this_update:
            raise FetchFailed("older-than-kept")
        return KeptStatus(
            url=url,
            about="",
            der=der,
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
            fetched_at=at,
        )

    def _crl(self, der: bytes) -> x509.CertificateRevocationList:
        try:
            crl = x509.load_der_x509_crl(der)
            issuers = list(self._issuers(crl))
        except ValueError:
            raise FetchFailed("not-der") from None
        if issuers and all(genuine_crl(der, each) is None for each in issuers):
            raise FetchFailed("not-genuine")
        return crl

    def _issuers(self, crl: x509.CertificateRevocationList) -> Iterator[x509.Certificate]:
        return (each for each in self._lists.anchors if each.subject == crl.issuer)
