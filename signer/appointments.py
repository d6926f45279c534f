"""Acting appointments: who may sign as Plt., Plh., Pj. or Pjs., and until when.

They are data, never part of a certificate: an office held for three weeks must not cost a new key.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Final, Protocol

from signer.errors import AppointmentMissing
from signer.model import SignedAs
from signer.on_behalf import acting_word

OFFICE_CLOCK: Final = timezone(timedelta(hours=8))  # WITA: an appointment begins and ends at midnight in Bali


class ActingForm(Enum):
    """How one acts in an office (Permendagri 1/2023)."""

    PLT = "plt"
    """*Pelaksana tugas*: the post is vacant."""
    PLH = "plh"
    """*Pelaksana harian*: its holder is briefly away."""
    PJ = "pj"
    """*Penjabat*: interim head of a region."""
    PJS = "pjs"
    """*Penjabat sementara*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One acting appointment; both days belong to it, as the office's calendar counts (WITA)."""

    id: str
    signatory_id: str
    form: ActingForm
    office: str
    starts_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.starts_on <= day <= self.ends_on


class Appointments(Protocol):
    """Where appointments are looked up."""

    def of(self, signatory_id: str) -> tuple[Appointment, ...]:
        """Every appointment of a signatory that was not withdrawn, past and future ones too."""
        ...


def acting_form(text: str | None) -> ActingForm | None:
    """The form behind `Plt.`, `plh`, `Pj.` …; `None` for anything else, such as `a.n. Gubernur`."""
    word = acting_word(text)
    return next((form for form in ActingForm if form.value == word), None)


def require_appointed(signed_as: SignedAs, signatory_id: str, appointments: Appointments, *, at: datetime) -> None:
    """Whoever signs as acting for an office was appointed to just that, today. Raises `AppointmentMissing`.

    Signing in one's own office, or on somebody's behalf (a.n., u.b.), needs no appointment.
    """
    form = acting_form(signed_as.on_behalf)
    if form is None:
        return
    day = at.astimezone(OFFICE_CLOCK).date()
    office = same_text(signed_as.office or "")
    for each in appointments.of(signatory_id):
        if each.form is form and same_text(each.office) == office and each.covers(day):
            return
    raise AppointmentMissing(
        f"Tidak ada penugasan {form.value.capitalize()}. yang berlaku hari ini untuk jabatan itu; minta kantor"
        " pendaftaran mencatatnya. / No acting appointment to this office is in force today; ask the registration"
        " office to record it.",
        field="signed_as.on_behalf",
        reason="no-appointment",
    )


def same_text(text: str) -> str:
    """A text without what people do not see: case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
