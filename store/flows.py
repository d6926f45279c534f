"""Documents that several officials sign: what was asked for; what was done is read from the log of signatures."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from signer.errors import FlowRefused
from signer.events import EventType
from signer.flow_model import Flow, FlowStanding, Returned, Step
from signer.model import (
    Certify,
    LetterMetadata,
    Secrecy,
    SignatureLevel,
    SignedAs,
    SigningAct,
    SigningState,
    StampPlacement,
    Urgency,
)
from store.activation_rows import lock_of
from store.audit import Act, append
from store.database import Database
from store.events import tell
from store.letter_tables import FlowRow, FlowStepRow
from store.signatures import record_of
from store.tables import SignatureRow

_FAILED: Final = SigningState.FAILED.value


class SqlFlows:
    """`signer.workflow.FlowStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, flow: Flow) -> None:
        """A new flow with its steps."""
        with self._database.transaction() as session:
            session.execute(
                insert(FlowRow).values(
                    id=flow.id,
                    client_id=flow.client_id,
                    letter=_letter_row(flow.letter),
                    external_id=flow.letter.external_id,
                    level=flow.level.value,
                    certify=None if flow.certify is None else flow.certify.value,
                    footer=flow.footer,
                    original_sha256=flow.original_sha256,
                    created_at=flow.created_at,
                )
            )
            session.execute(insert(FlowStepRow), [_step_row(flow.id, each) for each in flow.steps])
            steps = [f"{each.order}:{each.act.value}:{each.credential_id}" for each in flow.steps]
            append(
                session,
                Act.FLOW_CREATE,
                f"flow:{flow.id}",
                at=flow.created_at,
                details={"client": flow.client_id, "original_sha256": flow.original_sha256, "steps": steps},
            )

    def get(self, flow_id: str) -> FlowStanding | None:
        """A flow, and how far it has come."""
        with self._database.transaction() as session:
            row = session.get(FlowRow, flow_id)
            return standing_of(session, row) if row else None

    def of_client(
        self, client_id: str, *, after: str, limit: int, external_id: str | None = None
    ) -> tuple[FlowStanding, ...]:
        """At most `limit` with an id above `after`, by id; all, or those that the client calls so."""
        query = select(FlowRow).where(FlowRow.client_id == client_id, FlowRow.id > after).order_by(FlowRow.id)
        if external_id is not None:
            query = query.where(FlowRow.external_id == external_id)
        with self._database.transaction() as session:
            return tuple(standing_of(session, row) for row in session.scalars(query.limit(limit)).all())

    def cancel(self, flow_id: str, *, actor: str, returned: Returned | None, at: datetime) -> None:
        """Once; raises `FlowRefused` otherwise."""
        why = {} if returned is None else {"returned_step": returned.step, "returned_reason": returned.reason}
        ended = (
            update(FlowRow)
            .where(FlowRow.id == flow_id, FlowRow.cancelled_at.is_(None))
            .values(cancelled_at=at, **why)
            .returning(FlowRow.client_id, FlowRow.letter)
        )
        with self._database.transaction() as session:
            row = session.execute(ended).one_or_none()
            if row is None:
                raise FlowRefused("The document was cancelled already.", field="document", reason="cancelled")
            step = None if returned is None else returned.step
            append(session, Act.FLOW_CANCEL, f"flow:{flow_id}", at=at, actor=actor, details={"returned_at_step": step})
            whose = {"client_id": row.client_id, "external_id": row.letter["external_id"]}
            tell(
                session,
                EventType.FLOW_CANCELLED,
                **whose,
                subject=flow_id,
                at=at,
                data={} if step is None else {"step": step},
            )


def standing_of(session: Session, row: FlowRow) -> FlowStanding:
    """How far a flow has come, from its row and the log of signatures."""
    steps = session.scalars(select(FlowStepRow).where(FlowStepRow.flow_id == row.id).order_by(FlowStepRow.number))
    signings = session.scalars(
        select(SignatureRow)
        .where(SignatureRow.flow_id == row.id, SignatureRow.state != _FAILED)
        .order_by(SignatureRow.flow_revision)
    ).all()
    return FlowStanding(
        flow=_flow(row, steps.all()),
        done={each.flow_step: record_of(each) for each in signings if each.ended_at and each.flow_step is not None},
        busy=next((each.flow_step for each in signings if each.ended_at is None), None),
    )


def _flow(row: FlowRow, steps: Sequence[FlowStepRow]) -> Flow:
    return Flow(
        id=row.id,
        client_id=row.client_id,
        letter=_letter(row.letter),
        level=SignatureLevel(row.level),
        certify=None if row.certify is None else Certify(row.certify),
        footer=row.footer,
        steps=tuple(_step(each) for each in steps),
        original_sha256=row.original_sha256,
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
        returned=None
        if row.returned_step is None
        else Returned(step=row.returned_step, reason=row.returned_reason or ""),
    )


def _letter_row(letter: LetterMetadata) -> dict[str, Any]:
    return asdict(letter) | {
        "secrecy": letter.secrecy.value,
        "urgency": letter.urgency.value,
        "copies_to": list(letter.copies_to),
        "valid_until": letter.valid_until and letter.valid_until.isoformat(),
    }


def _letter(kept: dict[str, Any]) -> LetterMetadata:
    until = kept["valid_until"]
    return LetterMetadata(
        **kept
        | {
            "secrecy": Secrecy(kept["secrecy"]),
            "urgency": Urgency(kept["urgency"]),
            "copies_to": tuple(kept["copies_to"]),
            "valid_until": date.fromisoformat(until) if until else None,
        }
    )


def _step_row(flow_id: str, step: Step) -> dict[str, Any]:
    return {
        "flow_id": flow_id,
        "number": step.number,
        "order": step.order,
        "act": step.act.value,
        "credential_id": step.credential_id,
        "asked": {
            "stamp": None if step.stamp is None else asdict(step.stamp),
            "reason": step.reason,
            "signed_as": asdict(step.signed_as),
            "lock": None if step.lock is None else asdict(step.lock) | {"action": step.lock.action.value},
        },
    }


def _step(row: FlowStepRow) -> Step:
    stamp = row.asked["stamp"]
    return Step(
        number=row.number,
        order=row.order,
        act=SigningAct(row.act),
        credential_id=row.credential_id,
        stamp=None if stamp is None else StampPlacement(**stamp),
        reason=row.asked["reason"],
        signed_as=SignedAs(**row.asked["signed_as"]),
        lock=lock_of(row.asked.get("lock")),
    )
