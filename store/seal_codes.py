"""Codes of seals: each move is one conditional update; what a code lets be sealed is counted with its use."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from signer.batch_model import SealedUnder
from signer.errors import ActivationRefused
from signer.seal_codes import SealCode, SealCodeKind, SealUse
from store.audit import Act, Outcome, append
from store.base import table_of
from store.database import Database
from store.gateway_tables import SealCodeRow
from store.seals import use_up

_TABLE: Final = table_of(SealCodeRow)
_S: Final = _TABLE.c


class SqlSealCodes:
    """`signer.seal_codes.SealCodeStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, kind: SealCodeKind, user_name: str, credential_id: str) -> SealCode | None:
        """The last one made, whatever became of it."""
        query = select(_TABLE).where(
            _S.kind == kind.value, _S.user_name == user_name, _S.credential_id == credential_id
        )
        with self._database.transaction() as session:
            row = session.execute(query.order_by(_S.made_at.desc(), _S.id).limit(1)).one_or_none()
            return _code(row) if row else None

    def made_since(
        self, kind: SealCodeKind, user_name: str, credential_id: str, *, since: datetime
    ) -> tuple[datetime, ...]:
        """When each one after `since` was made, the newest first."""
        query = select(_S.made_at).where(
            _S.kind == kind.value, _S.user_name == user_name, _S.credential_id == credential_id, _S.made_at > since
        )
        with self._database.transaction() as session:
            return tuple(session.scalars(query.order_by(_S.made_at.desc())))

    def replace(self, code: SealCode, *, at: datetime) -> None:
        """Keep it, and end every earlier one of its kind for this credential and seal."""
        earlier = update(_TABLE).where(
            _S.kind == code.kind.value,
            _S.user_name == code.user_name,
            _S.credential_id == code.credential_id,
            _S.ended_at.is_(None),
        )
        details = {
            "kind": code.kind.value,
            "credential": code.credential_id,
            "permission": code.permission_id,
            "files": code.files,
            "until": code.expires_at.isoformat(),
        }
        with self._database.transaction() as session:
            session.execute(earlier.values(ended_at=at))
            session.execute(insert(_TABLE).values(asdict(code) | {"kind": code.kind.value}))
            append(session, Act.SEAL_CODE, _named(code.id), at=at, details=details)

    def check(self, code_id: str, right: bool, *, most_wrong: int, at: datetime) -> bool:
        """Note a try; whether it was right and the code was good. The last wrong one ends it."""
        good = (_S.id == code_id, _S.ended_at.is_(None), _S.expires_at > at)
        return self._tried(good, code_id, right, most_wrong=most_wrong, at=at)

    def check_used(self, code_id: str, right: bool, *, most_wrong: int, at: datetime) -> bool:
        """The same for one that a call used up, when that call is repeated."""
        used = (_S.id == code_id, _S.used_for.is_not(None))
        return self._tried(used, code_id, right, most_wrong=most_wrong, at=at)

    def _tried(
        self, good: tuple[ColumnElement[bool], ...], code_id: str, right: bool, *, most_wrong: int, at: datetime
    ) -> bool:
        tried = update(_TABLE).where(*good, _S.wrong < most_wrong)
        counted = tried.values(wrong=0 if right else _S.wrong + 1).returning(_S.wrong)
        with self._database.transaction() as session:
            wrong = session.scalar(counted)
            if wrong is not None and not right:
                append(
                    session,
                    Act.SEAL_CODE_WRONG,
                    _named(code_id),
                    at=at,
                    outcome=Outcome.REFUSED,
                    details={"wrong": wrong},
                )
                if wrong >= most_wrong:
                    ended = update(_TABLE).where(_S.id == code_id, _S.ended_at.is_(None))
                    session.execute(ended.values(ended_at=at))
            return right and wrong is not None

    def end(self, code_id: str, *, at: datetime) -> bool:
        """Whether it was good until now."""
        ended = update(_TABLE).where(_S.id == code_id, _S.ended_at.is_(None), _S.expires_at > at).values(ended_at=at)
        with self._database.transaction() as session:
            if session.scalar(ended.returning(_S.id)) is None:
                return False
            append(session, Act.SEAL_CODE_END, _named(code_id), at=at)
            return True

    def use(self, code: SealCode, use: SealUse, *, at: datetime) -> bool:
        """Use it up and count the files in the permission, or neither; raises `ActivationRefused` where the permission
        does not let all of them be sealed."""
        taken = (
            update(_TABLE)
            .where(_S.id == code.id, _S.ended_at.is_(None), _S.expires_at > at)
            .values(ended_at=at, used_for=use.call)
            .returning(_S.id)
        )
        with self._database.transaction() as session:
            if session.scalar(taken) is None:
                return False
            counted = use_up(
                session,
                SealedUnder(permission_id=code.permission_id, address=use.address),
                client_id=use.client_id,
                credential_id=code.credential_id,
                documents=use.files,
                at=at,
            )
            if counted.refusal is not None:
                message = "The permission of the seal does not let all of these be sealed."
                raise ActivationRefused(message, field="credential", reason=counted.refusal.value)
            append(session, Act.SEAL_CODE_USE, _named(code.id), at=at, details={"files": use.files})
            return True

    def purge(self, at: datetime) -> int:
        """Forget those that expired at or before `at`; returns how many."""
        over = delete(_TABLE).where(_S.expires_at <= at).returning(_S.id)
        with self._database.transaction() as session:
            return len(session.scalars(over).all())


def _code(row: Row[Any]) -> SealCode:
    kept = {name: getattr(row, name) for name in SealCode.__dataclass_fields__}
    return SealCode(**kept | {"kind": SealCodeKind(row.kind)})


def _named(code_id: str) -> str:
    return f"seal-code:{code_id}"
