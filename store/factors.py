"""Factors of people: what they hold, how often they failed, what they are told. Decided by conditional updates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, case, delete, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from signer.errors import FactorRefused
from signer.factors.counters import LOCK_AT, WAIT_FROM, wait_after
from signer.factors.model import (
    Authenticator,
    Counter,
    FactorEvent,
    FactorKind,
    Held,
    Passkey,
    SealedSeed,
)
from signer.factors.subjects import acting_as, name_in_trail
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.code_session_ends import end_of_person
from store.database import Database
from store.errors import AlreadyExists
from store.factor_messages import tell_person
from store.factor_rows import forget_factors
from store.factor_tables import FactorCounterRow, FactorRow, RecoveryCodeRow

_FACTORS, _COUNTERS = table_of(FactorRow), table_of(FactorCounterRow)
_CODES = table_of(RecoveryCodeRow)
_ROW, _COUNT, _CODE = _FACTORS.c, _COUNTERS.c, _CODES.c
_TOTP, _PASSKEY = FactorKind.TOTP.value, FactorKind.PASSKEY.value
_SEED: Final = ("sealed", "nonce", "salt", "pepper_label")


class SqlFactorStore:
    """`signer.factors.ports.FactorStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, signatory_id: str) -> Held:
        """Everything that one person has."""
        mine = (
            select(_FACTORS).where(_ROW.signatory_id == signatory_id, _ROW.confirmed).order_by(_ROW.added_at, _ROW.id)
        )
        left = select(func.count()).where(_CODE.signatory_id == signatory_id, _CODE.used_at.is_(None))
        with self._database.transaction() as session:
            rows = session.execute(mine.order_by(_ROW.added_at, _ROW.id)).all()
            counters = session.execute(select(_COUNTERS).where(_COUNT.signatory_id == signatory_id)).all()
            return Held(
                authenticator=next((_authenticator(row) for row in rows if row.kind == _TOTP), None),
                passkeys=tuple(_passkey(row) for row in rows if row.kind == _PASSKEY),
                counters=tuple(_counter(row) for row in counters),
                recovery_codes=int(session.scalar(left) or 0),
            )

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """By the id that the authenticator gave it."""
        with self._database.transaction() as session:
            row = session.execute(select(_FACTORS).where(_ROW.credential_id == credential_id)).one_or_none()
            return _passkey(row) if row else None

    def begin_attempt(self, signatory_id: str, kind: FactorKind, *, at: datetime) -> bool:
        """Counted before it is made, in a transaction of its own; `False` while the kind waits or is locked."""
        self._know(signatory_id, kind)
        with self._database.transaction() as session:
            failures = session.scalar(_counting(signatory_id, kind, at))
            details: dict[str, Detail] = {"factor": kind.value}
            if failures is not None:
                details["failed_before"] = failures - 1
            _note(session, Act.FACTOR_ATTEMPT, signatory_id, at=at, done=failures is not None, **details)
            if failures == LOCK_AT and kind is not FactorKind.SIGN_IN:
                _tell(session, signatory_id, FactorEvent.LOCKED, at=at, factor=kind.value)
        return failures is not None

    def clear_attempts(self, signatory_id: str, kind: FactorKind, *, at: datetime) -> None:
        """It was right; a lock by this very attempt ends with it."""
        with self._database.transaction() as session:
            _clear(session, signatory_id, kind)
            _note(session, Act.FACTOR_ACCEPT, signatory_id, at=at, factor=kind.value)

    def accept_step(self, factor_id: str, step: int, *, at: datetime) -> bool:  # noqa: ARG002 - the attempt has its entry
        """Good once: the step is remembered unless it or a later one was."""
        used = update(_FACTORS).where(_ROW.id == factor_id, _ROW.confirmed, _ROW.last_step < step)
        with self._database.transaction() as session:
            return session.scalar(used.values(last_step=step).returning(_ROW.id)) is not None

    def accept_count(self, factor_id: str, sign_count: int, *, at: datetime) -> bool:
        """A counter that did not grow means two devices with one key (WebAuthn Level 3, 6.1.1)."""
        never_counts = and_(_ROW.sign_count == 0, true() if sign_count == 0 else _ROW.sign_count < 0)
        grew = (
            update(_FACTORS)
            .where(_ROW.id == factor_id, or_(_ROW.sign_count < sign_count, never_counts))
            .values(sign_count=sign_count)
            .returning(_ROW.id)
        )
        with self._database.transaction() as session:
            accepted = session.scalar(grew) is not None
            whose = session.scalar(select(_ROW.signatory_id).where(_ROW.id == factor_id))
            if not accepted and whose is not None:
                _tell(session, whose, FactorEvent.CLONED, at=at, factor_id=factor_id)
        return accepted

    def move_seed(self, factor_id: str, *, old: SealedSeed, new: SealedSeed) -> None:
        """The same seed under a newer pepper; nothing where somebody else was first."""
        moved = update(_FACTORS).where(_ROW.id == factor_id, _ROW.sealed == old.sealed)
        with self._database.transaction() as session:
            session.execute(moved.values({name: getattr(new, name) for name in _SEED}))

    def propose(self, authenticator: Authenticator, *, at: datetime) -> None:
        """In place of an earlier proposal."""
        row = {
            "id": authenticator.id,
            "signatory_id": authenticator.signatory_id,
            "kind": _TOTP,
            "label": authenticator.label,
            "confirmed": False,
            "added_at": at,
            "last_step": 0,
            **{name: getattr(authenticator.seed, name) for name in _SEED},
        }
        with self._database.transaction() as session:
            session.execute(_proposals(authenticator.signatory_id))
            session.execute(insert(_FACTORS), row)

    def proposed(self, signatory_id: str) -> Authenticator | None:
        """The authenticator that has not shown a code yet."""
        query = select(_FACTORS).where(_ROW.signatory_id == signatory_id, ~_ROW.confirmed)
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
            return _authenticator(row) if row else None

    def confirm(self, authenticator: Authenticator, step: int, *, at: datetime) -> bool:
        """From now on it is the person's; an earlier one goes."""
        whose = authenticator.signatory_id
        earlier = delete(_FACTORS).where(_ROW.signatory_id == whose, _ROW.kind == _TOTP, _ROW.confirmed)
        good = update(_FACTORS).where(_ROW.id == authenticator.id, ~_ROW.confirmed)
        with self._database.transaction() as session:
            session.execute(earlier)
            if session.scalar(good.values(confirmed=True, last_step=step, added_at=at).returning(_ROW.id)) is None:
                session.rollback()
                return False
            _clear(session, whose, FactorKind.TOTP)
            _tell(session, whose, FactorEvent.ADDED, at=at, factor=_TOTP, factor_id=authenticator.id)
        return True

    def add_passkey(self, passkey: Passkey, *, at: datetime) -> None:
        """Raises `FactorRefused` for one that is registered."""
        row = {
            "id": passkey.id,
            "signatory_id": passkey.signatory_id,
            "kind": _PASSKEY,
            "label": passkey.label,
            "confirmed": True,
            "added_at": at,
            "credential_id": passkey.credential_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
        }
        try:
            with self._database.transaction() as session:
                session.execute(insert(_FACTORS), row)
                _tell(session, passkey.signatory_id, FactorEvent.ADDED, at=at, factor=_PASSKEY, factor_id=passkey.id)
        except AlreadyExists:
            raise _refused("This passkey is registered already.", "passkey", "known") from None

    def remove(self, signatory_id: str, factor_id: str, *, at: datetime) -> None:
        """Raises `FactorRefused` for an unknown one, and for the last one: the DELETE itself sees another."""
        other = _FACTORS.alias()
        others = select(other.c.id).where(
            other.c.signatory_id == signatory_id, other.c.confirmed, other.c.id != factor_id
        )
        gone = delete(_FACTORS).where(
            _ROW.id == factor_id, _ROW.signatory_id == signatory_id, _ROW.confirmed, others.exists()
        )
        with self._database.transaction() as session:
            session.execute(_locked(signatory_id)).all()  # two removals at once do not each count the other's factor
            kind = session.scalar(gone.returning(_ROW.kind))
            if kind is not None:
                _tell(session, signatory_id, FactorEvent.REMOVED, at=at, factor=kind, factor_id=factor_id)
        if kind is None:
            raise _refused("The last factor stays; add another one first.", "factor", "last-or-unknown")

    def unlock(self, signatory_id: str, kind: FactorKind, *, actor: str, at: datetime) -> None:
        """Good again; nothing is told where nothing was locked."""
        with self._database.transaction() as session:
            if _clear(session, signatory_id, kind):
                _tell(session, signatory_id, FactorEvent.UNLOCKED, at=at, actor=actor, factor=kind.value)

    def replace_codes(self, signatory_id: str, hashes: Sequence[str], *, at: datetime) -> None:
        """All earlier ones go."""
        new = [{"code_sha256": each, "signatory_id": signatory_id} for each in hashes]
        with self._database.transaction() as session:
            session.execute(delete(_CODES).where(_CODE.signatory_id == signatory_id))
            session.execute(insert(_CODES), new)
            _tell(session, signatory_id, FactorEvent.CODES_MADE, at=at, codes=len(new))

    def owner_of_code(self, code_sha256: str) -> str | None:
        """Whose an unused code is."""
        query = select(_CODE.signatory_id).where(_CODE.code_sha256 == code_sha256, _CODE.used_at.is_(None))
        with self._database.transaction() as session:
            owner: str | None = session.scalar(query)
            return owner

    def use_code(self, code_sha256: str, *, of: str | None, at: datetime) -> str | None:
        """Whose it was; good once. Guesses leave no entry: the trail would be theirs to fill."""
        used = update(_CODES).where(_CODE.code_sha256 == code_sha256, _CODE.used_at.is_(None))
        if of is not None:
            used = used.where(_CODE.signatory_id == of)
        with self._database.transaction() as session:
            whose: str | None = session.scalar(used.values(used_at=at).returning(_CODE.signatory_id))
            if whose is not None:
                _tell(session, whose, FactorEvent.CODE_USED, at=at)
        return whose

    def reset(self, signatory_id: str, *, actor: str, at: datetime) -> None:
        """Every second factor, code, counter and login of the person goes."""
        with self._database.transaction() as session:
            forget_factors(session, signatory_id)
            end_of_person(session, signatory_id, at=at)
            _tell(session, signatory_id, FactorEvent.RESET, at=at, actor=actor)

    def _know(self, signatory_id: str, kind: FactorKind) -> None:
        """A counter for who has none yet."""
        this = (_COUNT.signatory_id == signatory_id, _COUNT.kind == kind.value)
        with self._database.transaction() as session:
            known = session.scalar(select(_COUNT.failures).where(*this)) is not None
        if known:
            return
        try:
            with self._database.transaction() as session:
                row = {"signatory_id": signatory_id, "kind": kind.value, "failures": 0, "locked": False}
                session.execute(insert(_COUNTERS), row)
        except AlreadyExists:
            return  # somebody else was a moment faster


def _counting(signatory_id: str, kind: FactorKind, at: datetime) -> Any:
    """One conditional UPDATE, so that parallel guesses are all counted; gives the new count."""
    counted = _COUNT.failures + 1
    waits = {number: at + wait for number in range(WAIT_FROM, LOCK_AT) if (wait := wait_after(number)) is not None}
    longest = wait_after(LOCK_AT) or wait_after(LOCK_AT - 1)
    until = at + longest if longest is not None else at
    locks = kind is not FactorKind.SIGN_IN
    return (
        update(_COUNTERS)
        .where(_COUNT.signatory_id == signatory_id, _COUNT.kind == kind.value, ~_COUNT.locked)
        .where(or_(_COUNT.waits_until.is_(None), _COUNT.waits_until <= at))
        .values(
            failures=counted,
            waits_until=case(
                *((counted == number, moment) for number, moment in waits.items()),
                (counted >= LOCK_AT, until),
                else_=None,
            ),
            locked=case((counted >= LOCK_AT, locks), else_=False),
        )
        .returning(_COUNT.failures)
    )


def _clear(session: Session, signatory_id: str, kind: FactorKind) -> bool:
    """The count starts anew; whether it was locked."""
    this = (_COUNT.signatory_id == signatory_id, _COUNT.kind == kind.value)
    locked = session.scalar(select(_COUNT.locked).where(*this))
    session.execute(update(_COUNTERS).where(*this).values(failures=0, waits_until=None, locked=False))
    return bool(locked)


def _locked(signatory_id: str) -> Any:
    """The person's factors, each held until the transaction ends (SQLite lets one write at a time anyway)."""
    return select(_ROW.id).where(_ROW.signatory_id == signatory_id).order_by(_ROW.id).with_for_update()


def _proposals(signatory_id: str) -> Any:
    return delete(_FACTORS).where(_ROW.signatory_id == signatory_id, ~_ROW.confirmed)


def _tell(
    session: Session,
    signatory_id: str,
    event: FactorEvent,
    *,
    at: datetime,
    actor: str | None = None,
    **details: Detail,
) -> None:
    """In the trail, and a message to the person, in the transaction of the change."""
    tell_person(session, signatory_id, event, at=at)
    act = Act.RECOVERY_CODE if event in (FactorEvent.CODES_MADE, FactorEvent.CODE_USED) else Act.FACTOR_CHANGE
    append(
        session,
        act,
        name_in_trail(signatory_id),
        at=at,
        actor=actor or acting_as(signatory_id),
        reason=event.value,
        details=details or None,
    )


def _note(session: Session, act: Act, signatory_id: str, *, at: datetime, done: bool = True, **details: Detail) -> None:
    outcome = Outcome.DONE if done else Outcome.REFUSED
    append(session, act, name_in_trail(signatory_id), at=at, outcome=outcome, details=details)


def _authenticator(row: Row[Any]) -> Authenticator:
    return Authenticator(
        id=row.id,
        signatory_id=row.signatory_id,
        label=row.label,
        seed=SealedSeed(**{name: getattr(row, name) for name in _SEED}),
        last_step=row.last_step,
        added_at=row.added_at,
    )


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        signatory_id=row.signatory_id,
        label=row.label,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        added_at=row.added_at,
    )


def _counter(row: Row[Any]) -> Counter:
    return Counter(kind=FactorKind(row.kind), failures=row.failures, waits_until=row.waits_until, locked=row.locked)


def _refused(message: str, field: str, reason: str) -> FactorRefused:
    return FactorRefused(message, field=field, reason=reason)
