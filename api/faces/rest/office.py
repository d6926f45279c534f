"""What staff do: register, approve, find, suspend, renew, revoke. Each handler translates, calls, translates."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, SkipValidation

from api.auth import Principal, requires
from api.faces.rest.json_body import json_of
from api.faces.rest.office_body import (
    ApprovalBody,
    ApprovalPage,
    DecisionRequest,
    LinkBody,
    OfficialBody,
    OfficialPage,
    RaiseRequest,
    RegistrationBody,
    RegistrationPage,
    RegistrationRequest,
    ReleaseRequest,
    RevocationRequest,
    cursor_after,
    personal_number,
    read_cursor,
    read_serial,
)
from api.logging import request_id_of
from api.office.desk import Caller
from api.office.registry import Found, Office
from api.permissions import Permission
from api.problems import INVALID_REQUEST, NOT_FOUND, OFFICE_CLOSED, RequestRefused
from api.services import Services
from signer.people import OfficialQuery, Purpose, Registration, StatusWord

LARGEST_PAGE: Final = 200
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_REGISTRATION: Final = msgspec.json.Decoder(RegistrationRequest, dec_hook=personal_number)
_DECISION: Final = msgspec.json.Decoder(DecisionRequest)
_REVOCATION: Final = msgspec.json.Decoder(RevocationRequest)
_RAISE: Final = msgspec.json.Decoder(RaiseRequest)
_RELEASE: Final = msgspec.json.Decoder(ReleaseRequest)

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]
Cursor = Annotated[str | None, QueryParameter(max_length=400)]
Limit = Annotated[int, QueryParameter(ge=1, le=LARGEST_PAGE)]
Words = Annotated[str | None, QueryParameter(max_length=100)]


class RegistrationController(Controller):
    """Requests that an official gets a certificate."""

    path = "/registrations"

    @get("/", operation_id="ListRegistrations", guards=[requires(Permission.REGISTRATION_READ)], sync_to_thread=True)
    def open(self, request: Asked, services: Given, cursor: Cursor = None, limit: Limit = 50) -> Response[Any]:
        """Those that wait for somebody."""
        office, caller = office_of(services, request)
        found = office.open_registrations(caller, after=cursor or "", limit=limit)
        following = found[-1].id if len(found) == limit else None
        return told(RegistrationPage(items=[RegistrationBody.of(each) for each in found], next=following))

    @post("/", operation_id="Register", guards=[requires(Permission.REGISTRATION_CREATE)])
    async def register(self, request: Asked, services: Given) -> Response[Any]:
        """Propose one."""
        body = await json_of(request, _REGISTRATION)
        registration = await sync_to_thread(_register, services, request, body)
        headers = {**_PRIVATE, "Location": f"/v1/registrations/{registration.id}"}
        return Response(RegistrationBody.of(registration), status_code=201, headers=headers)

    @get(
        "/{registration:str}",
        operation_id="GetRegistration",
        guards=[requires(Permission.REGISTRATION_READ)],
        sync_to_thread=True,
    )
    def read(self, request: Asked, services: Given, registration: FromPath[str]) -> Response[Any]:
        """One of them."""
        office, caller = office_of(services, request)
        return told(RegistrationBody.of(office.registration(caller, registration)))

    @post(
        "/{registration:str}/link",
        operation_id="Invite",
        guards=[requires(Permission.REGISTRATION_CREATE)],
        sync_to_thread=True,
    )
    def invite(self, request: Asked, services: Given, registration: FromPath[str]) -> Response[Any]:
        """The one-time link of an approved one; an earlier link ends."""
        office, caller = office_of(services, request)
        invitation = office.invite(caller, registration)
        return told(LinkBody.of(invitation, public_url=services.settings.server.public_url), status=201)


class ApprovalController(Controller):
    """What needs a second person."""

    path = "/approvals"

    @get("/", operation_id="ListApprovals", guards=[requires(Permission.APPROVAL_READ)], sync_to_thread=True)
    def waiting(self, request: Asked, services: Given, cursor: Cursor = None, limit: Limit = 50) -> Response[Any]:
        """Those that wait."""
        office, caller = office_of(services, request)
        found = office.waiting_approvals(caller, after=cursor or "", limit=limit)
        following = found[-1].id if len(found) == limit else None
        return told(ApprovalPage(items=[ApprovalBody.of(each) for each in found], next=following))

    @get(
        "/{approval:str}",
        operation_id="GetApproval",
        guards=[requires(Permission.APPROVAL_READ)],
        sync_to_thread=True,
    )
    def read(self, request: Asked, services: Given, approval: FromPath[str]) -> Response[Any]:
        """One of them."""
        office, caller = office_of(services, request)
        return told(ApprovalBody.of(office.approval(caller, approval)))

    @post("/{approval:str}/decision", operation_id="Decide", guards=[requires(Permission.APPROVAL_DECIDE)])
    async def decide(self, request: Asked, services: Given, approval: FromPath[str]) -> Response[Any]:
        """Approve or reject, for good."""
        body = await json_of(request, _DECISION)
        decided = await sync_to_thread(_decide, services, request, approval, body)
        return told(ApprovalBody.of(decided))


class CredentialController(Controller):
    """Officials and the credentials of today."""

    path = "/credentials"

    @get("/", operation_id="SearchCredentials", guards=[requires(Permission.CREDENTIAL_READ)], sync_to_thread=True)
    def search(
        self,
        request: Asked,
        services: Given,
        *,
        name: Words = None,
        unit: Words = None,
        organisation: Words = None,
        status: FromQuery[StatusWord | None] = None,
        serial: Words = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response[Any]:
        """Officials by name, unit, organisation, status or serial number."""
        query = OfficialQuery(
            name=name,
            unit=unit,
            organisation=organisation,
            status=status,
            serial=None if serial is None else read_serial(serial),
            after=read_cursor(cursor),
            limit=limit,
        )
        office, caller = office_of(services, request)
        return told(_page(office.search(caller, query), limit))

    @get(
        "/{signatory:str}",
        operation_id="GetCredential",
        guards=[requires(Permission.CREDENTIAL_READ)],
        sync_to_thread=True,
    )
    def read(self, request: Asked, services: Given, signatory: FromPath[str]) -> Response[Any]:
        """The official of that opaque identifier."""
        office, caller = office_of(services, request)
        return told(_only(office.search(caller, OfficialQuery(signatory_id=signatory)), "signatory"))


class CertificateController(Controller):
    """Certificates by serial number, and what is done to them."""

    path = "/certificates"

    @get(
        "/{serial:str}",
        operation_id="GetCertificate",
        guards=[requires(Permission.CREDENTIAL_READ)],
        sync_to_thread=True,
    )
    def read(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """The official whose certificate this is or was."""
        office, caller = office_of(services, request)
        return told(_only(office.search(caller, OfficialQuery(serial=read_serial(serial))), "serial"))

    @post(
        "/{serial:str}/suspend",
        operation_id="SuspendCertificate",
        status_code=200,
        guards=[requires(Permission.CERTIFICATE_SUSPEND)],
        sync_to_thread=True,
    )
    def suspend(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """Its key signs no more, at once and until it is resumed."""
        office, caller = office_of(services, request)
        office.suspend(caller, read_serial(serial))
        return self._now(office, caller, serial)

    @post(
        "/{serial:str}/resume",
        operation_id="ResumeCertificate",
        status_code=200,
        guards=[requires(Permission.CERTIFICATE_SUSPEND)],
        sync_to_thread=True,
    )
    def resume(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """Its key signs again."""
        office, caller = office_of(services, request)
        office.resume(caller, read_serial(serial))
        return self._now(office, caller, serial)

    @post("/{serial:str}/revoke", operation_id="RevokeCertificate", guards=[requires(Permission.CERTIFICATE_REVOKE)])
    async def revoke(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """Ended for good."""
        body = await json_of(request, _REVOCATION)
        number = read_serial(serial)

        def carry_out() -> Response[Any]:
            office, caller = office_of(services, request)
            office.revoke(caller, number, body.reason.flag, invalid_since=body.invalidity_date)
            return self._now(office, caller, serial)

        return await sync_to_thread(carry_out)

    @post(
        "/{serial:str}/raise-reason",
        operation_id="RaiseReason",
        guards=[requires(Permission.CERTIFICATE_REVOKE)],
    )
    async def raise_reason(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """Revoked for another reason, it turns out to be a lost key."""
        body = await json_of(request, _RAISE)

        def carry_out() -> Response[Any]:
            office, caller = office_of(services, request)
            office.raise_reason(caller, read_serial(serial), invalid_since=body.invalidity_date)
            return self._now(office, caller, serial)

        return await sync_to_thread(carry_out)

    @post(
        "/{serial:str}/hold",
        operation_id="HoldCertificate",
        status_code=200,
        guards=[requires(Permission.CERTIFICATE_SUSPEND)],
        sync_to_thread=True,
    )
    def hold(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """On CRL and OCSP until it is released, where holds are allowed."""
        office, caller = office_of(services, request)
        office.hold(caller, read_serial(serial))
        return self._now(office, caller, serial)

    @post(
        "/{serial:str}/release-proposal",
        operation_id="ProposeRelease",
        guards=[requires(Permission.PROPOSAL_CREATE)],
        sync_to_thread=True,
    )
    def propose_release(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """Ask a second person for the end of a hold."""
        office, caller = office_of(services, request)
        return told(ApprovalBody.of(office.propose_release(caller, read_serial(serial))), status=201)

    @post("/{serial:str}/release", operation_id="ReleaseCertificate", guards=[requires(Permission.PROPOSAL_CREATE)])
    async def release(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """End an approved hold; its key signs no more until it is resumed."""
        body = await json_of(request, _RELEASE)

        def carry_out() -> Response[Any]:
            office, caller = office_of(services, request)
            office.release(caller, read_serial(serial), approval_id=body.approval)
            return self._now(office, caller, serial)

        return await sync_to_thread(carry_out)

    @post(
        "/{serial:str}/renew",
        operation_id="RenewCertificate",
        guards=[requires(Permission.CERTIFICATE_RENEW)],
        sync_to_thread=True,
    )
    def renew(self, request: Asked, services: Given, serial: FromPath[str]) -> Response[Any]:
        """The link at which its official renews; the old credential signs until then."""
        office, caller = office_of(services, request)
        invitation = office.renew(caller, read_serial(serial))
        return told(LinkBody.of(invitation, public_url=services.settings.server.public_url), status=201)

    def _now(self, office: Office, caller: Caller, serial: str) -> Response[Any]:
        return told(_only(office.search(caller, OfficialQuery(serial=read_serial(serial))), "serial"))


def office_of(services: Services, request: Asked) -> tuple[Office, Caller]:
    """The office, and who asks; refuses an application, whatever its token says."""
    if services.office is None:
        raise RequestRefused(OFFICE_CLOSED, "This process serves no registration office.")
    return services.office, services.office.desk.caller(request.user.client_id, request_id_of(request.scope))


def _register(services: Services, request: Asked, body: RegistrationRequest) -> Registration:
    office, caller = office_of(services, request)
    pki = services.settings.pki
    if body.purpose is Purpose.RENEWAL:
        raise RequestRefused(
            INVALID_REQUEST, "Ask for a renewal at the certificate.", field="purpose", reason="elsewhere"
        )
    if body.purpose is Purpose.LOST_PASSPHRASE:
        return office.replace_lost_passphrase(caller, body.replaced)
    person = body.person(organisation=pki.organisation, organisation_identifier=pki.organisation_identifier)
    if body.purpose is Purpose.TRANSFER:
        return office.transfer(caller, body.replaced, person)
    return office.register(caller, person, body.numbers)


def _decide(services: Services, request: Asked, approval: str, body: DecisionRequest) -> Any:
    office, caller = office_of(services, request)
    return office.decide(caller, approval, approve=body.approve, note=body.note)


def _page(found: Sequence[Found], limit: int) -> OfficialPage:
    following = cursor_after(found[-1].official) if len(found) == limit else None
    return OfficialPage(items=[OfficialBody.of(each) for each in found], next=following)


def _only(found: Sequence[Found], field: str) -> OfficialBody:
    if not found:
        raise RequestRefused(NOT_FOUND, "No official has it.", field=field, reason="unknown")
    return OfficialBody.of(found[0])


def told(body: msgspec.Struct, *, status: int = 200) -> Response[Any]:
    """An answer that nobody keeps."""
    return Response(body, status_code=status, headers=_PRIVATE)
