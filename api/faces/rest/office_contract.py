"""The part of the OpenAPI document for staff: registrations, approvals, credentials, certificates."""

from typing import Any, Final

import signer.errors
from api.contract_words import Part, answer, path_parameter, problems, ref
from api.faces.rest.office import LARGEST_PAGE
from api.faces.rest.office_body import (
    ApprovalPage,
    BulkBody,
    BulkProposal,
    BulkRequest,
    DecisionRequest,
    LinkBody,
    OfficialPage,
    RaiseRequest,
    RegistrationPage,
    RegistrationRequest,
    ReleaseRequest,
    RevocationRequest,
)
from api.permissions import Permission
from api.problems import (
    BODY_TOO_LARGE,
    INVALID_REQUEST,
    NOT_FOUND,
    OFFICE_CLOSED,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
)
from ca.errors import CaError
from signer.people import StatusWord

BODIES: Final = (
    RegistrationRequest,
    DecisionRequest,
    RevocationRequest,
    RaiseRequest,
    ReleaseRequest,
    BulkProposal,
    BulkRequest,
    BulkBody,
    RegistrationPage,
    ApprovalPage,
    OfficialPage,
    LinkBody,
)

_JSON: Final = "application/json"
_STAFF: Final = (
    UNAUTHENTICATED,
    SCOPE_MISSING,
    PROBLEMS[signer.errors.NotPermitted],
    PROBLEMS[signer.errors.StaffRefused],
    OFFICE_CLOSED,
    PROBLEMS[signer.errors.Unavailable],
    INVALID_REQUEST,
    RATE_EXCEEDED,
    UNEXPECTED,
)
_BODY: Final = (BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)
_REGISTRATION: Final = (PROBLEMS[signer.errors.RegistrationRefused], NOT_FOUND)
_APPROVAL: Final = (PROBLEMS[signer.errors.ApprovalRefused], NOT_FOUND)
_CERTIFICATE: Final = (
    NOT_FOUND,
    PROBLEMS[signer.errors.CredentialUnknown],
    PROBLEMS[signer.errors.CredentialUnusable],
)
_CA: Final = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, CaError))


def _operation(
    name: str,
    tag: str,
    summary: str,
    permission: Permission,
    *kinds: Problem,
    success: tuple[str, str],
    body: str | None = None,
    parameters: tuple[Part, ...] = (),
) -> Part:
    """`success`: status and schema of the good answer."""
    status, schema = success
    part: Part = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "security": [{"oauth2": [str(permission)]}],
        "parameters": list(parameters),
        "responses": {
            status: answer(summary, {_JSON: {"schema": ref(schema)}}),
            **problems(*dict.fromkeys((*_STAFF, *kinds, *(_BODY if body else ())))),
        },
    }
    if body:
        part["requestBody"] = {"required": True, "content": {_JSON: {"schema": ref(body)}}}
    return part


def _query(name: str, description: str, schema: Part | None = None) -> Part:
    given: dict[str, Any] = schema or {"type": "string", "maxLength": 100}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": given}


_PAGE: Final = (
    _query("cursor", "Where to go on, as the page before told.", {"type": "string", "maxLength": 400}),
    _query("limit", "Most items.", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50}),
)
_SEARCH: Final = (
    _query("name", "Parts of the name, in any case."),
    _query("unit", "Part of the unit's name."),
    _query("organisation", "Part of the organisation's name."),
    _query("status", "Where they stand.", {"type": "string", "enum": [each.value for each in StatusWord]}),
    _query("serial", "Serial number of any certificate of theirs, hexadecimal."),
    *_PAGE,
)
_ID: Final = "0123456789abcdef0123456789abcdef"
_ONE_REGISTRATION: Final = path_parameter("registration", "Its id.", _ID)
_ONE_APPROVAL: Final = path_parameter("approval", "Its id.", _ID)
_SIGNATORY: Final = path_parameter("signatory", "The official's opaque identifier.", "K5QXA2LBONUWC3TB")
_SERIAL: Final = path_parameter("serial", "Serial number, hexadecimal.", "1a2b3c4d5e6f")


def _act(name: str, summary: str, permission: Permission, *kinds: Problem, **more: Any) -> dict[str, Part]:
    given = {"success": ("200", "OfficialBody"), "parameters": (_SERIAL,), **more}
    return {"post": _operation(name, "certificates", summary, permission, *_CERTIFICATE, *kinds, **given)}


