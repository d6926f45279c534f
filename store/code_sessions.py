"""Code sessions and their codes: each move is one conditional update; what a code lets be signed is counted with its
use, in the same transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from signer.authorisation import CarriedKey
from signer.code_model import (
    CodeApplication,
    CodeCall,
    CodeSession,
    CodeUse,
    SeenSession,
    SessionEnd,
    SessionKey,
    SigningCode,
    no_session,
    used_up,
)
from signer.errors import CodeRefused
from signer.factors.model import FactorEvent, SealedSeed
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.client_model import ClientState
from store.code_session_ends import KEYS, SESSIONS, allowed, end_all, end_over, named
from store.code_tables import SigningCodeRow
from store.database import Database
from store.esign_tables import ApiCredentialRow
from store.factor_messages import tell_person
from store.tables import ClientRow

_CODES: Final = table_of(SigningCodeRow)
_S, _K, _C = SESSIONS.c, KEYS.c, _CODES.c
_SEED: Final = tuple(SealedSeed.__dataclass_fields__)


class SqlCodeSessions:
    """`signer.code_sessions.CodeSessionStore` and `signer.signing_codes.SigningCodeStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # sessions

    def applications(self) -> tuple[CodeApplication, ...]:
        """Those that may be given codes now, by name."""
        row = ApiCredentialRow
        query = (
            select(row.user_name, row.client_id, ClientRow.name, row.description)
            .join(ClientRow, ClientRow.id == row.client_id)
            .where(row.codes, row.enabled, ClientRow.state == ClientState.ACTIVE.value)
            .order_by(ClientRow.name, row.user_name)
        )
        with self._database.transaction() as session:
            return tuple(CodeApplication(**each._mapping) for each in session.execute(query))

    def open(self, session: CodeSession, key: SessionKey, *, most: int, at: datetime) -> bool:
        """In place of an earlier one for the same application; `False` where `most` others are open, or what it rests
        on stands no more. Nothing changed then."""
        mine = (_S.credential_id == session.credential_id, _S.user_name == session.user_name)
        others = select(func.count()).where(
            _S.signatory_id == session.signatory_id, _S.ended_at.is_(None), _S.expires_at > at
        )
        with self._database.transaction() as opened:
            savepoint = opened.begin_nested()
            end_all(opened, mine[0] & mine[1], SessionEnd.REPLACED, at=at)
            end_over(opened, at=at, repeated_since=at)
            room = int(opened.scalar(others) or 0) < most
            opened.execute(insert(SESSIONS).values(**_columns(session)))
            if not room or opened.scalar(select(_S.id).where(_S.id == session.id, allowed())) is None:
                savepoint.rollback()
                return False
            opened.execute(insert(KEYS).values(session_id=session.id, **_key_columns(key)))
            savepoint.commit()
            details: dict[str, Detail] = {
                "signatory": session.signatory_id,
                "credential": session.credential_id,
                "application": session.user_name,
                "client": session.client_id,
                "documents": session.documents,
                "until": session.expires_at.isoformat(),
            }
            append(opened, Act.CODE_SESSION_OPEN, named(session.id), at=at, details=details)
            tell_person(
                opened,
                session.signatory_id,
                FactorEvent.CODE_SESSION_OPENED,
                at=at,
                application=session.client_id,
                documents=session.documents,
            )
        return True

    def key(self, session_id: str) -> SessionKey | None:
        """While it is open."""
        with self._database.transaction() as session:
            row = session.execute(select(KEYS).where(_K.session_id == session_id)).one_or_none()
        if row is None:
            return None
        carried = CarriedKey(**{name: getattr(row, name) for name in CarriedKey.__dataclass_fields__})
        return SessionKey(
            carried=carried, secret=SealedSeed(**{name: getattr(row, f"secret_{name}") for name in _SEED})
        )

    def seen(self, signatory_id: str, *, since: datetime) -> tuple[SeenSession, ...]:
        """Those that were open after `since`, the newest first."""
        query = (
            select(SESSIONS, ClientRow.name)
            .join(ClientRow, ClientRow.id == _S.client_id, isouter=True)
            .where(_S.signatory_id == signatory_id, _S.expires_at > since)
            .order_by(_S.opened_at.desc(), _S.id)
        )
        with self._database.transaction() as session:
            rows = session.execute(query).all()
            uses = _uses(session, [row.id for row in rows])
        return tuple(
            SeenSession(session=_session(row), application=row.name or row.client_id, uses=tuple(uses[row.id]))
            for row in rows
        )

    def end(self, session_id: str, *, signatory_id: str, at: datetime) -> bool:
        """Its official ends it; whether it was open."""
        mine = (_S.id == session_id) & (_S.signatory_id == signatory_id) & (_S.expires_at > at)
        with self._database.transaction() as session:
            return end_all(session, mine, SessionEnd.REVOKED, at=at) == 1

    # codes

    def open_for(self, user_name: str, credential_id: str, *, at: datetime) -> CodeSession | None:
        """The session that is open, where what it rests on stands."""
        query = select(SESSIONS).where(
            _S.user_name == user_name,
            _S.credential_id == credential_id,
            _S.ended_at.is_(None),
            _S.expires_at > at,
            allowed(),
        )
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
            return _session(row) if row else None

    def newest(self, session_id: str) -> SigningCode | None:
        """The last one made, whatever became of it."""
        query = select(_CODES).where(_C.session_id == session_id).order_by(_C.made_at.desc(), _C.id).limit(1)
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
        return None if row is None else _code(row)

    def replace(self, code: SigningCode, *, at: datetime) -> bool:
        """Keep it, and end every earlier one of its session; `False` where the session is over."""
        stands = select(_S.id).where(_S.id == code.session_id, _S.ended_at.is_(None), _S.expires_at > at)
        earlier = update(_CODES).where(_C.session_id == code.session_id, _C.ended_at.is_(None))
        with self._database.transaction() as session:
            if session.scalar(stands.with_for_update()) is None:
                return False
            session.execute(earlier.values(ended_at=at))
            session.execute(insert(_CODES).values(**asdict(code)))
            details: dict[str, Detail] = {
                "session": code.session_id,
                "files": code.files,
                "until": code.expires_at.isoformat(),
            }
            append(session, Act.SIGNING_CODE, _named(code.id), at=at, details=details)
        return True

    def wrong(self, code_id: str, *, most: int, most_in_session: int, at: datetime) -> None:
        """Count a wrong try; the last one ends the code, or the session."""
        tried = update(_CODES).where(_C.id == code_id, _C.wrong < most).values(wrong=_C.wrong + 1)
        with self._database.transaction() as session:
            row = session.execute(tried.returning(_C.wrong, _C.session_id)).one_or_none()
            if row is None:
                return
            if row.wrong >= most:
                ended = update(_CODES).where(_C.id == code_id, _C.ended_at.is_(None))
                session.execute(ended.values(ended_at=at))
            counted = update(SESSIONS).where(_S.id == row.session_id).values(wrong=_S.wrong + 1)
            in_session = session.scalar(counted.returning(_S.wrong)) or 0
            details = {"wrong": row.wrong, "session": row.session_id}
            append(session, Act.SIGNING_CODE_WRONG, _named(code_id), at=at, outcome=Outcome.REFUSED, details=details)
            if in_session >= most_in_session:
                end_all(session, _S.id == row.session_id, SessionEnd.WRONG_CODES, at=at)

    def use(self, code: SigningCode, call: CodeCall, *, most_wrong: int, at: datetime) -> bool:
        """Use it up, count the files in the session and tell the official, or nothing of it; whether the code was good.

        Raises `CodeRefused` where the session is over, or does not let all of them be signed; the refusal is in the
        trail."""
        taken = (
            update(_CODES)
            .where(_C.id == code.id, _C.ended_at.is_(None), _C.expires_at > at, _C.wrong < most_wrong)
            .values(ended_at=at, used_for=call.call, signed=call.files)
            .returning(_C.id)
        )
        refused: CodeRefused | None = None
        with self._database.transaction() as session:
            savepoint = session.begin_nested()
            good = session.scalar(taken) is not None
            if good:
                refused = _counted(session, code.session_id, call, at=at)
            if refused is None:
                savepoint.commit()
            else:
                savepoint.rollback()
            if good:
                outcome = Outcome.DONE if refused is None else Outcome.REFUSED
                append(
                    session,
                    Act.SIGNING_CODE_USE,
                    _named(code.id),
                    at=at,
                    outcome=outcome,
                    reason=None if refused is None else refused.reason,
                    details={"session": code.session_id, "files": call.files, "application": call.user_name},
                )
        if refused is not None:
            raise refused
        return good

    def again(self, code_id: str, call: str, *, most_wrong: int) -> bool:
        """Whether it was used up for that call, and not guessed at too often."""
        query = select(_C.id).where(_C.id == code_id, _C.used_for == call, _C.wrong < most_wrong)
        with self._database.transaction() as session:
            return session.scalar(query) is not None

    # what is forgotten by the clock

    def end_over(self, at: datetime, *, repeated_since: datetime) -> int:
        """Sessions that are over by themselves end, and their keys go; how many."""
        with self._database.transaction() as session:
            return end_over(session, at=at, repeated_since=repeated_since)

    def purge(self, before: datetime) -> int:
        """Forget sessions whose time was over before then, with their codes; how many."""
        old = select(_S.id).where(_S.expires_at < before, _S.ended_at.is_not(None))
        with self._database.transaction() as session:
            session.execute(delete(_CODES).where(_C.session_id.in_(old)))
            return len(session.scalars(delete(SESSIONS).where(_S.id.in_(old)).returning(_S.id)).all())


def _counted(session: Session, session_id: str, call: CodeCall, *, at: datetime) -> CodeRefused | None:
    """Count the files of a call in its session, and tell the official; why not, where it does not let them."""
    stands = (
        _S.id == session_id,
        _S.user_name == call.user_name,
        _S.credential_id == call.credential_id,
        _S.ended_at.is_(None),
        _S.opened_at <= at,
        _S.expires_at > at,
        allowed(),
    )
    counted = update(SESSIONS).where(*stands, _S.used + call.files <= _S.documents)
    row = session.execute(
        counted.values(used=_S.used + call.files, used_at=at).returning(_S.signatory_id, _S.client_id)
    ).one_or_none()
    if row is None:
        return no_session() if session.scalar(select(_S.id).where(*stands)) is None else used_up()
    event = FactorEvent.CODE_SESSION_USED
    tell_person(session, row.signatory_id, event, at=at, application=row.client_id, documents=call.files)
    return None


def _uses(session: Session, ids: Sequence[str]) -> dict[str, list[CodeUse]]:
    used = select(_C.session_id, _C.ended_at, _C.signed).where(_C.session_id.in_(ids), _C.used_for.is_not(None))
    found: dict[str, list[CodeUse]] = {each: [] for each in ids}
    for row in session.execute(used.order_by(_C.ended_at.desc(), _C.id)):
        found[row.session_id].append(CodeUse(at=row.ended_at, documents=row.signed))
    return found


def _columns(session: CodeSession) -> dict[str, Any]:
    return asdict(session) | {"ended_for": None}


def _key_columns(key: SessionKey) -> dict[str, Any]:
    return asdict(key.carried) | {f"secret_{name}": getattr(key.secret, name) for name in _SEED}


def _session(row: Row[Any]) -> CodeSession:
    kept = {name: getattr(row, name) for name in CodeSession.__dataclass_fields__}
    return CodeSession(**kept | {"ended_for": None if row.ended_for is None else SessionEnd(row.ended_for)})


def _code(row: Row[Any]) -> SigningCode:
    return SigningCode(**{name: getattr(row, name) for name in SigningCode.__dataclass_fields__})


def _named(code_id: str) -> str:
    return f"signing-code:{code_id}"
