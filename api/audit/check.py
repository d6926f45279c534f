"""The auditor's check: is the trail what it was, and if not, where does it break first?

Entries and checkpoints are read once, side by side, in order. What stands under a checkpoint cannot be changed unseen,
not even by somebody who computes every hash anew; the copies outside show when checkpoints themselves were taken away.
Only the stretch after the newest checkpoint rests on the chain alone; it is told how long that is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from api.audit.copies import CopiesFolder, CopyRefused
from api.audit.trust import AuditTrust, CheckpointUnsound
from store import chain
from store.audit import Act, AuditEntry
from store.checkpoints import Checkpoint, CheckpointBody, Summing, continues, is_whole

_NEIGHBOURHOOD: Final = 100_000  # places in which a moved entry is looked for; a hash each
_TOLD_EVERY: Final = 1000


class Break(Enum):
    """What somebody did, as far as it can be told."""

    EDITED = "edited"
    """An entry is not as it was written."""
    CUT = "cut"
    """Entries are gone from the middle."""
    REORDERED = "reordered"
    """An entry stands in another's place."""
    INSERTED = "inserted"
    """An entry stands where none can."""
    RECOMPUTED = "recomputed"
    """The chain holds by itself, and is not the one that the checkpoint was made of."""
    TAIL_CUT = "tail cut"
    """Entries are gone from the end."""
    CHECKPOINT_REMOVED = "checkpoint removed"
    CHECKPOINT_FORGED = "checkpoint forged"
    """A checkpoint is not signed or stamped by us, or does not continue the one before."""
    COPY_DIFFERS = "copy differs"
    """The copy outside of the database says something else."""
    COPY_MISSING = "copy missing"
    NOT_COVERED = "not covered"
    """Entries wait for a checkpoint longer than they may: it was never made, or it was taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first broken link."""

    kind: Break
    sequence: int
    """Where the break shows. What is proven ends earlier: at `Verdict.covered`."""
    text: str
    checkpoint: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the check found."""

    finding: Finding | None
    entries: int
    """How many were read."""
    checkpoints: int
    """How many of them held."""
    covered: int
    """The last entry under a checkpoint that held."""
    stamps: int
    """How many of them another house stamped as well."""
    copies: int | None
    """How many copies outside were compared; `None` where there is no such place."""

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against the trail."""
        return self.finding is None


class Trail(Protocol):
    """What is checked: a database, or an export."""

    def entries(self, last: int) -> Iterator[AuditEntry]:
        """In order of their sequence, up to the entry `last`."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, Checkpoint]]:
        """Those that are there at the moment of the call, in order of the number under which each is kept."""
        ...

    def stamps(self) -> Mapping[int, bytes]:
        """Timestamps of other houses (DER) by the number of their checkpoint."""
        ...

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the last entry, as they are remembered apart from it."""
        ...


def check_trail(
    trail: Trail,
    trust: AuditTrust,
    *,
    copies: CopiesFolder | None,
    at: datetime,
    limit: timedelta,
    progress: Callable[[int], object] = lambda _: None,
) -> Verdict:
    """Read the whole trail as it was `at` (aware): later copies do not count, and entries that were older than `limit`
    then must have a checkpoint. `progress` is told the sequence now and then.

    Raises `StoreError`, `CopyRefused` or `ExportUnreadable` where something cannot be read at all.
    """
    return _Check(trail, trust, copies, at, progress).run(at - limit)


