"""Certificates by serial number, and what is done to them."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller
from litestar.params import FromPath, FromQuery, QueryParameter

import signer.errors
from api.faces.rest.declaring import Cursor, Limit, Words
from api.faces.rest.office.certificate_body import (
    CertificateBody,
    CertificatePage,
    RaiseRequest,
    ReleaseRequest,
    RevocationRequest,
)
from api.faces.rest.office.credentials import only
from api.faces.rest.office.people_body import ApprovalBody, LinkBody, OfficialBody, RevokedBody
from api.faces.rest.office.visit import Visit, Visiting, acts, reads
from api.faces.rest.office.wire import Moment, cursor_of, moment_of, place_of, read_serial
from api.faces.rest.office.words import APPROVAL, CA, CERTIFICATE, CERTIFICATES
from api.permissions import Permission
from api.problems import NOT_FOUND, PROBLEMS
from signer.people import CertificateQuery, HolderKind, OfficialQuery, StatusWord

_REFUSED = PROBLEMS[signer.errors.Refused]
_SHOWN: Final = {
    "items": [
        {
            "serial": "1a2b3c4d5e6f",
            "status": "ISSUE",
            "notAfter": "2028-11-20T04:00:00Z",
            "signatory": "K5QXA2LBONUWC3TB",
            "kind": "official",
            "name": "I Wayan Contoh",
            "organisation": "Pemerintah Provinsi Contoh",
            "unit": "Dinas Contoh",
            "credential": "0123456789abcdef0123456789abcdef",
        }
    ],
    "next": None,
}


class CertificateController(Controller):
    """One certificate of an official; `serial` is hexadecimal."""

    path = "/certificates"
    tags = ["certificates"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListCertificates", Permission.CREDENTIAL_READ, gives=CertificatePage, query=CERTIFICATES, shows=_SHOWN)
    def list(
        self,
        visit: Visiting[None],
        *,
        status: FromQuery[StatusWord | None] = None,
        serial: Words = None,
        signatory: Words = None,
        kind: FromQuery[HolderKind | None] = None,
        expiring_before: Annotated[str | None, QueryParameter(name="expiringBefore", max_length=40)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> CertificatePage:
        """Certificates of officials, of today and before, those that end first at the beginning"""
        query = CertificateQuery(
            status=status,
            serial=None if serial is None else read_serial(serial),
            signatory_id=signatory,
            kind=kind,
            expiring_before=moment_of(expiring_before, "expiringBefore"),
            after=_place(cursor),
            limit=limit,
        )
        found = visit.people.office.certificates(visit.caller, query)
        last = found[-1][0] if len(found) == limit else None
        following = None if last is None else cursor_of((last.not_after, f"{last.serial:x}"))
        return CertificatePage(items=[CertificateBody.of(*each) for each in found], next=following)

    @reads("/{serial:str}", "GetCertificate", Permission.CREDENTIAL_READ, gives=OfficialBody, fails=(NOT_FOUND,))
    def read(self, visit: Visiting[None], serial: FromPath[str]) -> OfficialBody:
        """The official whose certificate this is or was"""
        return _now(visit, serial)

    @acts(
        "/{serial:str}/suspend",
        "SuspendCertificate",
        Permission.CERTIFICATE_SUSPEND,
        gives=OfficialBody,
        fails=CERTIFICATE,
    )
    def suspend(self, visit: Visiting[None], serial: FromPath[str]) -> OfficialBody:
        """Its key signs no more, until it is resumed"""
        visit.people.office.suspend(visit.caller, read_serial(serial))
        return _now(visit, serial)

    @acts(
        "/{serial:str}/resume",
        "ResumeCertificate",
        Permission.CERTIFICATE_SUSPEND,
        gives=OfficialBody,
        fails=CERTIFICATE,
    )
    def resume(self, visit: Visiting[None], serial: FromPath[str]) -> OfficialBody:
        """Its key signs again"""
        visit.people.office.resume(visit.caller, read_serial(serial))
        return _now(visit, serial)

    @acts(
        "/{serial:str}/revoke",
        "RevokeCertificate",
        Permission.CERTIFICATE_REVOKE,
        takes=RevocationRequest,
        gives=RevokedBody,
        fails=(*CERTIFICATE, *CA, PROBLEMS[signer.errors.ApprovalRefused], _REFUSED),
    )
    def revoke(self, visit: Visiting[RevocationRequest], serial: FromPath[str]) -> RevokedBody:
        """Revoke it at once for `keyCompromise`; for other reasons propose it at `/v1/revocations/proposal`"""
        asked = visit.brought
        changed = visit.people.office.revoke(
            visit.caller, read_serial(serial), asked.reason.flag, invalid_since=asked.invalidity_date
        )
        return RevokedBody(unchanged=not changed, **msgspec.structs.asdict(_now(visit, serial)))

    @acts(
        "/{serial:str}/raise-reason",
        "RaiseReason",
        Permission.CERTIFICATE_REVOKE,
        takes=RaiseRequest,
        gives=OfficialBody,
        fails=(*CERTIFICATE, *CA, _REFUSED),
    )
    def raise_reason(self, visit: Visiting[RaiseRequest], serial: FromPath[str]) -> OfficialBody:
        """Revoked for another reason, it turns out to be a lost key; for registrars"""
        number, since = read_serial(serial), visit.brought.invalidity_date
        visit.people.office.raise_reason(visit.caller, number, invalid_since=since)
        return _now(visit, serial)

    @acts(
        "/{serial:str}/hold",
        "HoldCertificate",
        Permission.CERTIFICATE_SUSPEND,
        gives=OfficialBody,
        fails=(*CERTIFICATE, *CA),
    )
    def hold(self, visit: Visiting[None], serial: FromPath[str]) -> OfficialBody:
        """On CRL and OCSP until it is released, where holds are allowed; suspending has no such price"""
        visit.people.office.hold(visit.caller, read_serial(serial))
        return _now(visit, serial)

    @acts(
        "/{serial:str}/release-proposal",
        "ProposeRelease",
        Permission.PROPOSAL_CREATE,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=CERTIFICATE,
    )
    def propose_release(self, visit: Visiting[None], serial: FromPath[str]) -> ApprovalBody:
        """Ask a second person for the end of a hold"""
        return ApprovalBody.of(visit.people.office.propose_release(visit.caller, read_serial(serial)))

    @acts(
        "/{serial:str}/release",
        "ReleaseCertificate",
        Permission.PROPOSAL_CREATE,
        takes=ReleaseRequest,
        gives=OfficialBody,
        fails=(*CERTIFICATE, *CA, *APPROVAL),
    )
    def release(self, visit: Visiting[ReleaseRequest], serial: FromPath[str]) -> OfficialBody:
        """End an approved hold; its key signs no more until it is resumed"""
        visit.people.office.release(visit.caller, read_serial(serial), approval_id=visit.brought.approval)
        return _now(visit, serial)

    @acts(
        "/{serial:str}/renew",
        "RenewCertificate",
        Permission.CERTIFICATE_RENEW,
        gives=LinkBody,
        status=201,
        at="/v1/registrations/{0.registration}",
        fails=(*CERTIFICATE, PROBLEMS[signer.errors.RegistrationRefused]),
        tells_secret=True,
    )
    def renew(self, visit: Visiting[None], serial: FromPath[str]) -> LinkBody:
        """The link at which its official renews; the old credential signs until then"""
        invitation = visit.people.office.renew(visit.caller, read_serial(serial))
        return LinkBody.of(invitation, public_url=visit.services.settings.server.public_url)


def _place(cursor: str | None) -> tuple[datetime, int] | None:
    place = place_of(cursor, tuple[Moment, str])
    return None if place is None else (place[0], read_serial(place[1]))


def _now(visit: Visit[Any], serial: str) -> OfficialBody:
    return only(visit.people.office.search(visit.caller, OfficialQuery(serial=read_serial(serial))), "serial")
