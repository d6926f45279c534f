"""What one signatory has signed, read from the log of signatures by their credentials."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from signer.model import SignatureRecord, SigningAct, SigningState
from store.database import Database
from store.signatures import record_of
from store.tables import CredentialRow, SignatureRow


class SqlHistory:
    """`signer.history.HistoryStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(
        self,
        signatory_id: str,
        *,
        words: str,
        act: SigningAct | None,
        since: datetime | None,
        before: datetime | None,
        after: str,
        limit: int,
    ) -> tuple[SignatureRecord, ...]:
        """At most `limit`, the newest first; nothing behind a token that is not theirs."""
        row = SignatureRow
        own = select(CredentialRow.id).where(CredentialRow.signatory_id == signatory_id)
        query = select(row).where(row.credential_id.in_(own), row.state == SigningState.SIGNED.value)
        if words:
            query = query.where(_has(words))
        if act is not None:
            query = query.where(row.act == act.value)
        if since is not None:
            query = query.where(row.ended_at >= since)
        if before is not None:
            query = query.where(row.ended_at < before)
        with self._database.transaction() as session:
            if after:
                place = _place(session, after, signatory_id)
                if place is None:
                    return ()
                query = query.where(tuple_(row.ended_at, row.token) < tuple_(*place))
            found = session.scalars(query.order_by(row.ended_at.desc(), row.token.desc()).limit(limit))
            return tuple(record_of(each) for each in found)


def _has(words: str) -> ColumnElement[bool]:
    columns = (SignatureRow.subject, SignatureRow.number, SignatureRow.kind, SignatureRow.short)
    return or_(*(each.icontains(words, autoescape=True) for each in columns))


def _place(session: Session, token: str, signatory_id: str) -> tuple[datetime, str] | None:
    """Where a part of the list ended."""
    own = select(CredentialRow.id).where(CredentialRow.signatory_id == signatory_id)
    query = select(SignatureRow.ended_at).where(SignatureRow.token == token, SignatureRow.credential_id.in_(own))
    at = session.scalar(query)
    return None if at is None else (at, token)
