"""Places for stamps that people keep as their own: one for each act and kind of letter."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, select

from signer.appointments import same_text
from signer.model import SigningAct, StampPlacement
from store.activation_requests import place_told
from store.audit import Act, append
from store.base import table_of
from store.database import Database
from store.errors import AlreadyExists
from store.place_tables import StampPlaceRow

MOST: Final = 100
"""Of one person."""

_LONGEST: Final = 200
_PLACES: Final = table_of(StampPlaceRow)
_P: Final = _PLACES.c


class SqlStampPlaces:
    """`signer.placing.OwnPlaces`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, signatory_id: str, act: SigningAct, kind: str | None) -> StampPlacement | None:
        """The one for just that."""
        query = select(_PLACES).where(*_key(signatory_id, act, kind))
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
        if row is None:
            return None
        return StampPlacement(page=row.page, x=row.x, y=row.y, width=row.width, height=row.height)

    def keep(
        self, signatory_id: str, act: SigningAct, kind: str | None, place: StampPlacement, *, at: datetime
    ) -> bool:
        """In the place of the one before; `False` where there are `MOST` others already. Of two at once one is kept."""
        numbers = {name: getattr(place, name) for name in ("page", "x", "y", "width", "height")}
        row = {"signatory_id": signatory_id, "act": act.value, "kind": _folded(kind), **numbers, "kept_at": at}
        own = select(func.count()).select_from(_PLACES).where(_P.signatory_id == signatory_id)
        details = {"act": act.value, "kind": _folded(kind), "place": place_told(place)}
        try:
            with self._database.transaction() as session:
                others = own.where(~and_(*_key(signatory_id, act, kind)))
                if (session.scalar(others) or 0) >= MOST:
                    return False
                session.execute(delete(_PLACES).where(*_key(signatory_id, act, kind)))
                session.execute(insert(_PLACES), row)
                append(session, Act.STAMP_PLACE_KEEP, f"signatory:{signatory_id}", at=at, details=details)
        except AlreadyExists:
            return True
        return True


def _key(signatory_id: str, act: SigningAct, kind: str | None) -> tuple[ColumnElement[bool], ...]:
    return _P.signatory_id == signatory_id, _P.act == act.value, _P.kind == _folded(kind)


def _folded(kind: str | None) -> str:
    return same_text(kind or "")[:_LONGEST]
