"""What ends because its time comes: letters, requests for consent, permissions of seals. Each is told once.

Nobody acts at such a moment, so a timed job finds what has ended and writes the event, in the transaction in which it
notes that it did.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, delete, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from signer.activation import ActivationState
from signer.events import EventType
from signer.model import SigningState
from store.base import table_of
from store.database import Database
from store.errors import AlreadyExists
from store.event_tables import ToldEndRow
from store.events import tell
from store.factor_tables import ActivationRequestRow
from store.letter_tables import WithdrawalRow
from store.seal_tables import SealPermissionRow
from store.tables import SignatureRow

PORTION: Final = 200
"""Ends that one transaction tells."""

_LETTER, _ACTIVATION, _SEAL = "letter", "activation", "seal"
_TOLD: Final = table_of(ToldEndRow)
LOOK_BACK: Final = timedelta(days=30)
"""A service that stood still for longer tells of older ends no more."""


class SqlExpiries:
    """Safe in several processes: of two that tell of one end, one finds it told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tell(self, *, today: date, at: datetime) -> int:
        """Write the events of what has ended before `at`, letters before `today` (as the office's calendar has it);
        returns how many."""
        told = 0
        for kind, query in (
            (_LETTER, _letters(today)),
            (_ACTIVATION, _activations(at)),
            (_SEAL, _seals(at)),
        ):
            while count := self._tell(kind, query, at):
                told += count
        return told

    def purge(self, *, before: datetime) -> int:
        """Forget what was told before `before`: by then nobody finds it any more. Returns how many."""
        with self._database.transaction() as session:
            gone = delete(_TOLD).where(_TOLD.c.at < before).returning(_TOLD.c.subject)
            return len(session.scalars(gone).all())

    def _tell(self, kind: str, query: Select[Any], at: datetime) -> int:
        try:
            with self._database.transaction() as session:
                rows = session.execute(query.limit(PORTION)).all()
                if rows:
                    _note(session, kind, rows, at)
        except AlreadyExists:
            return 0  # another process tells of them at this moment
        return len(rows)


def _note(session: Session, kind: str, rows: Sequence[Row[Any]], at: datetime) -> None:
    session.execute(insert(_TOLD), [{"kind": kind, "subject": row.key, "at": at} for row in rows])
    for row in rows:
        whose = {"client_id": row.client_id, "at": at}
        if kind == _LETTER:
            until = {"validUntil": row.valid_until.isoformat()}
            letter = {**whose, "subject": row.key, "external_id": row.external_id}
            tell(session, EventType.LETTER_EXPIRED, **letter, data=until)
        elif kind == _ACTIVATION:
            asked = {"credential": row.credential_id}
            tell(session, EventType.ACTIVATION_EXPIRED, **whose, subject=row.key, data=asked)
        else:
            over = {"permission": row.key, "reason": "expired"}
            tell(session, EventType.SEAL_ENDED, **whose, subject=row.credential_id, data=over)


def _letters(today: date) -> Select[Any]:
    """By the last day of their newest signing; what was withdrawn or replaced before is no more to be told of."""
    row, later, signed = SignatureRow, aliased(SignatureRow), SigningState.SIGNED.value
    longer = exists().where(later.letter_id == row.letter_id, later.state == signed, later.valid_until >= today)
    replaced = exists().where(later.replaces == row.letter_id, later.state == signed)
    withdrawn = exists().where(WithdrawalRow.letter_id == row.letter_id)
    ended = (
        select(
            row.letter_id.label("key"),
            row.client_id,
            func.max(row.external_id).label("external_id"),
            func.max(row.valid_until).label("valid_until"),
        )
        .where(row.valid_until < today, row.valid_until >= today - LOOK_BACK, row.state == signed)
        .where(~longer, ~replaced, ~withdrawn)
        .group_by(row.letter_id, row.client_id)
    )
    return _untold(ended, _LETTER, row.letter_id)


def _activations(at: datetime) -> Select[Any]:
    row = ActivationRequestRow
    return _untold(
        select(row.id.label("key"), row.client_id, row.credential_id).where(
            row.state == ActivationState.PENDING.value, row.expires_at <= at
        ),
        _ACTIVATION,
        row.id,
    )


def _seals(at: datetime) -> Select[Any]:
    row = SealPermissionRow
    return _untold(
        select(row.id.label("key"), row.client_id, row.credential_id).where(
            row.ended_at.is_(None), row.expires_at <= at, row.expires_at > at - LOOK_BACK
        ),
        _SEAL,
        row.id,
    )


def _untold(query: Any, kind: str, key: Any) -> Select[Any]:
    untold: Select[Any] = query.where(~exists().where(ToldEndRow.kind == kind, ToldEndRow.subject == key))
    return untold
