"""Requests that are carried out once: which keys were used for what, and how it was answered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from store.database import Database
from store.errors import AlreadyExists
from store.letter_tables import IdempotencyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """One request under one key."""

    fingerprint: str
    begun_at: datetime
    status: int | None
    """Of its answer; `None` while it is carried out."""
    headers: Mapping[str, str]
    body: bytes
    """No secret: the passphrase and the like are in no answer."""


class SqlRequests:
    """`api.letters.once.RequestStore`. A key is a client's own text, so only its hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, client_id: str, key: str, fingerprint: str, *, at: datetime, expires_at: datetime) -> bool:
        """Whether the key is this request's now; `False` where one of that key is there and has not expired."""
        where = _this(client_id, key)
        new = {"fingerprint": fingerprint, "begun_at": at, "expires_at": expires_at}
        try:
            with self._database.transaction() as session:
                session.execute(delete(IdempotencyRow).where(*where, IdempotencyRow.expires_at <= at))
                session.execute(
                    insert(IdempotencyRow).values(client_id=client_id, key_sha256=_hashed(key), **new, headers={})
                )
        except AlreadyExists:
            return False
        return True

    def take_over(self, client_id: str, key: str, *, begun_at: datetime, at: datetime) -> bool:
        """Go on with one that was begun at `begun_at` and never ended; of several who try exactly one does."""
        lost = (
            update(IdempotencyRow)
            .where(*_this(client_id, key), IdempotencyRow.status.is_(None), IdempotencyRow.begun_at == begun_at)
            .values(begun_at=at)
            .returning(IdempotencyRow.client_id)
        )
        with self._database.transaction() as session:
            return session.scalar(lost) is not None

    def find(self, client_id: str, key: str) -> KeptRequest | None:
        """What is kept under a key."""
        with self._database.transaction() as session:
            row = session.scalar(select(IdempotencyRow).where(*_this(client_id, key)))
            if row is None:
                return None
            return KeptRequest(
                fingerprint=row.fingerprint,
                begun_at=row.begun_at,
                status=row.status,
                headers=row.headers,
                body=row.body or b"",
            )

    def finish(self, client_id: str, key: str, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """How it was answered."""
        told = {"status": status, "headers": dict(headers), "body": body}
        with self._database.transaction() as session:
            session.execute(update(IdempotencyRow).where(*_this(client_id, key)).values(**told))

    def release(self, client_id: str, key: str) -> None:
        """Nothing was done under it: it may be used again."""
        with self._database.transaction() as session:
            session.execute(delete(IdempotencyRow).where(*_this(client_id, key), IdempotencyRow.status.is_(None)))

    def purge(self, at: datetime) -> int:
        """Forget what expired at or before `at`; returns how many."""
        gone = delete(IdempotencyRow).where(IdempotencyRow.expires_at <= at).returning(IdempotencyRow.client_id)
        with self._database.transaction() as session:
            return len(session.scalars(gone).all())


def _this(client_id: str, key: str) -> tuple[Any, ...]:
    return IdempotencyRow.client_id == client_id, IdempotencyRow.key_sha256 == _hashed(key)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
