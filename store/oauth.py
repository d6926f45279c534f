"""Requests at the authorization endpoint: every move is one conditional update, with its entry in the trail."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from store.audit import Act, Outcome, append
from store.base import table_of
from store.database import Database
from store.oauth_model import Family, IssuedToken, PushedRequest, Transaction, TransactionState
from store.oauth_tables import OAuthPushedRow, OAuthTransactionRow
from store.oauth_tokens import begin_family, end_family

_PUSHED, _TRANSACTIONS = table_of(OAuthPushedRow), table_of(OAuthTransactionRow)
_P, _T = _PUSHED.c, _TRANSACTIONS.c
_OPEN: Final = TransactionState.OPEN.value


class SqlOAuthRequests:
    """Pushed requests, transactions and their codes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def push(self, pushed: PushedRequest) -> None:
        """Keep pushed parameters."""
        with self._database.transaction() as session:
            session.execute(insert(_PUSHED), {**asdict(pushed), "parameters": dict(pushed.parameters)})

    def pushed(self, uri_sha256: str) -> PushedRequest | None:
        """By the hash of its `request_uri`, also when it has ended."""
        with self._database.transaction() as session:
            row = session.execute(select(_PUSHED).where(_P.uri_sha256 == uri_sha256)).one_or_none()
        return None if row is None else PushedRequest(**row._asdict())

    def begin(self, transaction: Transaction, *, pushed: str | None = None) -> bool:
        """A new one; of two that come with the same pushed request (the hash of its address) exactly one begins.

        The trail hears of it when a person is asked: until then strangers could fill it.
        """
        row = {**asdict(transaction), "parameters": dict(transaction.parameters), "state": transaction.state.value}
        with self._database.transaction() as session:
            if pushed is not None:
                free = update(_PUSHED).where(_P.uri_sha256 == pushed, _P.transaction_id.is_(None))
                taken = free.where(_P.expires_at > transaction.asked_at).values(transaction_id=transaction.id)
                if session.scalar(taken.returning(_P.uri_sha256)) is None:
                    return False
            session.execute(insert(_TRANSACTIONS), row)
        return True

    def get(self, transaction_id: str) -> Transaction | None:
        """In whatever state."""
        with self._database.transaction() as session:
            return _read(session, _T.id == transaction_id)

    def behind_code(self, code_sha256: str) -> Transaction | None:
        """By the hash of its code, also when that is used up or over."""
        with self._database.transaction() as session:
            return _read(session, _T.code_sha256 == code_sha256)

    def rebind(self, transaction_id: str, *, old: str, new: str) -> bool:
        """The same browser has another secret since it logged in."""
        moved = update(_TRANSACTIONS).where(_T.id == transaction_id, _T.session == old, _T.state == _OPEN)
        with self._database.transaction() as session:
            return session.scalar(moved.values(session=new).returning(_T.id)) is not None

    def put_before(
        self, transaction_id: str, *, session: str, user_id: str, credential_id: str, request_id: str, at: datetime
    ) -> bool:
        """A person is asked about a credential of theirs; once."""
        asked = _open(transaction_id, session, at).where(_T.request_id.is_(None))
        told = {"user_id": user_id, "credential_id": credential_id, "request_id": request_id}
        with self._database.transaction() as opened:
            client_id = opened.scalar(asked.values(**told).returning(_T.client_id))
            if client_id is None:
                return False
            details = {"client": client_id, "credential": credential_id, "request": request_id}
            append(opened, Act.AUTHORIZATION_ASK, _named(transaction_id), at=at, details=details)
        return True

    def approve(
        self, transaction_id: str, *, session: str, user_id: str, code_sha256: str, expires_at: datetime, at: datetime
    ) -> bool:
        """`open -> approved`: a code stands for it, until `expires_at`."""
        values = {"user_id": user_id, "code_sha256": code_sha256, "code_expires_at": expires_at}
        approved = _open(transaction_id, session, at).values(**values, state=TransactionState.APPROVED.value)
        return self._decided(transaction_id, approved, Act.AUTHORIZATION_APPROVE, user_id=user_id, at=at)

    def end(self, transaction_id: str, *, session: str, user_id: str | None, reason: str, at: datetime) -> bool:
        """`open -> ended`: nothing brings it back."""
        ended = _open(transaction_id, session, at).values(user_id=user_id, state=TransactionState.ENDED.value)
        return self._decided(transaction_id, ended, Act.AUTHORIZATION_DENY, user_id=user_id, at=at, reason=reason)

    def exchange(
        self,
        code_sha256: str,
        *,
        at: datetime,
        family: Family | None = None,
        access: IssuedToken | None = None,
        refresh_sha256: str | None = None,
    ) -> bool:
        """The code is used up, and what it gives for scope `service` exists: together, or not at all."""
        good = update(_TRANSACTIONS).where(
            _T.code_sha256 == code_sha256, _T.code_used_at.is_(None), _T.code_expires_at > at
        )
        used = good.values(code_used_at=at, family_id=None if family is None else family.id)
        with self._database.transaction() as session:
            row = session.execute(used.returning(_T.id, _T.client_id, _T.user_id)).one_or_none()
            if row is None:
                return False
            details = {"client": row.client_id, "user": row.user_id}
            append(session, Act.AUTHORIZATION_EXCHANGE, _named(row.id), at=at, details=details)
            if family is not None and access is not None:
                begin_family(session, family, access, refresh_sha256, at=at)
        return True

    def replayed(self, transaction: Transaction, *, at: datetime) -> None:
        """Its code came a second time: what the first time produced ends (RFC 6749, 10.5)."""
        details = {"client": transaction.client_id}
        with self._database.transaction() as session:
            append(
                session,
                Act.AUTHORIZATION_EXCHANGE,
                _named(transaction.id),
                at=at,
                outcome=Outcome.REFUSED,
                reason="code-used",
                details=details,
            )
            if transaction.family_id is not None:
                end_family(session, transaction.family_id, reason="code-used", at=at)

    def purge(self, *, before: datetime) -> int:
        """Forget what expired before then; how many."""
        with self._database.transaction() as session:
            pushed = session.scalars(delete(_PUSHED).where(_P.expires_at < before).returning(_P.uri_sha256)).all()
            gone = session.scalars(delete(_TRANSACTIONS).where(_T.expires_at < before).returning(_T.id)).all()
        return len(pushed) + len(gone)

    def _decided(
        self,
        transaction_id: str,
        move: Any,
        act: Act,
        *,
        user_id: str | None,
        at: datetime,
        reason: str | None = None,
    ) -> bool:
        with self._database.transaction() as session:
            row = session.execute(move.returning(_T.client_id, _T.credential_id)).one_or_none()
            if row is None:
                return False
            details = {"client": row.client_id, "credential": row.credential_id, "user": user_id}
            append(session, act, _named(transaction_id), at=at, reason=reason, details=details)
        return True


def _open(transaction_id: str, session: str, at: datetime) -> Any:
    """An update of a transaction that this browser can still decide."""
    this = update(_TRANSACTIONS).where(_T.id == transaction_id, _T.session == session)
    return this.where(_T.state == _OPEN, _T.expires_at > at)


def _read(session: Session, which: Any) -> Transaction | None:
    row = session.execute(select(_TRANSACTIONS).where(which)).one_or_none()
    return None if row is None else _transaction(row)


def _transaction(row: Row[Any]) -> Transaction:
    values = row._asdict()
    del values["code_sha256"]
    return Transaction(**{**values, "state": TransactionState(row.state)})


def _named(transaction_id: str) -> str:
    return f"authorization:{transaction_id}"
