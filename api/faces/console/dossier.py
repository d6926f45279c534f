"""What one role may see of one official, gathered; what is offered to be done follows from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.faces.console.office_views import (
    CertificateLine,
    OfficialLine,
    ProposalLine,
    certificate_line,
    official_line,
    proposal_line,
)
from api.faces.console.office_words import FORMS, PURPOSES, REGISTRATION_STATES
from api.faces.console.visit import Visit
from api.office.registry import Found
from api.pages.moments import in_words, on_day
from api.pages.text import Text
from api.permissions import Permission
from signer.appointments import OFFICE_CLOCK, Appointment
from signer.factors.model import Held
from signer.people import (
    ApprovalStage,
    CertificateQuery,
    HolderKind,
    OfficialQuery,
    Registration,
    RegistrationState,
    StatusWord,
)

_CERTIFICATES: Final = 50
"""Of one official; more were never seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationLine:
    """One registration of the official."""

    id: str
    purpose: Text
    words: Text
    tone: str
    name: str
    where: str
    proposed_by: str
    proposed_at: Text
    approval_id: str | None
    link_until: Text | None
    """Until when the link that was handed out is good."""
    ready: bool
    """Whether a link can be made for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentLine:
    """One acting appointment."""

    id: str
    form: Text
    office: str
    starts: Text
    ends: Text
    words: Text
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything of one official that this role may see; what it may not see is `None`."""

    found: Found
    line: OfficialLine
    current: CertificateLine | None
    is_held: bool
    """Whether CRL and OCSP call that one on hold."""
    certificates: tuple[CertificateLine, ...]
    registrations: tuple[RegistrationLine, ...]
    proposals: tuple[ProposalLine, ...]
    ready: tuple[ProposalLine, ...]
    """What a second person approved, and nobody carried out yet."""
    appointments: tuple[AppointmentLine, ...]
    contact: str | None
    factors: Held | None

    @property
    def is_active(self) -> bool:
        """Whether the key signs now."""
        return self.found.status is StatusWord.ISSUE

    @property
    def is_suspended(self) -> bool:
        """Whether it may be let sign again."""
        return self.found.status is StatusWord.SUSPEND

    @property
    def has_open_registration(self) -> bool:
        """Whether somebody still has to do something about one."""
        return self.found.official.registration in (RegistrationState.PROPOSED, RegistrationState.APPROVED)


def dossier_of(visit: Visit, signatory_id: str) -> Dossier | None:
    """`None` for whom nobody knows, and for a seal. Raises `NotPermitted`."""
    people, caller = visit.doors.people, visit.caller
    at, offset = visit.doors.now(), visit.doors.settings.utc_offset_hours
    query = OfficialQuery(signatory_id=signatory_id, kind=HolderKind.OFFICIAL, limit=1)
    found = next(iter(people.office.search(caller, query)), None)
    if found is None:
        return None
    reads, registers = visit.may(Permission.REGISTRATION_READ), visit.may(Permission.REGISTRATION_CREATE)
    certificates = people.office.certificates(caller, CertificateQuery(signatory_id=signatory_id, limit=_CERTIFICATES))
    registrations = people.office.registrations_of(caller, signatory_id) if reads else ()
    links = people.office.links(caller, [each.id for each in registrations]) if registrations else {}
    proposals = people.proposals.about(
        caller,
        signatory_id,
        registration_ids=[each.id for each in registrations],
        certificates=[each for each, _ in certificates],
    )
    listed = [certificate_line(*each, at=at, utc_offset_hours=offset) for each in reversed(certificates)]
    serial = found.official.serial
    today = at.astimezone(OFFICE_CLOCK).date()
    shown = [proposal_line(each, at=at, utc_offset_hours=offset) for each in proposals]
    return Dossier(
        found=found,
        line=official_line(found, at=at, utc_offset_hours=offset),
        current=next((each for each in listed if serial is not None and each.serial == f"{serial:x}"), None),
        is_held=serial is not None and people.office.is_held(caller, serial),
        certificates=tuple(listed),
        registrations=tuple(registration_line(each, links.get(each.id), offset) for each in registrations),
        proposals=tuple(shown),
        ready=tuple(line for line, each in zip(shown, proposals, strict=True) if each.stage is ApprovalStage.READY),
        appointments=tuple(
            _appointment(each, in_force=each.covers(today), over=each.ends_on < today)
            for each in people.directory.appointments(caller, signatory_id)
        ),
        contact=people.directory.contact(caller, signatory_id) if registers else None,
        factors=people.factors.held(caller, signatory_id) if reads else None,
    )


def registration_line(one: Registration, link_until: datetime | None, utc_offset_hours: int) -> RegistrationLine:
    """`link_until`: of the unused link that was handed out."""
    words, tone = REGISTRATION_STATES[one.state]
    return RegistrationLine(
        id=one.id,
        purpose=PURPOSES[one.purpose],
        words=words,
        tone=tone,
        name=one.signatory.name,
        where=one.signatory.unit or one.signatory.organisation,
        proposed_by=one.proposed_by,
        proposed_at=in_words(one.proposed_at, utc_offset_hours=utc_offset_hours),
        approval_id=one.approval_id,
        link_until=None if link_until is None else in_words(link_until, utc_offset_hours=utc_offset_hours),
        ready=one.state is RegistrationState.APPROVED,
    )


def _appointment(one: Appointment, *, in_force: bool, over: bool) -> AppointmentLine:
    words, tone = Text("Akan datang", "Later"), "record"
    if in_force:
        words, tone = Text("Berlaku hari ini", "In force today"), "good"
    elif over:
        words, tone = Text("Selesai", "Over"), "unsure"
    return AppointmentLine(
        id=one.id,
        form=FORMS[one.form],
        office=one.office,
        starts=on_day(one.starts_on),
        ends=on_day(one.ends_on),
        words=words,
        tone=tone,
    )


def names_of(visit: Visit) -> dict[str, str]:
    """The people behind the accounts of staff."""
    return {each.id: each.name for each in visit.doors.people.accounts.all()}
