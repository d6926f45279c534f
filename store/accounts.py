"""Accounts of integrations. Passwords have 192 random bits, so a plain SHA-256 of them is as good as a slow hash, and
nothing else is kept."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from signer.accounts import Account
from signer.errors import ClientRefused
from signer.factors.counters import LOCK_AT
from signer.model import Secret
from store.account_tables import AccountRow
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.client_model import ClientState
from store.database import Database
from store.errors import AlreadyExists
from store.guesses import clearing, counting
from store.oauth_tokens import end_families_of
from store.tables import ClientRow

_TABLE, _CLIENT = table_of(AccountRow), table_of(ClientRow).c
_A: Final = _TABLE.c
_ACTIVE: Final = ClientState.ACTIVE.value
_NOBODY: Final = "00" * 32  # compared with where there is no such name, so that both answers take the same time


class SqlAccounts:
    """`signer.accounts.AccountStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: Account, password: Secret, *, actor: str) -> None:
        """Raises `ClientRefused` for a name that is taken, or an application that is none."""
        row = {
            "name": account.name,
            "client_id": account.client_id,
            "password_sha256": _hashed(password),
            "enabled": account.enabled,
            "made_at": account.made_at,
            "failures": 0,
            "locked": False,
        }
        try:
            with self._database.transaction() as session:
                known = select(_CLIENT.id).where(_CLIENT.id == account.client_id, _CLIENT.state == _ACTIVE)
                if session.scalar(known) is None:
                    message = "No active application has this identifier. Register it first."
                    raise ClientRefused(message, field="client", reason="unknown")
                session.execute(insert(_TABLE).values(**row))
                details = {"client": account.client_id}
                append(session, Act.ACCOUNT_ADD, account.id, at=account.made_at, actor=actor, details=details)
        except AlreadyExists:
            raise ClientRefused("This name is taken. Choose another one.", field="name", reason="taken") from None

    def get(self, name: str) -> Account | None:
        """The one of that name."""
        with self._database.transaction() as session:
            row = session.execute(select(_TABLE).where(_A.name == name)).one_or_none()
        return None if row is None else _account(row)

    def all(self) -> tuple[Account, ...]:
        """Every one, by name: there are a few, not thousands."""
        with self._database.transaction() as session:
            return tuple(map(_account, session.execute(select(_TABLE).order_by(_A.name))))

    def log_in(self, name: str, password: Secret, *, at: datetime) -> Account | None:
        """Counted in a transaction of its own, before the password is looked at; an unknown name is in no trail, which
        strangers could fill."""
        row = self._counted(name, at)
        right = hmac.compare_digest(_hashed(password), row.password_sha256 if row is not None else _NOBODY)
        if row is None or not right or not row.enabled or row.owner_state != _ACTIVE:
            return None
        account = _account(row)
        with self._database.transaction() as session:
            session.execute(clearing(_TABLE, _A.name == name))
            append(session, Act.ACCOUNT_LOGIN, account.id, at=at, actor=account.id)
        return account

    def rotate(self, name: str, password: Secret, *, actor: str, at: datetime) -> None:
        """Another password, counted anew; its tokens end."""
        fresh = {"password_sha256": _hashed(password), "failures": 0, "waits_until": None, "locked": False}
        with self._changed(name, fresh, actor=actor, at=at, what="rotated") as (session, account):
            end_families_of(session, account.id, reason="account-rotated", at=at)

    def enable(self, name: str, enabled: bool, *, actor: str, at: datetime) -> None:
        """Switched off, its tokens end."""
        what = "enabled" if enabled else "disabled"
        with self._changed(name, {"enabled": enabled}, actor=actor, at=at, what=what) as (session, account):
            if not enabled:
                end_families_of(session, account.id, reason="account-disabled", at=at)

    def unlock(self, name: str, *, actor: str, at: datetime) -> None:
        """It may try again."""
        fresh = {"failures": 0, "waits_until": None, "locked": False}
        with self._changed(name, fresh, actor=actor, at=at, what="unlocked"):
            pass

    def _counted(self, name: str, at: datetime) -> Row[Any] | None:
        """The account with this attempt in it; `None` where there is none, or it waits or is locked."""
        found = select(_TABLE, _CLIENT.state.label("owner_state")).join(ClientRow, _CLIENT.id == _A.client_id)
        with self._database.transaction() as session:
            failures = session.scalar(counting(_TABLE, _A.name == name, at))
            row = session.execute(found.where(_A.name == name)).one_or_none()
            if row is None:
                return None
            details: dict[str, Detail] = {} if failures is None else {"failed_before": failures - 1}
            if failures == LOCK_AT:
                details["locked"] = True
            outcome = Outcome.REFUSED if failures is None else Outcome.DONE
            append(session, Act.ACCOUNT_TRY, f"account:{name}", at=at, outcome=outcome, details=details)
        return row if failures is not None else None

    @contextmanager
    def _changed(
        self, name: str, values: dict[str, Any], *, actor: str, at: datetime, what: str
    ) -> Iterator[tuple[Session, Account]]:
        with self._database.transaction() as session:
            row = session.execute(update(_TABLE).where(_A.name == name).values(**values).returning(*_A)).one()
            account = _account(row)
            append(session, Act.ACCOUNT_CHANGE, account.id, at=at, actor=actor, reason=what)
            yield session, account


def _account(row: Row[Any]) -> Account:
    return Account(name=row.name, client_id=row.client_id, enabled=row.enabled, made_at=row.made_at, locked=row.locked)


def _hashed(password: Secret) -> str:
    return hashlib.sha256(password.reveal().encode("utf-8", "surrogatepass")).hexdigest()
