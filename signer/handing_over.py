"""A step that waits is handed to who acts in its office: Plh. while its holder is away, Plt. where the post is vacant.

The deputy signs with their own credential, under the acting form; the appointment is one that the office has recorded.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Protocol

from signer.appointments import OFFICE_CLOCK, ActingForm, Appointment, same_text
from signer.errors import CredentialUnknown, CredentialUnusable, FlowRefused
from signer.flow_model import FlowStanding, Step
from signer.model import Signatory, SignedAs, SigningTask
from signer.on_behalf import acting_as
from signer.opening import usable_credential
from signer.people import Official
from signer.ports import CredentialStore
from signer.waiting import WaitingItem

FORMS: Final = (ActingForm.PLH, ActingForm.PLT)
MOST_DEPUTIES: Final = 20
"""Shown; an office has one or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """Somebody who acts in the office of a step today."""

    appointment: Appointment
    signatory: Signatory
    credential_id: str | None
    """With which they would sign; `None` where they cannot sign now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingStep:
    """A step that waits, and who could take it over."""

    standing: FlowStanding
    step: Step
    holder: Signatory | None
    deputies: tuple[Deputy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One step, from one official to another."""

    flow_id: str
    number: int
    from_credential: str
    to_credential: str
    signed_as: SignedAs
    """In the acting form."""
    appointment_id: str
    session: str | None
    """Whose opened request about this step may end with it; SHA-256, hex."""


class HandoverStore(Protocol):
    """Where the step is."""

    def hand_over(self, handover: Handover, /, *, at: datetime) -> None:
        """The step is the other's, requests about it that nobody began end, and the client hears of it, at once.

        Raises `FlowRefused`: `unknown-step` where it is not this credential's any more, `cancelled`, `already-signed`
        and `busy` as signing does, `begun` where somebody has it open to be signed.
        """
        ...


class WaitingSteps(Protocol):
    """`store.waiting.SqlWaiting`, as far as it is needed here."""

    def steps_of(self, signatory_id: str, /) -> tuple[WaitingItem, ...]: ...


class Flows(Protocol):
    """`signer.workflow.Flows`, as far as it is needed here."""

    def find(self, flow_id: str, /) -> FlowStanding | None: ...

    def task(self, standing: FlowStanding, number: int, /) -> SigningTask: ...


class InForce(Protocol):
    """Appointments of everybody."""

    def in_force(self, day: date, forms: Collection[ActingForm], /) -> tuple[Appointment, ...]: ...


