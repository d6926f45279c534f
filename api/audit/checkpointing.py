"""How a checkpoint is made, step by step.

    1 the checkpoint before holds     signature, timestamp, and its copy outside is the same
    2 the waiting entries hold        every hash is computed again; what was changed is never signed
    3 sign                            the audit key in the HSM, outside of any transaction
    4 stamp                           our time-stamping unit, over the signature
    5 check                           as a stranger would
    6 copy outside                    created once; from here on the checkpoint exists
    7 record                          under its number, in the database

A process that dies before 6 leaves at most an entry about a timestamp. One that dies between 6 and 7 leaves a copy, and
the next run takes it over, so a number never has two meanings. Two processes at once meet at 6 or at 7, where one wins.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from api.audit.copies import CopiesFolder
from api.audit.trust import AuditTrust, CheckpointUnsound, fingerprint
from ca.signing import sign
from store.chain import GENESIS
from store.checkpoints import Checkpoint, CheckpointBody, SqlCheckpoints, Stretch, signed_bytes
from store.errors import AlreadyExists, TrailBroken

AT_ONCE: Final = 200
"""Checkpoints in one run at most: two million entries; the rest has its turn a minute later."""


class Checkpointer:
    """Makes the checkpoints of one trail."""

    def __init__(
        self,
        *,
        checkpoints: SqlCheckpoints,
        key: ec.EllipticCurvePrivateKey,
        timestamp: Callable[[bytes, str], bytes],
        trust: Callable[[], AuditTrust],
        copies: CopiesFolder | None,
        now: Callable[[], datetime],
    ) -> None:
        """`timestamp(digest, "sha256")` gives a TimeStampToken (DER); `copies`: the place outside, if there is one;
        `trust` is read at each run, because time-stamping units change."""
        self._checkpoints = checkpoints
        self._key = key
        self._key_id = fingerprint(key.public_key())
        self._timestamp = timestamp
        self._read_trust = trust
        self._trust = trust()
        self._copies = copies
        self._now = now

    def run(self) -> int:
        """A checkpoint over everything that waits; returns how many were made (more than one after a long time).

        Raises `TrailBroken` where trail, checkpoints and copies contradict each other (nothing is signed then),
        `ca.errors.CaUnavailable` where key or time do not answer, `CopyRefused` for the place outside.
        """
        self._trust = self._read_trust()
        for made in range(AT_ONCE):
            newest = self._proven_newest()
            stretch = self._checkpoints.next_stretch()
            if stretch is None:
                return made
            number = newest.content.number + 1 if newest else 1
            checkpoint = self._left_behind(number, newest) or self._make(stretch, number, newest)
            if checkpoint is not None:
                self._record(checkpoint)
        return AT_ONCE

    def _proven_newest(self) -> Checkpoint | None:
        """Step 1."""
        newest = self._checkpoints.newest()
        if newest is None:
            return None
        self._check(newest)
        copy = self._copies.read(newest.content.number) if self._copies else None
        if copy is not None and copy != newest:
            raise TrailBroken("the newest checkpoint differs from its copy outside: run `teken audit verify`")
        return newest

    def _left_behind(self, number: int, newest: Checkpoint | None) -> Checkpoint | None:
        """The copy of a checkpoint that was made and never recorded, where it speaks of this very trail.

        Another one means that the trail was cut after it had a checkpoint, or that the database is older than it.
        """
        copy = self._copies.read(number) if self._copies else None
        if copy is None:
            return None
        body = self._check(copy)
        fits = body.number == number and body.previous == _hash_of(newest)
        if not fits or self._checkpoints.next_stretch(until=body.last) != body.stretch:
            raise TrailBroken(f"outside there is another checkpoint {number}: run `teken audit verify`")
        return copy

    def _make(self, stretch: Stretch, number: int, newest: Checkpoint | None) -> Checkpoint | None:
        """Steps 3 to 6; `None` where somebody else's copy came first, which the next round takes over."""
        body = CheckpointBody.over(
            stretch, number=number, previous=_hash_of(newest), key=self._key_id, at=self._now()
        ).text()
        signature = sign(self._key, signed_bytes(body), f"checkpoint {number}")
        unstamped = Checkpoint(body=body, signature=signature, timestamp=b"")
        checkpoint = Checkpoint(body=body, signature=signature, timestamp=self._timestamp(unstamped.stamped, "sha256"))
        self._check(checkpoint)
        written = self._copies.write(checkpoint) if self._copies else True
        return checkpoint if written else None

    def _check(self, checkpoint: Checkpoint) -> CheckpointBody:
        """Step 5, and before anything is built upon an older one."""
        try:
            self._trust.check(checkpoint)
            return checkpoint.content
        except CheckpointUnsound as error:
            raise TrailBroken(f"checkpoint {checkpoint.content.number}: {error}; run `teken audit verify`") from None
        except ValueError:
            raise TrailBroken("a checkpoint is not as it was written: run `teken audit verify`") from None

    def _record(self, checkpoint: Checkpoint) -> None:
        """Step 7. Where another process was faster its checkpoint counts, and the next round goes on after it."""
        try:
            self._checkpoints.record(checkpoint)
        except AlreadyExists:
            return


def _hash_of(newest: Checkpoint | None) -> str:
    return newest.hash if newest else GENESIS
