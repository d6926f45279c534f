"""Checkpoints of the audit trail: what is signed over a stretch of it, and where that is kept.

A plain hash chain can be computed anew by whoever writes the database. A checkpoint names the head of the chain, and
the key that signs it lies in the HSM: from then on nobody can change what it covers without being noticed.

    hash(checkpoint n) = SHA-256(0x02 ‖ SHA-256(body n) ‖ signature n)          hash(checkpoint 0) = 32 zero octets

Recording a checkpoint appends no entry: it is itself a record that can only be appended, and its timestamp is an entry.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Self

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from store import chain
from store.audit import Act, AuditEntry, Outcome
from store.base import table_of
from store.checkpoints_tables import CheckpointRow
from store.database import Database
from store.errors import AlreadyExists, TrailBroken
from store.outside_stamps import SqlOutsideStamps
from store.tables import AuditHeadRow, AuditRow

LIMIT: Final = 10_000
"""Entries under one checkpoint: so many serial numbers make half a megabyte, and a larger stretch takes several."""

_CONTEXT: Final = b"teken audit checkpoint 1\x00"  # a signature over a checkpoint is never one over anything else
_PAGE: Final = 500
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_ENTRIES: Final = table_of(AuditRow).c
_CHECKPOINTS: Final = table_of(CheckpointRow)
_RECORD: Final = insert(_CHECKPOINTS)
_NEWEST: Final = select(CheckpointRow).order_by(CheckpointRow.number.desc()).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Entries that follow each other, as their checkpoint sums them up."""

    first: int
    last: int
    count: int
    head: str
    """Hash of the last entry."""
    issued: tuple[str, ...]
    """`<issuer>/<serial in hex>` of each certificate that was issued."""
    revoked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointBody:
    """What a checkpoint says."""

    number: int
    """From 1, without gaps."""
    time: str
    """UTC, whole seconds."""
    first: int
    last: int
    count: int
    head: str
    previous: str
    """Hash of the checkpoint before."""
    issued: tuple[str, ...]
    revoked: tuple[str, ...]
    key: str
    """SHA-256 of the SubjectPublicKeyInfo of the key that signs, hex."""

    @classmethod
    def over(cls, stretch: Stretch, *, number: int, previous: str, key: str, at: datetime) -> Self:
        """The body of a new checkpoint over `stretch`."""
        time = at.astimezone(UTC).strftime(_TIME)
        return cls(number=number, time=time, previous=previous, key=key, **asdict(stretch))

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the text that was signed; raises `ValueError` for any other spelling of anything."""
        try:
            found = json.loads(text)
            body = cls(**{**found, "issued": tuple(found["issued"]), "revoked": tuple(found["revoked"])})
            datetime.strptime(body.time, _TIME).replace(tzinfo=UTC)
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("this is no body of a checkpoint") from error
        numbers = (body.number, body.first, body.last, body.count)
        if body.text() != text or not all(type(number) is int for number in numbers):
            raise ValueError("the body of a checkpoint has one spelling, and this is another")
        return body

    def text(self) -> str:
        """Deterministic JSON."""
        return chain.canonical(asdict(self))

    @property
    def at(self) -> datetime:
        """When it was made; aware, UTC."""
        return datetime.strptime(self.time, _TIME).replace(tzinfo=UTC)

    @property
    def stretch(self) -> Stretch:
        """What it says of the entries."""
        return Stretch(**{field.name: getattr(self, field.name) for field in fields(Stretch)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One checkpoint as it is kept, in the database and outside of it."""

    body: str
    """The text that is signed."""
    signature: bytes
    """ECDSA, DER, over `signed_bytes(body)`."""
    timestamp: bytes
    """TimeStampToken (RFC 3161, DER) over the SHA-256 of `signature`."""

    @property
    def content(self) -> CheckpointBody:
        """What it says; raises `ValueError` where somebody rewrote it."""
        return CheckpointBody.parse(self.body)

    @property
    def hash(self) -> str:
        """What the next checkpoint calls `previous`."""
        inner = hashlib.sha256(self.body.encode()).digest()
        return hashlib.sha256(b"\x02" + inner + self.signature).hexdigest()

    @property
    def stamped(self) -> bytes:
        """The digest under the timestamp."""
        return hashlib.sha256(self.signature).digest()


def signed_bytes(body: str) -> bytes:
    """The octets under the signature."""
    return _CONTEXT + body.encode()


class Summing:
    """Adds entries up to a `Stretch`: the same for whoever makes a checkpoint and for whoever checks one."""

    def __init__(self, first: int, previous: str) -> None:
        self.first = first
        self.last, self.head = first - 1, previous
        self.issued: list[str] = []
        self.revoked: list[str] = []

    def add(self, entry: AuditEntry) -> None:
        """The next entry; that it is the next one is the caller's to know."""
        self.last, self.head = entry.sequence, entry.hash
        lists = {Act.CERTIFICATE_ISSUE.value: self.issued, Act.CERTIFICATE_REVOKE.value: self.revoked}
        if entry.act in lists and entry.outcome == Outcome.DONE.value:
            lists[entry.act].append(entry.object.removeprefix("certificate:"))

    def stretch(self) -> Stretch:
        """The sum."""
        return Stretch(
            first=self.first,
            last=self.last,
            count=self.last - self.first + 1,
            head=self.head,
            issued=tuple(self.issued),
            revoked=tuple(self.revoked),
        )


