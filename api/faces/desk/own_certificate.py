"""The person's own certificates and acting appointments, and a notice before one of them ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from litestar import Controller, Response, get

from api.faces.desk.visit import Visit, Visits, to
from api.pages.moments import day_of, on_day
from api.pages.text import Text
from signer.activation import fingerprint
from signer.appointments import OFFICE_CLOCK, Appointment
from signer.model import Credential, CredentialState

NOTICE: Final = timedelta(days=60)
"""From so long before its end on a certificate is spoken of; as long as the first notice by mail."""
_STATES: Final = {
    CredentialState.ACTIVE: (Text("Berlaku", "Valid"), "circle-tick", "good"),
    CredentialState.SUSPENDED: (Text("Dihentikan sementara", "Suspended"), "note", "note"),
    CredentialState.REVOKED: (Text("Dicabut", "Revoked"), "octagon-minus", "bad"),
    CredentialState.RETIRED: (Text("Digantikan yang lebih baru", "Replaced by a newer one"), "clock", "unsure"),
    CredentialState.AWAITING_CERTIFICATE: (
        Text("Menunggu sertifikatnya", "Waits for its certificate"),
        "clock",
        "record",
    ),
}
_OVER: Final = (Text("Masa berlakunya habis", "Expired"), "clock", "unsure")
_NOT_YET: Final = (Text("Belum berlaku", "Not valid yet"), "clock", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """One of them, in words."""

    says: Text
    icon: str
    tone: str
    name: str
    issuer: str
    serial: str
    """Hexadecimal."""
    thumbprint: str
    """The beginning of its SHA-256, as people compare it."""
    since: Text
    until: Text
    days_left: int | None
    """Of one that may sign, where it ends within `NOTICE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAppointment:
    """One acting appointment, in words."""

    office: str
    since: Text
    until: Text
    says: Text
    in_force: bool


class CertificateController(Controller):
    """For whoever is logged in."""

    include_in_schema = False

    @get("/desk/certificate", sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """Those of today first."""
        if visit.person is None:
            return to("/desk/sign-in")
        doors, signatory_id = visit.doors, visit.person.signatory_id or ""
        official, at = doors.official(signatory_id), doors.now()
        return visit.show(
            "certificate.html",
            who=official.signatory if official else None,
            certificates=certificates(doors.credentials(signatory_id), at, doors.settings.utc_offset_hours),
            appointments=appointments(doors.appointments(signatory_id), at),
        )


def ending_soon(visit: Visit, signatory_id: str) -> OwnCertificate | None:
    """The certificate that signs today, where it ends soon and no newer one is there."""
    doors = visit.doors
    found = certificates(doors.credentials(signatory_id), doors.now(), doors.settings.utc_offset_hours)
    return next((each for each in found[:1] if each.days_left is not None), None)


def certificates(credentials: Iterable[Credential], at: datetime, utc_offset_hours: int) -> tuple[OwnCertificate, ...]:
    """Of credentials that have one; those that may sign first, then by their end, the latest first."""
    held = [each for each in credentials if each.chain]
    held.sort(key=lambda each: (_may_sign(each, at), each.certificate.not_valid_after_utc), reverse=True)
    return tuple(_certificate(each, at, utc_offset_hours) for each in held)


def appointments(found: Sequence[Appointment], at: datetime) -> tuple[OwnAppointment, ...]:
    """Those in force first, then those to come; what is over is left out."""
    today = at.astimezone(OFFICE_CLOCK).date()
    coming = sorted((each for each in found if each.ends_on >= today), key=lambda each: (each.starts_on, each.office))
    return tuple(
        OwnAppointment(
            office=f"{each.form.value.capitalize()}. {each.office}",
            since=on_day(each.starts_on),
            until=on_day(each.ends_on),
            says=Text("Berlaku hari ini", "In force today")
            if each.covers(today)
            else Text("Belum mulai", "Not begun yet"),
            in_force=each.covers(today),
        )
        for each in coming
    )


def _may_sign(credential: Credential, at: datetime) -> bool:
    certificate = credential.certificate
    within = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    return credential.state is CredentialState.ACTIVE and within


def _certificate(credential: Credential, at: datetime, utc_offset_hours: int) -> OwnCertificate:
    certificate = credential.certificate
    says, icon, tone = _STATES[credential.state]
    if credential.state is CredentialState.ACTIVE and not _may_sign(credential, at):
        says, icon, tone = _OVER if at > certificate.not_valid_after_utc else _NOT_YET
    left = certificate.not_valid_after_utc - at
    return OwnCertificate(
        says=says,
        icon=icon,
        tone=tone,
        name=_of(certificate.subject, NameOID.COMMON_NAME),
        issuer=_of(certificate.issuer, NameOID.COMMON_NAME),
        serial=f"{certificate.serial_number:x}",
        thumbprint=fingerprint(certificate.fingerprint(hashes.SHA256()).hex()),
        since=day_of(certificate.not_valid_before_utc, utc_offset_hours=utc_offset_hours),
        until=day_of(certificate.not_valid_after_utc, utc_offset_hours=utc_offset_hours),
        days_left=left.days if _may_sign(credential, at) and left <= NOTICE else None,
    )


def _of(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
