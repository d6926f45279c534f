"""A step that waits goes to who acts in its office, when the official cannot do it: proposed, approved, carried out."""

from dataclasses import replace
from typing import Final

from api.office import objects
from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.activation_requests import is_showable
from signer.approvals import ApprovalService
from signer.errors import FlowRefused
from signer.handing_over import Deputy, HandingOver, WaitingStep
from signer.people import Approval, ApprovalKind
from signer.waiting import WaitingItem
from store.audit import without_personal_numbers

LONGEST_REASON: Final = 200
"""Characters."""


class HandoverOffice:
    """Every act names its caller; `document` is the id of the flow, `number` that of the step."""

    def __init__(self, *, desk: Desk, approvals: ApprovalService, handing_over: HandingOver) -> None:
        self._desk = desk
        self._approvals = approvals
        self._handing_over = handing_over

    def waiting(self, caller: Caller, signatory_id: str) -> tuple[WaitingItem, ...]:
        """The steps of an official whose turn it is, for who may propose to hand them over. Raises `NotPermitted`."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._approvals.require_proposer(ApprovalKind.HANDOVER, member)
            return self._handing_over.waiting(signatory_id)

    def look(self, caller: Caller, signatory_id: str, document: str, number: int) -> WaitingStep:
        """One of them with whoever acts in its office today. Raises `NotPermitted`, and `FlowRefused` where it is not
        theirs or does not wait."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._approvals.require_proposer(ApprovalKind.HANDOVER, member)
            return self._handing_over.look(document, number, signatory_id=signatory_id)

    def deputies(self, caller: Caller, document: str, number: int) -> tuple[Deputy, ...]:
        """Who acts in the office of this step today. Raises `FlowRefused` where it does not wait."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE):
            return self._handing_over.look(document, number, signatory_id=None).deputies

    def asked(self, caller: Caller, approval: Approval) -> WaitingStep | None:
        """What a proposal is about, with the one deputy whom it names; `None` where it cannot be carried out now."""
        document, number, appointment = objects.handover_of(approval.object)
        with self._desk.acting(caller, Permission.APPROVAL_READ):
            try:
                found = self._handing_over.look(document, number, signatory_id=None)
            except FlowRefused:
                return None
        deputies = tuple(each for each in found.deputies if each.appointment.id == appointment)
        return replace(found, deputies=deputies) if deputies else None

    def propose(
        self, caller: Caller, document: str, number: int, appointment: str, *, reason: str | None = None
    ) -> Approval:
        """Ask a second person, with a reason for them to read.

        1. The caller may.                                       else NotPermitted
        2. The reason can be shown, and names no number.         else FlowRefused
        3. The step could be handed over as things stand.        else Refused
        4. The proposal waits.
        """
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._approvals.require_proposer(ApprovalKind.HANDOVER, member)
            told = "" if reason is None else f" ({_require_sayable(reason)})"
            deputy = self._handing_over.check(document, number, appointment, signatory_id=None)
            holder = self._handing_over.look(document, number, signatory_id=None).holder
            held = deputy.appointment
            whose = "" if holder is None else f"{holder.name} → "
            summary = f"Hand over: {whose}{deputy.signatory.name}, {held.form.value.capitalize()}. {held.office}{told}"
            about = objects.handover(document, number, appointment)
            return self._approvals.propose(ApprovalKind.HANDOVER, about, summary, member)

    def hand_over(self, caller: Caller, document: str, number: int, appointment: str, *, approval_id: str) -> Deputy:
        """Do what was approved. Raises `ApprovalRefused`, and as `HandingOver.hand_over`.

        What could be known before leaves the approval as it is; a step that somebody has begun uses it up.
        """
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._handing_over.check(document, number, appointment, signatory_id=None)
            about = objects.handover(document, number, appointment)
            self._approvals.use(approval_id, ApprovalKind.HANDOVER, about, member)
            return self._handing_over.hand_over(document, number, appointment, signatory_id=None, session=None)


def _require_sayable(reason: str) -> str:
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON or not is_showable(said):
        raise FlowRefused(f"Say why, in 1 to {LONGEST_REASON} characters.", field="reason", reason="reason-text")
    if without_personal_numbers(said) != said:
        raise FlowRefused("A NIK or NIP never goes into a reason.", field="reason", reason="personal-number")
    return said
