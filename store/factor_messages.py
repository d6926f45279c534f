"""The outbox of messages about factors: each taken up by one process at a time, and kept until it went through."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from signer.factors.messages import FactorMessage
from signer.factors.model import FactorEvent
from signer.factors.subjects import name_in_trail
from store.audit import Act, Outcome, append
from store.base import table_of
from store.database import Database
from store.factor_tables import FactorNoticeRow
from store.people_tables import OfficialRow
from store.tables import ClientRow

_NOTICES: Final = table_of(FactorNoticeRow)
_ROW: Final = _NOTICES.c


class SqlFactorOutbox:
    """`signer.factors.messages.Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, *, at: datetime, again_at: Callable[[int], datetime], limit: int) -> tuple[FactorMessage, ...]:
        """Those that are due; each is put off by one conditional UPDATE, so of two processes one has it."""
        due = (
            select(_NOTICES, OfficialRow.name, ClientRow.name.label("application_name"))
            .join(OfficialRow, OfficialRow.signatory_id == _ROW.signatory_id, isouter=True)
            .join(ClientRow, ClientRow.id == _ROW.application, isouter=True)
            .where(_ROW.sent_at.is_(None), _ROW.next_attempt_at <= at)
            .order_by(_ROW.next_attempt_at)
            .limit(limit)
        )
        taken: list[FactorMessage] = []
        with self._database.transaction() as session:
            for row in session.execute(due).all():
                attempt = row.attempts + 1
                mine = (
                    update(_NOTICES)
                    .where(_ROW.id == row.id, _ROW.attempts == row.attempts, _ROW.sent_at.is_(None))
                    .values(attempts=attempt, next_attempt_at=again_at(attempt))
                    .returning(_ROW.id)
                )
                if session.scalar(mine) is not None:
                    message = FactorMessage(
                        id=row.id,
                        signatory_id=row.signatory_id,
                        name=row.name or "",
                        event=FactorEvent(row.event),
                        at=row.at,
                        attempt=attempt,
                        application=row.application_name or row.application,
                        documents=row.documents,
                    )
                    taken.append(message)
        return tuple(taken)

    def sent(self, message: FactorMessage, *, at: datetime) -> None:
        """It went through: never again."""
        with self._database.transaction() as session:
            session.execute(update(_NOTICES).where(_ROW.id == message.id).values(sent_at=at))
            details = {"event": message.event.value}
            append(session, Act.NOTICE, name_in_trail(message.signatory_id), at=at, details=details)

    def failed(self, message: FactorMessage, *, reason: str, at: datetime) -> None:
        """It did not; it is tried again."""
        with self._database.transaction() as session:
            append(
                session,
                Act.NOTICE,
                name_in_trail(message.signatory_id),
                at=at,
                outcome=Outcome.FAILED,
                reason=reason,
                details={"event": message.event.value},
            )

    def undelivered(self, attempts: int) -> int:
        """How many failed at least so often, and still wait."""
        query = select(func.count()).where(_ROW.sent_at.is_(None), _ROW.attempts >= attempts)
        with self._database.transaction() as session:
            return session.scalar(query) or 0


def tell_person(
    session: Session,
    signatory_id: str,
    event: FactorEvent,
    *,
    at: datetime,
    application: str | None = None,
    documents: int | None = None,
) -> None:
    """A message to the person, in the transaction of what it tells. `application`: a client's id."""
    row = {
        "id": secrets.token_hex(16),
        "signatory_id": signatory_id,
        "event": event.value,
        "at": at,
        "attempts": 0,
        "next_attempt_at": at,
        "application": application,
        "documents": documents,
    }
    session.execute(insert(_NOTICES).values(**row))
