"""Which version of a certificate profile issues; every choice stays."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select

from signer.people import ApprovalKind
from store.approvals import spend
from store.audit import Act, Detail, append
from store.base import table_of
from store.database import Database
from store.people_tables import ProfileChoiceRow

_CHOICES: Final = table_of(ProfileChoiceRow)
_ROW: Final = _CHOICES.c


class SqlProfileChoices:
    """The newest choice of a profile is in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def version_of(self, profile: str) -> int | None:
        """The version in force; `None` where nobody ever chose one."""
        newest = select(_ROW.version).where(_ROW.profile == profile).order_by(_ROW.number.desc()).limit(1)
        with self._database.transaction() as session:
            return session.scalar(newest)

    def choose(self, profile: str, version: int, *, approval_id: str, object: str, actor: str, at: datetime) -> None:
        """In force from the commit on; the approval for `object` is spent in the same transaction.

        Raises `ApprovalRefused`, and `AlreadyExists` where somebody chose at the same moment: nothing changed then.
        """
        with self._database.transaction() as session:
            refusal = spend(session, approval_id, kind=ApprovalKind.PROFILE, object=object, actor=actor, at=at)
            if refusal is None:
                last = session.scalar(select(func.max(_ROW.number)).where(_ROW.profile == profile)) or 0
                row = {"profile": profile, "number": last + 1, "version": version, "chosen_by": actor}
                session.execute(insert(_CHOICES).values(**row, chosen_at=at, approval_id=approval_id))
                details: dict[str, Detail] = {"version": version, "approval": approval_id}
                append(session, Act.PROFILE_CHOOSE, f"profile:{profile}", at=at, actor=actor, details=details)
        if refusal is not None:
            raise refusal
