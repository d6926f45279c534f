"""Documents of batches: each move is one conditional update, and the jobs that it asks for are enqueued with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import Session

from signer.batch_model import CHUNK, FINISH, Batch, BatchItem, ItemState, PreparedItem, SignableItem, SignedItem
from signer.errors import ActivationRefused
from signer.model import SigningIntent, SigningOutcome, SigningState, VerificationCode
from store.batch_events import tell_failed
from store.batch_reserving import free, note_refused, reserve_free
from store.batch_rows import item_of, letter_of
from store.batch_standing import CANCELLABLE, CONTENTS, ITEMS, complete, lock, next_round
from store.database import Database
from store.job_queues import QUEUES
from store.jobs import SqlJobs
from store.signatures import end

_I, _C = ITEMS.c, CONTENTS.c
_CODES: Final = (_I.token, _I.short)


class SqlBatchItems:
    """`signer.batch_ports.BatchItems`."""

    def __init__(self, database: Database, jobs: SqlJobs) -> None:
        self._database = database
        self._jobs = jobs

    def counts(self, batch_id: str) -> Mapping[ItemState, int]:
        """Documents by state; states in which there is none are left out."""
        grouped = select(_I.state, func.count()).where(_I.batch_id == batch_id).group_by(_I.state)
        with self._database.transaction() as session:
            return {ItemState(state): number for state, number in session.execute(grouped)}

    def items(self, batch_id: str, *, state: ItemState | None, after: int, limit: int) -> tuple[BatchItem, ...]:
        """At most `limit` documents behind the position `after`, in order."""
        query = select(ITEMS).where(_I.batch_id == batch_id, _I.position > after)
        if state is not None:
            query = query.where(_I.state == state.value)
        with self._database.transaction() as session:
            return tuple(item_of(row) for row in session.execute(query.order_by(_I.position).limit(limit)))

    def item(self, batch_id: str, position: int) -> BatchItem | None:
        """One document."""
        found = self.items(batch_id, state=None, after=position - 1, limit=1)
        return found[0] if found and found[0].position == position else None

    def waiting(self, batch_id: str, chunk: int, state: ItemState) -> tuple[BatchItem, ...]:
        """The documents of one chunk that are in `state`."""
        found = self.items(batch_id, state=state, after=chunk * CHUNK - 1, limit=CHUNK)
        return tuple(item for item in found if item.position < (chunk + 1) * CHUNK)

    def document(self, batch_id: str, position: int) -> bytes | None:
        """As it came in, while it is needed."""
        with self._database.transaction() as session:
            return session.scalar(select(_C.document).where(_C.batch_id == batch_id, _C.position == position))

    def prepared(self, batch_id: str, position: int, prepared: PreparedItem, *, at: datetime) -> None:
        """`received -> prepared`; who comes second changes nothing."""
        values = {
            "state": ItemState.PREPARED.value,
            "token": prepared.code.token,
            "short": prepared.code.short,
            "page_count": prepared.page_count,
            "digest": prepared.digest,
            "field_name": prepared.field_name,
            "contents_start": prepared.contents[0],
            "contents_end": prepared.contents[1],
            "timestamp_name": prepared.timestamp_name,
            "changed_at": at,
        }
        move = _one(batch_id, position).where(_I.state == ItemState.RECEIVED.value).values(values)
        with self._database.transaction() as session:
            if session.scalar(move.returning(_I.position)) is not None:
                kept = update(CONTENTS).where(_C.batch_id == batch_id, _C.position == position)
                session.execute(kept.values(revision=prepared.revision))

    def signable(self, batch_id: str, *, chunk: int | None, stale_before: datetime) -> tuple[SignableItem, ...]:
        """What waits for its signature, by position."""
        query = select(_I.position, _I.sha256, _I.digest, _I.letter, *_CODES).where(
            _I.batch_id == batch_id, free(stale_before)
        )
        if chunk is not None:
            query = query.where(_I.position >= chunk * CHUNK, _I.position < (chunk + 1) * CHUNK)
        with self._database.transaction() as session:
            return tuple(
                SignableItem(
                    position=row.position,
                    sha256=row.sha256,
                    digest=row.digest,
                    letter=letter_of(row.letter),
                    code=VerificationCode(token=row.token, short=row.short),
                )
                for row in session.execute(query.order_by(_I.position))
            )

    def reserve(
        self,
        batch: Batch,
        intents: Mapping[int, SigningIntent],
        *,
        activation_id: str | None,
        stale_before: datetime,
        at: datetime,
    ) -> tuple[int, ...]:
        """What is ours now, with the consent used up for it and its intent in the log."""
        try:
            with self._database.transaction() as session:
                return reserve_free(
                    session, batch, intents, activation_id=activation_id, stale_before=stale_before, at=at
                )
        except ActivationRefused:  # nothing is reserved, and the refusal is in the trail before the caller hears of it
            with self._database.transaction() as session:
                note_refused(session, batch, len(intents), at=at)
            raise

    def release(self, batch_id: str, positions: Sequence[int]) -> None:
        """The key did not sign: the reservation stands in the log, and waits."""
        back = (
            update(ITEMS)
            .where(_I.batch_id == batch_id, _I.position.in_(positions), _I.state == ItemState.RESERVED.value)
            .values(state=ItemState.PREPARED.value, reserved_at=None)
        )
        with self._database.transaction() as session:
            session.execute(back)

    def signed(self, batch_id: str, values: Mapping[int, bytes], *, finish: bool, at: datetime) -> None:
        """Their values, kept; the first one of a document counts."""
        with self._database.transaction() as session:
            number = next_round(session, batch_id)
            for position, value in values.items():
                move = _one(batch_id, position).where(_I.state == ItemState.RESERVED.value)
                session.execute(move.values(state=ItemState.SIGNED.value, value=value, failure=None, changed_at=at))
            for chunk in sorted({position // CHUNK for position in values}) if finish else ():
                self._enqueue(session, FINISH, batch_id, chunk, number)

    def to_finish(self, batch_id: str, position: int) -> SignedItem | None:
        """A signed document with its bytes."""
        query = (
            select(ITEMS, _C.document, _C.revision)
            .join(CONTENTS, and_(_C.batch_id == _I.batch_id, _C.position == _I.position))
            .where(_I.batch_id == batch_id, _I.position == position, _I.state == ItemState.SIGNED.value)
        )
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
        if row is None:
            return None
        prepared = PreparedItem(
            code=VerificationCode(token=row.token, short=row.short),
            page_count=row.page_count,
            revision=row.revision,
            digest=row.digest,
            field_name=row.field_name,
            contents=(row.contents_start, row.contents_end),
            timestamp_name=row.timestamp_name,
        )
        return SignedItem(position=position, document=row.document, prepared=prepared, value=row.value)

    def ended(self, batch_id: str, position: int, outcome: SigningOutcome) -> None:
        """Its outcome, here and in the log; who comes second changes nothing."""
        done = outcome.state is SigningState.SIGNED
        open_ = [ItemState.SIGNED.value] if done else [*CANCELLABLE, ItemState.SIGNED.value]
        move = (
            _one(batch_id, position)
            .where(_I.state.in_(open_))
            .values(
                state=(ItemState.FINISHED if done else ItemState.FAILED).value,
                failure=outcome.failure,
                document_sha256=outcome.document_sha256,
                changed_at=outcome.at,
            )
            .returning(_I.token, _I.logged, _I.position, _I.letter)
        )
        with self._database.transaction() as session:
            lock(session, batch_id)
            row = session.execute(move).one_or_none()
            if row is None:
                return
            if row.logged:
                end(session, row.token, outcome)
            if done:
                session.execute(_forget(batch_id, position))
            else:
                tell_failed(session, batch_id, [row], outcome)
            complete(session, batch_id, at=outcome.at)

    def stuck(self, batch_id: str, position: int, word: str) -> None:
        """Why a signed document is not finished yet."""
        told = _one(batch_id, position).where(_I.state == ItemState.SIGNED.value)
        with self._database.transaction() as session:
            session.execute(told.values(failure=word))

    def _enqueue(self, session: Session, kind: str, batch_id: str, chunk: int, number: int) -> None:
        self._jobs.enqueue(session, QUEUES[kind], kind, f"{batch_id}/{kind}/{chunk}/{number}", batch_id, chunk)


def _one(batch_id: str, position: int) -> Any:
    return update(ITEMS).where(_I.batch_id == batch_id, _I.position == position)


def _forget(batch_id: str, position: int) -> Any:
    return delete(CONTENTS).where(_C.batch_id == batch_id, _C.position == position)
