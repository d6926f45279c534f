"""Batches as a whole: opened, filled, closed, tried again, cancelled; their documents are `store/batch_items.py`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm import Session

from signer.batch_model import CHUNK, FINISH, PREPARE, SEAL, Batch, BatchLimits, BatchState, ItemState, SealedUnder
from signer.errors import BatchRefused
from signer.events import EventType
from signer.model import LetterMetadata, SigningOutcome, SigningState
from store.audit import Act, append
from store.batch_items import SqlBatchItems
from store.batch_rows import batch_of, letter_json
from store.batch_standing import (
    BATCHES,
    CANCELLABLE,
    CONTENTS,
    ITEMS,
    chunks_in,
    complete,
    lock,
    named,
    next_round,
    permission,
    sealed_under,
    standing,
)
from store.errors import AlreadyExists
from store.events import tell
from store.signatures import end

_B, _I, _C = BATCHES.c, ITEMS.c, CONTENTS.c


class SqlBatchStore(SqlBatchItems):
    """`signer.batch_ports.BatchStore`."""

    def add(self, batch: Batch) -> None:
        """A new, empty batch."""
        terms = batch.terms
        row = {
            "id": batch.id,
            "state": batch.state.value,
            "client_id": terms.client_id,
            "credential_id": terms.credential_id,
            **sealed_under(batch.seal),
            "level": terms.level.value,
            "reason": terms.reason,
            "location": terms.location,
            "stamp": {} if terms.stamp is None else asdict(terms.stamp),
            "footer": terms.footer,
            "signed_as": asdict(terms.signed_as),
            "documents": 0,
            "bytes": 0,
            "round": 0,
            "created_at": batch.created_at,
        }
        with self._database.transaction() as session:
            session.execute(insert(BATCHES), row)
            details = {"credential": terms.credential_id, "client": terms.client_id, **permission(batch.seal)}
            append(session, Act.BATCH_OPEN, named(batch.id), at=batch.created_at, details=details)

    def get(self, batch_id: str) -> Batch | None:
        """The batch, in whatever state."""
        with self._database.transaction() as session:
            row = session.execute(select(BATCHES).where(_B.id == batch_id)).one_or_none()
            return None if row is None else batch_of(row)

    def receive(
        self,
        batch_id: str,
        document: bytes,
        sha256: str,
        letter: LetterMetadata,
        *,
        limits: BatchLimits,
        at: datetime,
    ) -> int:
        """One more document; a full chunk of a person's batch is prepared at once."""
        counted = (
            update(BATCHES)
            .where(_B.id == batch_id, _B.state == BatchState.OPEN.value)
            .where(_B.documents < limits.documents, _B.bytes + len(document) <= limits.bytes)
            .values(documents=_B.documents + 1, bytes=_B.bytes + len(document))
            .returning(_B.documents, _B.permission_id)
        )
        try:
            with self._database.transaction() as session:
                row = session.execute(counted).one_or_none()
                if row is None:
                    raise self._why_not(session, batch_id)
                position = row.documents - 1
                item = {"state": ItemState.RECEIVED.value, "sha256": sha256, "letter": letter_json(letter)}
                place = {"batch_id": batch_id, "position": position}
                session.execute(insert(ITEMS), {**place, **item, "logged": False, "changed_at": at})
                session.execute(insert(CONTENTS), {**place, "document": document})
                if row.permission_id is None and position % CHUNK == CHUNK - 1:
                    self._enqueue(session, PREPARE, batch_id, position // CHUNK, 0)
        except AlreadyExists:
            message = "The batch holds this very document already."
            raise BatchRefused(message, field="document", reason="duplicate") from None
        return int(position)

    def close(self, batch_id: str, *, seal: SealedUnder | None, at: datetime) -> None:
        """`open -> closed`; every chunk that is not prepared becomes a job."""
        with self._database.transaction() as session:
            row = self._moved(session, batch_id, (BatchState.OPEN,), BatchState.CLOSED, seal)
            if row is None:
                raise BatchRefused("Only an open batch can be closed.", field="batch", reason="not-open")
            if row.documents == 0:
                raise BatchRefused("The batch has no document. Add one first.", field="batch", reason="empty")
            kind = PREPARE if row.permission_id is None else SEAL
            for chunk in chunks_in(session, batch_id, _I.state == ItemState.RECEIVED.value):
                self._enqueue(session, kind, batch_id, chunk, row.round)
            details = {"documents": row.documents, **permission(seal)}
            append(session, Act.BATCH_CLOSE, named(batch_id), at=at, details=details)
            complete(session, batch_id, at=at)

    def retry(self, batch: Batch, *, seal: SealedUnder | None, at: datetime) -> int:
        """Failed documents begin anew under new codes; signed ones that are stuck are finished again."""
        failed = and_(_I.batch_id == batch.id, _I.state == ItemState.FAILED.value)
        stuck = and_(_I.batch_id == batch.id, _I.state == ItemState.SIGNED.value)
        anew = {
            **dict.fromkeys(("token", "short", "digest", "value", "failure", "reserved_at", "page_count")),
            "state": ItemState.RECEIVED.value,
            "logged": False,
            "changed_at": at,
        }
        with self._database.transaction() as session:
            number = next_round(session, batch.id, seal)  # and nothing of this batch ends until this is done
            again, unfinished = chunks_in(session, batch.id, failed), chunks_in(session, batch.id, stuck)
            count = len(session.scalars(update(ITEMS).where(failed).values(anew).returning(_I.position)).all())
            count += len(session.scalars(update(ITEMS).where(stuck).values(failure=None).returning(_I.position)).all())
            for chunk in again:
                self._enqueue(session, PREPARE if batch.seal is None else SEAL, batch.id, chunk, number)
            for chunk in unfinished:
                self._enqueue(session, FINISH, batch.id, chunk, number)
            if again:
                session.execute(update(BATCHES).where(_B.id == batch.id).values(completed_at=None))
            details = {"documents": count, **permission(seal)}
            append(session, Act.BATCH_RETRY, named(batch.id), at=at, details=details)
        return count

    def cancel(self, batch: Batch, *, at: datetime) -> None:
        """What has no value is cancelled, and ends in the log where it was reserved. A batch that is complete stays so:
        what failed is not tried again, and its bytes are forgotten."""
        outcome = SigningOutcome(state=SigningState.FAILED, at=at, failure="cancelled")
        open_ = and_(_I.batch_id == batch.id, _I.state.in_([*CANCELLABLE, ItemState.FAILED.value]))
        with self._database.transaction() as session:
            moved = self._moved(session, batch.id, (BatchState.OPEN, BatchState.CLOSED), BatchState.CANCELLED)
            if moved is None:
                self._require_failed(session, batch.id)
            reserved = session.scalars(
                select(_I.token).where(open_, _I.logged, _I.state != ItemState.FAILED.value)
            ).all()
            cancelled = update(ITEMS).where(open_).values(state=ItemState.CANCELLED.value, changed_at=at)
            gone = session.scalars(cancelled.returning(_I.position)).all()
            for token in reserved:
                end(session, str(token), outcome)
            session.execute(delete(CONTENTS).where(_C.batch_id == batch.id, _C.position.in_(gone)))
            append(session, Act.BATCH_CANCEL, named(batch.id), at=at, details={"documents": len(gone)})
            if moved is not None:
                whose = {"client_id": batch.terms.client_id, "subject": batch.id}
                tell(session, EventType.BATCH_CANCELLED, **whose, at=at, data={"documents": len(gone)})

    def abandoned(self, *, before: datetime) -> tuple[Batch, ...]:
        """Batches that are older and hold documents that nobody finished."""
        held = select(_C.batch_id).distinct()
        query = select(BATCHES).where(_B.created_at < before, _B.id.in_(held))
        with self._database.transaction() as session:
            return tuple(batch_of(row) for row in session.execute(query.where(_B.state != BatchState.CANCELLED.value)))

    def _why_not(self, session: Session, batch_id: str) -> BatchRefused:
        if standing(session, batch_id) is not BatchState.OPEN:
            return BatchRefused("The batch takes no more documents.", field="batch", reason="not-open")
        return BatchRefused("The batch is full. Close it and open another one.", field="batch", reason="full")

    def _require_failed(self, session: Session, batch_id: str) -> None:
        """A batch that has ended, with something in it that could be tried again."""
        lock(session, batch_id)
        failed = select(_I.position).where(_I.batch_id == batch_id, _I.state == ItemState.FAILED.value).limit(1)
        if standing(session, batch_id) is BatchState.CANCELLED:
            raise BatchRefused("The batch is cancelled already.", field="batch", reason="cancelled")
        if session.scalar(failed) is None:
            raise BatchRefused("Every document of the batch is signed.", field="batch", reason="completed")

    def _moved(
        self,
        session: Session,
        batch_id: str,
        before: tuple[BatchState, ...],
        after: BatchState,
        seal: SealedUnder | None = None,
    ) -> Any:
        """The row after its move, its round a new one; `None` where it was in none of these states."""
        words = [each.value for each in before]
        move = update(BATCHES).where(_B.id == batch_id, _B.state.in_(words), _B.completed_at.is_(None))
        values = {"state": after.value, "round": _B.round + 1, **({} if seal is None else sealed_under(seal))}
        return session.execute(move.values(values).returning(_B.documents, _B.permission_id, _B.round)).one_or_none()
