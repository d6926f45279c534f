"""What waits for one signatory, looked up by their credentials; nothing is kept for it."""

from datetime import datetime
from typing import Final

from sqlalchemy import ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from signer.activation import ActivationKind, ActivationState
from signer.batch_model import BatchState, ItemState
from signer.model import SigningAct, SigningState
from signer.waiting import Waiting, WaitingBatch, WaitingRequest, WaitingStep
from store.base import table_of
from store.batch_items import BATCHES, ITEMS
from store.database import Database
from store.factor_tables import ActivationDocumentRow, ActivationRequestRow
from store.flows import standing_of
from store.letter_tables import FlowRow, FlowStepRow
from store.tables import CredentialRow, SignatureRow

MOST: Final = 100
"""Of each kind."""

_R, _D = table_of(ActivationRequestRow).c, table_of(ActivationDocumentRow).c
_B, _I = BATCHES.c, ITEMS.c
_UNSIGNED: Final = [ItemState.PREPARED.value, ItemState.RESERVED.value]


class SqlWaiting:
    """`signer.inbox.WaitingStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, signatory_id: str, *, at: datetime) -> Waiting:
        """Everything at `at` (aware)."""
        with self._database.transaction() as session:
            asked = _asked(session, signatory_id, at)
            own = select(CredentialRow.id).where(CredentialRow.signatory_id == signatory_id)
            credentials = list(session.scalars(own))
            return Waiting(
                requests=tuple(asked),
                batches=tuple(_batches(session, credentials, _asked_for(session, signatory_id, at, "batch_id"))),
                steps=tuple(_steps(session, credentials, _asked_for(session, signatory_id, at, "flow_id"))),
            )


def _asked(session: Session, signatory_id: str, at: datetime) -> list[WaitingRequest]:
    """Complete requests that nobody decided yet."""
    here = and_(_D.request_id == _R.id, ~_D.left_out)
    count = select(func.count()).where(here).scalar_subquery()
    missing = select(_D.position).where(here, _D.pages.is_(None)).exists()
    name = select(_D.name).where(here).order_by(_D.position).limit(1).scalar_subquery()
    query = (
        select(
            _R.id, _R.batch_id, _R.flow_id, _R.client_id, _R.expires_at, count.label("documents"), name.label("name")
        )
        .where(_R.signatory_id == signatory_id, _R.state == ActivationState.PENDING.value, _R.expires_at > at, ~missing)
        .order_by(_R.asked_at)
        .limit(MOST)
    )
    return [
        WaitingRequest(
            id=row.id,
            kind=_kind(row.batch_id, row.flow_id),
            client_id=row.client_id,
            name=row.name,
            documents=row.documents,
            expires_at=row.expires_at,
        )
        for row in session.execute(query)
    ]


def _kind(batch_id: str | None, flow_id: str | None) -> ActivationKind:
    if batch_id is not None:
        return ActivationKind.BATCH
    return ActivationKind.DOCUMENTS if flow_id is None else ActivationKind.STEP


def _asked_for(session: Session, signatory_id: str, at: datetime, column: str) -> set[str]:
    """Batches, or flows, for which a request is open."""
    pending = (_R.signatory_id == signatory_id, _R.state == ActivationState.PENDING.value, _R.expires_at > at)
    return set(session.scalars(select(_R[column]).where(*pending, _R[column].is_not(None))))


def _batches(session: Session, credentials: list[str], asked: set[str]) -> list[WaitingBatch]:
    def items(states: list[str]) -> ScalarSelect[int]:
        return select(func.count()).where(_I.batch_id == _B.id, _I.state.in_(states)).scalar_subquery()

    query = (
        select(
            _B.id,
            _B.client_id,
            _B.created_at,
            items(_UNSIGNED).label("documents"),
            items([ItemState.RECEIVED.value]).label("preparing"),
        )
        .where(_B.credential_id.in_(credentials), _B.state == BatchState.CLOSED.value, _B.completed_at.is_(None))
        .where(_B.permission_id.is_(None))
        .order_by(_B.created_at)
        .limit(MOST)
    )
    return [
        WaitingBatch(
            id=row.id,
            client_id=row.client_id,
            documents=row.documents,
            preparing=row.preparing,
            created_at=row.created_at,
        )
        for row in session.execute(query)
        if row.id not in asked and row.documents + row.preparing
    ]


def _steps(session: Session, credentials: list[str], asked: set[str]) -> list[WaitingStep]:
    """Unsigned steps before which nothing of a lower order is unsigned, so that those whose turn is far do not hide
    those whose turn it is."""
    before = aliased(FlowStepRow)
    earlier = select(before.number).where(
        before.flow_id == FlowStepRow.flow_id, before.order < FlowStepRow.order, ~_signed(before).exists()
    )
    query = (
        select(FlowStepRow, FlowRow)
        .join(FlowRow, FlowRow.id == FlowStepRow.flow_id)
        .where(FlowStepRow.credential_id.in_(credentials), FlowRow.cancelled_at.is_(None))
        .where(~_signed(FlowStepRow).exists(), ~earlier.exists())
        .order_by(FlowRow.created_at)
        .limit(MOST)
    )
    found = []
    for step, flow in session.execute(query).all():
        standing = standing_of(session, flow)
        ready = any(each.number == step.number for each in standing.next_steps()) and standing.busy is None
        if ready and flow.id not in asked:
            letter = standing.flow.letter
            found.append(
                WaitingStep(
                    flow_id=flow.id,
                    number=step.number,
                    act=SigningAct(step.act),
                    client_id=flow.client_id,
                    name=letter.subject or letter.number,
                    created_at=flow.created_at,
                )
            )
    return found


def _signed(step: type[FlowStepRow]) -> Select[str]:
    """The signing of a step, reserved or done."""
    return (
        select(SignatureRow.token)
        .where(SignatureRow.flow_id == step.flow_id, SignatureRow.flow_step == step.number)
        .where(SignatureRow.state != SigningState.FAILED.value)
    )