class _Broken(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


class _Check:
    """One reading. Steps raise `_Broken` at the first broken link."""

    def __init__(
        self,
        trail: Trail,
        trust: AuditTrust,
        copies: CopiesFolder | None,
        at: datetime,
        progress: Callable[[int], object],
    ) -> None:
        self._trail = trail
        self._trust = trust
        self._copies = copies
        self._at = at
        self._progress = progress
        # in this order: what is made or appended meanwhile is not judged, and nothing that was there is overlooked
        self._numbers = sorted(copies.numbers()) if copies else []
        self._stamps_outside = {**copies.stamps()} if copies else {}
        self._stamps = trail.stamps()
        self._stamped = 0
        self._checkpoints = trail.checkpoints()
        self._head = trail.head()
        self._previous = chain.GENESIS  # hash of the checkpoint before
        self._held = self._compared = 0
        self._sum = Summing(1, chain.GENESIS)
        self._covered = 0
        self._own_stamp = ""  # of the newest checkpoint; the entry about it waits for no checkpoint of its own

    def run(self, due: datetime) -> Verdict:
        finding: Finding | None = None
        try:
            self._read(due)
        except _Broken as broken:
            finding = broken.finding
        return Verdict(
            finding=finding,
            entries=self._sum.last,
            checkpoints=self._held,
            covered=self._covered,
            stamps=self._stamped,
            copies=self._compared if self._copies else None,
        )

    def _read(self, due: datetime) -> None:
        upcoming = self._next_checkpoint()
        uncovered: AuditEntry | None = None
        for entry in self._trail.entries(self._head[0]):
            self._link(entry)
            if entry.sequence % _TOLD_EVERY == 0:
                self._progress(entry.sequence)
            if upcoming is None:
                uncovered = uncovered or (None if self._is_own_stamp(entry) else entry)
            elif entry.sequence == upcoming.last:
                self._close(upcoming)
                upcoming = self._next_checkpoint()
        self._end(upcoming)
        if uncovered is not None and uncovered.at < due:
            raise _Broken(
                Finding(
                    kind=Break.NOT_COVERED,
                    sequence=uncovered.sequence,
                    text=f"no checkpoint since {uncovered.time}: it was not made, or it was taken away",
                )
            )

    def _link(self, entry: AuditEntry) -> None:
        """One entry after the other."""
        expected, previous = self._sum.last + 1, self._sum.head
        if continues(entry, sequence=expected, previous=previous):
            self._sum.add(entry)
            return
        raise _Broken(self._explained(entry, expected))

    def _explained(self, entry: AuditEntry, expected: int) -> Finding:
        sequence = entry.sequence
        if type(sequence) is not int or sequence < expected:
            return Finding(
                kind=Break.INSERTED, sequence=expected, text=f"an entry stands at {sequence}, before its turn"
            )
        if sequence > expected:
            text = f"entries {expected} to {sequence - 1} are gone"
            return Finding(kind=Break.CUT, sequence=expected, text=text)
        if is_whole(entry):
            text = f"entry {expected} does not follow the one before it, which is another than it was"
            return Finding(kind=Break.EDITED, sequence=expected, text=text)
        origin = self._origin(entry)
        if origin is not None:
            text = f"entry {expected} is the one that was written as {origin}"
            return Finding(kind=Break.REORDERED, sequence=expected, text=text)
        return Finding(kind=Break.EDITED, sequence=expected, text=f"entry {expected} is not as it was written")

    def _origin(self, entry: AuditEntry) -> int | None:
        """At which other place this entry would be whole."""
        first = max(1, entry.sequence - _NEIGHBOURHOOD // 2)
        last = max(self._head[0] if type(self._head[0]) is int else 0, entry.sequence) + 1
        places = range(first, min(last, first + _NEIGHBOURHOOD) + 1)
        return next((place for place in places if is_whole(entry, sequence=place)), None)

    def _next_checkpoint(self) -> CheckpointBody | None:
        """The next checkpoint, when it holds by itself; `None` after the last one."""
        expected, first = self._held + 1, self._covered + 1
        kept = next(self._checkpoints, None) or self._only_outside(expected)
        if kept is None:
            return None
        number, checkpoint = kept
        if number != expected:
            raise self._checkpoint_broken(Break.CHECKPOINT_REMOVED, f"checkpoint {expected} is gone")
        try:
            body = checkpoint.content
            self._trust.check(checkpoint)
        except CheckpointUnsound as error:
            raise self._checkpoint_broken(Break.CHECKPOINT_FORGED, f"checkpoint {expected}: {error}") from None
        except ValueError:
            text = f"checkpoint {expected} is not as it was written"
            raise self._checkpoint_broken(Break.CHECKPOINT_FORGED, text) from None
        said = (body.number, body.first, body.previous, body.count)
        if said != (expected, first, self._previous, body.last - first + 1) or body.last < first:
            text = f"checkpoint {expected} does not continue the one before"
            raise self._checkpoint_broken(Break.CHECKPOINT_FORGED, text)
        self._compare_copy(checkpoint, expected)
        self._check_stamp(checkpoint, expected)
        self._previous = checkpoint.hash
        self._own_stamp = checkpoint.stamped.hex()
        return body

    def _only_outside(self, number: int) -> tuple[int, Checkpoint] | None:
        """The copy of a checkpoint that is not in the database. The very next one may just be in the making, so it is
        judged like any other: the entries that it names have to be there. More than that were taken away."""
        copy = self._copy_of_then(number)
        later = [each for each in self._numbers if each > number]
        if later and self._copy_of_then(later[0]) is not None:
            text = f"checkpoints up to {later[-1]} are outside, and the last one here is {number - 1}"
            raise self._checkpoint_broken(Break.CHECKPOINT_REMOVED, text)
        return None if copy is None else (number, copy)

    def _copy_of_then(self, number: int) -> Checkpoint | None:
        """The copy outside, unless it was made later than the trail is judged."""
        if self._copies is None or number not in self._numbers:
            return None
        try:
            copy = self._copies.read(number)
            return copy if copy is not None and copy.content.at <= self._at else None
        except (CopyRefused, ValueError) as error:
            raise self._checkpoint_broken(Break.COPY_DIFFERS, str(error)) from None

    def _compare_copy(self, checkpoint: Checkpoint, number: int) -> None:
        """The copy outside is the same. Copies may begin late, when the place was set; from then on none is missing."""
        if self._copies is None or (self._numbers and number < self._numbers[0]):
            return
        try:
            copy = self._copies.read(number)
        except CopyRefused as error:
            raise self._checkpoint_broken(Break.COPY_DIFFERS, str(error)) from None
        if copy is None:
            text = f"the copy of checkpoint {number} is not in its place outside"
            raise self._checkpoint_broken(Break.COPY_MISSING, text)
        if copy != checkpoint:
            text = f"the copy of checkpoint {number} outside says something else"
            raise self._checkpoint_broken(Break.COPY_DIFFERS, text)
        self._compared += 1

    def _check_stamp(self, checkpoint: Checkpoint, number: int) -> None:
        """What another house says of it, where one was asked; the token outside is the same."""
        token, outside = self._stamps.get(number), self._stamps_outside.get(number)
        if outside is not None and token is None and number <= max(self._stamps, default=0):
            text = f"the timestamp of another house over checkpoint {number} is outside, and not here"
            raise self._checkpoint_broken(Break.CHECKPOINT_REMOVED, text)
        if outside is not None and token is not None and token != outside:
            text = f"the timestamp of another house over checkpoint {number} is another one outside"
            raise self._checkpoint_broken(Break.COPY_DIFFERS, text)
        if token is None and outside is None:
            return
        try:
            self._trust.check_outside(checkpoint, token or outside or b"")
        except CheckpointUnsound as error:
            raise self._checkpoint_broken(Break.CHECKPOINT_FORGED, f"checkpoint {number}: {error}") from None
        self._stamped += 1

    def _is_own_stamp(self, entry: AuditEntry) -> bool:
        return entry.act == Act.TIMESTAMP.value and bool(self._own_stamp) and self._own_stamp in entry.details

    def _checkpoint_broken(self, kind: Break, text: str) -> _Broken:
        number = self._held + 1
        return _Broken(Finding(kind=kind, sequence=self._covered + 1, checkpoint=number, text=text))

    def _close(self, body: CheckpointBody) -> None:
        """The entries are the ones that the checkpoint was made of."""
        if self._sum.stretch() != body.stretch:
            text = f"entries {body.first} to {body.last} are not those of checkpoint {body.number}: computed anew"
            raise _Broken(Finding(kind=Break.RECOMPUTED, sequence=body.first, checkpoint=body.number, text=text))
        self._held, self._covered = body.number, body.last
        self._sum = Summing(body.last + 1, body.head)

    def _end(self, upcoming: CheckpointBody | None) -> None:
        """Nothing is missing at the end: neither what a checkpoint names nor what the head remembers."""
        reached = (self._sum.last, self._sum.head)
        if upcoming is not None:
            text = f"entries {reached[0] + 1} to {upcoming.last} are gone; checkpoint {upcoming.number} names them"
            raise _Broken(Finding(kind=Break.TAIL_CUT, sequence=reached[0] + 1, checkpoint=upcoming.number, text=text))
        if reached != self._head:
            text = f"the trail ends at {reached[0]}, and its head remembers {self._head[0]}"
            raise _Broken(Finding(kind=Break.TAIL_CUT, sequence=reached[0] + 1, text=text))
