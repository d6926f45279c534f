"""The OpenAPI document: each face's part, joined. A test holds it to the routes that are really served."""

from functools import cache
from typing import Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from api.contract_examples import with_details, with_examples
from api.contract_links import with_links
from api.contract_words import HEADERS, PROBLEM_SCHEMA, Part, problem_answers, problem_examples
from api.ending import with_endings
from api.faces.csc import contract as csc
from api.faces.esign import contract as esign
from api.faces.esign import contract_v2 as esign_v2
from api.faces.oauth import contract as oauth
from api.faces.pki import contract as pki
from api.faces.rest import contract as rest
from api.permissions import Permission
from api.settings import Settings

VERSION: Final = "1.0.0"
"""Of the contract, not of the program; what moves which part of it: docs/versioning.md."""
EXAMPLE_URL: Final = "http://127.0.0.1:8000"
"""Where a service is reached of which nothing else is known; `docs/openapi.json` is written with it."""

_ALLOWED: Final = {
    Permission.ACTIVATION_CREATE: "Ask signatories for consent",
    Permission.APPROVAL_DECIDE: "Staff: be the second person",
    Permission.APPROVAL_READ: "Staff: see what waits for a second person",
    Permission.AUDIT_READ: "Auditors: read the audit trail",
    Permission.CERTIFICATE_RENEW: "Staff: ask an official to renew",
    Permission.CERTIFICATE_REVOKE: "Staff: revoke certificates",
    Permission.CERTIFICATE_SUSPEND: "Staff: suspend and resume",
    Permission.CLIENT_MANAGE: "Administrators: applications",
    Permission.CREDENTIAL_LIST: "See with which credentials the same client may have documents signed",
    Permission.ENROLMENT_CREATE: "Ask the office that somebody gets a certificate",
    Permission.CREDENTIAL_READ: "Staff: search for officials",
    Permission.PASSPHRASE_CHANGE: "Change an official's passphrase, who gives the one of today",
    Permission.ESIGN_MANAGE: "Staff: give applications API credentials of the gateway",
    Permission.EVENT_READ: "Read the events of the same client's own things",
    Permission.JOB_MANAGE: "Administrators: begin jobs anew, end them",
    Permission.JOB_READ: "Administrators: see jobs",
    Permission.LETTER_WITHDRAW: "Staff: withdraw letters",
    Permission.KIND_MANAGE: "Administrators: which lists of kinds hold for an application",
    Permission.OPERATION_READ: "Administrators: see how the service stands",
    Permission.PROPOSAL_CREATE: "Staff: ask a second person",
    Permission.REGISTRATION_CREATE: "Staff: register officials",
    Permission.REGISTRATION_READ: "Staff: see open registrations",
    Permission.REPORT_READ: "Staff: read figures",
    Permission.SEAL_ACTIVATE: "Staff: let an application use a seal for a day",
    Permission.SEAL_ENROL: "Staff: make seals of organisations",
    Permission.SIGNATURE_CREATE: "Have documents signed",
    Permission.SIGNATURE_READ: "Read what the same client had signed",
    Permission.AUGMENTATION_CREATE: "Have signed documents raised to a higher level",
    Permission.SIGNATURE_WITHDRAW: "Withdraw what the same client had signed",
    Permission.WEBHOOK_MANAGE: "Have the same client's events delivered",
    Permission.WEBHOOK_OPERATE: "Administrators: pause webhooks, replay deliveries",
    Permission.WEBHOOK_READ: "Staff: see how the delivery of events goes",
}


def openapi_document(public_url: str) -> Part:
    """The whole contract of a service that is reached at `public_url`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Teken",
            "version": VERSION,
            "summary": "Electronic signatures and their verification",
            "description": (
                "Sign PDF documents with officials' credentials, and verify any signed PDF. Errors are problem "
                "details (RFC 9457) that name the field, a stable reason and the next step."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [
            {"name": "signatures", "description": "Sign, and read what was signed."},
            {"name": "activations", "description": "Ask a signatory for consent, on the service's own page."},
            {"name": "verifications", "description": "Verify any document."},
            {"name": "documents", "description": "Documents that several officials initial and sign."},
            {"name": "letters", "description": "What surrounds a signature: kinds, standing, withdrawal."},
            {"name": "events", "description": "What became of your own things: read, or delivered to you."},
            {"name": "registrations", "description": "Staff: from a name on paper to a credential."},
            {"name": "approvals", "description": "Staff: what needs a second person."},
            {"name": "credentials", "description": "Staff: officials and their credentials."},
            {"name": "certificates", "description": "Staff: suspend, resume, hold, release, renew, revoke."},
            {"name": "authority", "description": "Staff: the CA out of turn, proposed by one and approved by another."},
            {"name": "seals", "description": "Staff: seals of organisations, and who may use one until when."},
            {"name": "clients", "description": "Administrators: applications and how they authenticate."},
            {"name": "jobs", "description": "Administrators: durable jobs, begun anew or ended."},
            {"name": "foreign", "description": "Staff: another CA certifies officials."},
            {"name": "audit", "description": "Auditors: the trail."},
            {"name": "passphrases", "description": "The official's own: another passphrase for the same key."},
            {"name": "tokens", "description": "OAuth 2.0 client credentials."},
            esign.TAG,
            csc.TAG,
            {"name": "pki", "description": "CRL, OCSP, timestamps."},
            {"name": "service", "description": "The service itself."},
        ],
        "paths": with_examples(
            with_endings(
                with_links({**rest.PATHS, **oauth.PATHS, **csc.paths(), **pki.PATHS, **esign.PATHS, **esign_v2.PATHS})
            )
        ),
        "components": {
            "headers": HEADERS,
            "examples": with_details(problem_examples()),
            "responses": problem_answers(),
            "schemas": {
                "Problem": PROBLEM_SCHEMA,
                **rest.schemas(),
                **oauth.schemas(),
                **csc.schemas(),
                **esign.SCHEMAS,
                **esign_v2.SCHEMAS,
            },
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": f"{public_url}/oauth2/token",
                            "scopes": {str(each): text for each, text in _ALLOWED.items()},
                        }
                    },
                },
                "client": {"type": "http", "scheme": "basic"},
                "csc": csc.SECURITY_SCHEME,
                "cscBasic": csc.BASIC_SCHEME,
                "gateway": esign.SECURITY_SCHEME,
            },
        },
    }


def openapi_handler(settings: Settings) -> HTTPRouteHandler:
    """`GET /openapi.json`, encoded once."""
    encoded = _encoded(settings.server.public_url)

    @get("/openapi.json", operation_id="OpenApi", sync_to_thread=False)
    def openapi() -> Response[bytes]:
        """The contract."""
        return Response(encoded, media_type="application/json")

    return openapi


@cache  # one address in a process, but for tests, which make hundreds of services
def _encoded(public_url: str) -> bytes:
    return msgspec.json.format(msgspec.json.encode(openapi_document(public_url)))