class HandingOver:
    """`official(signatory_id)`; `now` gives aware UTC; `rehearse`: `signer.acts.SigningActs.rehearse`."""

    def __init__(
        self,
        *,
        flows: Flows,
        store: HandoverStore,
        waiting: WaitingSteps,
        appointments: InForce,
        credentials: CredentialStore,
        official: Callable[[str], Official | None],
        rehearse: Callable[[SigningTask], object],
        now: Callable[[], datetime],
    ) -> None:
        self._flows = flows
        self._store = store
        self._waiting = waiting
        self._appointments = appointments
        self._credentials = credentials
        self._official = official
        self._rehearse = rehearse
        self._now = now

    def waiting(self, signatory_id: str) -> tuple[WaitingItem, ...]:
        """Steps of this person whose turn it is, the oldest first."""
        return self._waiting.steps_of(signatory_id)

    def look(self, flow_id: str, number: int, *, signatory_id: str | None) -> WaitingStep:
        """A step with whoever acts in its office today. Raises `FlowRefused`, as `step`."""
        standing, step = self.step(flow_id, number, signatory_id=signatory_id)
        return WaitingStep(standing=standing, step=step, holder=self._holder(step), deputies=self.deputies(step))

    def step(self, flow_id: str, number: int, *, signatory_id: str | None) -> tuple[FlowStanding, Step]:
        """A step whose turn it is, of this person, or of anybody for `None`. Raises `FlowRefused`, as signing it."""
        standing = self._flows.find(flow_id)
        step = None if standing is None else next((one for one in standing.flow.steps if one.number == number), None)
        if standing is None or step is None or (signatory_id is not None and self._holder_id(step) != signatory_id):
            raise FlowRefused("There is no such step.", field="step", reason="unknown-step")
        self._flows.task(standing, number)
        return standing, step

    def deputies(self, step: Step) -> tuple[Deputy, ...]:
        """Who acts in the office of a step today, whoever ends first at the beginning; empty where it names none."""
        office, holder = same_text(step.signed_as.office or ""), self._holder_id(step)
        today = self._now().astimezone(OFFICE_CLOCK).date()
        found = []
        for each in self._appointments.in_force(today, FORMS) if office else ():
            whose = self._official(each.signatory_id) if each.signatory_id != holder else None
            if whose is not None and same_text(each.office) == office:
                usable = self._usable(whose.credential_id)
                found.append(Deputy(appointment=each, signatory=whose.signatory, credential_id=usable))
        return tuple(found[:MOST_DEPUTIES])

    def hand_over(
        self, flow_id: str, number: int, appointment_id: str, *, signatory_id: str | None, session: str | None
    ) -> Deputy:
        """Hand a step to the deputy of this appointment; `signatory_id`: whose it has to be, `None`: anybody's.

        1.-4. It could be handed over, as `check`.              else Refused
        5. It is theirs, where nobody has begun it.             else FlowRefused
        """
        deputy, handover = self._prepared(flow_id, number, appointment_id, signatory_id=signatory_id, session=session)
        self._store.hand_over(handover, at=self._now())
        return deputy

    def check(self, flow_id: str, number: int, appointment_id: str, *, signatory_id: str | None) -> Deputy:
        """Who would have it, where it could be handed over as things stand; nothing changes.

        1. The step waits, and it is theirs.                    else FlowRefused
        2. The appointment is to its office and in force today, and its holder can sign.   else FlowRefused
        3. They are no other official of the document.          else FlowRefused
        4. It could be signed so.                               else Refused
        """
        return self._prepared(flow_id, number, appointment_id, signatory_id=signatory_id, session=None)[0]

    def _prepared(
        self, flow_id: str, number: int, appointment_id: str, *, signatory_id: str | None, session: str | None
    ) -> tuple[Deputy, Handover]:
        standing, step = self.step(flow_id, number, signatory_id=signatory_id)
        deputy = next((one for one in self.deputies(step) if one.appointment.id == appointment_id), None)
        if deputy is None or deputy.credential_id is None:
            raise _refused("Nobody with this appointment can sign it today.", "no-deputy")
        if any(self._holder_id(each) == deputy.signatory.id for each in standing.flow.steps):
            raise _refused("They sign this document already.", "twice")
        signed_as = acting_as(step.signed_as, deputy.appointment.form.value)
        theirs = replace(step, credential_id=deputy.credential_id, signed_as=signed_as)
        steps = tuple(theirs if each.number == number else each for each in standing.flow.steps)
        self._rehearse(self._flows.task(replace(standing, flow=replace(standing.flow, steps=steps)), number))
        handover = Handover(
            flow_id=flow_id,
            number=number,
            from_credential=step.credential_id,
            to_credential=deputy.credential_id,
            signed_as=signed_as,
            appointment_id=appointment_id,
            session=session,
        )
        return deputy, handover

    def _holder(self, step: Step) -> Signatory | None:
        credential = self._credentials.get(step.credential_id)
        return None if credential is None else credential.signatory

    def _holder_id(self, step: Step) -> str | None:
        holder = self._holder(step)
        return None if holder is None else holder.id

    def _usable(self, credential_id: str | None) -> str | None:
        if credential_id is None:
            return None
        try:
            return usable_credential(self._credentials, credential_id, at=self._now()).id
        except (CredentialUnknown, CredentialUnusable):
            return None


def _refused(message: str, reason: str) -> FlowRefused:
    return FlowRefused(message, field="appointment", reason=reason)
