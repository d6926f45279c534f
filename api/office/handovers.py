"""A step that waits goes to who acts in its office, when the official cannot do it: proposed, approved, carried out."""

from api.office import objects
from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.approvals import ApprovalService
from signer.errors import FlowRefused
from signer.handing_over import Deputy, HandingOver
from signer.people import Approval, ApprovalKind


class HandoverOffice:
    """Every act names its caller; `document` is the id of the flow, `number` that of the step."""

    def __init__(self, *, desk: Desk, approvals: ApprovalService, handing_over: HandingOver) -> None:
        self._desk = desk
        self._approvals = approvals
        self._handing_over = handing_over

    def deputies(self, caller: Caller, document: str, number: int) -> tuple[Deputy, ...]:
        """Who acts in the office of this step today. Raises `FlowRefused` where it does not wait."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE):
            return self._deputies(document, number)

    def propose(self, caller: Caller, document: str, number: int, appointment: str) -> Approval:
        """Ask a second person. Raises `FlowRefused`, also where nobody with this appointment can sign it today."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            deputy = next((one for one in self._deputies(document, number) if one.appointment.id == appointment), None)
            if deputy is None or deputy.credential_id is None:
                raise FlowRefused(
                    "Nobody with this appointment can sign it today.", field="appointment", reason="no-deputy"
                )
            held = deputy.appointment
            summary = f"Hand a step over to {deputy.signatory.name}, {held.form.value.capitalize()}. {held.office}"
            about = objects.handover(document, number, appointment)
            return self._approvals.propose(ApprovalKind.HANDOVER, about, summary, member)

    def hand_over(self, caller: Caller, document: str, number: int, appointment: str, *, approval_id: str) -> Deputy:
        """Do what was approved. Raises `ApprovalRefused`, and as `HandingOver.hand_over`; what that refuses has used
        the approval up."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._deputies(document, number)
            about = objects.handover(document, number, appointment)
            self._approvals.use(approval_id, ApprovalKind.HANDOVER, about, member)
            return self._handing_over.hand_over(document, number, appointment, signatory_id=None, session=None)

    def _deputies(self, document: str, number: int) -> tuple[Deputy, ...]:
        _, step = self._handing_over.step(document, number, signatory_id=None)
        return self._handing_over.deputies(step)
