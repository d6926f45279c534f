"""What a proposal is about, in the words that a second person needs before saying yes."""

from dataclasses import dataclass
from typing import Final

from api.faces.console.handovers import client_of, deputy_line, name_of
from api.faces.console.office_views import CertificateLine, certificate_line, summary_of
from api.faces.console.office_words import PURPOSES, REASONS
from api.faces.console.visit import Visit
from api.office import objects
from api.pages.text import Text
from api.permissions import Permission
from signer.errors import ImportRefused, RegistrationRefused
from signer.people import Approval, ApprovalKind, CertificateQuery, OfficialQuery, Registration

_NAMED: Final = 50
"""Certificates of one list that are shown with their names; the others by their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an approval is good for."""

    headline: Text
    name: str = ""
    where: str = ""
    signatory_id: str | None = None
    registration: Registration | None = None
    reason: Text | None = None
    certificates: tuple[CertificateLine, ...] = ()
    more: tuple[str, ...] = ()
    """Serial numbers beyond those that are named."""
    import_id: str | None = None
    rows: int = 0
    letter: tuple[tuple[Text, str], ...] = ()
    """The letter that it is about, and to whom it goes."""
    acts: Text | None = None
    """The button of who carries it out here; `None` where there is nothing to press."""


def subject_of(visit: Visit, approval: Approval) -> Subject:
    """What the caller may know of it; what is gone by now stands with the summary alone."""
    about = approval.object.partition(":")[2]
    match approval.kind:
        case ApprovalKind.ENROLMENT:
            return _registration(visit, about, approval)
        case ApprovalKind.BULK_REVOCATION:
            return _revocation(visit, approval)
        case ApprovalKind.RELEASE:
            return Subject(
                headline=Text("Melepas penahanan sertifikat ini", "Release the hold of this certificate"),
                certificates=_named(visit, (int(about, 16),)),
                acts=Text("Lepaskan penahanan", "Release the hold"),
            )
        case ApprovalKind.FACTOR_RESET:
            return _factors(visit, about, first=approval.object == objects.first_factor(about))
        case ApprovalKind.IMPORT:
            return _import(visit, about)
        case _:
            handed = approval.kind is ApprovalKind.HANDOVER
            return _handover(visit, approval) if handed else Subject(headline=Text(approval.summary, approval.object))


def _registration(visit: Visit, registration_id: str, approval: Approval) -> Subject:
    if not visit.may(Permission.REGISTRATION_READ):
        return Subject(headline=Text(approval.summary, "A certificate in an official's name"))
    try:
        one = visit.doors.people.office.registration(visit.caller, registration_id)
    except RegistrationRefused:
        return Subject(headline=Text(approval.summary, approval.object))
    return Subject(
        headline=PURPOSES[one.purpose],
        name=one.signatory.name,
        where=one.signatory.unit or one.signatory.organisation,
        signatory_id=one.signatory.id,
        registration=one,
    )


def _revocation(visit: Visit, approval: Approval) -> Subject:
    serials, reason = objects.revoked_serials(approval), objects.revoked_for(approval)
    said = "Revoke {n} certificates, for good" if len(serials) > 1 else "Revoke this certificate for good"
    return Subject(
        headline=Text("Mencabut {n} sertifikat, untuk selamanya", said).fill(n=str(len(serials))),
        reason=None if reason is None else REASONS[reason],
        certificates=_named(visit, serials[:_NAMED]),
        more=tuple(f"{serial:x}" for serial in serials[_NAMED:]),
        acts=None if reason is None else Text("Cabut sekarang", "Revoke now"),
    )


def _factors(visit: Visit, signatory_id: str, *, first: bool) -> Subject:
    query = OfficialQuery(signatory_id=signatory_id, limit=1)
    found = next(iter(visit.doors.people.office.search(visit.caller, query)), None)
    who = None if found is None else found.official.signatory
    reset = Text("Menghapus semua faktor kedua, lalu mendaftarkan yang baru", "End all second factors, then new ones")
    add = Text("Mendaftarkan faktor kedua yang pertama", "Add a first second factor")
    return Subject(
        headline=add if first else reset,
        name="" if who is None else who.name,
        where="" if who is None else who.unit or who.organisation,
        signatory_id=signatory_id,
        acts=Text("Buat tautan sekali pakai", "Make the one-time link"),
    )


def _import(visit: Visit, import_id: str) -> Subject:
    headline = Text("Mendaftarkan semua baris berkas ini", "Register every row of this file")
    if not visit.may(Permission.REGISTRATION_READ):
        return Subject(headline=headline)
    try:
        progress, _ = visit.doors.people.imports.progress(visit.caller, import_id)
    except ImportRefused:
        return Subject(headline=headline)
    return Subject(
        headline=headline,
        name=progress.file_name,
        import_id=import_id,
        rows=progress.total,
        acts=Text("Mulai mendaftarkan", "Begin to register"),
    )


def _handover(visit: Visit, approval: Approval) -> Subject:
    acts, office = Text("Serahkan", "Hand it over"), visit.doors.services.handovers
    found = None if office is None else office.asked(visit.caller, approval)
    if found is None:
        return Subject(headline=summary_of(approval), acts=acts)
    flow, deputy, holder = found.standing.flow, deputy_line(found.deputies[0]), found.holder
    return Subject(
        headline=summary_of(approval),
        name="" if holder is None else holder.name,
        where=found.step.signed_as.office or "",
        signatory_id=None if holder is None else holder.id,
        letter=(
            (Text("Surat", "Letter"), name_of(flow.letter)),
            (Text("Dari", "From"), client_of(visit, flow.client_id)),
            (Text("Kepada", "To"), f"{deputy.name}, {deputy.form}"),
            (Text("Penugasan", "Appointment"), f"{deputy.starts.id} – {deputy.ends.id}"),
        ),
        acts=acts,
    )


def _named(visit: Visit, serials: tuple[int, ...]) -> tuple[CertificateLine, ...]:
    at, offset = visit.doors.now(), visit.doors.settings.utc_offset_hours
    office = visit.doors.people.office
    found = (office.certificates(visit.caller, CertificateQuery(serial=serial, limit=1)) for serial in serials)
    return tuple(certificate_line(*each[0], at=at, utc_offset_hours=offset) for each in found if each)
