"""PINs and keepers of seals: kept by the seal, so that they outlive its keys. A PIN has 128 random bits, so a plain
SHA-256 of it is as good as a slow hash, and nothing else is kept."""

import hmac
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from signer.factors.counters import LOCK_AT
from signer.seal_pins import PinStanding
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.database import Database
from store.guesses import clearing, counting
from store.seal_tables import SealKeeperRow, SealPinRow

_PINS, _KEEPERS = table_of(SealPinRow), table_of(SealKeeperRow)
_P, _K = _PINS.c, _KEEPERS.c
_NOTHING: Final = "00" * 32


class SqlSealPins:
    """`signer.seal_pins.SealPinStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, seal_id: str) -> PinStanding | None:
        """How the PIN of a seal stands; `None` where it has none."""
        with self._database.transaction() as session:
            row = session.execute(select(_P.locked, _P.failures).where(_P.seal_id == seal_id)).one_or_none()
        return None if row is None else PinStanding(locked=row.locked, failures=row.failures)

    def set(self, seal_id: str, pin_sha256: str, *, at: datetime) -> None:
        """Another PIN, counted anew; the one of before is good no more."""
        fresh = {"pin_sha256": pin_sha256, "set_at": at, "failures": 0, "waits_until": None, "locked": False}
        with self._database.transaction() as session:
            changed = update(_PINS).where(_P.seal_id == seal_id).values(**fresh)
            if session.scalar(changed.returning(_P.seal_id)) is None:
                session.execute(insert(_PINS).values(seal_id=seal_id, **fresh))
            append(session, Act.SEAL_PIN, _named(seal_id), at=at, reason="set")

    def remove(self, seal_id: str, *, at: datetime) -> bool:
        """From now on it is used without one; whether there was one."""
        with self._database.transaction() as session:
            gone = session.scalar(delete(_PINS).where(_P.seal_id == seal_id).returning(_P.seal_id)) is not None
            if gone:
                append(session, Act.SEAL_PIN, _named(seal_id), at=at, reason="removed")
        return gone

    def unlock(self, seal_id: str, *, at: datetime) -> bool:
        """It may be tried again; whether there was one."""
        with self._database.transaction() as session:
            done = session.scalar(clearing(_PINS, _P.seal_id == seal_id).returning(_P.seal_id)) is not None
            if done:
                append(session, Act.SEAL_PIN, _named(seal_id), at=at, reason="unlocked")
        return done

    def begin_attempt(self, seal_id: str, *, at: datetime) -> bool:
        """Count one attempt before it is made; `False` (nothing counted) while it waits or is locked."""
        with self._database.transaction() as session:
            failures = session.scalar(counting(_PINS, _P.seal_id == seal_id, at))
            details: dict[str, Detail] = {} if failures is None else {"failed_before": failures - 1}
            if failures == LOCK_AT:
                details["locked"] = True
            outcome = Outcome.REFUSED if failures is None else Outcome.DONE
            append(session, Act.SEAL_PIN_TRY, _named(seal_id), at=at, outcome=outcome, details=details)
        return failures is not None

    def accept(self, seal_id: str, pin_sha256: str) -> bool:
        """Whether it is the PIN; then the count starts anew."""
        with self._database.transaction() as session:
            kept = session.scalar(select(_P.pin_sha256).where(_P.seal_id == seal_id)) or _NOTHING
            right = hmac.compare_digest(kept, pin_sha256)
            if right:
                session.execute(clearing(_PINS, _P.seal_id == seal_id))
        return right


class SqlSealKeepers:
    """Who keeps which seal: people, and accounts of integrations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def name(self, seal_id: str, user_id: str, *, at: datetime) -> bool:
        """From now on they keep it; whether they did not before."""
        with self._database.transaction() as session:
            if session.scalar(select(_K.user_id).where(_this(seal_id, user_id))) is not None:
                return False
            session.execute(insert(_KEEPERS).values(seal_id=seal_id, user_id=user_id, named_at=at))
            append(session, Act.SEAL_KEEPER, _named(seal_id), at=at, reason="named", details={"user": user_id})
        return True

    def dismiss(self, seal_id: str, user_id: str, *, at: datetime) -> bool:
        """They keep it no more; whether they did."""
        gone = delete(_KEEPERS).where(_this(seal_id, user_id)).returning(_K.user_id)
        with self._database.transaction() as session:
            done = session.scalar(gone) is not None
            if done:
                append(session, Act.SEAL_KEEPER, _named(seal_id), at=at, reason="dismissed", details={"user": user_id})
        return done

    def of(self, seal_id: str) -> tuple[str, ...]:
        """Everybody who keeps it, by id."""
        with self._database.transaction() as session:
            return tuple(session.scalars(select(_K.user_id).where(_K.seal_id == seal_id).order_by(_K.user_id)))

    def keeps(self, user_id: str, seal_id: str) -> bool:
        """Whether somebody keeps a seal."""
        with self._database.transaction() as session:
            return session.scalar(select(_K.user_id).where(_this(seal_id, user_id))) is not None


def _this(seal_id: str, user_id: str) -> ColumnElement[bool]:
    return and_(_K.seal_id == seal_id, _K.user_id == user_id)


def _named(seal_id: str) -> str:
    return f"seal:{seal_id}"
