"""What the office notes of an official beside the certificate: where notices go, acting appointments; and whom
applications want enrolled."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.appointments import ActingForm, Appointment
from signer.bulk.checking import is_email
from signer.enrolment_requests import EnrolmentRequest, EnrolmentRequests
from signer.errors import CredentialUnknown, RegistrationRefused
from signer.people import Official

_ID_BYTES: Final = 16
_LONGEST: Final = timedelta(days=366)
_OCTETS: Final = 128  # of an office, as in imports
_NUMBER: Final = re.compile(r"(?:\d[ .\-]?){15,18}")


class Officials(Protocol):
    """The reading half of `store.officials.SqlOfficialStore`."""

    def get(self, signatory_id: str, /) -> Official | None: ...


class Contacts(Protocol):
    """`store.bulk.SqlContacts`."""

    def set(self, signatory_id: str, email: str, /, *, actor: str, at: datetime) -> None: ...

    def withdraw(self, signatory_id: str, /, *, actor: str, at: datetime) -> bool: ...

    def email_of(self, signatory_id: str, /) -> str | None: ...


class Appointments(Protocol):
    """`store.bulk.SqlAppointmentStore`."""

    def record(self, appointment: Appointment, /, *, actor: str, at: datetime) -> None: ...

    def withdraw(self, signatory_id: str, appointment_id: str, /, *, actor: str, at: datetime) -> bool: ...

    def of(
        self, signatory_id: str, /, *, after: tuple[date, str] | None = None, limit: int | None = None
    ) -> tuple[Appointment, ...]: ...


class Directory:
    """Each act under the right of its caller. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        desk: Desk,
        officials: Officials,
        contacts: Contacts,
        appointments: Appointments,
        enrolments: EnrolmentRequests,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._desk = desk
        self._officials = officials
        self._contacts = contacts
        self._appointments = appointments
        self._enrolments = enrolments
        self._now = now
        self._random_bytes = random_bytes

    def contact(self, caller: Caller, signatory_id: str) -> str | None:
        """Where notices go; `None` where nobody noted it. Raises `CredentialUnknown` for an unknown official."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            self._known(signatory_id)
            return self._contacts.email_of(signatory_id)

    def set_contact(self, caller: Caller, signatory_id: str, email: str) -> None:
        """From now on, notices go there. Raises `RegistrationRefused` for what is no address."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            self._known(signatory_id)
            if not is_email(email):
                raise RegistrationRefused("This is no e-mail address.", field="email", reason="not-an-address")
            self._contacts.set(signatory_id, email, actor=member.id, at=self._now())

    def withdraw_contact(self, caller: Caller, signatory_id: str) -> None:
        """Nothing is sent to the official any more. Raises `RegistrationRefused` where no address is noted."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            self._known(signatory_id)
            if not self._contacts.withdraw(signatory_id, actor=member.id, at=self._now()):
                raise RegistrationRefused("No address is noted.", field="email", reason="unknown")

    def appointments(
        self, caller: Caller, signatory_id: str, *, after: tuple[date, str] | None = None, limit: int | None = None
    ) -> tuple[Appointment, ...]:
        """Those that were not withdrawn, past and future ones too, by first day; all, or so many behind `after`, the
        first day and id of one."""
        with self._desk.acting(caller, Permission.CREDENTIAL_READ):
            self._known(signatory_id)
            return self._appointments.of(signatory_id, after=after, limit=limit)

    def appointment(self, caller: Caller, signatory_id: str, appointment_id: str) -> Appointment | None:
        """One that was not withdrawn; `None` where there is none."""
        found = self.appointments(caller, signatory_id)
        return next((each for each in found if each.id == appointment_id), None)

    def appoint(
        self, caller: Caller, signatory_id: str, *, form: ActingForm, office: str, starts_on: date, ends_on: date
    ) -> Appointment:
        """Write an acting appointment down; both days belong to it. Raises `RegistrationRefused`."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            self._known(signatory_id)
            if not timedelta(0) <= ends_on - starts_on <= _LONGEST:
                message = "The last day comes after the first one, at most a year later."
                raise RegistrationRefused(message, field="endsOn", reason="dates")
            appointment = Appointment(
                id=self._random_bytes(_ID_BYTES).hex(),
                signatory_id=signatory_id,
                form=form,
                office=_office(office),
                starts_on=starts_on,
                ends_on=ends_on,
            )
            self._appointments.record(appointment, actor=member.id, at=self._now())
            return appointment

    def withdraw_appointment(self, caller: Caller, signatory_id: str, appointment_id: str) -> None:
        """It ends before its time: no longer good for signing. Raises `RegistrationRefused` for an unknown one."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            self._known(signatory_id)
            if not self._appointments.withdraw(signatory_id, appointment_id, actor=member.id, at=self._now()):
                message = "There is no such appointment in force. Look at the list."
                raise RegistrationRefused(message, field="appointment", reason="unknown")

    def enrolment_requests(self, caller: Caller, *, after: str = "", limit: int = 100) -> tuple[EnrolmentRequest, ...]:
        """Whom applications want enrolled, as they claim: those that wait, by id."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._enrolments.open(after=after, limit=limit)

    def enrolment_request(self, caller: Caller, request_id: str) -> EnrolmentRequest | None:
        """One of them, also when it is closed; `None` where there is none."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._enrolments.get(request_id)

    def close_enrolment_request(self, caller: Caller, request_id: str) -> EnrolmentRequest:
        """It was registered, or will not be. Raises `RegistrationRefused` where none of this id waits."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._enrolments.close(request_id, actor=member.id)

    def _known(self, signatory_id: str) -> None:
        if self._officials.get(signatory_id) is None:
            raise CredentialUnknown("There is no such official. Check the id.", field="signatory", reason="unknown")


def _office(text: str) -> str:
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if not clean or len(clean.encode()) > _OCTETS or not clean.isprintable():
        raise RegistrationRefused(f"Write the office in 1 to {_OCTETS} octets.", field="office", reason="text")
    if _NUMBER.search(clean):
        raise RegistrationRefused("A NIK or NIP never goes into it.", field="office", reason="personal-number")
    return clean
