"""Permissions of seals: granted, ended, listed, and used up in the transaction that comes before the key is used."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.batch_model import SealedUnder
from signer.events import EventType
from signer.seal_model import Refusal, SealPermission
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.database import Database
from store.events import tell
from store.seal_tables import SealPermissionRow

_PERMISSIONS: Final = table_of(SealPermissionRow)
_P: Final = _PERMISSIONS.c
_NEWEST: Final = 50  # permissions of one client that are looked at; older ones have ended, or are not named any more


class SqlSeals:
    """`signer.seals.SealStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, permission: SealPermission) -> None:
        """A new permission, with nothing used of it."""
        row = {**asdict(permission), "networks": list(permission.networks)}
        with self._database.transaction() as session:
            session.execute(insert(_PERMISSIONS), row)
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
            tell(
                session,
                EventType.SEAL_ACTIVATED,
                client_id=permission.client_id,
                subject=permission.credential_id,
                at=permission.granted_at,
                data={
                    "permission": permission.id,
                    "documents": permission.documents,
                    "until": permission.expires_at.isoformat(),
                },
            )

    def end(self, permission_id: str, *, credential_id: str | None, at: datetime) -> bool:
        """Whether it had not been ended before, and is this seal's where one is named."""
        ended = update(_PERMISSIONS).where(_P.id == permission_id, _P.ended_at.is_(None)).values(ended_at=at)
        if credential_id is not None:
            ended = ended.where(_P.credential_id == credential_id)
        with self._database.transaction() as session:
            row = session.execute(ended.returning(_P.client_id, _P.credential_id)).one_or_none()
            if row is None:
                return False
            append(session, Act.SEAL_DEACTIVATE, _named(permission_id), at=at)
            whose = {"client_id": row.client_id, "subject": row.credential_id}
            told = {"permission": permission_id, "reason": "deactivated"}
            tell(session, EventType.SEAL_ENDED, **whose, at=at, data=told)
            return True

    def newest(
        self,
        credential_id: str,
        client_id: str | None,
        *,
        before: tuple[datetime, str] | None = None,
        limit: int = _NEWEST,
    ) -> tuple[SealPermission, ...]:
        """The last ones that a client (or anybody) got, the newest first, whatever became of them; behind `before`, the
        time and id of one of them."""
        query = select(_PERMISSIONS).where(_P.credential_id == credential_id)
        if client_id is not None:
            query = query.where(_P.client_id == client_id)
        if before is not None:
            at, id = before
            query = query.where(or_(_P.granted_at < at, and_(_P.granted_at == at, _P.id > id)))
        with self._database.transaction() as session:
            rows = session.execute(query.order_by(_P.granted_at.desc(), _P.id).limit(limit))
            return tuple(_permission_of(row) for row in rows)

    def permission(self, permission_id: str) -> SealPermission | None:
        """One by its id, whatever became of it."""
        with self._database.transaction() as session:
            row = session.execute(select(_PERMISSIONS).where(_P.id == permission_id)).one_or_none()
            return None if row is None else _permission_of(row)

    def assigned(self, client_id: str, *, at: datetime) -> tuple[str, ...]:
        """Credentials of the seals that a client may use at `at`, from wherever and however much is left, by id."""
        stands = (_P.client_id == client_id, _P.granted_at <= at, _P.expires_at > at, _P.ended_at.is_(None))
        query = select(_P.credential_id).where(*stands).distinct().order_by(_P.credential_id)
        with self._database.transaction() as session:
            return tuple(session.scalars(query))

    def take(self, permission_id: str, count: int, *, client_id: str, credential_id: str, at: datetime) -> bool:
        """Count all of `count` in one conditional update, or nothing; a refusal is in the trail."""
        stands = (_P.granted_at <= at, _P.expires_at > at, _P.ended_at.is_(None), _P.used + count <= _P.documents)
        taken = (
            update(_PERMISSIONS)
            .where(_P.id == permission_id, _P.client_id == client_id, _P.credential_id == credential_id, *stands)
            .values(used=_P.used + count)
            .returning(_P.used)
        )
        with self._database.transaction() as session:
            used = session.scalar(taken)
            details: dict[str, Detail] = {"documents": count, "used": used}
            outcome = Outcome.REFUSED if used is None else Outcome.DONE
            append(session, Act.SEAL_USE, _named(permission_id), at=at, outcome=outcome, details=details)
        return used is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What of a permission was used up."""

    documents: int
    refusal: Refusal | None
    """Why it were not more; `None` where it were all that was asked for."""

    @property
    def stops_all(self) -> bool:
        """Whether even what was counted before may not be sealed any more."""
        return self.refusal is not None and self.refusal is not Refusal.USED_UP


def use_up(
    session: Session, seal: SealedUnder, *, client_id: str, credential_id: str, documents: int, at: datetime
) -> Used:
    """Count as many of `documents` as are left, in the caller's transaction.

    That transaction has written before, so SQLite lets nobody in between the look and the count; PostgreSQL locks the
    row for it.
    """
    query = (
        select(_PERMISSIONS)
        .where(_P.id == seal.permission_id, _P.client_id == client_id, _P.credential_id == credential_id)
        .with_for_update()
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return Used(documents=0, refusal=Refusal.NOT_ACTIVE)
    permission = _permission_of(row)
    refusal = permission.refusal(seal.address, at=at)
    if refusal is not None:
        return Used(documents=0, refusal=refusal if documents or refusal is not Refusal.USED_UP else None)
    count = min(documents, permission.documents - permission.used)
    if count:
        used = permission.used + count
        session.execute(update(_PERMISSIONS).where(_P.id == permission.id).values(used=used))
        append(session, Act.SEAL_USE, _named(permission.id), at=at, details={"documents": count, "used": used})
    return Used(documents=count, refusal=Refusal.USED_UP if count < documents else None)


def _permission_of(row: Any) -> SealPermission:
    fields = {name: getattr(row, name) for name in SealPermission.__dataclass_fields__}
    return SealPermission(**{**fields, "networks": tuple(row.networks)})


def _named(permission_id: str) -> str:
    return f"seal-permission:{permission_id}"
