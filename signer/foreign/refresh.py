"""The job that fetches the status of certificates of other issuers: what is due, from listed hosts, and never twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from signer.foreign.fetching import StatusFetcher
from signer.foreign.model import ForeignRules, StatusAddress
from signer.foreign.ports import ForeignStatusStore, StatusAddresses
from signer.foreign.status import Fetch, FetchFailed

PER_ROUND: Final = 500
"""Addresses of one round; whatever is left is the first of the next one."""
_AGAIN: Final = timedelta(minutes=9)
"""When an address that gave nothing good is asked again: in the next round."""


class StatusRefresh:
    """Fetches what is due, keeps what is genuine and younger, and acts on what it learns of our officials."""

    def __init__(
        self,
        *,
        addresses: StatusAddresses,
        kept: ForeignStatusStore,
        fetch: Fetch,
        rules: ForeignRules,
        stop: Callable[[str, bool], None],
        alarm: Callable[[str, str], None],
        now: Callable[[], datetime],
    ) -> None:
        """`stop(credential_id, held)` suspends or revokes one; `alarm(address, word)` hears of each address that gave
        nothing good. Both hear the same again in the next round."""
        self._addresses = addresses
        self._kept = kept
        self._fetcher = StatusFetcher(kept=kept, fetch=fetch, rules=rules)
        self._stop = stop
        self._alarm = alarm
        self._now = now

    def refresh(self) -> int:
        """One round; how many answers were renewed. An address that fails stops nobody else's."""
        self._addresses.learn(self._now())
        return sum(self._renew(each) for each in self._addresses.due(self._now(), limit=PER_ROUND))

    def _renew(self, address: StatusAddress) -> bool:
        """1. Fetch, 2. check, 3. act on what it says, 4. keep it. Dying before 4 repeats it all in the next round."""
        at = self._now()
        try:
            status, ended = self._fetcher.fetched(address, at)
        except FetchFailed as error:
            self._alarm(address.url, str(error))
            self._addresses.settle(address, due_at=at + _AGAIN, failure=str(error))
            return False
        ours = self._addresses.credentials_of(address.issuer)
        for serial, held in ended:
            if serial in ours:
                self._stop(ours[serial], held)
        known = self._kept.get(address.url, address.about)
        if known is None or known.der != status.der:
            self._kept.put(status)
        self._addresses.settle(address, due_at=status.due_at, failure=None)
        return True
