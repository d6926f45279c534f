"""Applications that may ask, and their access tokens. Secrets and tokens have 256 random bits, so a plain SHA-256
of them is as good as a slow hash, and nothing else is kept."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from store.audit import Act, append
from store.base import table_of
from store.client_model import Client, ClientState
from store.client_rows import CLIENT_ID, client_of, end_client, insert_client, registered
from store.database import Database
from store.errors import AlreadyExists, IllegalMove
from store.people_tables import StaffRow
from store.tables import AccessTokenRow, ClientAssertionRow, ClientRow

_NOBODY: Final = "00" * 32  # compared with where there is no such client or no secret, so that all take the same time

_CLIENT: Final = select(table_of(ClientRow), StaffRow.role).outerjoin(StaffRow, StaffRow.id == ClientRow.id)
_TOKEN: Final = (  # asked with every request
    select(table_of(ClientRow), StaffRow.role, AccessTokenRow.scopes.label("granted"))
    .join(AccessTokenRow, AccessTokenRow.client_id == ClientRow.id)
    .outerjoin(StaffRow, StaffRow.id == ClientRow.id)
    .where(AccessTokenRow.token_sha256 == bindparam("token"), AccessTokenRow.expires_at > bindparam("now"))
    .where(ClientRow.state == ClientState.ACTIVE.value, AccessTokenRow.revoked_at.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What is kept of a token that was handed out."""

    token_sha256: str
    """Hex."""
    client_id: str
    scopes: frozenset[str]
    expires_at: datetime