PATHS: Final[dict[str, Part]] = {
    "/v1/registrations": {
        "get": _operation(
            "ListRegistrations",
            "registrations",
            "Registrations that wait for somebody",
            Permission.REGISTRATION_READ,
            success=("200", "RegistrationPage"),
            parameters=_PAGE,
        ),
        "post": _operation(
            "Register",
            "registrations",
            "Propose that an official gets a certificate; a second person approves",
            Permission.REGISTRATION_CREATE,
            *_REGISTRATION,
            success=("201", "RegistrationBody"),
            body="RegistrationRequest",
        ),
    },
    "/v1/registrations/{registration}": {
        "get": _operation(
            "GetRegistration",
            "registrations",
            "One registration",
            Permission.REGISTRATION_READ,
            *_REGISTRATION,
            success=("200", "RegistrationBody"),
            parameters=(_ONE_REGISTRATION,),
        )
    },
    "/v1/registrations/{registration}/link": {
        "post": _operation(
            "Invite",
            "registrations",
            "The one-time link for the official; an earlier one ends",
            Permission.REGISTRATION_CREATE,
            *_REGISTRATION,
            success=("201", "LinkBody"),
            parameters=(_ONE_REGISTRATION,),
        )
    },
    "/v1/approvals": {
        "get": _operation(
            "ListApprovals",
            "approvals",
            "What waits for a second person",
            Permission.APPROVAL_READ,
            success=("200", "ApprovalPage"),
            parameters=_PAGE,
        )
    },
    "/v1/approvals/{approval}": {
        "get": _operation(
            "GetApproval",
            "approvals",
            "One approval",
            Permission.APPROVAL_READ,
            *_APPROVAL,
            success=("200", "ApprovalBody"),
            parameters=(_ONE_APPROVAL,),
        )
    },
    "/v1/approvals/{approval}/decision": {
        "post": _operation(
            "Decide",
            "approvals",
            "Approve or reject, for good",
            Permission.APPROVAL_DECIDE,
            *_APPROVAL,
            success=("200", "ApprovalBody"),
            body="DecisionRequest",
            parameters=(_ONE_APPROVAL,),
        )
    },
    "/v1/credentials": {
        "get": _operation(
            "SearchCredentials",
            "credentials",
            "Officials and the credentials of today",
            Permission.CREDENTIAL_READ,
            success=("200", "OfficialPage"),
            parameters=_SEARCH,
        )
    },
    "/v1/credentials/{signatory}": {
        "get": _operation(
            "GetCredential",
            "credentials",
            "One official and the credential of today",
            Permission.CREDENTIAL_READ,
            NOT_FOUND,
            success=("200", "OfficialBody"),
            parameters=(_SIGNATORY,),
        )
    },
    "/v1/certificates/{serial}": {
        "get": _operation(
            "GetCertificate",
            "certificates",
            "The official whose certificate this is or was",
            Permission.CREDENTIAL_READ,
            NOT_FOUND,
            success=("200", "OfficialBody"),
            parameters=(_SERIAL,),
        )
    },
    "/v1/certificates/{serial}/suspend": _act(
        "SuspendCertificate", "Its key signs no more, until it is resumed", Permission.CERTIFICATE_SUSPEND
    ),
    "/v1/certificates/{serial}/resume": _act(
        "ResumeCertificate", "Its key signs again", Permission.CERTIFICATE_SUSPEND
    ),
    "/v1/certificates/{serial}/revoke": _act(
        "RevokeCertificate",
        "Revoke it for good",
        Permission.CERTIFICATE_REVOKE,
        *_CA,
        PROBLEMS[signer.errors.Refused],
        body="RevocationRequest",
    ),
    "/v1/certificates/{serial}/raise-reason": _act(
        "RaiseReason",
        "Revoked for another reason, it turns out to be a lost key; for registrars",
        Permission.CERTIFICATE_REVOKE,
        *_CA,
        PROBLEMS[signer.errors.Refused],
        body="RaiseRequest",
    ),
    "/v1/certificates/{serial}/hold": _act(
        "HoldCertificate",
        "On CRL and OCSP until it is released, where holds are allowed; suspending has no such price",
        Permission.CERTIFICATE_SUSPEND,
        *_CA,
    ),
    "/v1/certificates/{serial}/release-proposal": _act(
        "ProposeRelease",
        "Ask a second person for the end of a hold",
        Permission.PROPOSAL_CREATE,
        success=("201", "ApprovalBody"),
    ),
    "/v1/certificates/{serial}/release": _act(
        "ReleaseCertificate",
        "End an approved hold; its key signs no more until it is resumed",
        Permission.PROPOSAL_CREATE,
        *_CA,
        *_APPROVAL,
        body="ReleaseRequest",
    ),
    "/v1/revocations/proposal": {
        "post": _operation(
            "ProposeRevocations",
            "certificates",
            "Ask a second person for the revocation of a list",
            Permission.CERTIFICATE_REVOKE,
            *_CERTIFICATE,
            success=("201", "ApprovalBody"),
            body="BulkProposal",
        )
    },
    "/v1/revocations": {
        "post": _operation(
            "RevokeMany",
            "certificates",
            "Revoke the approved list; each certificate has its own outcome",
            Permission.CERTIFICATE_REVOKE,
            *_CERTIFICATE,
            *_APPROVAL,
            success=("200", "BulkBody"),
            body="BulkRequest",
        )
    },
    "/v1/certificates/{serial}/renew": _act(
        "RenewCertificate",
        "The link at which its official renews",
        Permission.CERTIFICATE_RENEW,
        PROBLEMS[signer.errors.RegistrationRefused],
        success=("201", "LinkBody"),
    ),
}
