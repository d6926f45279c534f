"""Permissions of seals: granted, ended, and used up by one conditional update before the key is used."""

from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from signer.seals import SealPermission
from store.audit import Act, append
from store.base import table_of
from store.database import Database
from store.seal_tables import SealPermissionRow

_PERMISSIONS: Final = table_of(SealPermissionRow)
_P: Final = _PERMISSIONS.c


class SqlSeals:
    """`signer.seals.SealStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, permission: SealPermission) -> None:
        """A new permission, with nothing used of it."""
        row = {name: getattr(permission, name) for name in SealPermission.__dataclass_fields__}
        with self._database.transaction() as session:
            session.execute(insert(_PERMISSIONS), {**row, "networks": list(permission.networks), "used": 0})
            append(
                session,
                Act.SEAL_ACTIVATE,
                _named(permission.id),
                at=permission.granted_at,
                details={
                    "credential": permission.credential_id,
                    "client": permission.client_id,
                    "networks": list(permission.networks),
                    "documents": permission.documents,
                    "until": permission.expires_at.isoformat(),
                },
            )

    def end(self, permission_id: str, *, at: datetime) -> bool:
        """Whether it had not been ended before."""
        ended = update(_PERMISSIONS).where(_P.id == permission_id, _P.ended_at.is_(None)).values(ended_at=at)
        with self._database.transaction() as session:
            if session.scalar(ended.returning(_P.id)) is None:
                return False
            append(session, Act.SEAL_DEACTIVATE, _named(permission_id), at=at)
            return True

    def standing(self, credential_id: str, client_id: str, *, at: datetime) -> tuple[SealPermission, ...]:
        """The newest first."""
        query = (
            select(_PERMISSIONS)
            .where(_P.credential_id == credential_id, _P.client_id == client_id)
            .where(_P.ended_at.is_(None), _P.granted_at <= at, _P.expires_at > at, _P.used < _P.documents)
            .order_by(_P.granted_at.desc())
        )
        with self._database.transaction() as session:
            return tuple(
                SealPermission(
                    id=row.id,
                    credential_id=row.credential_id,
                    client_id=row.client_id,
                    networks=tuple(row.networks),
                    documents=row.documents,
                    granted_at=row.granted_at,
                    expires_at=row.expires_at,
                )
                for row in session.execute(query)
            )


def use_up(
    session: Session, permission_id: str, *, client_id: str, credential_id: str, documents: int, at: datetime
) -> bool:
    """Count `documents` in the caller's transaction, all or none; whether the permission stands and covers them."""
    if documents == 0:
        return True
    counted = (
        update(_PERMISSIONS)
        .where(_P.id == permission_id, _P.client_id == client_id, _P.credential_id == credential_id)
        .where(_P.ended_at.is_(None), _P.granted_at <= at, _P.expires_at > at)
        .where(_P.used + documents <= _P.documents)
        .values(used=_P.used + documents)
        .returning(_P.used)
    )
    used = session.scalar(counted)
    if used is None:
        return False
    append(session, Act.SEAL_USE, _named(permission_id), at=at, details={"documents": documents, "used": used})
    return True


def _named(permission_id: str) -> str:
    return f"seal-permission:{permission_id}"
