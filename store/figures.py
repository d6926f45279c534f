"""Figures of letters, for reports: how many, how many pages, of whom and of which kind. No person and no text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from signer.model import SigningAct, SigningState
from store.base import table_of
from store.database import Database
from store.tables import CredentialRow, SignatureRow

_S: Final = table_of(SignatureRow).c
_C: Final = table_of(CredentialRow).c
_PAGES: Final = func.coalesce(_S.page_count, 1)
_AGENCY: Final = func.coalesce(_S.agency, _C.unit, _C.organisation, "")
_KIND: Final = func.coalesce(_S.kind, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterCount:
    """Letters of one agency and kind that were signed first in a stretch of time."""

    agency: str
    """As the application named it, else the unit or organisation of the certificate; empty where nobody says."""
    kind: str
    """*Jenis naskah*; empty where none was stated."""
    letters: int
    pages: int
    """Of all of them; a letter of which nobody counted the pages has one."""
    copies: int
    """Pages times addressees of a copy (*tembusan*), summed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSum:
    """The same without agency and kind."""

    letters: int
    pages: int
    copies: int


class SqlFigures:
    """Reads the signature log; changes nothing. Times are aware; `since` belongs to the stretch, `until` does not.

    Several signatures of one letter are one letter: it counts when the first of them was made.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def letters(self, since: datetime, until: datetime) -> tuple[LetterCount, ...]:
        """By agency and kind, the most letters first."""
        with self._database.transaction() as session:
            agency, kind = _AGENCY.label("agency"), _KIND.label("named_kind")
            counted = (
                select(agency, kind, *_sums(session))
                .outerjoin_from(table_of(SignatureRow), table_of(CredentialRow), _C.id == _S.credential_id)
                .where(*_first_signed(since, until))
                .group_by(agency, kind)
                .order_by(func.count().desc(), agency, kind)
            )
            return tuple(
                LetterCount(
                    agency=row.agency,
                    kind=row.named_kind,
                    letters=row.letters,
                    pages=int(row.pages),
                    copies=int(row.copies),
                )
                for row in session.execute(counted)
            )

    def sum(self, since: datetime, until: datetime) -> LetterSum:
        """Of everything."""
        with self._database.transaction() as session:
            row = session.execute(select(*_sums(session)).where(*_first_signed(since, until))).one()
            return LetterSum(letters=row.letters, pages=int(row.pages or 0), copies=int(row.copies or 0))

    def signings(self, since: datetime, until: datetime) -> Mapping[SigningAct, int]:
        """How many signatures and initials were made, several of one letter each for itself."""
        query = select(_S.act, func.count()).where(*_signed(since, until)).group_by(_S.act)
        with self._database.transaction() as session:
            found = {str(act): int(count) for act, count in session.execute(query)}
        return {act: found.get(act.value, 0) for act in SigningAct}


def _sums(session: Session) -> tuple[ColumnElement[Any], ...]:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    length = func.json_array_length if on_sqlite else func.jsonb_array_length
    return (
        func.count().label("letters"),
        func.sum(_PAGES).label("pages"),
        func.sum(_PAGES * length(_S.copies_to)).label("copies"),
    )


def _signed(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_S.state == SigningState.SIGNED.value, _S.ended_at >= since, _S.ended_at < until)


def _first_signed(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (*_signed(since, until), _S.token == _S.letter_id)
