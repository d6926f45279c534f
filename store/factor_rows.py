"""Rows of factors and logins that go together, within somebody else's transaction."""

from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from store.base import table_of
from store.factor_tables import FactorCounterRow, FactorRow, PersonSessionRow, RecoveryCodeRow

_SESSIONS: Final = table_of(PersonSessionRow)
_OWNED: Final = tuple(table_of(row) for row in (FactorRow, FactorCounterRow, RecoveryCodeRow, PersonSessionRow))


def forget_factors(session: Session, owner: str) -> None:
    """Every second factor, code, counter and login of a person goes."""
    for table in _OWNED:
        session.execute(delete(table).where(table.c.signatory_id == owner))


def end_sessions(session: Session, owner: str, *, keeping: str | None = None) -> None:
    """Every login of a person ends, but the one with the id `keeping`."""
    ended = delete(_SESSIONS).where(_SESSIONS.c.signatory_id == owner)
    session.execute(ended if keeping is None else ended.where(_SESSIONS.c.token_sha256 != keeping))
