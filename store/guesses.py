"""The count of wrong secrets, on the row that has the secret: `failures`, `waits_until`, `locked`.

An attempt is counted before it is made, by one conditional UPDATE: parallel guesses are all counted, and whatever
becomes of the request, the count stays. How long who waits: `signer.factors.counters`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, Update, case, literal, or_, update

from signer.factors.counters import LOCK_AT, WAIT_FROM, wait_after
from store.base import UtcTime


def counting(table: Table, which: ColumnElement[bool], at: datetime) -> Update:
    """Counts one attempt; gives the new count, or no row while it waits or is locked. The tenth locks as it begins."""
    row = table.c
    counted = row.failures + 1
    waits: list[tuple[Any, Any]] = [
        (counted == number, literal(at + wait, UtcTime()))
        for number in range(WAIT_FROM, LOCK_AT)
        if (wait := wait_after(number)) is not None
    ]
    return (
        update(table)
        .where(which, ~row.locked, or_(row.waits_until.is_(None), row.waits_until <= at))
        .values(failures=counted, waits_until=case(*waits, else_=None), locked=counted >= LOCK_AT)
        .returning(row.failures)
    )


def clearing(table: Table, which: ColumnElement[bool]) -> Update:
    """It was right after all, or somebody of staff lets them try again."""
    return update(table).where(which).values(failures=0, waits_until=None, locked=False)
