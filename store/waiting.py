"""What waits for one signatory, looked up by their credentials; nothing is kept for it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from signer.activation import ActivationState
from signer.batch_model import BatchState, ItemState
from signer.model import LetterMetadata, SignedAs, SigningAct, SigningState, Urgency
from signer.waiting import Waiting, WaitingItem, WaitingKey, WaitingKind
from store.activation_rows import wish_of
from store.base import table_of
from store.batch_rows import letter_of
from store.batch_standing import BATCHES, ITEMS
from store.database import Database
from store.factor_tables import ActivationDocumentRow, ActivationRequestRow
from store.flows import standing_of
from store.letter_tables import FlowRow, FlowStepRow
from store.tables import CredentialRow, SignatureRow

MOST: Final = 1000
"""Of each kind."""

_DOCUMENTS: Final = table_of(ActivationDocumentRow)
_R, _D, _FIRST = table_of(ActivationRequestRow).c, _DOCUMENTS.c, _DOCUMENTS.alias("first").c
_B, _I = BATCHES.c, ITEMS.c
_UNSIGNED: Final = [ItemState.PREPARED.value, ItemState.RESERVED.value]
_LEFT: Final = [*_UNSIGNED, ItemState.RECEIVED.value]
_RANKS: Final = (Urgency.BIASA, Urgency.SEGERA, Urgency.SANGAT_SEGERA)


class SqlWaiting:
    """`signer.inbox.WaitingStore` and `signer.handing_over.WaitingSteps`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, signatory_id: str, *, at: datetime) -> Waiting:
        """Everything at `at` (aware)."""
        with self._database.transaction() as session:
            credentials = _credentials(session, signatory_id)
            found = [
                *_asked(session, signatory_id, at),
                *_batches(session, credentials, _asked_for(session, signatory_id, at, "batch_id")),
                *_steps(session, credentials, _asked_for(session, signatory_id, at, "flow_id")),
            ]
        return Waiting(items=tuple(sorted(found, key=lambda each: (-_RANKS.index(each.urgency), each.since))))

    def steps_of(self, signatory_id: str) -> tuple[WaitingItem, ...]:
        """Steps whose turn it is, the oldest first, also those that an open request asks for."""
        with self._database.transaction() as session:
            return tuple(_steps(session, _credentials(session, signatory_id), set()))


def _credentials(session: Session, signatory_id: str) -> list[str]:
    return list(session.scalars(select(CredentialRow.id).where(CredentialRow.signatory_id == signatory_id)))


def _asked(session: Session, signatory_id: str, at: datetime) -> Iterator[WaitingItem]:
    """Complete requests that nobody decided yet."""
    here = and_(_D.request_id == _R.id, ~_D.left_out)
    missing = select(_D.position).where(here, _D.pages.is_(None)).exists()
    first = select(func.min(_D.position)).where(here).scalar_subquery()
    query = (
        select(
            *(_R.id, _R.client_id, _R.asked_at, _R.expires_at, _FIRST.name, _FIRST.wish),
            select(func.count()).where(here).scalar_subquery().label("documents"),
            _highest(_D.wish["letter"]["urgency"], here).label("rank"),
        )
        .where(_R.signatory_id == signatory_id, _R.state == ActivationState.PENDING.value, _R.expires_at > at, ~missing)
        .where(_FIRST.request_id == _R.id, _FIRST.position == first, _as_asked())
        .order_by(_R.asked_at, _R.id)
        .limit(MOST)
    )
    for row in session.execute(query):
        wish = wish_of(row.wish)
        yield WaitingItem(
            key=WaitingKey(kind=WaitingKind.REQUEST, id=row.id),
            client_id=row.client_id,
            name=row.name,
            letter=wish.letter,
            urgency=_RANKS[row.rank],
            act=wish.act,
            signed_as=wish.signed_as,
            documents=row.documents,
            since=row.asked_at,
            until=row.expires_at,
        )


