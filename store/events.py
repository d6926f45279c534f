"""Events: noted in the transaction of the act, numbered as its last step, read by the client that they concern.

Their sequence is given while the head of the audit chain is locked, which every writer locks last and keeps until it
commits. So numbers become visible in their order and without gaps: who has read up to one has missed none below it.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from signer.errors import CursorUnknown
from signer.events import Event, EventDatum, EventType
from store import chain
from store.base import table_of
from store.database import Database
from store.event_tables import EventRow
from store.people_tables import CredentialCertificateRow
from store.seal_tables import SealPermissionRow
from store.tables import CredentialRow, SignatureRow

_EVENTS: Final = table_of(EventRow)
_E: Final = _EVENTS.c
_SLICE: Final = 1000


def tell(
    session: Session,
    type: EventType,
    *,
    client_id: str,
    subject: str,
    at: datetime,
    external_id: str | None = None,
    data: Mapping[str, EventDatum] | None = None,
) -> None:
    """Note one event for one client; it is written when the transaction ends, or the whole transaction fails."""
    chain.note_event(
        session,
        {
            "id": _uuid7(at),
            "client_id": client_id,
            "type": type.value,
            "at": at,
            "subject": subject,
            "external_id": external_id,
            "data": dict(data or {}),
        },
    )


def tell_of_credential(
    session: Session,
    type: EventType,
    credential_id: str,
    signatory_id: str,
    *,
    at: datetime,
    data: Mapping[str, EventDatum],
) -> None:
    """Note an event about a credential for every client that it concerns: those that had something signed with any
    credential of its signatory, and those that may or might seal with it."""
    own = select(CredentialRow.id).where(CredentialRow.signatory_id == signatory_id)
    signed = select(SignatureRow.client_id).where(SignatureRow.credential_id.in_(own))
    sealing = select(SealPermissionRow.client_id).where(SealPermissionRow.credential_id.in_(own))
    for client_id in sorted(session.scalars(signed.union(sealing))):
        tell(session, type, client_id=client_id, subject=credential_id, at=at, data=data)


def tell_of_certificate(session: Session, type: EventType, serial: int, *, at: datetime) -> None:
    """The same for an official's certificate; nothing for the service's own."""
    row = CredentialCertificateRow
    found = session.execute(select(row.credential_id, row.signatory_id).where(row.serial == serial)).first()
    if found is not None:
        tell_of_credential(session, type, *found, at=at, data={"serial": f"{serial:040x}"})


class SqlEvents:
    """What a client may read of its events; and their end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, client_id: str, *, after: str | None, types: Sequence[EventType], limit: int) -> tuple[Event, ...]:
        """At most `limit` events of this client behind the one with the id `after`, oldest first; of any type where
        `types` is empty. Raises `CursorUnknown` where the client has no such event (any more)."""
        query = select(_EVENTS).where(_E.client_id == client_id).order_by(_E.sequence).limit(limit)
        if types:
            query = query.where(_E.type.in_([each.value for each in types]))
        with self._database.transaction() as session:
            if after is not None:
                query = query.where(_E.sequence > _sequence_of(session, client_id, after))
            return tuple(event_of(row) for row in session.execute(query))

    def purge(self, *, before: datetime) -> int:
        """Forget what happened before `before`; returns how many events."""
        forgotten = 0
        old = select(_E.sequence).where(_E.at < before).limit(_SLICE)
        while True:
            with self._database.transaction() as session:
                gone = session.scalars(delete(_EVENTS).where(_E.sequence.in_(old)).returning(_E.sequence)).all()
            forgotten += len(gone)
            if len(gone) < _SLICE:
                return forgotten


def event_of(row: Row[Any]) -> Event:
    """A row as the noun."""
    return Event(
        id=row.id,
        type=EventType(row.type),
        at=row.at,
        subject=row.subject,
        external_id=row.external_id,
        data=row.data,
    )


def _sequence_of(session: Session, client_id: str, event_id: str) -> int:
    found = session.scalar(select(_E.sequence).where(_E.id == event_id, _E.client_id == client_id))
    if found is None:
        message = "You have no event with this id, or it was forgotten meanwhile. Begin again without `after`."
        raise CursorUnknown(message, field="cursor", reason="unknown-event")
    return int(found)


def _uuid7(at: datetime) -> str:
    """RFC 9562, 5.7: milliseconds since 1970, then random bits."""
    milliseconds = int(at.timestamp() * 1000)
    drawn = int.from_bytes(secrets.token_bytes(10), "big")
    high, low = drawn >> 68, drawn & ((1 << 62) - 1)
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))
