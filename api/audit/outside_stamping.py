"""Once a day another house stamps the newest checkpoint: then not even we can make our trail anew with another past.

    1 what an interrupted run left     a token outside without its row is taken over
    2 is it due?                       a day has passed since the last one
    3 stamp                            the authorities of `audit.stamped_by`, in their order
    4 check                            as the auditor will
    5 copy outside, record             the token first, then the row

It never stops anything: who fails here is told about by an alarm, and our own stamp is on every checkpoint.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from api.alarms import Alarm, Severity
from api.audit.copies import CopiesFolder
from api.audit.trust import AuditTrust
from signer.timestamping import Timestamp
from store.checkpoints import SqlCheckpoints
from store.errors import AlreadyExists
from store.outside_stamps import OutsideStamp

EVERY: Final = timedelta(days=1)
ASK: Final = timedelta(minutes=15)
"""How often the job looks whether a day has passed, and tries again where it failed."""
PATIENCE: Final = timedelta(hours=1)
"""How long it may be overdue before somebody hears of it."""


class OutsideStamping:
    """The stamps of others over one trail."""

    def __init__(
        self,
        *,
        checkpoints: SqlCheckpoints,
        timestamp: Callable[[bytes], Timestamp],
        trust: Callable[[], AuditTrust],
        copies: CopiesFolder | None,
        now: Callable[[], datetime],
    ) -> None:
        """`timestamp(digest)`: a token over a SHA-256; `trust` is read at each run."""
        self._checkpoints = checkpoints
        self._timestamp = timestamp
        self._trust = trust
        self._copies = copies
        self._now = now

    def run(self) -> bool:
        """Stamp what is due; whether there was a stamp.

        Raises `TimestampUnavailable` where no authority answers well, `CheckpointUnsound`, `CopyRefused`.
        """
        self._take_over()
        newest, last = self._checkpoints.newest(), self._checkpoints.outside.newest()
        if newest is None or (last is not None and self._now() - last.at < EVERY):
            return False
        number = newest.content.number
        if last is not None and number <= last.number:
            return False  # nothing happened since
        token = self._timestamp(newest.stamped).token
        at = self._trust().check_outside(newest, token)
        if self._copies is not None:
            self._copies.write_stamp(number, token)
        self._record(OutsideStamp(number=number, token=token, at=at))
        return True

    def alarms(self) -> Iterator[Alarm]:
        """Overdue by more than an hour."""
        last = self._checkpoints.outside.newest()
        if last is not None:
            due = last.at + EVERY
            newest = self._checkpoints.newest()
            if newest is not None and newest.content.number <= last.number:
                return
        else:
            first = next(self._checkpoints.every(), None)
            if first is None:
                return
            due = first[1].content.at
        if self._now() - due > PATIENCE:
            since = f"since {last.at:%Y-%m-%d %H:%M} UTC" if last is not None else "ever"
            yield Alarm(
                name="audit-outside-stamp",
                severity=Severity.WARNING,
                text=f"no other house stamped a checkpoint {since}: look at [[tsa.outside]] and at the log",
            )

    def _take_over(self) -> None:
        """Step 1. The rows are in the order of checkpoints, so what was left has its turn before the next."""
        last = self._checkpoints.outside.newest()
        known = last.number if last is not None else 0
        left = sorted(self._copies.stamps().items()) if self._copies is not None else []
        if all(number <= known for number, _ in left):
            return
        kept, trust = dict(self._checkpoints.every()), self._trust()
        for number, token in left:
            if number > known and number in kept:
                at = trust.check_outside(kept[number], token)
                self._record(OutsideStamp(number=number, token=token, at=at))

    def _record(self, stamp: OutsideStamp) -> None:
        """Where another process was faster, its stamp counts."""
        try:
            self._checkpoints.outside.add(stamp, recorded_at=self._now())
        except AlreadyExists:
            return