def _asked_for(session: Session, signatory_id: str, at: datetime, column: str) -> set[str]:
    """Batches, or flows, for which a request is open."""
    pending = (_R.signatory_id == signatory_id, _R.state == ActivationState.PENDING.value, _R.expires_at > at)
    return set(session.scalars(select(_R[column]).where(*pending, _R[column].is_not(None), _as_asked())))


def _as_asked() -> ColumnElement[bool]:
    """The document is the one that the request is about. Once somebody else has signed a flow, what was asked about it
    before is of no use any more: its step waits again, to be asked for anew."""
    revision = (
        select(func.count())
        .where(SignatureRow.flow_id == _R.flow_id, SignatureRow.ended_at.is_not(None))
        .where(SignatureRow.state != SigningState.FAILED.value)
        .scalar_subquery()
    )
    return or_(_R.flow_id.is_(None), _R.flow_revision == revision)


def _batches(session: Session, credentials: list[str], asked: set[str]) -> Iterator[WaitingItem]:
    here = and_(_I.batch_id == _B.id, _I.state.in_(_LEFT))

    def items(states: list[str]) -> ScalarSelect[int]:
        return select(func.count()).where(_I.batch_id == _B.id, _I.state.in_(states)).scalar_subquery()

    query = (
        select(
            *(_B.id, _B.client_id, _B.created_at, _B.signed_as),
            items(_UNSIGNED).label("documents"),
            items([ItemState.RECEIVED.value]).label("preparing"),
            select(_I.letter).where(here).order_by(_I.position).limit(1).scalar_subquery().label("letter"),
            _highest(_I.letter["urgency"], here).label("rank"),
        )
        .where(_B.credential_id.in_(credentials), _B.state == BatchState.CLOSED.value, _B.completed_at.is_(None))
        .where(_B.permission_id.is_(None))
        .order_by(_B.created_at, _B.id)
        .limit(MOST)
    )
    for row in session.execute(query):
        if row.id in asked or not row.documents + row.preparing:
            continue
        letter = letter_of(row.letter)
        yield WaitingItem(
            key=WaitingKey(kind=WaitingKind.BATCH, id=row.id),
            client_id=row.client_id,
            name=_name(letter),
            letter=letter,
            urgency=_RANKS[row.rank],
            act=SigningAct.SIGNATURE,
            signed_as=SignedAs(**row.signed_as),
            documents=row.documents + row.preparing,
            preparing=row.preparing,
            since=row.created_at,
        )


def _steps(session: Session, credentials: list[str], asked: set[str]) -> Iterator[WaitingItem]:
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
        .order_by(FlowRow.created_at, FlowRow.id, FlowStepRow.number)
        .limit(MOST)
    )
    for row, flow in session.execute(query).all():
        standing = standing_of(session, flow)
        step = next((each for each in standing.next_steps() if each.number == row.number), None)
        if step is None or standing.busy is not None or flow.id in asked:
            continue
        letter = standing.flow.letter
        yield WaitingItem(
            key=WaitingKey(kind=WaitingKind.STEP, id=flow.id, number=step.number),
            client_id=flow.client_id,
            name=_name(letter),
            letter=letter,
            urgency=letter.urgency,
            act=step.act,
            signed_as=step.signed_as,
            documents=1,
            since=flow.created_at,
        )


def _signed(step: type[FlowStepRow]) -> Select[str]:
    """The signing of a step, reserved or done."""
    return (
        select(SignatureRow.token)
        .where(SignatureRow.flow_id == step.flow_id, SignatureRow.flow_step == step.number)
        .where(SignatureRow.state != SigningState.FAILED.value)
    )


def _highest(urgency: ColumnElement[Any], here: ColumnElement[bool]) -> ScalarSelect[int]:
    """The rank of the most urgent of the letters that are `here`; `urgency` is a text inside of a JSON column."""
    ranks = {each.value: rank for rank, each in enumerate(_RANKS)}
    return select(func.max(case(ranks, value=urgency.as_string(), else_=0))).where(here).scalar_subquery()


def _name(letter: LetterMetadata) -> str | None:
    return letter.subject or letter.number
