"""Authorisations: used up before a key is used, all of a call or none of it, whoever comes at the same moment."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Update, case, delete, or_, select, update
from sqlalchemy.orm import Session

from signer.authorisation import (
    Authorisation,
    AuthorisationKind,
    AuthorisationState,
    AuthorisedDigest,
    CarriedKey,
    Purpose,
)
from store.activation_tables import ActivationDigestRow, ActivationRow, CarriedKeyRow
from store.activations import cover, write_consent
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.database import Database

APPROVED, ACTIVE, SPENT, REVOKED = (each.value for each in AuthorisationState)

_ROWS, _DIGESTS, _KEYS = table_of(ActivationRow), table_of(ActivationDigestRow), table_of(CarriedKeyRow)
_R, _D, _K = _ROWS.c, _DIGESTS.c, _KEYS.c
_SECRET: Final = _R.kind != AuthorisationKind.CONSENT.value  # a consent that is used up at once is behind no secret


class SqlAuthorisations:
    """`signer.authorisation.Authorisations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, authorisation: Authorisation, *, sad_sha256: str) -> None:
        """One that is active from the beginning; its id has 64 hex digits and was never used."""
        row = {
            "handle_sha256": authorisation.id,
            "credential_id": authorisation.credential_id,
            "client_id": authorisation.client_id,
            "factors": list(authorisation.factors),
            "granted_at": authorisation.granted_at,
            "expires_at": authorisation.expires_at,
            "kind": authorisation.kind.value,
            "state": ACTIVE,
            "scal": authorisation.scal,
            "total": authorisation.total,
            "bound": authorisation.bound,
            "origin": authorisation.origin,
            "user_id": authorisation.user_id,
            "hard_end": authorisation.hard_end,
            "permission_id": authorisation.permission_id,
            "sad_sha256": sad_sha256,
        }
        with self._database.transaction() as session:
            write_consent(session, row, authorisation.digests)

    def behind(self, sad_sha256: str) -> Authorisation | None:
        """By the hash of its SAD, in whatever state."""
        return self._one(_R.sad_sha256 == sad_sha256)

    def behind_code(self, code_sha256: str) -> Authorisation | None:
        """By the hash of its code, in whatever state."""
        return self._one(_R.code_sha256 == code_sha256)

    def exchange(
        self, authorisation_id: str, *, sad_sha256: str, carried: CarriedKey, expires_at: datetime, at: datetime
    ) -> bool:
        """The code's key is forgotten with the code: from now on only the SAD opens it."""
        values = {"state": ACTIVE, "sad_sha256": sad_sha256, "expires_at": expires_at}
        move = _of(authorisation_id).where(_R.state == APPROVED, _R.expires_at > at, _R.hard_end >= expires_at)
        with self._database.transaction() as session:
            done = _moved(session, move.values(values))
            if done:
                session.execute(update(_KEYS).where(_K.handle_sha256 == authorisation_id).values(asdict(carried)))
            _note(session, Act.ACTIVATION_EXCHANGE, authorisation_id, at=at, done=done)
        return done

    def consume(
        self,
        authorisation_id: str,
        uses: Sequence[AuthorisedDigest],
        *,
        client_id: str,
        user_id: str | None,
        credential_id: str,
        call: str,
        at: datetime,
    ) -> bool:
        """The count first: it locks the row, so of two that come at once the second sees what the first left."""
        count = len(uses)
        counted = (
            _of(authorisation_id)
            .where(_R.state == ACTIVE, _SECRET, _R.granted_at <= at, _R.expires_at > at, _R.used + count <= _R.total)
            .where(_R.client_id == client_id, _R.credential_id == credential_id)
            .where(or_(_R.user_id.is_(None), _R.user_id == user_id))
            .values(used=_R.used + count, state=case((_R.used + count >= _R.total, SPENT), else_=ACTIVE))
        )
        told = {"client": client_id, "credential": credential_id, "digests": [each.value for each in uses]}
        with self._database.transaction() as session:
            savepoint = session.begin_nested()
            done = count > 0 and _moved(session, counted) and _spend_all(session, authorisation_id, uses, call, at)
            if done:
                savepoint.commit()
                _forget_spent(session, authorisation_id)
            else:
                savepoint.rollback()
            _note(session, Act.ACTIVATION_CONSUME, authorisation_id, at=at, done=done, call=call, **told)
        return done

    def outcome(self, authorisation_id: str, *, call: str, failure: str | None, at: datetime) -> None:
        """What was used up stays so, whatever became of it; the trail tells why."""
        with self._database.transaction() as session:
            told = {"call": call, "failure": failure}
            _note(session, Act.ACTIVATION_SIGN, authorisation_id, at=at, done=failure is None, **told)

    def extend(
        self,
        authorisation_id: str,
        *,
        old_sad_sha256: str,
        new_sad_sha256: str,
        digests: Sequence[AuthorisedDigest],
        expires_at: datetime,
        at: datetime,
    ) -> bool:
        """Never for a person's: nobody approved what comes now. What is open has to fit in what is left.

        Digests that are named bind, also where it was given for a count: from then on nothing else is signed.
        """
        open_still = select(_D.digest).where(_D.handle_sha256 == authorisation_id, _D.spent_at.is_(None))
        move = (
            _of(authorisation_id)
            .where(_R.state == ACTIVE, _R.sad_sha256 == old_sad_sha256, _R.expires_at > at)
            .where(_R.kind.in_((AuthorisationKind.CLIENT.value, AuthorisationKind.EXPLICIT.value)))
            .where(_R.hard_end >= expires_at)
            .values(sad_sha256=new_sad_sha256, expires_at=expires_at, **({"bound": True} if digests else {}))
        )
        with self._database.transaction() as session:
            savepoint = session.begin_nested()
            left = session.scalar(move.returning(_R.total - _R.used))
            known = set(session.scalars(select(_D.digest).where(_D.handle_sha256 == authorisation_id)))
            waiting = len(session.scalars(open_still).all())
            done = left is not None and waiting + len(digests) <= left and known.isdisjoint(d.value for d in digests)
            if done:
                cover(session, authorisation_id, digests)
                savepoint.commit()
            else:
                savepoint.rollback()
            _note(session, Act.ACTIVATION_EXTEND, authorisation_id, at=at, done=done, digests=len(digests))
        return done

    def revoke(self, authorisation_id: str, *, at: datetime) -> bool:
        """Its key goes with it."""
        move = _of(authorisation_id).where(_R.state.in_((APPROVED, ACTIVE)), _SECRET).values(state=REVOKED)
        with self._database.transaction() as session:
            done = _moved(session, move)
            if done:
                session.execute(delete(_KEYS).where(_K.handle_sha256 == authorisation_id))
                _note(session, Act.ACTIVATION_REVOKE, authorisation_id, at=at)
        return done

    def forget_keys(self, at: datetime) -> int:
        """Job: keys of what is over by `at` or can never be exchanged any more; how many."""
        over = select(_R.handle_sha256).where(or_(_R.expires_at <= at, _R.state.in_((SPENT, REVOKED))))
        gone = delete(_KEYS).where(_K.handle_sha256.in_(over)).returning(_K.handle_sha256)
        with self._database.transaction() as session:
            return len(session.scalars(gone).all())

    def _one(self, condition: Any) -> Authorisation | None:
        with self._database.transaction() as session:
            row = session.execute(select(_ROWS).where(condition, _SECRET)).one_or_none()
            if row is None:
                return None
            mine = _D.handle_sha256 == row.handle_sha256
            lines = session.execute(select(_DIGESTS).where(mine).order_by(_D.digest)).all()
            key = session.execute(select(_KEYS).where(_K.handle_sha256 == row.handle_sha256)).one_or_none()
        return _authorisation_of(row, lines, key)


def _of(authorisation_id: str) -> Update:
    return update(_ROWS).where(_R.handle_sha256 == authorisation_id)


def _moved(session: Session, move: Update) -> bool:
    return session.scalar(move.returning(_R.handle_sha256)) is not None


def _spend_all(
    session: Session, authorisation_id: str, uses: Sequence[AuthorisedDigest], call: str, at: datetime
) -> bool:
    """Every digest of `uses`, each for its purpose; whether all of them were there and unused."""
    mine = _D.handle_sha256 == authorisation_id
    if not session.scalar(select(_R.bound).where(_R.handle_sha256 == authorisation_id)):
        values = [each.value for each in uses]
        known = session.scalar(select(_D.digest).where(mine, _D.digest.in_(values)).limit(1))
        if known is not None or len(set(values)) != len(values):
            return False
        cover(session, authorisation_id, uses, spent_at=at, spent_by=call)
        return True
    spent = 0
    for each in uses:
        fits = or_(_D.purpose.is_(None), _D.purpose == (None if each.purpose is None else each.purpose.value))
        this = update(_DIGESTS).where(mine, _D.digest == each.value, _D.spent_at.is_(None), fits)
        spent += session.scalar(this.values(spent_at=at, spent_by=call).returning(_D.digest)) is not None
    return spent == len(uses)


def _forget_spent(session: Session, authorisation_id: str) -> None:
    """A key that can be used no more is kept no longer."""
    spent = select(_R.handle_sha256).where(_R.handle_sha256 == authorisation_id, _R.state == SPENT)
    session.execute(delete(_KEYS).where(_K.handle_sha256.in_(spent)))


def _authorisation_of(row: Row[Any], lines: Sequence[Row[Any]], key: Row[Any] | None) -> Authorisation:
    carried = None
    if key is not None:
        kept = {name: value for name, value in key._mapping.items() if name != "handle_sha256"}
        carried = CarriedKey(**kept)
    return Authorisation(
        id=row.handle_sha256,
        credential_id=row.credential_id,
        client_id=row.client_id,
        user_id=row.user_id,
        kind=AuthorisationKind(row.kind),
        scal=row.scal,
        total=row.total,
        used=row.used,
        bound=row.bound,
        digests=tuple(
            AuthorisedDigest(
                value=line.digest,
                purpose=None if line.purpose is None else Purpose(line.purpose),
                label=line.label,
                spent=line.spent_at is not None,
            )
            for line in lines
        ),
        factors=tuple(row.factors),
        origin=row.origin,
        state=AuthorisationState(row.state),
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        hard_end=row.hard_end or row.expires_at,
        request_id=row.request_id,
        permission_id=row.permission_id,
        carried=carried,
    )


def _note(
    session: Session, act: Act, authorisation_id: str, *, at: datetime, done: bool = True, **details: Detail
) -> None:
    outcome = Outcome.DONE if done else Outcome.REFUSED
    append(session, act, f"activation:{authorisation_id}", at=at, outcome=outcome, details=details)
