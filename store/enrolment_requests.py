"""Requests that somebody be enrolled; an address waits once."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from signer.enrolment_requests import EnrolmentRequest
from signer.errors import RegistrationRefused
from store.audit import Act, append
from store.base import table_of
from store.bulk_tables import ContactRow
from store.database import Database
from store.errors import AlreadyExists
from store.gateway_tables import EnrolmentRequestRow

_TABLE: Final = table_of(EnrolmentRequestRow)
_R: Final = _TABLE.c


class SqlEnrolmentRequests:
    """`signer.enrolment_requests.EnrolmentRequestStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, request: EnrolmentRequest, *, most: int) -> None:
        """Nothing where an official has this address, or a request for it waits."""
        try:
            with self._database.transaction() as session:
                if _is_known(session, request.email):
                    return
                theirs = select(func.count()).where(_R.client_id == request.client_id, _R.closed_at.is_(None))
                if (session.scalar(theirs) or 0) >= most:
                    message = "Too many requests of this application wait for a registrar."
                    raise RegistrationRefused(message, field="email", reason="too-many")
                row = asdict(request) | {"folded_email": folded_email(request.email)}
                session.execute(insert(_TABLE).values(row))
                _note(session, Act.ENROLMENT_ASK, request.id, at=request.asked_at, actor=None)
        except AlreadyExists:  # the same address came in twice at once
            return

    def waits(self, email: str) -> bool:
        """Whether a request for this address is open."""
        with self._database.transaction() as session:
            return _waits(session, email)

    def open(self, *, after: str, limit: int) -> tuple[EnrolmentRequest, ...]:
        """With an id above `after`, by id."""
        page = select(_TABLE).where(_R.closed_at.is_(None), _R.id > after).order_by(_R.id).limit(limit)
        with self._database.transaction() as session:
            return tuple(map(_request, session.execute(page)))

    def get(self, request_id: str) -> EnrolmentRequest | None:
        """One, also when it is closed."""
        with self._database.transaction() as session:
            row = session.execute(select(_TABLE).where(_R.id == request_id)).one_or_none()
            return None if row is None else _request(row)

    def close(self, request_id: str, *, actor: str, at: datetime) -> EnrolmentRequest | None:
        """One conditional update; `None` where no such request is open."""
        closed = (
            update(_TABLE)
            .where(_R.id == request_id, _R.closed_at.is_(None))
            .values(closed_at=at, closed_by=actor)
            .returning(*_R)
        )
        with self._database.transaction() as session:
            row = session.execute(closed).one_or_none()
            if row is None:
                return None
            _note(session, Act.ENROLMENT_CLOSE, request_id, at=at, actor=actor)
            return _request(row)


def folded_email(email: str) -> str:
    """How addresses are compared: whoever has one in another case reads the same mail."""
    return email.strip().casefold()


def _is_known(session: Session, email: str) -> bool:
    known = select(ContactRow.signatory_id).where(ContactRow.folded_email == folded_email(email)).limit(1)
    return _waits(session, email) or session.scalar(known) is not None


def _waits(session: Session, email: str) -> bool:
    waiting = select(_R.id).where(_R.folded_email == folded_email(email), _R.closed_at.is_(None))
    return session.scalar(waiting) is not None


def _note(session: Session, act: Act, request_id: str, *, at: datetime, actor: str | None) -> None:
    append(session, act, f"enrolment-request:{request_id}", at=at, actor=actor)


def _request(row: Row[Any]) -> EnrolmentRequest:
    return EnrolmentRequest(**{name: getattr(row, name) for name in EnrolmentRequest.__dataclass_fields__})