class SqlCheckpoints:
    """The checkpoints of one trail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.outside = SqlOutsideStamps(database)
        """What other houses stamped."""

    def newest(self) -> Checkpoint | None:
        """The last one, or `None` before the first."""
        with self._database.transaction() as session:
            row = session.scalar(_NEWEST)
            return _checkpoint(row) if row else None

    def every(self) -> Iterator[tuple[int, Checkpoint]]:
        """Each that is there at the moment of the call, with the number under which it is kept, oldest first; no
        transaction stays open meanwhile."""
        with self._database.transaction() as session:
            newest = session.scalar(_NEWEST)
        return self._up_to(newest.number if newest else 0)

    def _up_to(self, last: int) -> Iterator[tuple[int, Checkpoint]]:
        after = -(2**63)
        while page := self._page(after, last):
            yield from page
            after = page[-1][0]

    def waiting_since(self) -> datetime | None:
        """The time of the oldest entry without a checkpoint, or `None` when every one has one.

        The entry that the timestamp of the newest checkpoint left does not wait: else an idle service would make a
        checkpoint of each checkpoint, for ever.
        """
        with self._database.transaction() as session:
            time = session.execute(_waiting(session)).scalar()
            return None if time is None else datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%f%z")

    def next_stretch(self, *, until: int | None = None) -> Stretch | None:
        """What the next checkpoint covers, `LIMIT` entries at most; `until` names its last entry. `None` if nothing
        waits.

        Raises `TrailBroken` where an entry does not continue the chain: over such a one nothing must be signed.
        """
        with self._database.transaction() as session:
            if until is None and session.execute(_waiting(session)).scalar() is None:
                return None
            covered, previous = _covered(session)
            last = min(session.scalars(select(AuditHeadRow.sequence)).one(), until or covered + LIMIT, covered + LIMIT)
            rows = select(*_ENTRIES).where(_ENTRIES.sequence > covered, _ENTRIES.sequence <= last)
            summing = Summing(covered + 1, previous)
            with session.execute(rows.order_by(_ENTRIES.sequence), execution_options={"yield_per": _PAGE}) as result:
                for row in result.mappings():
                    entry = AuditEntry(**row)
                    if not continues(entry, sequence=summing.last + 1, previous=summing.head):
                        raise TrailBroken(
                            f"entry {summing.last + 1} is not as it was written: run `teken audit verify`"
                        )
                    summing.add(entry)
            if summing.last < max(last, until or 0):
                raise TrailBroken(f"entry {summing.last + 1} is gone: run `teken audit verify`")
            return summing.stretch()

    def record(self, checkpoint: Checkpoint) -> None:
        """Keep it; raises `AlreadyExists` when another one took its number."""
        body = checkpoint.content
        row = {"number": body.number, "last": body.last, **asdict(checkpoint)}
        with self._database.transaction() as session:
            newest = session.scalar(_NEWEST)
            if newest is not None and newest.number >= body.number:
                raise AlreadyExists("a checkpoint of this number was recorded before")
            session.execute(_RECORD, row)

    def _page(self, after: int, last: int) -> list[tuple[int, Checkpoint]]:
        query = select(CheckpointRow).where(CheckpointRow.number > after, CheckpointRow.number <= last)
        with self._database.transaction() as session:
            rows = session.scalars(query.order_by(CheckpointRow.number).limit(_PAGE))
            return [(row.number, _checkpoint(row)) for row in rows]


def continues(entry: AuditEntry, *, sequence: int, previous: str) -> bool:
    """Whether `entry` is the entry `sequence` of the chain after the hash `previous`, as it was written."""
    return entry.sequence == sequence and entry.previous == previous and is_whole(entry)


def is_whole(entry: AuditEntry, *, sequence: int | None = None) -> bool:
    """Whether an entry's hash is that of its own content, or would be at the place `sequence`."""
    row = {name: getattr(entry, name) for name in chain.HASHED}
    if sequence is not None:
        row["sequence"] = sequence
    try:
        return chain.chained(entry.previous, row) == entry.hash
    except (TypeError, ValueError):
        return False  # content of a kind that nobody can have appended


def _covered(session: Session) -> tuple[int, str]:
    """Up to which entry there are checkpoints, and that entry's hash as the newest one names it."""
    newest = session.scalar(_NEWEST)
    if newest is None:
        return 0, chain.GENESIS
    try:
        body = CheckpointBody.parse(newest.body)
    except ValueError:
        raise TrailBroken(f"checkpoint {newest.number} is not as it was written: run `teken audit verify`") from None
    return body.last, body.head


def _waiting(session: Session) -> Any:
    """A query for the oldest time without a checkpoint."""
    newest = session.scalar(_NEWEST)
    query = select(_ENTRIES.time).order_by(_ENTRIES.sequence).limit(1)
    if newest is None:
        return query
    own = _ENTRIES.details.contains(hashlib.sha256(newest.signature).hexdigest(), autoescape=True)
    return query.where(_ENTRIES.sequence > newest.last, ~((_ENTRIES.act == Act.TIMESTAMP.value) & own))


def _checkpoint(row: CheckpointRow) -> Checkpoint:
    """SQLite keeps what it is given: a value of another type was put there by somebody else, and proves nothing."""
    signature, timestamp = (value if isinstance(value, bytes) else b"" for value in (row.signature, row.timestamp))
    return Checkpoint(body=row.body if isinstance(row.body, str) else "", signature=signature, timestamp=timestamp)
