"""Seals of organisations: made and renewed by an administrator, lent to an application for a day by an approver."""

from datetime import datetime
from typing import Final

from litestar import Controller
from litestar.params import FromPath

import signer.errors
from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.seals_body import (
    SealActivationBody,
    SealActivationList,
    SealActivationRequest,
    SealBody,
    SealPage,
    SealRequest,
)
from api.faces.rest.office.visit import Visit, Visiting, acts, reads
from api.faces.rest.office.wire import Moment, cursor_of, place_of
from api.faces.rest.office.words import CA, CERTIFICATE, PAGE
from api.permissions import Permission
from api.problems import NOT_FOUND, PROBLEMS, RequestRefused

_REFUSED: Final = (PROBLEMS[signer.errors.Refused],)
_KEY: Final = (PROBLEMS[signer.errors.KeyUnavailable],)
_ENDED: Final = (PROBLEMS[signer.errors.ActivationRefused],)
_ID: Final = "0123456789abcdef0123456789abcdef"
_SEAL: Final = {
    "credential": _ID,
    "seal": "seal-K5QXA2LBONUWC3TBK5QXA2LB",
    "name": "Segel Dinas Contoh",
    "organisation": "Pemerintah Provinsi Contoh",
    "organisationIdentifier": "VATID-000000000000000",
    "status": "ISSUE",
    "serial": "1a2b3c4d5e6f",
    "notAfter": "2028-11-20T04:00:00Z",
}
_LENT: Final = {"client": "e-office", "networks": ["192.0.2.0/24"], "documents": 1000}
_ACTIVATION: Final = {
    "activation": "fedcba9876543210fedcba9876543210",
    "credential": _ID,
    **_LENT,
    "used": 0,
    "grantedAt": "2026-11-21T04:00:00Z",
    "expiresAt": "2026-11-22T04:00:00Z",
    "endedAt": None,
}


class SealController(Controller):
    """Revoked, suspended and resumed like any certificate, by the serial number: `/v1/certificates`."""

    path = "/seals"
    tags = ["seals"]  # noqa: RUF012 - the framework's way

    @acts(
        "/",
        "EnrolSeal",
        Permission.SEAL_ENROL,
        takes=SealRequest,
        gives=SealBody,
        status=201,
        at="/v1/seals/{0.credential}",
        fails=(*CA, *_KEY, PROBLEMS[signer.errors.RegistrationRefused]),
        sends={"name": "Segel Dinas Contoh"},
        shows=_SEAL,
    )
    def enrol(self, visit: Visiting[SealRequest]) -> SealBody:
        """Make the seal of an organisation; for administrators"""
        asked, own = visit.brought, visit.services.settings.pki
        made = visit.people.seals.enrol(
            visit.caller,
            asked.name,
            asked.organisation or own.organisation,
            asked.organisation_identifier or own.organisation_identifier,
        )
        return SealBody.of(made)

    @reads(
        "/", "ListSeals", Permission.CREDENTIAL_READ, gives=SealPage, query=PAGE, shows={"items": [_SEAL], "next": None}
    )
    def list(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> SealPage:
        """Every credential of a seal, of today and before"""
        place = place_of(cursor, tuple[str])
        found = visit.people.seals.all(visit.caller, after=place[0] if place else "", limit=limit)
        following = cursor_of((found[-1].credential.id,)) if len(found) == limit else None
        return SealPage(items=[SealBody.of(each) for each in found], next=following)

    @reads("/{credential:str}", "GetSeal", Permission.CREDENTIAL_READ, gives=SealBody, fails=CERTIFICATE, shows=_SEAL)
    def read(self, visit: Visiting[None], credential: FromPath[str]) -> SealBody:
        """One credential of a seal"""
        return SealBody.of(visit.people.seals.get(visit.caller, credential))

    @acts(
        "/{credential:str}/renew",
        "RenewSeal",
        Permission.SEAL_ENROL,
        gives=SealBody,
        status=201,
        at="/v1/seals/{0.credential}",
        fails=(*CERTIFICATE, *CA, *_KEY),
        shows=_SEAL,
    )
    def renew(self, visit: Visiting[None], credential: FromPath[str]) -> SealBody:
        """A new key and certificate under a new credential; the old one is retired. For administrators"""
        return SealBody.of(visit.people.seals.renew(visit.caller, credential))

    @acts(
        "/{credential:str}/activations",
        "ActivateSeal",
        Permission.SEAL_ACTIVATE,
        takes=SealActivationRequest,
        gives=SealActivationBody,
        status=201,
        at="/v1/seals/{0.credential}/activations/{0.activation}",
        fails=(*CERTIFICATE, *_REFUSED),
        sends={**_LENT, "hours": 24},
        shows=_ACTIVATION,
    )
    def activate(self, visit: Visiting[SealActivationRequest], credential: FromPath[str]) -> SealActivationBody:
        """Let one application seal so many documents, from its networks, for a day at most; for approvers"""
        asked = visit.brought
        made = visit.people.seals.activate(
            visit.caller,
            credential,
            asked.client,
            asked.networks,
            documents=asked.documents,
            hours=asked.hours,
        )
        return SealActivationBody.of(made)

    @reads(
        "/{credential:str}/activations",
        "ListSealActivations",
        Permission.CREDENTIAL_READ,
        gives=SealActivationList,
        fails=CERTIFICATE,
        query=PAGE,
        shows={"items": [_ACTIVATION], "next": None},
    )
    def activations(
        self, visit: Visiting[None], credential: FromPath[str], cursor: Cursor = None, limit: Limit = 50
    ) -> SealActivationList:
        """What was permitted with a seal, the newest first, and how much of it is used"""
        return _activations(visit, credential, before=place_of(cursor, tuple[Moment, str]), limit=limit)

    @reads(
        "/{credential:str}/activations/{activation:str}",
        "GetSealActivation",
        Permission.CREDENTIAL_READ,
        gives=SealActivationBody,
        fails=CERTIFICATE,
        shows=_ACTIVATION,
    )
    def activation(
        self, visit: Visiting[None], credential: FromPath[str], activation: FromPath[str]
    ) -> SealActivationBody:
        """One activation of a seal, whatever became of it"""
        found = visit.people.seals.permission(visit.caller, credential, activation)
        if found is None:
            raise RequestRefused(NOT_FOUND, "No such activation.", field="activation", reason="unknown")
        return SealActivationBody.of(found)

    @acts(
        "/{credential:str}/activations/{activation:str}/deactivate",
        "DeactivateSeal",
        Permission.SEAL_ACTIVATE,
        gives=SealActivationList,
        fails=(*CERTIFICATE, *_ENDED),
        shows={"items": [{**_ACTIVATION, "endedAt": "2026-11-21T05:00:00Z"}], "next": None},
    )
    def deactivate(
        self, visit: Visiting[None], credential: FromPath[str], activation: FromPath[str]
    ) -> SealActivationList:
        """From now on nothing is sealed under it, also of batches that are under way; for approvers"""
        visit.people.seals.deactivate(visit.caller, activation, credential_id=credential)
        return _activations(visit, credential)


def _activations(
    visit: Visit[None], credential: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
) -> SealActivationList:
    found = visit.people.seals.permissions(visit.caller, credential, before=before, limit=limit)
    following = cursor_of((found[-1].granted_at, found[-1].id)) if len(found) == limit else None
    return SealActivationList(items=[SealActivationBody.of(each) for each in found], next=following)
