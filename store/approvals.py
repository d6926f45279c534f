"""Approvals: proposed by one, decided by another, used once. Each move is one conditional UPDATE."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from signer.bulk.model import RowState
from signer.errors import ApprovalRefused
from signer.people import Approval, ApprovalKind, ApprovalQuery, ApprovalStage, ApprovalState
from store.audit import Act, Outcome, append, without_personal_numbers
from store.base import table_of
from store.bulk_tables import ImportedRowRow
from store.database import Database
from store.people_tables import ApprovalRow, OfficialRow, RegistrationRow

PROPOSED, APPROVED, REJECTED, USED = ApprovalState

_APPROVALS: Final = table_of(ApprovalRow)
_ROW: Final = _APPROVALS.c
_FIELDS: Final = tuple(Approval.__dataclass_fields__)


class SqlApprovalStore:
    """`signer.ports.ApprovalStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, approval: Approval) -> None:
        """A new proposal."""
        with self._database.transaction() as session:
            propose(session, approval)

    def get(self, approval_id: str) -> Approval | None:
        """In whatever state."""
        with self._database.transaction() as session:
            return _get(session, approval_id)

    def decide(self, approval_id: str, state: ApprovalState, *, actor: str, note: str | None, at: datetime) -> Approval:
        """`proposed -> approved | rejected`, and the registrations that wait for it; raises `ApprovalRefused`."""
        decided = (
            update(_APPROVALS)
            .where(
                _ROW.id == approval_id, _ROW.state == PROPOSED.value, _ROW.expires_at > at, _ROW.proposed_by != actor
            )
            .values(state=state.value, decided_by=actor, decided_at=at, note=note and without_personal_numbers(note))
            .returning(_ROW.id)
        )
        with self._database.transaction() as session:
            moved = session.scalar(decided) is not None
            if moved:
                _decide_registrations(session, approval_id, state)
            _note(session, Act.APPROVAL_DECIDE, approval_id, moved=moved, at=at, actor=actor, decision=state.value)
            approval = _get(session, approval_id)
        if not moved or approval is None:
            raise _refusal(approval, at)
        return approval

    def use(self, approval_id: str, *, kind: ApprovalKind, object: str, actor: str, at: datetime) -> None:
        """`approved -> used`; raises `ApprovalRefused` unless kind, object, proposer and time fit."""
        with self._database.transaction() as session:
            refusal = spend(session, approval_id, kind=kind, object=object, actor=actor, at=at)
        if refusal is not None:
            raise refusal

    def waiting(self, *, at: datetime, after: str, limit: int) -> tuple[Approval, ...]:
        """Proposed and not expired at `at`, with an id above `after`, by id."""
        query = (
            select(_APPROVALS)
            .where(_ROW.state == PROPOSED.value, _ROW.expires_at > at, _ROW.id > after)
            .order_by(_ROW.id)
            .limit(limit)
        )
        with self._database.transaction() as session:
            return tuple(_approval(row) for row in session.execute(query))

    def search(self, query: ApprovalQuery, *, at: datetime) -> tuple[Approval, ...]:
        """At most `query.limit`, the newest first."""
        statement = select(_APPROVALS).order_by(_ROW.proposed_at.desc(), _ROW.id.desc()).limit(query.limit)
        for condition in _conditions(query, at):
            statement = statement.where(condition)
        with self._database.transaction() as session:
            return tuple(_approval(row) for row in session.execute(statement))


def _conditions(query: ApprovalQuery, at: datetime) -> Iterator[ColumnElement[bool]]:
    if query.stage is not None:
        yield _at_stage(query.stage, at)
    if query.kind is not None:
        yield _ROW.kind == query.kind.value
    if query.proposed_by is not None:
        yield _ROW.proposed_by == query.proposed_by
    if query.objects is not None:
        yield _ROW.object.in_(query.objects)
    if query.after is not None:
        time, id = query.after
        yield or_(_ROW.proposed_at < time, and_(_ROW.proposed_at == time, _ROW.id < id))


def _at_stage(stage: ApprovalStage, at: datetime) -> ColumnElement[bool]:
    """`signer.people.approval_stage` as SQL; a test holds the two together."""
    proposed, approved = _ROW.state == PROPOSED.value, _ROW.state == APPROVED.value
    follows, in_time = _ROW.kind == ApprovalKind.ENROLMENT.value, _ROW.expires_at > at
    conditions: dict[ApprovalStage, ColumnElement[bool]] = {
        ApprovalStage.WAITING: and_(proposed, in_time),
        ApprovalStage.READY: and_(approved, ~follows, in_time),
        ApprovalStage.DONE: or_(_ROW.state == USED.value, and_(approved, follows)),
        ApprovalStage.REJECTED: _ROW.state == REJECTED.value,
        ApprovalStage.LAPSED: and_(or_(proposed, and_(approved, ~follows)), ~in_time),
    }
    return conditions[stage]


def propose(session: Session, approval: Approval) -> None:
    """A new proposal, in a transaction that may hold more than that."""
    row = {name: getattr(approval, name) for name in _FIELDS}
    words = {"kind": approval.kind.value, "state": approval.state.value, "subjects": list(approval.subjects)}
    session.execute(insert(_APPROVALS).values(row | words))
    details = {"kind": approval.kind.value, "for": approval.object, "expires": approval.expires_at.isoformat()}
    append(
        session,
        Act.APPROVAL_PROPOSE,
        f"approval:{approval.id}",
        at=approval.proposed_at,
        actor=approval.proposed_by,
        details=details,
    )


def spend(
    session: Session, approval_id: str, *, kind: ApprovalKind, object: str, actor: str, at: datetime
) -> ApprovalRefused | None:
    """`approved -> used`, in a transaction that may hold what it is for; or why not, which is noted as well.

    Whoever gets a refusal changes nothing else, lets the transaction end, and raises it then.
    """
    used = (
        update(_APPROVALS)
        .where(_ROW.id == approval_id, _ROW.state == APPROVED.value, _ROW.expires_at > at)
        .where(_ROW.kind == kind.value, _ROW.object == object, _ROW.proposed_by == actor)
        .values(state=USED.value)
        .returning(_ROW.id)
    )
    moved = session.scalar(used) is not None
    _note(session, Act.APPROVAL_USE, approval_id, moved=moved, at=at, actor=actor, kind=kind.value)
    return None if moved else _refusal(_get(session, approval_id), at)


def _decide_registrations(session: Session, approval_id: str, state: ApprovalState) -> None:
    """What waits for this approval follows it; the two states have the same words."""
    row = table_of(RegistrationRow).c
    session.execute(
        update(RegistrationRow)
        .where(row.approval_id == approval_id, row.state == PROPOSED.value)
        .values(state=state.value)
    )
    if state is REJECTED:
        imported = update(ImportedRowRow).where(
            ImportedRowRow.outcome.in_(select(row.id).where(row.approval_id == approval_id)),
            ImportedRowRow.state == RowState.REGISTERED.value,
        )
        session.execute(imported.values(state=RowState.FAILED.value, reason="approval: rejected"))
    theirs = select(row.signatory_id).where(row.approval_id == approval_id)
    session.execute(
        update(OfficialRow).where(OfficialRow.signatory_id.in_(theirs)).values(registration_state=state.value)
    )


def _note(
    session: Session, act: Act, approval_id: str, *, moved: bool, at: datetime, actor: str, **details: str
) -> None:
    outcome = Outcome.DONE if moved else Outcome.REFUSED
    append(session, act, f"approval:{approval_id}", at=at, actor=actor, outcome=outcome, details=details)


def _refusal(approval: Approval | None, at: datetime) -> ApprovalRefused:
    """Why nothing moved, as far as it helps."""
    if approval is None:
        return ApprovalRefused("There is no such approval. Check its id.", field="approval", reason="unknown")
    if approval.expires_at <= at:
        return ApprovalRefused("The approval has expired. Propose it anew.", field="approval", reason="expired")
    if approval.state in (REJECTED, USED):
        message = f"The approval is {approval.state.value}. Propose it anew."
        return ApprovalRefused(message, field="approval", reason=approval.state.value)
    if approval.state is PROPOSED:
        return ApprovalRefused("Nobody has approved it yet.", field="approval", reason="proposed")
    return ApprovalRefused("The approval is decided, or for something else.", field="approval", reason="other")


def _get(session: Session, approval_id: str) -> Approval | None:
    row = session.execute(select(_APPROVALS).where(_ROW.id == approval_id)).one_or_none()
    return _approval(row) if row else None


def _approval(row: Any) -> Approval:
    values = {name: getattr(row, name) for name in _FIELDS}
    words = {"kind": ApprovalKind(row.kind), "state": ApprovalState(row.state), "subjects": tuple(row.subjects)}
    return Approval(**values | words)
