"""How the audit trail is chained.

    hash(n) = SHA-256(0x01 ‖ hash(n-1) ‖ canonical row n)          hash(0) = 32 zero octets

`store.audit.append` only notes an entry in the session; `Database.transaction()` calls `seal()` as its last step, so
the one row that every writer needs, the head of the chain, is locked for the shortest possible time. A plain chain can
be computed anew by whoever writes the database: signed checkpoints outside of it close that gap, not this module.

Events (`store.events`) are numbered here too, under the same lock and for the same reason, and are not under the hash.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from store.base import table_of
from store.event_tables import EventRow
from store.tables import AuditHeadRow, AuditRow

GENESIS: Final = "00" * 32
HASHED: Final = (
    "sequence",
    "time",
    "actor",
    "role",
    "act",
    "object",
    "outcome",
    "reason",
    "request_id",
    "software",
    "details",
)
"""Columns under the hash: all but the two hashes themselves. The order does not matter, the names do."""

_PENDING: Final = "store.chain.pending"
_EVENTS: Final = "store.chain.events"
_HEAD: Final = table_of(AuditHeadRow)
_ADVANCE: Final = (
    update(_HEAD)
    .values(sequence=_HEAD.c.sequence + bindparam("count"), events=_HEAD.c.events + bindparam("told"))
    .returning(_HEAD.c.sequence, _HEAD.c.hash, _HEAD.c.events)
)
_WRITE: Final = insert(table_of(AuditRow))
_TELL: Final = insert(table_of(EventRow))
_MOVE: Final = update(_HEAD).values(hash=bindparam("new_hash"))


def note(session: Session, entry: dict[str, Any]) -> None:
    """Keep `entry` (every hashed column but `sequence` and `software`) until the transaction ends."""
    session.info.setdefault(_PENDING, []).append(entry)


def note_event(session: Session, event: dict[str, Any]) -> None:
    """Keep `event` (every column but `sequence`) until the transaction ends."""
    session.info.setdefault(_EVENTS, []).append(event)


def seal(session: Session, *, software: str) -> None:
    """Write what was noted: lock the head, number the events, chain the entries, move the head. The caller commits at
    once."""
    entries: list[dict[str, Any]] = session.info.pop(_PENDING, [])
    events: list[dict[str, Any]] = session.info.pop(_EVENTS, [])
    if not entries and not events:
        return
    last, previous, told = session.execute(_ADVANCE, {"count": len(entries), "told": len(events)}).one()
    if events:
        numbered = enumerate(events, start=told - len(events) + 1)
        session.execute(_TELL, [{"sequence": sequence, **event} for sequence, event in numbered])
    if not entries:
        return
    for sequence, entry in enumerate(entries, start=last - len(entries) + 1):
        entry.update(sequence=sequence, software=software, previous=previous)
        previous = entry["hash"] = chained(previous, entry)
    session.execute(_WRITE, entries)
    session.execute(_MOVE, {"new_hash": previous})


def chained(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of `row`, hex. Raises `TypeError` or `ValueError` for values that nobody can have appended."""
    text = canonical({name: row[name] for name in HASHED})
    return hashlib.sha256(b"\x01" + bytes.fromhex(previous) + text.encode()).hexdigest()


def canonical(value: object) -> str:
    """Deterministic JSON: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
