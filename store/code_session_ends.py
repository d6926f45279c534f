"""The ends of code sessions, by whoever ends something that they rest on, in that one's own transaction."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from signer.code_model import SessionEnd
from signer.factors.model import FactorEvent
from signer.model import CredentialState
from store.audit import Act, append
from store.base import table_of
from store.client_model import ClientState
from store.code_tables import CodeSessionKeyRow, CodeSessionRow
from store.esign_tables import ApiCredentialRow
from store.factor_messages import tell_person
from store.tables import ClientRow, CredentialRow

SESSIONS: Final = table_of(CodeSessionRow)
KEYS: Final = table_of(CodeSessionKeyRow)
_S: Final = SESSIONS.c


def allowed() -> ColumnElement[bool]:
    """Whether what a session rests on stands: the API credential may have codes, its application is active, and the
    official's credential is."""
    applications = select(ApiCredentialRow.user_name).join(ClientRow, ClientRow.id == ApiCredentialRow.client_id)
    given = exists(
        applications.where(
            ApiCredentialRow.user_name == _S.user_name,
            ApiCredentialRow.client_id == _S.client_id,
            ApiCredentialRow.enabled,
            ApiCredentialRow.codes,
            ClientRow.state == ClientState.ACTIVE.value,
        )
    )
    stands = exists(
        select(CredentialRow.id).where(
            CredentialRow.id == _S.credential_id, CredentialRow.state == CredentialState.ACTIVE.value
        )
    )
    return and_(given, stands)


def end_of_credential(session: Session, credential_id: str, *, at: datetime) -> None:
    """The official's credential was suspended, replaced or ended, or has another passphrase."""
    end_all(session, _S.credential_id == credential_id, SessionEnd.CREDENTIAL, at=at)


def end_of_person(session: Session, signatory_id: str, *, at: datetime) -> None:
    """The official's factors were reset."""
    end_all(session, _S.signatory_id == signatory_id, SessionEnd.CREDENTIAL, at=at)


def end_of_application(session: Session, user_name: str, *, at: datetime) -> None:
    """The API credential was switched off, removed, given another password, or allowed codes no more."""
    end_all(session, _S.user_name == user_name, SessionEnd.APPLICATION, at=at)


def end_over(session: Session, *, at: datetime, repeated_since: datetime) -> int:
    """Those whose time came, and those that are used up and whose last call is repeated no more; how many."""
    spent = and_(_S.used >= _S.documents, _S.used_at < repeated_since)
    return end_all(session, or_(_S.expires_at <= at, spent), SessionEnd.OVER, at=at)


def end_all(session: Session, which: ColumnElement[bool], reason: SessionEnd, *, at: datetime) -> int:
    """End every open one of `which`, with its key; the official is told unless it was to be expected. How many."""
    ended: Any = update(SESSIONS).where(which, _S.ended_at.is_(None)).values(ended_at=at, ended_for=reason.value)
    rows = session.execute(ended.returning(_S.id, _S.signatory_id, _S.client_id)).all()
    if not rows:
        return 0
    session.execute(delete(KEYS).where(KEYS.c.session_id.in_([row.id for row in rows])))
    for row in rows:
        append(session, Act.CODE_SESSION_END, named(row.id), at=at, reason=reason.value)
        if reason not in (SessionEnd.OVER, SessionEnd.REPLACED):
            event = FactorEvent.CODE_SESSION_ENDED
            tell_person(session, row.signatory_id, event, at=at, application=row.client_id)
    return len(rows)


def named(session_id: str) -> str:
    """A session in the trail."""
    return f"code-session:{session_id}"
