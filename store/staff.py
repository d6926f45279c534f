"""Staff: who works here, in which one role. A member of staff logs in as the client of the same id."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from signer.errors import StaffRefused
from signer.people import Role, StaffMember
from store.audit import Act, append
from store.base import table_of
from store.clients import Client, ClientState, end_client, insert_client
from store.database import Database
from store.errors import AlreadyExists
from store.people_tables import StaffRow
from store.tables import ClientRow

_STAFF: Final = table_of(StaffRow)
_SELECT: Final = select(_STAFF.c.id, _STAFF.c.role, _STAFF.c.identity_hash, _STAFF.c.disabled_at, ClientRow.name).join(
    ClientRow, ClientRow.id == _STAFF.c.id
)


class SqlStaffStore:
    """Accounts of people. One person has one active account: the database refuses a second one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, member: StaffMember, secret_sha256: str, *, actor: str, at: datetime) -> None:
        """A new account, whose scopes are those of its role at each act; `secret_sha256`: hex.

        Raises `StaffRefused` for a taken name and for a person who has an
        active account, in whatever role, and `ValueError` for a name that is no client id.
        """
        client = Client(id=member.id, name=member.name, scopes=frozenset(), state=ClientState.ACTIVE, created_at=at)
        row = {"id": member.id, "role": member.role.value, "identity_hash": member.identity_hash, "created_at": at}
        try:
            with self._database.transaction() as session:
                insert_client(session, client, secret_sha256)
                session.execute(insert(_STAFF).values(row))
                details = {"role": member.role.value}
                append(session, Act.STAFF_ADD, f"staff:{member.id}", at=at, actor=actor, details=details)
        except AlreadyExists:
            message = "This name is taken, or this person has a role already. One person has one role."
            raise StaffRefused(message, field="staff", reason="second-role") from None

    def get(self, staff_id: str) -> StaffMember | None:
        """The account, also where it is disabled."""
        with self._database.transaction() as session:
            row = session.execute(_SELECT.where(_STAFF.c.id == staff_id)).one_or_none()
            return _member(row) if row else None

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by id: there are dozens, not thousands."""
        with self._database.transaction() as session:
            return tuple(_member(row) for row in session.execute(_SELECT.order_by(_STAFF.c.id)))

    def disable(self, staff_id: str, *, actor: str, at: datetime) -> None:
        """No log-in and no token of this account is good any more. Raises `StaffRefused` unless it is active."""
        disabled = (
            update(_STAFF)
            .where(_STAFF.c.id == staff_id, _STAFF.c.disabled_at.is_(None))
            .values(disabled_at=at)
            .returning(_STAFF.c.id)
        )
        with self._database.transaction() as session:
            if session.scalar(disabled) is None:
                raise StaffRefused("There is no such active account.", field="staff", reason="unknown")
            end_client(session, staff_id)
            append(session, Act.STAFF_DISABLE, f"staff:{staff_id}", at=at, actor=actor)


def _member(row: Row[Any]) -> StaffMember:
    return StaffMember(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        identity_hash=row.identity_hash,
        active=row.disabled_at is None,
    )
