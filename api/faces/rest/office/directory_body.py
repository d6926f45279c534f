"""What staff send and read about an official beside the certificate."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from api.faces.rest.json_body import PRINTABLE
from api.faces.rest.office.wire import Following, Sent, Told
from signer.appointments import ActingForm, Appointment

Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=PRINTABLE)]
Office = Annotated[str, Meta(min_length=1, max_length=128, pattern=PRINTABLE)]


class ContactRequest(Sent, frozen=True, kw_only=True):
    """Where notices go from now on."""

    email: Email


class ContactBody(Told, frozen=True, kw_only=True):
    """Where notices go."""

    signatory: str
    email: Annotated[str | None, Meta(description="Null where nobody noted one.")]


class AppointmentRequest(Sent, frozen=True, kw_only=True):
    """An acting appointment; both days belong to it, as the calendar of Bali counts."""

    form: Annotated[ActingForm, Meta(description="Plt., Plh., Pj. or Pjs.")]
    office: Annotated[Office, Meta(description="The office that is acted in.")]
    starts_on: date
    ends_on: Annotated[date, Meta(description="At most a year later.")]


class AppointmentBody(Told, frozen=True, kw_only=True):
    """One acting appointment."""

    id: str
    signatory: str
    form: ActingForm
    office: str
    starts_on: date
    ends_on: date

    @classmethod
    def of(cls, one: Appointment) -> "AppointmentBody":
        """In the words of this contract."""
        return cls(
            id=one.id,
            signatory=one.signatory_id,
            form=one.form,
            office=one.office,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
        )


class AppointmentList(Told, frozen=True, kw_only=True):
    """Some that were not withdrawn, by first day."""

    items: list[AppointmentBody]
    next: Following
