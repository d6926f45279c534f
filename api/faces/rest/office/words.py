"""What the routes of staff share in the OpenAPI document: parameters, and what can go wrong."""

from collections.abc import Mapping
from typing import Any, Final

import signer.errors
from api.faces.rest.declaring import LARGEST_PAGE
from api.faces.rest.office.wire import LONGEST_SERIAL, SERIAL
from api.problems import NOT_FOUND, PROBLEMS, Problem
from ca.errors import CaError
from signer.people import CERTIFICATE_WORDS, HolderKind, StatusWord

Query = tuple[Mapping[str, Any], ...]

REGISTRATION: Final = (PROBLEMS[signer.errors.RegistrationRefused], NOT_FOUND)
APPROVAL: Final = (PROBLEMS[signer.errors.ApprovalRefused], NOT_FOUND)
CERTIFICATE: Final = (
    NOT_FOUND,
    PROBLEMS[signer.errors.CredentialUnknown],
    PROBLEMS[signer.errors.CredentialUnusable],
)
OFFICIAL: Final = (
    NOT_FOUND,
    PROBLEMS[signer.errors.CredentialUnknown],
    PROBLEMS[signer.errors.RegistrationRefused],
)
CA: Final[tuple[Problem, ...]] = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, CaError))


def query(name: str, description: str, schema: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """One parameter of the query; a text of at most 100 characters where nothing else is said."""
    given = schema or {"type": "string", "maxLength": 100}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": given}


_SERIAL: Final = {"type": "string", "pattern": SERIAL, "maxLength": LONGEST_SERIAL}
PAGE: Final[Query] = (
    query("cursor", "Where to go on, as the page before told.", {"type": "string", "maxLength": 400}),
    query("limit", "Most items.", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50}),
)
EXTERNAL_ID: Final = query(
    "externalId", "Your identifier of the letter.", {"type": "string", "minLength": 1, "maxLength": 200}
)
_KINDS: Final = [each.value for each in HolderKind]

SEARCH: Final[Query] = (
    query("name", "Parts of the name, in any case."),
    query("unit", "Part of the unit's name."),
    query("organisation", "Part of the organisation's name."),
    query("status", "Where they stand.", {"type": "string", "enum": [each.value for each in StatusWord]}),
    query("serial", "Serial number of any certificate of theirs, hexadecimal.", _SERIAL),
    query("kind", "Officials, or seals of organisations.", {"type": "string", "enum": _KINDS, "default": "official"}),
    *PAGE,
)

CERTIFICATES: Final[Query] = (
    query(
        "status",
        "Where the certificate stands.",
        {"type": "string", "enum": [each.value for each in CERTIFICATE_WORDS], "examples": ["ISSUE"]},
    ),
    query("serial", "Serial number, hexadecimal.", _SERIAL),
    query("signatory", "The official's opaque identifier, or the seal's."),
    query("kind", "Whose; absent: all.", {"type": "string", "enum": _KINDS, "examples": ["seal"]}),
    query(
        "expiringBefore",
        "Those that end before this time.",
        {"type": "string", "format": "date-time", "examples": ["2027-01-01T00:00:00Z"]},
    ),
    *PAGE,
)

FILE_NAME: Final[Query] = (
    query("name", "Name of the file, as people will read it.", {"type": "string", "minLength": 1, "maxLength": 100}),
)

TRAIL: Final[Query] = (
    query("actor", "Only what this actor did."),
    query("object", "Only what was done to this object, `kind:id`.", {"type": "string", "maxLength": 200}),
    query("act", "Only this act.", {"type": "string", "maxLength": 100, "examples": ["certificate.issue"]}),
    query("since", "From this time on.", {"type": "string", "format": "date-time"}),
    query("until", "Before this time.", {"type": "string", "format": "date-time"}),
    *PAGE,
)

_ID: Final = "0123456789abcdef0123456789abcdef"
_COUNT: Final = {"type": "integer", "minimum": 1}
PATH_SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {"serial": _SERIAL, "number": _COUNT, "delivery": _COUNT}
"""Those of them that are no plain texts."""
IN_PATH: Final[Mapping[str, tuple[str, Any]]] = {
    "document": ("Its id.", "0123456789abcdef0123456789abcdef"),
    "number": ("The step, from 1.", 1),
    "code": ("Verification code, long or short.", "0123456789ABCDEFGHJKMNPQRS"),
    "registration": ("Its id.", _ID),
    "approval": ("Its id.", _ID),
    "signatory": ("The official's opaque identifier.", "K5QXA2LBONUWC3TB"),
    "operation": ("`crl`, `next-tsu`, `next-responder` or `last-crl`.", "crl"),
    "batch": ("Its id.", "mzxw6ytboi6mzxw6"),
    "webhook": ("Its id.", _ID),
    "delivery": ("Its number in the log.", 7),
    "appointment": ("Its id.", _ID),
    "client": ("The application's identifier.", "e-office"),
    "credential": ("The credential's id.", _ID),
    "activation": ("Its id.", _ID),
    "job": ("Its id.", "YmF0Y2gtMDEyMzQ1Njc4OWFiY2RlZg"),
    "enrolment": ("Its id.", _ID),
    "serial": ("Serial number, hexadecimal.", "1a2b3c4d5e6f"),
    "name": ("User name of an API credential.", "e-office-utama"),
}
"""Every parameter in a path: what it is, and an example."""
