"""Pre-signed OCSP answers.

Two races are closed here. Whoever changes a certificate's status calls `forget` in the same transaction, so no answer
outlives the status that it tells. And `keep` stores an answer only while the certificate stands as it did when the
answer was signed: on PostgreSQL it locks the certificate's row for that, on SQLite there is one writer at a time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import LargeBinary, String, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from ca.model import CertificateState, KeptAnswer, PresignedAnswer
from store.base import UtcTime, table_of
from store.database import Database
from store.errors import AlreadyExists
from store.status_tables import OcspAnswerRow
from store.tables import CertificateRow

_ANSWERS: Final = table_of(OcspAnswerRow)
_CERTIFICATES: Final = table_of(CertificateRow)
_WITH_STATUS: Final = tuple(
    state.value for state in (CertificateState.ISSUED, CertificateState.HELD, CertificateState.REVOKED)
)

_FORGET: Final = delete(_ANSWERS).where(
    _ANSWERS.c.issuer_id == bindparam("issuer"), _ANSWERS.c.serial == bindparam("number")
)
_REMOVE: Final = _FORGET.where(_ANSWERS.c.hash_name == bindparam("hash"))
_KEEP: Final = (
    insert(_ANSWERS)
    .from_select(
        ["issuer_id", "serial", "hash_name", "der", "this_update", "next_update"],
        select(
            _CERTIFICATES.c.issuer_id,
            _CERTIFICATES.c.serial,
            bindparam("hash", type_=String()),
            bindparam("answer", type_=LargeBinary()),
            bindparam("starts", type_=UtcTime()),
            bindparam("ends", type_=UtcTime()),
        )
        .where(
            _CERTIFICATES.c.issuer_id == bindparam("issuer"),
            _CERTIFICATES.c.serial == bindparam("number"),
            _CERTIFICATES.c.state == bindparam("state_then"),
            _CERTIFICATES.c.revoked_at.is_not_distinct_from(bindparam("since", type_=UtcTime())),
        )
        .with_for_update(read=True),
    )
    .returning(_ANSWERS.c.serial)
)
_FIND: Final = select(_ANSWERS.c.der, _ANSWERS.c.this_update, _ANSWERS.c.next_update).where(
    _ANSWERS.c.issuer_id == bindparam("issuer"),
    _ANSWERS.c.serial == bindparam("number"),
    _ANSWERS.c.hash_name == bindparam("hash"),
)
_FRESH: Final = (  # a count inside, not a join: it stays within one index, which is six times as fast
    select(func.count())
    .select_from(_ANSWERS)
    .where(
        _ANSWERS.c.issuer_id == _CERTIFICATES.c.issuer_id,
        _ANSWERS.c.serial == _CERTIFICATES.c.serial,
        _ANSWERS.c.this_update > bindparam("before", type_=UtcTime()),
    )
    .correlate(_CERTIFICATES)
    .scalar_subquery()
)
_DUE: Final = (
    select(_CERTIFICATES.c.serial)
    .where(
        _CERTIFICATES.c.issuer_id == bindparam("issuer"),
        _CERTIFICATES.c.state.in_(_WITH_STATUS),
        _CERTIFICATES.c.not_after > bindparam("now", type_=UtcTime()),
        _FRESH < 2,
    )
    .limit(bindparam("most"))
)


def forget(session: Session, issuer_id: str, serial: int) -> None:
    """Drop the answers on one certificate; part of every change of its status."""
    session.execute(_FORGET, {"issuer": issuer_id, "number": serial})


class SqlOcspAnswerStore:
    """`ca.ports.OcspAnswerStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, *, issuer_id: str, serial: int, hash_name: str) -> KeptAnswer | None:
        """The kept answer, also one whose time is over."""
        name = {"issuer": issuer_id, "number": serial, "hash": hash_name}
        with self._database.transaction() as session:
            row = session.execute(_FIND, name).one_or_none()
        return None if row is None else KeptAnswer(der=row[0], this_update=row[1], next_update=row[2])

    def keep(self, answers: Sequence[PresignedAnswer]) -> int:
        """All in one transaction; how many were kept. None when another process keeps the same ones right now."""
        try:
            with self._database.transaction() as session:
                return sum(_replace(session, answer) for answer in answers)
        except AlreadyExists:
            return 0

    def due(self, *, issuer_id: str, before: datetime, at: datetime, limit: int) -> list[int]:
        """In no particular order."""
        asked = {"issuer": issuer_id, "before": before, "now": at, "most": limit}
        with self._database.transaction() as session:
            return list(session.scalars(_DUE, asked))


def _replace(session: Session, answer: PresignedAnswer) -> bool:
    row = answer.row
    name: dict[str, Any] = {"issuer": row.issuer_id, "number": row.serial, "hash": answer.hash_name}
    session.execute(_REMOVE, name)  # before any look at the certificate: on SQLite it takes the write lock
    content = {
        "answer": answer.answer.der,
        "starts": answer.answer.this_update,
        "ends": answer.answer.next_update,
        "state_then": row.state.value,
        "since": row.revoked_at,
    }
    return session.scalar(_KEEP, {**name, **content}) is not None
