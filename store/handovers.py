"""Steps handed over: whoever signs, reserves or opens at the same moment, exactly one of the two happens."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from signer.activation import ActivationState
from signer.errors import FlowRefused
from signer.events import EventType
from signer.handing_over import Handover
from signer.model import SigningState
from store.audit import Act, Detail, append
from store.base import table_of
from store.database import Database
from store.events import tell
from store.factor_tables import ActivationRequestRow
from store.letter_tables import FlowRow, FlowStepRow
from store.tables import SignatureRow

_REQUESTS: Final = table_of(ActivationRequestRow)
_R, _STEPS, _SIGNATURES = _REQUESTS.c, table_of(FlowStepRow), table_of(SignatureRow)
_FLOWS: Final = table_of(FlowRow)


class SqlHandovers:
    """`signer.handing_over.HandoverStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hand_over(self, handover: Handover, *, at: datetime) -> None:
        """The step's row first: who reserves it (`store.signatures.reserve`) waits for us, or was before us."""
        with self._database.transaction() as session:
            _move(session, handover)
            flow = _require_open(session, handover)
            ended = _end_requests(session, handover, at)
            details: dict[str, Detail] = {
                "step": handover.number,
                "from": handover.from_credential,
                "to": handover.to_credential,
                "appointment": handover.appointment_id,
                "requests": [each.id for each in ended],
            }
            append(session, Act.FLOW_HAND_OVER, f"flow:{handover.flow_id}", at=at, details=details)
            tell(
                session,
                EventType.FLOW_STEP_HANDED_OVER,
                client_id=flow.client_id,
                external_id=flow.external_id,
                subject=handover.flow_id,
                at=at,
                data={"step": handover.number, "credential": handover.to_credential},
            )


def _move(session: Session, handover: Handover) -> None:
    this = (_STEPS.c.flow_id == handover.flow_id, _STEPS.c.number == handover.number)
    mine = (*this, _STEPS.c.credential_id == handover.from_credential)
    # a first write takes the lock of the row, or of SQLite's file, before anything is read that decides
    moved = update(_STEPS).where(*mine).values(credential_id=handover.to_credential).returning(_STEPS.c.asked)
    asked = session.scalar(moved)
    if asked is None:
        raise _refused("There is no such step.", "unknown-step")
    session.execute(update(_STEPS).where(*this).values(asked=asked | {"signed_as": asdict(handover.signed_as)}))


def _require_open(session: Session, handover: Handover) -> Row[Any]:
    flow: Row[Any] = session.execute(select(_FLOWS).where(_FLOWS.c.id == handover.flow_id)).one()
    if flow.cancelled_at is not None:
        raise _refused("The document was cancelled.", "cancelled")
    signing = (
        select(_SIGNATURES.c.ended_at)
        .where(_SIGNATURES.c.flow_id == handover.flow_id, _SIGNATURES.c.flow_step == handover.number)
        .where(_SIGNATURES.c.state != SigningState.FAILED.value)
    )
    begun = session.execute(signing).first()
    if begun is not None:
        busy = begun.ended_at is None
        raise _refused("It is being signed, or was signed.", "busy" if busy else "already-signed")
    return flow


def _end_requests(session: Session, handover: Handover, at: datetime) -> list[Row[Any]]:
    """Those about this step that wait; raises where one of them was begun by somebody else, or a proof was tried."""
    waiting = (
        update(_REQUESTS)
        .where(_R.state == ActivationState.PENDING.value, _R.expires_at > at)
        .where(_R.flow_id == handover.flow_id, _R.flow_step == handover.number)
        .values(state=ActivationState.ENDED.value, ended_at=at)
        .returning(_R.id, _R.client_id, _R.credential_id, _R.opened_at, _R.session_sha256, _R.tries)
    )
    ended = list(session.execute(waiting).all())
    for each in ended:
        if each.opened_at is not None and (each.tries or each.session_sha256 != handover.session):
            raise _refused("Somebody has it open to be signed.", "begun")
        whose = {"client_id": each.client_id, "subject": each.id}
        tell(session, EventType.ACTIVATION_ENDED, **whose, at=at, data={"credential": each.credential_id})
    return ended


def _refused(message: str, reason: str) -> FlowRefused:
    return FlowRefused(message, field="step", reason=reason)
