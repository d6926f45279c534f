"""Documents of batches reserved: consent used up or permission counted, and the intent logged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from signer.batch_model import Batch, BatchState, ItemState, SealedUnder
from signer.model import SigningIntent, SigningOutcome, SigningState
from store.activations import not_covered, spend
from store.audit import Act, Detail, Outcome, append
from store.batch_events import tell_failed
from store.batch_standing import ITEMS, complete, lock, named, standing
from store.seals import use_up
from store.signatures import end, reserve

_I = ITEMS.c


def reserve_free(
    session: Session,
    batch: Batch,
    intents: Mapping[int, SigningIntent],
    *,
    activation_id: str | None,
    stale_before: datetime,
    at: datetime,
) -> tuple[int, ...]:
    """Of these documents, those that are ours now. Raises `ActivationRefused`, after which nothing may be committed.

    1. The batch is closed, and not cancelled.
    2. What nobody holds is taken.
    3. A person's consent is used up for each, or the permission of the seal counts them; what it does not cover fails.
    4. The intent of each is in the log.
    """
    held = (
        select(_I.position, _I.sha256, _I.logged)
        .where(_I.batch_id == batch.id, _I.position.in_(intents), free(stale_before))
        .order_by(_I.position)
        .with_for_update(skip_locked=True)
    )
    if batch.seal is not None:  # what it does not cover ends here, and perhaps the batch with it
        lock(session, batch.id)
    if standing(session, batch.id) is not BatchState.CLOSED:
        return ()
    rows = session.execute(held).all()
    ours = [row for row in rows if _take(session, batch.id, row.position, stale_before, at)]
    if batch.seal is None:
        _use_consent_up(session, batch, activation_id, [row.sha256 for row in ours], at=at)
    else:
        ours = _covered(session, batch, batch.seal, ours, at=at)
    for row in ours:
        if not row.logged:
            reserve(session, intents[row.position])
    return tuple(row.position for row in ours)


def note_refused(session: Session, batch: Batch, documents: int, *, at: datetime, why: str | None = None) -> None:
    """In the trail: so many documents were not covered."""
    details: dict[str, Detail] = {
        "credential": batch.terms.credential_id,
        "client": batch.terms.client_id,
        "documents": documents,
    }
    append(
        session,
        Act.ACTIVATION_REDEEM,
        named(batch.id),
        at=at,
        outcome=Outcome.REFUSED,
        reason=why,
        details=details,
    )


def free(stale_before: datetime) -> Any:
    """The condition of what nobody holds: prepared, or reserved by somebody who died."""
    stale = and_(_I.state == ItemState.RESERVED.value, _I.reserved_at <= stale_before)
    return or_(_I.state == ItemState.PREPARED.value, stale)


def _take(session: Session, batch_id: str, position: int, stale_before: datetime, at: datetime) -> bool:
    taken = update(ITEMS).where(_I.batch_id == batch_id, _I.position == position, free(stale_before))
    values = {"state": ItemState.RESERVED.value, "reserved_at": at, "logged": True, "changed_at": at}
    return session.scalar(taken.values(values).returning(_I.position)) is not None


def _use_consent_up(
    session: Session, batch: Batch, activation_id: str | None, digests: list[str], *, at: datetime
) -> None:
    """For each of these digests; raises `ActivationRefused` where it does not cover one of them."""
    who = {"client_id": batch.terms.client_id, "credential_id": batch.terms.credential_id}
    if activation_id is None or not all(
        spend(session, activation_id, **who, digest=digest, at=at) for digest in digests
    ):
        raise not_covered()


def _covered(session: Session, batch: Batch, seal: SealedUnder, ours: list[Any], *, at: datetime) -> list[Any]:
    """Those of `ours` that the permission covers: what it counted before a crash, and as many more as are left of
    it. The others fail here."""
    fresh = [row for row in ours if not row.logged]
    who = {"client_id": batch.terms.client_id, "credential_id": batch.terms.credential_id}
    used = use_up(session, seal, **who, documents=len(fresh), at=at)
    again = [row for row in ours if row.logged]
    stopped = again if used.stops_all else []
    refused = [*stopped, *fresh[used.documents :]]
    if refused and used.refusal is not None:
        _refuse(session, batch, [row.position for row in refused], used.refusal.value, at=at)
    covered = {row.position for row in ours} - {row.position for row in refused}
    return [row for row in ours if row.position in covered]


def _refuse(session: Session, batch: Batch, positions: list[int], why: str, *, at: datetime) -> None:
    lock(session, batch.id)
    outcome = SigningOutcome(state=SigningState.FAILED, at=at, failure=why)
    failed = update(ITEMS).where(_I.batch_id == batch.id, _I.position.in_(positions))
    values = {"state": ItemState.FAILED.value, "failure": why, "reserved_at": None}
    items = session.execute(failed.values(values).returning(_I.token, _I.position, _I.letter)).all()
    for item in items:
        end(session, item.token, outcome)
    tell_failed(session, batch.id, items, outcome)
    note_refused(session, batch, len(positions), at=at, why=why)
    complete(session, batch.id, at=at)
