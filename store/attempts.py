"""The count of wrong passphrases, as two statements that nobody can come between.

An attempt is counted before it is made. From the 5th on, the next one waits: 1 minute, doubling to 1 hour. The 10th
suspends the credential as it begins; only `CLEAR` (it was right after all) or an officer resumes it.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, case, or_, update

from signer.model import CredentialState
from store.base import UtcTime, table_of
from store.tables import CredentialRow

WAIT_FROM: Final = 5  # failures without a wait: typing mistakes happen, and four guesses find nothing
SUSPEND_AT: Final = 10  # a person who fails ten times in a row has to be seen by an officer
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)

_CREDENTIALS: Final = table_of(CredentialRow)
_ROW: Final = _CREDENTIALS.c
_COUNTED: Final = _ROW.failed_attempts + 1
_LAST: Final = _COUNTED >= SUSPEND_AT
_WAITING: Final = range(WAIT_FROM, SUSPEND_AT + 1)

COUNT: Final = (
    update(_CREDENTIALS)
    .where(_ROW.id == bindparam("credential"), _ROW.state == CredentialState.ACTIVE.value)
    .where(or_(_ROW.locked_until.is_(None), _ROW.locked_until <= bindparam("now")))
    .values(
        version=_ROW.version + case((_LAST, 1), else_=0),
        state=case((_LAST, CredentialState.SUSPENDED.value), else_=CredentialState.ACTIVE.value),
        guessed_out=_LAST,
        failed_attempts=_COUNTED,
        locked_until=case(
            {number: bindparam(f"until_{number}", type_=UtcTime()) for number in _WAITING}, value=_COUNTED, else_=None
        ),
    )
    .returning(*_ROW)
)
"""Takes `counting(…)`; gives the row with the attempt in it, or none where no attempt is allowed now."""

CLEAR: Final = (
    update(_CREDENTIALS)
    .where(_ROW.id == bindparam("credential"))
    .values(
        version=_ROW.version + case((_ROW.guessed_out, 1), else_=0),
        state=case((_ROW.guessed_out, CredentialState.ACTIVE.value), else_=_ROW.state),
        guessed_out=False,
        failed_attempts=0,
        locked_until=None,
    )
    .returning(_ROW.id)
)
"""Takes `credential`; gives its id, or none where there is none."""


def counting(credential_id: str, at: datetime) -> dict[str, Any]:
    """What `COUNT` takes: whose attempt, when, and how long each number of failures would have to wait."""
    waits = {number: min(FIRST_WAIT * (1 << number - WAIT_FROM), LONGEST_WAIT) for number in _WAITING}
    until = {f"until_{number}": at + wait for number, wait in waits.items()}
    return {"credential": credential_id, "now": at, **until}
