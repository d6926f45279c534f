"""Registrations and one-time links. A link is kept as its hash and is used up by one conditional UPDATE."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from signer.bulk.model import RowState
from signer.errors import LinkRefused, RegistrationRefused
from signer.model import Signatory
from signer.people import (
    OPEN,
    Approval,
    ApprovalState,
    NumberHashes,
    Purpose,
    Registration,
    RegistrationState,
)
from store.approvals import propose
from store.audit import Act, Outcome, append
from store.base import table_of
from store.bulk_tables import ImportedRowRow
from store.database import Database
from store.errors import AlreadyExists
from store.officials import remember_official
from store.people_tables import ApprovalRow, EnrolmentLinkRow, OfficialRow, RegistrationRow

_REGISTRATIONS: Final = table_of(RegistrationRow)
_LINKS: Final = table_of(EnrolmentLinkRow)
_ROW, _LINK, _OFFICIAL = _REGISTRATIONS.c, _LINKS.c, table_of(OfficialRow).c
_SIGNATORY: Final = ("name", "organisation", "organisation_identifier", "unit", "surname")
_PLAIN: Final = ("id", "proposed_by", "proposed_at", "approval_id", "replaces", "credential_id")
_OPEN: Final = [each.value for each in OPEN]


class SqlRegistrationStore:
    """`signer.ports.RegistrationStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def propose(self, registration: Registration, approval: Approval | None, numbers: NumberHashes) -> None:
        """Official (where new), registration and approval; raises `RegistrationRefused` for who is there already."""
        try:
            with self._database.transaction() as session:
                _refuse_known(session, registration, numbers)
                _add(session, registration, approval, numbers)
        except AlreadyExists:  # somebody else was a moment faster
            raise _taken("registration", "open") from None

    def get(self, registration_id: str) -> Registration | None:
        """In whatever state."""
        with self._database.transaction() as session:
            return _get(session, registration_id)

    def list_open(self, *, after: str, limit: int) -> tuple[Registration, ...]:
        """Proposed or approved, with an id above `after`, by id."""
        query = select(_REGISTRATIONS).where(_ROW.state.in_(_OPEN), _ROW.id > after).order_by(_ROW.id).limit(limit)
        with self._database.transaction() as session:
            return tuple(_registration(row) for row in session.execute(query))

    def of(self, signatory_id: str, *, limit: int) -> tuple[Registration, ...]:
        """Every registration of one official, the newest first."""
        query = (
            select(_REGISTRATIONS)
            .where(_ROW.signatory_id == signatory_id)
            .order_by(_ROW.proposed_at.desc(), _ROW.id)
            .limit(limit)
        )
        with self._database.transaction() as session:
            return tuple(_registration(row) for row in session.execute(query))

    def links(self, registration_ids: Collection[str], *, at: datetime) -> Mapping[str, datetime]:
        """Until when the unused link of each of them is good."""
        query = select(_LINK.registration_id, _LINK.expires_at).where(
            _LINK.registration_id.in_(registration_ids), _LINK.used_at.is_(None), _LINK.expires_at > at
        )
        with self._database.transaction() as session:
            return {row.registration_id: row.expires_at for row in session.execute(query)}

    def issue_link(
        self, registration_id: str, token_sha256: str, *, expires_at: datetime, actor: str, at: datetime
    ) -> None:
        """A new link in place of every earlier one; raises `RegistrationRefused` unless it is approved."""
        with self._database.transaction() as session:
            registration = _get(session, registration_id)
            good = registration is not None and registration.state is RegistrationState.APPROVED
            if good:
                earlier = update(_LINKS).where(_LINK.registration_id == registration_id, _LINK.used_at.is_(None))
                session.execute(earlier.values(used_at=at))
                link = {"token_sha256": token_sha256, "registration_id": registration_id, "expires_at": expires_at}
                session.execute(insert(_LINKS).values(link))
            details = {"expires": expires_at.isoformat()}
            _note(session, Act.LINK_ISSUE, registration_id, done=good, at=at, actor=actor, details=details)
        if not good:
            message = "This registration is not approved, or is completed. No link was made."
            raise RegistrationRefused(message, field="registration", reason="not-approved")

    def find_link(self, token_sha256: str, *, at: datetime) -> Registration | None:
        """The approved registration behind a link that is neither used nor expired."""
        query = (
            select(_REGISTRATIONS)
            .join(_LINKS, _LINK.registration_id == _ROW.id)
            .where(_LINK.token_sha256 == token_sha256, _LINK.used_at.is_(None), _LINK.expires_at > at)
            .where(_ROW.state == RegistrationState.APPROVED.value)
        )
        with self._database.transaction() as session:
            row = session.execute(query).one_or_none()
            return _registration(row) if row else None

    def claim_link(self, token_sha256: str, *, at: datetime) -> Registration:
        """Use the link up; raises `LinkRefused` where it is unknown, expired or used. Guesses leave no entry: the
        trail would be theirs to fill."""
        claim = (
            update(_LINKS)
            .where(_LINK.token_sha256 == token_sha256, _LINK.used_at.is_(None), _LINK.expires_at > at)
            .values(used_at=at)
            .returning(_LINK.registration_id)
        )
        with self._database.transaction() as session:
            registration_id = session.scalar(claim)
            registration = _get(session, registration_id) if registration_id is not None else None
            good = registration is not None and registration.state is RegistrationState.APPROVED
            if registration_id is not None:
                _note(session, Act.LINK_USE, registration_id, done=good, at=at)
        if registration is None or not good:
            raise LinkRefused("This link is not good. Ask for a new one.", field="link", reason="not-good")
        return registration

    def return_link(self, token_sha256: str, *, at: datetime) -> None:
        """Good again until it expires, unless the registration was completed."""
        given_back = (
            update(_LINKS)
            .where(_LINK.token_sha256 == token_sha256)
            .where(_LINK.registration_id.in_(select(_ROW.id).where(_ROW.state == RegistrationState.APPROVED.value)))
            .values(used_at=None)
            .returning(_LINK.registration_id)
        )
        with self._database.transaction() as session:
            registration_id = session.scalar(given_back)
            if registration_id is not None:
                _note(session, Act.LINK_RETURN, registration_id, done=True, at=at)


def complete(session: Session, registration_id: str, credential_id: str, *, actor: str, at: datetime) -> None:
    """`approved -> completed`, and its approval is used; raises `RegistrationRefused` from elsewhere."""
    moved = (
        update(_REGISTRATIONS)
        .where(_ROW.id == registration_id, _ROW.state == RegistrationState.APPROVED.value)
        .values(state=RegistrationState.COMPLETED.value, credential_id=credential_id)
        .returning(_ROW.signatory_id, _ROW.approval_id)
    )
    row = session.execute(moved).one_or_none()
    if row is None:
        raise RegistrationRefused(
            "This registration is completed already, or not approved.", field="registration", reason="not-approved"
        )
    approval = table_of(ApprovalRow).c
    session.execute(
        update(ApprovalRow)
        .where(approval.id == row.approval_id, approval.object == f"registration:{registration_id}")
        .values(state=ApprovalState.USED.value)
    )
    imported = update(ImportedRowRow).where(
        ImportedRowRow.outcome == registration_id, ImportedRowRow.state == RowState.REGISTERED.value
    )
    session.execute(imported.values(state=RowState.DONE.value, changed_at=at))
    official = update(OfficialRow).where(_OFFICIAL.signatory_id == row.signatory_id)
    session.execute(official.values(registration_state=RegistrationState.COMPLETED.value))
    details = {"credential": credential_id}
    _note(session, Act.REGISTRATION_COMPLETE, registration_id, done=True, at=at, actor=actor, details=details)


def _refuse_known(session: Session, registration: Registration, numbers: NumberHashes) -> None:
    for field, column, value in (("nik", _OFFICIAL.nik_hash, numbers.nik), ("nip", _OFFICIAL.nip_hash, numbers.nip)):
        who = _OFFICIAL.signatory_id
        others = select(who).where(column == value, who != registration.signatory.id)
        if value is not None and session.scalar(others) is not None:
            raise _taken(field, "registered")
    theirs = select(_ROW.id).where(_ROW.signatory_id == registration.signatory.id, _ROW.state.in_(_OPEN))
    if session.scalar(theirs) is not None:
        raise _taken("registration", "open")


def _taken(field: str, reason: str) -> RegistrationRefused:
    texts = {
        "registered": "This official is registered already. Search for them instead.",
        "open": "This official has an open registration already. Complete or reject it first.",
    }
    return RegistrationRefused(texts[reason], field=field, reason=reason)


def _add(session: Session, registration: Registration, approval: Approval | None, numbers: NumberHashes) -> None:
    who, at = registration.signatory, registration.proposed_at
    state = registration.state.value
    if approval is not None:
        propose(session, approval)
    remember_official(session, who, at=at, nik_hash=numbers.nik, nip_hash=numbers.nip, registration_state=state)
    row: dict[str, Any] = {name: getattr(registration, name) for name in _PLAIN}
    row |= {name: getattr(who, name) for name in _SIGNATORY}
    row |= {"signatory_id": who.id, "purpose": registration.purpose.value, "state": state}
    session.execute(insert(_REGISTRATIONS).values(row))
    details = {"signatory": who.id, "purpose": registration.purpose.value, "approval": registration.approval_id}
    _note(
        session,
        Act.REGISTRATION_PROPOSE,
        registration.id,
        done=True,
        at=at,
        actor=registration.proposed_by,
        details=details,
    )


def _note(session: Session, act: Act, registration_id: str, *, done: bool, **entry: Any) -> None:
    outcome = Outcome.DONE if done else Outcome.REFUSED
    append(session, act, f"registration:{registration_id}", outcome=outcome, **entry)


def _get(session: Session, registration_id: str) -> Registration | None:
    row = session.execute(select(_REGISTRATIONS).where(_ROW.id == registration_id)).one_or_none()
    return _registration(row) if row else None


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        signatory=Signatory(id=row.signatory_id, **{name: getattr(row, name) for name in _SIGNATORY}),
        purpose=Purpose(row.purpose),
        state=RegistrationState(row.state),
        **{name: getattr(row, name) for name in _PLAIN},
    )
