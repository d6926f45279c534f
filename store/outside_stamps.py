"""Timestamps of others over our checkpoints: kept beside them, appended and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from store.audit import Act, append
from store.base import table_of
from store.checkpoints_tables import OutsideStampRow
from store.database import Database

_STAMPS: Final = table_of(OutsideStampRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideStamp:
    """That another house saw a checkpoint."""

    number: int
    """Of the checkpoint."""
    token: bytes
    """TimeStampToken (RFC 3161, DER) over the SHA-256 of the checkpoint's signature."""
    at: datetime
    """What the token says; aware, UTC."""


class SqlOutsideStamps:
    """One for a checkpoint at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> OutsideStamp | None:
        """Over the highest checkpoint that has one."""
        query = select(_STAMPS).order_by(_STAMPS.c.number.desc()).limit(1)
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
            return None if row is None else OutsideStamp(number=row.number, token=row.token, at=row.at)

    def add(self, stamp: OutsideStamp, *, recorded_at: datetime) -> None:
        """Keep it; raises `AlreadyExists` for a checkpoint that has one."""
        row = {"number": stamp.number, "token": stamp.token, "at": stamp.at}
        with self._database.transaction() as session:
            session.execute(insert(_STAMPS), row)
            append(session, Act.CHECKPOINT_STAMP, f"checkpoint:{stamp.number}", at=recorded_at)

    def every(self) -> Mapping[int, bytes]:
        """Tokens by checkpoint: one a day, so ten years of them fit into memory."""
        with self._database.transaction() as session:
            return {row.number: row.token for row in session.execute(select(_STAMPS.c.number, _STAMPS.c.token))}
