"""What batches and their documents share: the batch locked, its state, its next round, its end."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signer.batch_model import CHUNK, BatchState, ItemState, SealedUnder
from store.audit import Act, Detail, append
from store.base import table_of
from store.batch_events import tell_finished
from store.batch_rows import state_of
from store.batch_tables import BatchContentRow, BatchItemRow, BatchRow

BATCHES: Final = table_of(BatchRow)
ITEMS: Final = table_of(BatchItemRow)
CONTENTS: Final = table_of(BatchContentRow)
_B, _I = BATCHES.c, ITEMS.c
CANCELLABLE: Final = [each.value for each in (ItemState.RECEIVED, ItemState.PREPARED, ItemState.RESERVED)]
"""Without a signature value."""
OUTCOMES: Final = [each.value for each in (ItemState.FINISHED, ItemState.FAILED, ItemState.CANCELLED)]


def lock(session: Session, batch_id: str) -> None:
    """Before any of its documents, always: of two that end at once one comes second, and sees the other."""
    session.execute(select(_B.id).where(_B.id == batch_id).with_for_update())


def standing(session: Session, batch_id: str) -> BatchState | None:
    """The state of a batch; `None` where there is none."""
    row = session.execute(select(_B.state, _B.completed_at).where(_B.id == batch_id)).one_or_none()
    return None if row is None else state_of(row)


def next_round(session: Session, batch_id: str, seal: SealedUnder | None = None) -> int:
    """Jobs of another round have other keys; the row of the batch is locked from here on."""
    values = {"round": _B.round + 1, **({} if seal is None else sealed_under(seal))}
    grown = update(BATCHES).where(_B.id == batch_id).values(values)
    return int(session.execute(grown.returning(_B.round)).scalar_one())


def complete(session: Session, batch_id: str, *, at: datetime) -> None:
    """`closed -> completed` with the last outcome; the row of the batch is locked."""
    left = select(_I.position).where(_I.batch_id == batch_id, _I.state.not_in(OUTCOMES))
    last = (
        update(BATCHES)
        .where(_B.id == batch_id, _B.state == BatchState.CLOSED.value, _B.completed_at.is_(None), ~left.exists())
        .values(completed_at=at)
        .returning(_B.documents)
    )
    documents = session.scalar(last)
    if documents is not None:
        append(session, Act.BATCH_COMPLETE, named(batch_id), at=at, details={"documents": documents})
        tell_finished(session, batch_id, at=at)


def chunks_in(session: Session, batch_id: str, condition: Any) -> list[int]:
    """The chunks with documents of which `condition` holds."""
    positions = session.scalars(select(_I.position).where(_I.batch_id == batch_id, condition))
    return sorted({position // CHUNK for position in positions})


def sealed_under(seal: SealedUnder | None) -> dict[str, str | None]:
    """For the columns."""
    if seal is None:
        return {"permission_id": None, "address": None}
    return {"permission_id": seal.permission_id, "address": seal.address}


def permission(seal: SealedUnder | None) -> dict[str, Detail]:
    """For the trail."""
    return {} if seal is None else {"permission": seal.permission_id, "address": seal.address}


def named(batch_id: str) -> str:
    """For the trail."""
    return f"batch:{batch_id}"
