"""Registrations of applications as administrators see them: listed, changed, given another secret."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signer.errors import ClientUnknown
from store.audit import Act, append
from store.base import table_of
from store.client_model import WITH_SECRET, Client, ClientState
from store.client_rows import client_of, end_client, registered, registration_columns, replace_secret
from store.database import Database
from store.people_tables import StaffRow
from store.tables import ClientRow

_APPLICATIONS: Final = (
    select(table_of(ClientRow)).outerjoin(StaffRow, StaffRow.id == ClientRow.id).where(StaffRow.id.is_(None))
)
"""Accounts of staff are clients too, and none of these."""


class SqlClientRegistrations:
    """Each change and its audit entry in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, *, after: str, limit: int) -> tuple[Client, ...]:
        """Applications behind `after`, by id, in whatever state."""
        page = _APPLICATIONS.where(ClientRow.id > after).order_by(ClientRow.id).limit(limit)
        with self._database.transaction() as session:
            return tuple(client_of(row, frozenset(row.scopes)) for row in session.execute(page))

    def get(self, client_id: str) -> Client:
        """One application, in whatever state; raises `ClientUnknown`."""
        with self._database.transaction() as session:
            return _found(session, client_id)

    def change(self, client_id: str, edit: Callable[[Client], Client], *, actor: str | None, at: datetime) -> Client:
        """What `edit` makes of an active application, which may refuse it; where nothing changes, nothing is written.

        A scope that is taken away is gone from tokens at once, and a secret is forgotten with the last method that
        uses it. Raises `ClientUnknown`, and as `edit`.
        """
        with self._database.transaction() as session:
            before = _locked(session, client_id)
            after = edit(before)
            if after != before:
                values = registration_columns(after)
                if not after.auth_methods & WITH_SECRET:
                    values["secret_sha256"] = None
                session.execute(update(ClientRow).where(ClientRow.id == client_id).values(**values))
                details = _changed(registered(before), registered(after))
                append(session, Act.CLIENT_CHANGE, f"client:{client_id}", at=at, actor=actor, details=details)
        return after

    def rotate(self, client_id: str, secret_sha256: str, *, actor: str | None, at: datetime) -> Client:
        """Another secret (SHA-256, hex) for an active application; tokens end. Raises `ClientUnknown`."""
        with self._database.transaction() as session:
            client = _locked(session, client_id)
            replace_secret(session, client_id, secret_sha256)
            append(session, Act.CLIENT_SECRET, f"client:{client_id}", at=at, actor=actor)
        return client

    def disable(self, client_id: str, *, actor: str | None, at: datetime) -> Client:
        """No log-in and no token of it is good any more; raises `ClientUnknown` unless it is active."""
        with self._database.transaction() as session:
            _locked(session, client_id)
            end_client(session, client_id)
            append(session, Act.CLIENT_DISABLE, f"client:{client_id}", at=at, actor=actor)
            return _found(session, client_id)


def _found(session: Session, client_id: str) -> Client:
    row = session.execute(_APPLICATIONS.where(ClientRow.id == client_id)).one_or_none()
    if row is None:
        raise ClientUnknown("No application has this identifier.", field="client", reason="unknown")
    return client_of(row, frozenset(row.scopes))


def _locked(session: Session, client_id: str) -> Client:
    """The active application; nobody else changes it until the transaction ends."""
    # the row is the lock, and SQLite has none but a write
    session.execute(update(ClientRow).where(ClientRow.id == client_id).values(state=ClientRow.state))
    client = _found(session, client_id)
    if client.state is not ClientState.ACTIVE:
        raise ClientUnknown("This application is disabled.", field="client", reason="disabled")
    return client


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What the registration says now where it said something else."""
    names = {*before, *after}
    return {name: after.get(name) for name in sorted(names) if before.get(name) != after.get(name)}
