"""Staff: who works here, in which one role. A member of staff logs in as the client of the same id."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from signer.errors import LinkRefused, StaffRefused
from signer.factors.subjects import staff_id_of, staff_subject
from signer.people import Role, StaffMember
from store.audit import Act, append
from store.base import table_of
from store.client_model import Client, ClientState
from store.client_rows import end_client, insert_client, replace_secret
from store.database import Database
from store.errors import AlreadyExists
from store.factor_rows import end_sessions, forget_factors
from store.factor_tables import FactorRow
from store.people_tables import StaffLinkRow, StaffRow
from store.tables import ClientRow

_STAFF: Final = table_of(StaffRow)
_LINKS: Final = table_of(StaffLinkRow)
_FACTORS: Final = table_of(FactorRow)
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

    def issue_link(self, staff_id: str, token_sha256: str, *, expires_at: datetime, actor: str, at: datetime) -> None:
        """A new one-time link in place of every earlier one. Raises `StaffRefused` unless the account is active."""
        with self._database.transaction() as session:
            self._require_active(session, staff_id)
            session.execute(delete(_LINKS).where(_LINKS.c.staff_id == staff_id, _LINKS.c.used_at.is_(None)))
            session.execute(insert(_LINKS).values(token_sha256=token_sha256, staff_id=staff_id, expires_at=expires_at))
            append(session, Act.LINK_ISSUE, f"staff:{staff_id}", at=at, actor=actor)

    def behind_link(self, token_sha256: str, *, at: datetime) -> StaffMember | None:
        """Whose link this is, where it is neither used nor expired and the account is active."""
        query = _SELECT.join(_LINKS, _LINKS.c.staff_id == _STAFF.c.id).where(
            _LINKS.c.token_sha256 == token_sha256,
            _LINKS.c.used_at.is_(None),
            _LINKS.c.expires_at > at,
            _STAFF.c.disabled_at.is_(None),
        )
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
            return _member(row) if row else None

    def open_link(self, token_sha256: str, secret_sha256: str, *, password: str | None = None, at: datetime) -> str:
        """Use the link up, in one conditional update: the account, with this secret (SHA-256, hex) and this password
        (hashed) in place of everything that logged in before. Raises `LinkRefused`."""
        active = select(_STAFF.c.id).where(_STAFF.c.disabled_at.is_(None))
        used = (
            update(_LINKS)
            .where(_LINKS.c.token_sha256 == token_sha256, _LINKS.c.used_at.is_(None), _LINKS.c.expires_at > at)
            .where(_LINKS.c.staff_id.in_(active))
            .values(used_at=at)
            .returning(_LINKS.c.staff_id)
        )
        with self._database.transaction() as session:
            staff_id = session.scalar(used)
            if staff_id is None:
                raise LinkRefused("This link is not good. Ask an administrator.", field="link", reason="not-good")
            replace_secret(session, staff_id, secret_sha256)
            forget_factors(session, staff_subject(staff_id))
            session.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(password=password))
            append(session, Act.LINK_USE, f"staff:{staff_id}", at=at, actor=staff_id)
            return str(staff_id)

    def replace_api_secret(self, staff_id: str, secret_sha256: str, *, at: datetime) -> None:
        """Another secret for the API, of the account that asks. Raises `StaffRefused` unless it is active."""
        with self._database.transaction() as session:
            self._require_active(session, staff_id)
            replace_secret(session, staff_id, secret_sha256)
            append(session, Act.STAFF_SECRET, f"staff:{staff_id}", at=at, actor=staff_id)

    def password(self, staff_id: str) -> str | None:
        """The hash, of an active account that has one."""
        query = select(_STAFF.c.password).where(_STAFF.c.id == staff_id, _STAFF.c.disabled_at.is_(None))
        with self._database.transaction() as session:
            kept: str | None = session.scalar(query)
            return kept

    def replace_password(self, staff_id: str, hashed: str, *, keeping: str, at: datetime) -> None:
        """Another one; every login of the account but the one of the id `keeping` ends. Raises `StaffRefused`."""
        with self._database.transaction() as session:
            self._require_active(session, staff_id)
            session.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(password=hashed))
            end_sessions(session, staff_subject(staff_id), keeping=keeping)
            append(session, Act.STAFF_PASSWORD, f"staff:{staff_id}", at=at, actor=staff_id)

    def get(self, staff_id: str) -> StaffMember | None:
        """The account, also where it is disabled."""
        with self._database.transaction() as session:
            row = session.execute(_SELECT.where(_STAFF.c.id == staff_id)).one_or_none()
            return _member(row) if row else None

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by id: there are dozens, not thousands."""
        with self._database.transaction() as session:
            return tuple(_member(row) for row in session.execute(_SELECT.order_by(_STAFF.c.id)))

    def with_second_factor(self) -> frozenset[str]:
        """The accounts that can log in at the console: those with a second factor."""
        query = select(_FACTORS.c.signatory_id).where(_FACTORS.c.signatory_id.startswith(staff_subject("")))
        with self._database.transaction() as session:
            return frozenset(
                staff_id_of(each) for each in session.scalars(query.where(_FACTORS.c.confirmed).distinct())
            )

    def unclaimed(self) -> StaffMember | None:
        """The only account there is, where its person never came: it has a link, and nobody ever opened one."""
        found = self._invited_alone()
        if found is None:
            return None
        used = select(_LINKS.c.staff_id).where(_LINKS.c.staff_id == found.id, _LINKS.c.used_at.is_not(None))
        with self._database.transaction() as session:
            came = session.scalars(used).first() is not None
        return None if came else found

    def unfinished(self) -> StaffMember | None:
        """The only account there is, where its person was invited and has no second factor yet."""
        found = self._invited_alone()
        return None if found is not None and found.id in self.with_second_factor() else found

    def _invited_alone(self) -> StaffMember | None:
        invited = select(_LINKS.c.staff_id)
        alone = _SELECT.where(_STAFF.c.disabled_at.is_(None)).limit(2)
        with self._database.transaction() as session:
            rows = session.execute(alone).all()
            known = session.scalars(invited.where(_LINKS.c.staff_id == rows[0].id)).first() if len(rows) == 1 else None
            return _member(rows[0]) if known is not None else None

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
            end_sessions(session, staff_subject(staff_id))
            append(session, Act.STAFF_DISABLE, f"staff:{staff_id}", at=at, actor=actor)

    def _require_active(self, session: Session, staff_id: str) -> None:
        active = select(_STAFF.c.id).where(_STAFF.c.id == staff_id, _STAFF.c.disabled_at.is_(None))
        if session.scalar(active) is None:
            raise StaffRefused("There is no such active account.", field="staff", reason="unknown")


def _member(row: Row[Any]) -> StaffMember:
    return StaffMember(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        identity_hash=row.identity_hash,
        active=row.disabled_at is None,
    )