class SqlClientStore:
    """Clients and tokens. Refused log-ins are not in the trail, which strangers could fill: doors limit them."""

    def __init__(self, database: Database, role_scopes: Mapping[str, frozenset[str]] | None = None) -> None:
        """`role_scopes`: what an account of staff may ask for, by its role; none where nothing is said."""
        self._database = database
        self._role_scopes = role_scopes or {}

    def add(self, client: Client, secret_sha256: str | None, *, actor: str | None = None) -> None:
        """A new client; `secret_sha256`: SHA-256, hex, of its secret, where it has one.

        Raises `AlreadyExists` for a taken id and `ValueError` for one that is not 1 to 64 letters, digits, dots,
        dashes, tildes and underscores.
        """
        with self._database.transaction() as session:
            insert_client(session, client, secret_sha256)
            details = registered(client)
            append(session, Act.CLIENT_ADD, f"client:{client.id}", at=client.created_at, actor=actor, details=details)

    def get(self, client_id: str) -> Client | None:
        """The client, in whatever state."""
        with self._database.transaction() as session:
            return self._find(session, client_id)

    def active(self, client_id: str) -> Client | None:
        """The client, if it is active; whatever a stranger may have sent as its identifier."""
        if not CLIENT_ID.fullmatch(client_id):
            return None
        found = self.get(client_id)
        return found if found is not None and found.state is ClientState.ACTIVE else None

    def all(self) -> tuple[Client, ...]:
        """Every client, by id: there are dozens, not thousands."""
        with self._database.transaction() as session:
            return tuple(self._client(row) for row in session.execute(_CLIENT.order_by(ClientRow.id)))

    def authenticate(self, client_id: str, secret: str) -> Client | None:
        """The client, if it is active and this is its secret. Wrong, unknown and disabled look and take the same."""
        offered = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        if not CLIENT_ID.fullmatch(client_id):
            client_id = ""  # a stranger's text: nothing of it goes to the database
        with self._database.transaction() as session:
            row = session.execute(_CLIENT.where(ClientRow.id == client_id)).one_or_none()
        right = hmac.compare_digest(offered, (row.secret_sha256 if row else None) or _NOBODY)
        if row is None or not right or row.state != ClientState.ACTIVE.value:
            return None
        return self._client(row)

    def use_assertion(self, assertion_sha256: str, *, expires_at: datetime) -> bool:
        """Remember until `expires_at` that this assertion was used (RFC 7523, 3, 7); false where it was before."""
        row = {"assertion_sha256": assertion_sha256, "expires_at": expires_at}
        try:
            with self._database.transaction() as session:
                session.execute(insert(ClientAssertionRow).values(**row))
        except AlreadyExists:
            return False
        return True

    def issue_token(
        self, client_id: str, scopes: frozenset[str], token_sha256: str, expires_at: datetime, *, at: datetime
    ) -> AccessToken:
        """Remember a token by its SHA-256 (hex). Raises `IllegalMove` for a disabled client or a scope it lacks."""
        token = AccessToken(token_sha256=token_sha256, client_id=client_id, scopes=scopes, expires_at=expires_at)
        row = {"token_sha256": token_sha256, "client_id": client_id, "scopes": sorted(scopes), "expires_at": expires_at}
        with self._database.transaction() as session:
            client = self._find(session, client_id)
            if client is None or client.state is not ClientState.ACTIVE or not scopes <= client.scopes:
                raise IllegalMove("no token: the client is unknown or disabled, or lacks one of the scopes")
            session.execute(insert(AccessTokenRow).values(**row))
            details = {"scopes": sorted(scopes)}
            append(session, Act.TOKEN_ISSUE, f"client:{client_id}", at=at, actor=client_id, details=details)
        return token

    def token(self, token_sha256: str, at: datetime) -> tuple[Client, frozenset[str]] | None:
        """Whose token this is and what it is good for; `None` when unknown, expired or of a disabled client."""
        with self._database.transaction() as session:
            found = session.execute(_TOKEN, {"token": token_sha256, "now": at}).one_or_none()
            if found is None:
                return None
            client = self._client(found)
            return client, frozenset(found.granted) & client.scopes  # a scope that was taken away is gone at once

    def revoke_token(self, token_sha256: str, client_id: str, *, at: datetime) -> bool:
        """End a live token of that client; whether there was one (RFC 7009, 2.2)."""
        row = AccessTokenRow
        live = update(row).where(row.token_sha256 == token_sha256, row.client_id == client_id)
        ended = live.where(row.revoked_at.is_(None), row.expires_at > at).values(revoked_at=at)
        with self._database.transaction() as session:
            found = session.execute(ended.returning(row.user_id, row.family_id)).one_or_none()
            if found is None:
                return False
            details = {"user": found.user_id, "family": found.family_id}
            append(session, Act.TOKEN_REVOKE, f"client:{client_id}", at=at, details=details)
        return True

    def change_scopes(
        self, client_id: str, *, add: frozenset[str], remove: frozenset[str], actor: str, at: datetime
    ) -> Client:
        """An application may ask for other scopes from now on; tokens lose at once what is removed, and gain nothing.

        Where nothing changes, nothing is written. Raises `IllegalMove` unless it is an active application: the scopes
        of staff are those of their role.
        """
        with self._database.transaction() as session:
            # the row is the lock, and SQLite has none but a write: of two changes at once the second sees the first
            session.execute(update(ClientRow).where(ClientRow.id == client_id).values(state=ClientRow.state))
            row = session.execute(_CLIENT.where(ClientRow.id == client_id)).one_or_none()
            if row is None or row.role is not None or row.state != ClientState.ACTIVE.value:
                raise IllegalMove("only an application that exists and is active has scopes to change")
            before = self._client(row)
            scopes = (before.scopes | add) - remove
            if scopes != before.scopes:
                session.execute(update(ClientRow).where(ClientRow.id == client_id).values(scopes=sorted(scopes)))
                append(
                    session,
                    Act.CLIENT_SCOPES,
                    f"client:{client_id}",
                    at=at,
                    actor=actor,
                    details={"added": sorted(scopes - before.scopes), "removed": sorted(before.scopes - scopes)},
                )
        return replace(before, scopes=scopes)

    def disable(self, client_id: str, *, actor: str, at: datetime) -> None:
        """No log-in and no token of this client is good any more. Raises `IllegalMove` unless it is active."""
        with self._database.transaction() as session:
            if not end_client(session, client_id):
                raise IllegalMove("only a client that exists and is active can be disabled")
            append(session, Act.CLIENT_DISABLE, f"client:{client_id}", at=at, actor=actor)

    def purge_expired_tokens(self, at: datetime) -> int:
        """Forget tokens and assertions that expired at or before `at`; returns how many tokens."""
        expired = delete(AccessTokenRow).where(AccessTokenRow.expires_at <= at).returning(AccessTokenRow.token_sha256)
        with self._database.transaction() as session:
            session.execute(delete(ClientAssertionRow).where(ClientAssertionRow.expires_at <= at))
            return len(session.scalars(expired).all())

    def _find(self, session: Session, client_id: str) -> Client | None:
        row = session.execute(_CLIENT.where(ClientRow.id == client_id)).one_or_none()
        return self._client(row) if row else None

    def _client(self, row: Row[Any]) -> Client:
        scopes = frozenset(row.scopes) if row.role is None else self._role_scopes.get(row.role, frozenset())
        return client_of(row, scopes)
