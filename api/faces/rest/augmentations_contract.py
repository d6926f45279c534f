"""Raising levels, in the OpenAPI document."""

from typing import Any, Final

import signer.errors
import verifier.errors
from api.bodies import PDF
from api.contract_words import BINARY, FILE, JSON, KEY, Part, answer, form, path_parameter, problems, ref
from api.faces.rest.augmentations import GOOD_UNTIL_HEADER, LEVEL_HEADER, AugmentBody
from api.faces.rest.signatures import CODE_HEADER, HEADER
from api.permissions import Permission
from api.problems import (
    BODY_TOO_LARGE,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    KEY_IN_USE,
    KEY_REUSED,
    NOT_FOUND,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
)

_ALWAYS: Final = (UNAUTHENTICATED, SCOPE_MISSING, RATE_EXCEEDED, UNEXPECTED)
_UPLOAD: Final = (DOCUMENT_MISSING, TOO_SLOW, UPLOADS_FULL)
_RAISING: Final = (
    INVALID_REQUEST,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    KEY_IN_USE,
    KEY_REUSED,
    PROBLEMS[signer.errors.DocumentRefused],
    *(problem for kind, problem in PROBLEMS.items() if issubclass(kind, signer.errors.Unavailable)),
    *(problem for kind, problem in PROBLEMS.items() if issubclass(kind, verifier.errors.VerificationUnavailable)),
)
_SECURITY: Final = [{"oauth2": [str(Permission.AUGMENTATION_CREATE)]}]
_BODY: Final[dict[str, Any]] = {JSON: {"schema": ref("AugmentBody")}}
_ANSWER: Final = answer(
    "The document at its new level",
    {PDF: {"schema": BINARY}},
    {
        LEVEL_HEADER: "The lowest level of its signatures now.",
        GOOD_UNTIL_HEADER: "By when it needs a newer timestamp.",
        CODE_HEADER: "Where it was kept: the long verification code of its signing.",
        "Location": "Where it was kept: its address.",
        "ETag": "Where it was kept: its SHA-256.",
    },
)

PATHS: Final[dict[str, Part]] = {
    "/v1/augmentations": {
        "post": {
            "operationId": "AugmentDocument",
            "tags": ["signatures"],
            "summary": "Raise any signed document to a higher level",
            "description": (
                "Send a form with the parts `document` (PDF) and `request` (JSON), or the raw PDF with the same JSON "
                f"in the header `{HEADER}`. Every signature in it has to be valid and to chain to an anchor of this "
                "service. A document that the same client had signed here is kept as a new version beside the old "
                "ones; any other is given back and not kept."
            ),
            "security": _SECURITY,
            "parameters": [
                {
                    "name": HEADER,
                    "in": "header",
                    "required": False,
                    "description": "Only with a raw PDF: the JSON, in ASCII, at most 8 KiB.",
                    "content": _BODY,
                },
                KEY,
            ],
            "requestBody": {
                "required": True,
                "content": {**form("AugmentBody"), PDF: {"schema": FILE}},
            },
            "responses": {"201": _ANSWER, **problems(*_UPLOAD, *_RAISING, *_ALWAYS)},
        }
    },
    "/v1/signatures/{code}/augmentations": {
        "post": {
            "operationId": "AugmentSignedDocument",
            "tags": ["signatures"],
            "summary": "Raise a signing of yours to a higher level",
            "description": "Its newest version is raised and kept as the next one; nothing is replaced.",
            "security": _SECURITY,
            "parameters": [
                path_parameter("code", "Verification code, long or short.", "0123456789ABCDEFGHJKMNPQRS"),
                KEY,
            ],
            "requestBody": {"required": True, "content": _BODY},
            "responses": {"201": _ANSWER, **problems(*_RAISING, NOT_FOUND, *_ALWAYS)},
        }
    },
}

BODIES: Final = (AugmentBody,)
