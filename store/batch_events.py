"""The events of a batch: documents that failed, and the end of the whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from signer.batch_model import ItemState
from signer.events import EventType
from signer.model import SigningOutcome
from store.base import table_of
from store.batch_tables import BatchItemRow, BatchRow
from store.events import tell

_CLIENT: Final = select(table_of(BatchRow).c.client_id)
_I: Final = table_of(BatchItemRow).c


def tell_failed(session: Session, batch_id: str, items: Sequence[Row[Any]], outcome: SigningOutcome) -> None:
    """Documents (rows with `position` and `letter`) failed with `outcome`."""
    whose = {"client_id": _client_of(session, batch_id), "subject": batch_id}
    for item in items:
        failed = {"position": item.position, "reason": outcome.failure}
        external = item.letter["external_id"]
        tell(session, EventType.BATCH_ITEM_FAILED, **whose, external_id=external, at=outcome.at, data=failed)


def tell_finished(session: Session, batch_id: str, *, at: datetime) -> None:
    """Every document has its outcome."""
    grouped = select(_I.state, func.count()).where(_I.batch_id == batch_id).group_by(_I.state)
    counts = {str(state): int(number) for state, number in session.execute(grouped)}
    counted = {each.value: counts.get(each.value, 0) for each in (ItemState.FINISHED, ItemState.FAILED)}
    client_id = _client_of(session, batch_id)
    tell(session, EventType.BATCH_FINISHED, client_id=client_id, subject=batch_id, at=at, data=counted)


def _client_of(session: Session, batch_id: str) -> str:
    return str(session.scalar(_CLIENT.where(BatchRow.id == batch_id)))
