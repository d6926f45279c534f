"""What was asked for at the gateway: a repeated call finds the first one, and each document is handed over once."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update

from signer.gateway import GatewayRequest
from store.base import table_of
from store.database import Database
from store.errors import AlreadyExists, StoreError
from store.esign_tables import GatewayRequestRow

_TABLE: Final = table_of(GatewayRequestRow)
_G: Final = _TABLE.c
_TRIES: Final = 5
"""How often a call may vanish at the very moment at which a repeated one looks for it."""


class SqlGatewayRequests:
    """`signer.gateway.GatewayRequestStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, request: GatewayRequest) -> GatewayRequest | None:
        """`None` where this one begins now; else the one with the same likeness that began before it."""
        for _ in range(_TRIES):
            if self._begun(request):
                return None
            before = self._one(_G.likeness == request.likeness)
            if before is not None:
                return before
        raise StoreError("calls at the gateway come and go too quickly")

    def _begun(self, request: GatewayRequest) -> bool:
        row = {name: getattr(request, name) for name in GatewayRequest.__dataclass_fields__}
        over = _G.repeatable_until <= request.begun_at
        try:
            with self._database.transaction() as session:
                session.execute(update(_TABLE).where(_G.likeness == request.likeness, over).values(likeness=None))
                session.execute(insert(_TABLE).values(**row))
        except AlreadyExists:
            return False
        return True

    def get(self, request_id: str) -> GatewayRequest | None:
        """By its id."""
        return self._one(_G.id == request_id)

    def finish(self, request_id: str, *, code: str, note: str | None) -> None:
        """It is signed, under this long verification code."""
        with self._database.transaction() as session:
            session.execute(update(_TABLE).where(_G.id == request_id).values(code=code, note=note))

    def release(self, request_id: str) -> None:
        """Nothing was signed: the same call begins anew."""
        with self._database.transaction() as session:
            session.execute(delete(_TABLE).where(_G.id == request_id, _G.code.is_(None)))

    def fetched(self, request_id: str, *, at: datetime) -> None:
        """Its document was handed over."""
        with self._database.transaction() as session:
            session.execute(update(_TABLE).where(_G.id == request_id).values(fetched_at=at))

    def purge(self, at: datetime) -> int:
        """Forget what expired at or before `at`; returns how many."""
        over = delete(_TABLE).where(_G.expires_at <= at).returning(_G.id)
        with self._database.transaction() as session:
            return len(session.scalars(over).all())

    def _one(self, condition: Any) -> GatewayRequest | None:
        with self._database.transaction() as session:
            row = session.execute(select(_TABLE).where(condition)).one_or_none()
            return _request(row) if row else None


def _request(row: Row[Any]) -> GatewayRequest:
    return GatewayRequest(**{name: getattr(row, name) for name in GatewayRequest.__dataclass_fields__})
