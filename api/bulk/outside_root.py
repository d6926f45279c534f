"""The CRL of a root that is not ours and certifies our issuing CA: fetched, checked, and put into our signatures."""

from collections.abc import Callable
from datetime import datetime

from cryptography import x509

from ca.ceremony import ROOT_ID, read_root_crl, take_over
from ca.errors import Misconfigured
from ca.ports import CrlStore
from signer.foreign.addresses import crl_addresses, listed
from signer.foreign.status import CRL_BYTES, Fetch, FetchFailed


class OutsideRootCrl:
    """Keeps the root's CRL young, where the issuing CA's certificate names one on a listed host."""

    def __init__(
        self,
        *,
        issuing_ca: x509.Certificate,
        root: x509.Certificate,
        crls: CrlStore,
        fetch: Fetch,
        hosts: frozenset[str],
        now: Callable[[], datetime],
    ) -> None:
        self.addresses = tuple(each for each in crl_addresses(issuing_ca) if listed(each, hosts))
        """Where it is fetched from; none: it is ours, or it is carried here (`teken ceremony take-crl`)."""
        self._root = root
        self._crls = crls
        self._fetch = fetch
        self._now = now

    def refresh(self) -> bool:
        """Fetch the next one when four fifths of this one's life are over; whether there is a new one.

        Raises `FetchFailed` where no address gives a good one: the alarm about the CRL's end comes from its own watch.
        """
        current, at = self._crls.current(ROOT_ID), self._now()
        if current is not None and at < current.this_update + (current.next_update - current.this_update) * 4 / 5:
            return False
        failure = FetchFailed("no-address")
        for address in self.addresses:
            try:
                crl = read_root_crl(self._fetch(address, limit=CRL_BYTES), self._root)
                if at >= crl.next_update:
                    raise FetchFailed("out-of-date")
                take_over(self._crls, crl, at)
            except (FetchFailed, Misconfigured) as error:
                failure = error if isinstance(error, FetchFailed) else FetchFailed("not-genuine")
            else:
                return current is None or crl.number > current.number
        raise failure
