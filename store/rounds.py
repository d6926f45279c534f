"""Rounds: each move is one conditional UPDATE, so of two that come at once exactly one moves it."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Update, delete, insert, select, update
from sqlalchemy.orm import Session

from signer.factors.model import Evidence
from signer.round_model import Round, RoundMember, RoundState
from store.activation_requests import proven
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.database import Database
from store.round_tables import RoundMemberRow, RoundRow

_ROUNDS: Final = table_of(RoundRow)
_MEMBERS: Final = table_of(RoundMemberRow)
_R, _M = _ROUNDS.c, _MEMBERS.c
_OPEN, _GRANTED, _ENDED = (each.value for each in RoundState)


class SqlRounds:
    """`signer.round_model.RoundStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, begun: Round) -> None:
        """A new round with its members."""
        row = {
            "id": begun.id,
            "signatory_id": begun.signatory_id,
            "session_sha256": begun.session,
            "nonce": begun.nonce,
            "tries": 0,
            "failed": 0,
            "state": _OPEN,
            "begun_at": begun.begun_at,
            "expires_at": begun.expires_at,
        }
        members = [
            {name: getattr(each, name) for name in ("position", "key", "name", "request_id", "left_out", "refused")}
            for each in begun.members
        ]
        with self._database.transaction() as session:
            session.execute(insert(_ROUNDS), row)
            session.execute(insert(_MEMBERS), [{"round_id": begun.id} | each for each in members])
            asked = [each.request_id for each in begun.members if each.request_id is not None]
            _note(session, Act.ROUND_BEGIN, begun.id, at=begun.begun_at, requests=asked)

    def find(self, round_id: str) -> Round | None:
        """In whatever state."""
        with self._database.transaction() as session:
            row = session.execute(select(_ROUNDS).where(_R.id == round_id)).one_or_none()
            return None if row is None else _round(session, row)

    def of(self, signatory_id: str, *, limit: int) -> tuple[Round, ...]:
        """Those that were granted, the newest first."""
        query = select(_ROUNDS).where(_R.signatory_id == signatory_id, _R.state == _GRANTED)
        with self._database.transaction() as session:
            rows = session.execute(query.order_by(_R.begun_at.desc(), _R.id).limit(limit)).all()
            return tuple(_round(session, row) for row in rows)

    def leave_out(self, round_id: str, position: int, *, left_out: bool, session: str, at: datetime) -> bool:
        """Before the first try; the round's row first, so that a try has seen it or comes before it."""
        mine = _still_open(round_id, session, at).where(_R.tries == 0).values(tries=0).returning(_R.id)
        this = update(_MEMBERS).where(_M.round_id == round_id, _M.position == position, _M.request_id.is_not(None))
        with self._database.transaction() as opened:
            moved = opened.scalar(mine) is not None
            if moved:
                opened.execute(this.values(left_out=left_out))
            _note(opened, Act.ROUND_CHOOSE, round_id, at=at, done=moved, position=position, left_out=left_out)
        return moved

    def count_try(self, round_id: str, *, session: str, seen: int, at: datetime) -> bool:
        """Counted before it is made."""
        counted = _still_open(round_id, session, at).where(_R.tries == seen).values(tries=_R.tries + 1)
        return self._move(counted, Act.ROUND_TRY, round_id, at=at)

    def count_failure(self, round_id: str, *, most: int, at: datetime) -> bool:
        """Counted first, and ended where that was the last: of two that are wrong at once, one ends it."""
        still_open = update(_ROUNDS).where(_R.id == round_id, _R.state == _OPEN)
        with self._database.transaction() as session:
            failed = session.scalar(still_open.values(failed=_R.failed + 1).returning(_R.failed))
        if failed is None or failed < most:
            return False
        return self._move(still_open.values(state=_ENDED), Act.ROUND_END, round_id, at=at)

    def grant(self, found: Round, evidence: Evidence, digest: bytes, *, at: datetime) -> bool:
        """`open -> granted`. The trail keeps what was proven, so that a passkey's assertion can be verified again."""
        granted = _still_open(found.id, found.session, at).values(state=_GRANTED, granted_at=at)
        told = {"nonce": found.nonce.hex(), "tries": found.tries, "transaction": digest.hex(), **proven(evidence)}
        return self._move(granted, Act.ROUND_APPROVE, found.id, at=at, **told)

    def refused(self, round_id: str, position: int, word: str) -> None:
        """Why a member was not signed; what was signed, the trail tells with each request."""
        this = update(_MEMBERS).where(_M.round_id == round_id, _M.position == position)
        with self._database.transaction() as session:
            session.execute(this.values(refused=word[:64]))

    def purge(self, *, before: datetime) -> int:
        """Forget rounds that expired before `before`; the trail goes on telling of them. How many."""
        with self._database.transaction() as session:
            ids = list(session.scalars(select(_R.id).where(_R.expires_at < before).limit(1000)))
            session.execute(delete(_MEMBERS).where(_M.round_id.in_(ids)))
            session.execute(delete(_ROUNDS).where(_R.id.in_(ids)))
        return len(ids)

    def _move(self, move: Update, act: Act, round_id: str, *, at: datetime, **told: Detail) -> bool:
        with self._database.transaction() as session:
            moved = session.scalar(move.returning(_R.id)) is not None
            _note(session, act, round_id, at=at, done=moved, **told)
        return moved


def _still_open(round_id: str, session: str, at: datetime) -> Update:
    return update(_ROUNDS).where(_R.id == round_id, _R.session_sha256 == session, _R.state == _OPEN, _R.expires_at > at)


def _round(session: Session, row: Row[Any]) -> Round:
    members = session.execute(select(_MEMBERS).where(_M.round_id == row.id).order_by(_M.position))
    return Round(
        id=row.id,
        signatory_id=row.signatory_id,
        session=row.session_sha256,
        members=tuple(
            RoundMember(
                position=each.position,
                key=each.key,
                name=each.name,
                request_id=each.request_id,
                left_out=each.left_out,
                refused=each.refused,
            )
            for each in members
        ),
        nonce=row.nonce,
        tries=row.tries,
        state=RoundState(row.state),
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        granted_at=row.granted_at,
    )


def _note(session: Session, act: Act, round_id: str, *, at: datetime, done: bool = True, **details: Detail) -> None:
    outcome = Outcome.DONE if done else Outcome.REFUSED
    append(session, act, f"round:{round_id}", at=at, outcome=outcome, details=details)
