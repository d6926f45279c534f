"""Fresh status for a chain of another issuer that nobody has seen before: fetched now, from listed hosts alone.

For raising levels, where nobody waits with a passphrase in hand. Signing itself fetches nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from signer.foreign.addresses import crl_addresses, ocsp_addresses
from signer.foreign.fetching import StatusFetcher
from signer.foreign.model import StatusAddress
from signer.foreign.ports import ForeignStatusStore
from signer.foreign.status import FetchFailed, ForeignStatus
from signer.model import ValidationData


class StatusOnDemand:
    """`signer.ports.StatusSource`: what is kept, after what is due of it was fetched."""

    def __init__(self, *, kept: ForeignStatusStore, fetcher: StatusFetcher, now: Callable[[], datetime]) -> None:
        self._kept = kept
        self._fetcher = fetcher
        self._now = now

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        """Whether it is enough and fresh is judged by whoever asks: an address that gives nothing is no error here."""
        for address in _addresses(chain):
            known, at = self._kept.get(address.url, address.about), self._now()
            if known is not None and at < known.due_at:
                continue
            try:
                status, _ = self._fetcher.fetched(address, at)
            except FetchFailed:
                continue
            self._kept.put(status)
        return ForeignStatus(self._kept).status_for(chain)


def _addresses(chain: tuple[x509.Certificate, ...]) -> Iterator[StatusAddress]:
    for certificate, issuer in pairwise(chain):
        about = certificate.fingerprint(hashes.SHA256()).hex()
        places = [
            *((url, "") for url in crl_addresses(certificate)),
            *((u, about) for u in ocsp_addresses(certificate)),
        ]
        for url, of in dict.fromkeys(places):
            yield StatusAddress(url=url, about=of, certificate=certificate, issuer=issuer)
