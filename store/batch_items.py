"""Documents of batches: each move is one conditional update, and the jobs that it asks for are enqueued with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from signer.batch_model import (
    CHUNK,
    FINISH,
    Batch,
    BatchItem,
    BatchState,
    ItemState,
    PreparedItem,
    SealedUnder,
    SignableItem,
    SignedItem,
)
from signer.errors import ActivationRefused
from signer.model import SigningIntent, SigningOutcome, SigningState, VerificationCode
from store.activations import not_covered, spend
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.batch_events import tell_failed, tell_finished
from store.batch_rows import item_of, letter_of, state_of
from store.batch_tables import BatchContentRow, BatchItemRow, BatchRow
from store.database import Database
from store.job_queues import QUEUES
from store.jobs import SqlJobs
from store.seals import use_up
from store.signatures import end, reserve

BATCHES: Final = table_of(BatchRow)
ITEMS: Final = table_of(BatchItemRow)
CONTENTS: Final = table_of(BatchContentRow)
_B, _I, _C = BATCHES.c, ITEMS.c, CONTENTS.c
_CODES: Final = (_I.token, _I.short)
CANCELLABLE: Final = [each.value for each in (ItemState.RECEIVED, ItemState.PREPARED, ItemState.RESERVED)]
"""Without a signature value."""
OUTCOMES: Final = [each.value for each in (ItemState.FINISHED, ItemState.FAILED, ItemState.CANCELLED)]


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
            _I.batch_id == batch_id, _free(stale_before)
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
        terms = batch.terms
        free = (
            select(_I.position, _I.sha256, _I.logged)
            .where(_I.batch_id == batch.id, _I.position.in_(intents), _free(stale_before))
            .order_by(_I.position)
            .with_for_update(skip_locked=True)
        )
        try:
            with self._database.transaction() as session:
                if batch.seal is not None:  # what it does not cover ends here, and perhaps the batch with it
                    self._lock(session, batch.id)
                if self._state(session, batch.id) is not BatchState.CLOSED:
                    return ()
                rows = session.execute(free).all()
                ours = [row for row in rows if self._take(session, batch.id, row.position, stale_before, at)]
                if batch.seal is None:
                    _use_consent_up(session, batch, activation_id, [row.sha256 for row in ours], at=at)
                else:
                    ours = self._covered(session, batch, batch.seal, ours, at=at)
                for row in ours:
                    if not row.logged:
                        reserve(session, intents[row.position])
        except ActivationRefused:  # nothing is reserved, and the refusal is in the trail before the caller hears of it
            with self._database.transaction() as session:
                refused: dict[str, Detail] = {
                    "credential": terms.credential_id,
                    "client": terms.client_id,
                    "documents": len(intents),
                }
                append(
                    session,
                    Act.ACTIVATION_REDEEM,
                    named(batch.id),
                    at=at,
                    outcome=Outcome.REFUSED,
                    details=refused,
                )
            raise
        return tuple(row.position for row in ours)

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
            number = self._next_round(session, batch_id)
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
            self._lock(session, batch_id)
            row = session.execute(move).one_or_none()
            if row is None:
                return
            if row.logged:
                end(session, row.token, outcome)
            if done:
                session.execute(_forget(batch_id, position))
            else:
                tell_failed(session, batch_id, [row], outcome)
            self._complete(session, batch_id, at=outcome.at)

    def stuck(self, batch_id: str, position: int, word: str) -> None:
        """Why a signed document is not finished yet."""
        told = _one(batch_id, position).where(_I.state == ItemState.SIGNED.value)
        with self._database.transaction() as session:
            session.execute(told.values(failure=word))

    def _take(self, session: Session, batch_id: str, position: int, stale_before: datetime, at: datetime) -> bool:
        taken = _one(batch_id, position).where(_free(stale_before))
        values = {"state": ItemState.RESERVED.value, "reserved_at": at, "logged": True, "changed_at": at}
        return session.scalar(taken.values(values).returning(_I.position)) is not None

    def _lock(self, session: Session, batch_id: str) -> None:
        """Before any of its documents, always: of two that end at once one comes second, and sees the other."""
        session.execute(select(_B.id).where(_B.id == batch_id).with_for_update())

    def _complete(self, session: Session, batch_id: str, *, at: datetime) -> None:
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

    def _state(self, session: Session, batch_id: str) -> BatchState | None:
        row = session.execute(select(_B.state, _B.completed_at).where(_B.id == batch_id)).one_or_none()
        return None if row is None else state_of(row)

    def _covered(
        self, session: Session, batch: Batch, seal: SealedUnder, ours: list[Any], *, at: datetime
    ) -> list[Any]:
        """Those of `ours` that the permission covers: what it counted before a crash, and as many more as are left of
        it. The others fail here."""
        fresh = [row for row in ours if not row.logged]
        who = {"client_id": batch.terms.client_id, "credential_id": batch.terms.credential_id}
        used = use_up(session, seal, **who, documents=len(fresh), at=at)
        again = [row for row in ours if row.logged]
        stopped = again if used.stops_all else []
        refused = [*stopped, *fresh[used.documents :]]
        if refused and used.refusal is not None:
            self._refuse(session, batch, [row.position for row in refused], used.refusal.value, at=at)
        covered = {row.position for row in ours} - {row.position for row in refused}
        return [row for row in ours if row.position in covered]

    def _refuse(self, session: Session, batch: Batch, positions: list[int], why: str, *, at: datetime) -> None:
        self._lock(session, batch.id)
        outcome = SigningOutcome(state=SigningState.FAILED, at=at, failure=why)
        failed = update(ITEMS).where(_I.batch_id == batch.id, _I.position.in_(positions))
        values = {"state": ItemState.FAILED.value, "failure": why, "reserved_at": None}
        items = session.execute(failed.values(values).returning(_I.token, _I.position, _I.letter)).all()
        for item in items:
            end(session, item.token, outcome)
        tell_failed(session, batch.id, items, outcome)
        details: dict[str, Detail] = {
            "credential": batch.terms.credential_id,
            "client": batch.terms.client_id,
            "documents": len(positions),
        }
        about = named(batch.id)
        append(session, Act.ACTIVATION_REDEEM, about, at=at, outcome=Outcome.REFUSED, reason=why, details=details)
        self._complete(session, batch.id, at=at)

    def _next_round(self, session: Session, batch_id: str, seal: SealedUnder | None = None) -> int:
        values = {"round": _B.round + 1, **({} if seal is None else sealed_under(seal))}
        grown = update(BATCHES).where(_B.id == batch_id).values(values)
        return int(session.execute(grown.returning(_B.round)).scalar_one())

    def _enqueue(self, session: Session, kind: str, batch_id: str, chunk: int, number: int) -> None:
        self._jobs.enqueue(session, QUEUES[kind], kind, f"{batch_id}/{kind}/{chunk}/{number}", batch_id, chunk)


def sealed_under(seal: SealedUnder | None) -> dict[str, str | None]:
    """For the columns."""
    if seal is None:
        return {"permission_id": None, "address": None}
    return {"permission_id": seal.permission_id, "address": seal.address}


def permission(seal: SealedUnder | None) -> dict[str, Detail]:
    """For the trail."""
    return {} if seal is None else {"permission": seal.permission_id, "address": seal.address}


def _use_consent_up(
    session: Session, batch: Batch, activation_id: str | None, digests: list[str], *, at: datetime
) -> None:
    """For each of these digests; raises `ActivationRefused` where it does not cover one of them."""
    who = {"client_id": batch.terms.client_id, "credential_id": batch.terms.credential_id}
    if activation_id is None or not all(
        spend(session, activation_id, **who, digest=digest, at=at) for digest in digests
    ):
        raise not_covered()


def _one(batch_id: str, position: int) -> Any:
    return update(ITEMS).where(_I.batch_id == batch_id, _I.position == position)


def _free(stale_before: datetime) -> Any:
    """Prepared, or reserved by somebody who died."""
    stale = and_(_I.state == ItemState.RESERVED.value, _I.reserved_at <= stale_before)
    return or_(_I.state == ItemState.PREPARED.value, stale)


def _forget(batch_id: str, position: int) -> Any:
    return delete(CONTENTS).where(_C.batch_id == batch_id, _C.position == position)


def chunks_in(session: Session, batch_id: str, condition: Any) -> list[int]:
    positions = session.scalars(select(_I.position).where(_I.batch_id == batch_id, condition))
    return sorted({position // CHUNK for position in positions})


def named(batch_id: str) -> str:
    return f"batch:{batch_id}"
