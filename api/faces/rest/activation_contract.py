"""Asking for consent, as its part of the OpenAPI document."""

from typing import Final

import signer.errors
from api.bodies import PDF
from api.contract_words import BINARY, Part, answer, path_parameter, problems, ref
from api.faces.rest.activation_body import ActivationBody, AskBody
from api.permissions import Permission
from api.problems import (
    BODY_TOO_LARGE,
    CONSENT_CLOSED,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
)

_JSON: Final = "application/json"
_SECURED: Final[list[Part]] = [{"oauth2": [str(Permission.ACTIVATION_CREATE)]}]
_ALWAYS: Final = (
    UNAUTHENTICATED,
    SCOPE_MISSING,
    INVALID_REQUEST,
    CONSENT_CLOSED,
    PROBLEMS[signer.errors.ActivationRefused],
    PROBLEMS[signer.errors.Unavailable],
    RATE_EXCEEDED,
    UNEXPECTED,
)
_ID: Final = path_parameter("activation", "Id of the request.", "0123456789abcdef0123456789abcdef")
_POSITION: Final[Part] = {
    "name": "position",
    "in": "path",
    "required": True,
    "description": "Place in the list, from 1.",
    "schema": {"type": "integer", "minimum": 1},
    "example": 1,
}


def _json(name: str) -> Part:
    return {_JSON: {"schema": ref(name)}}


PATHS: Final[dict[str, Part]] = {
    "/v1/activations": {
        "post": {
            "operationId": "AskForActivation",
            "tags": ["activations"],
            "summary": "Ask a signatory to consent to exactly these documents",
            "description": (
                "The list is fixed with this request; the documents follow one by one. Then send the signatory to "
                "`page`: there they see what is signed, and prove two factors for it. It is signed at once; read the "
                "request to learn of it."
            ),
            "security": _SECURED,
            "requestBody": {"required": True, "content": _json("AskBody")},
            "responses": {
                "201": answer("The request waits", _json("ActivationBody"), {"Location": "The request."}),
                **problems(
                    *_ALWAYS,
                    BODY_TOO_LARGE,
                    UNSUPPORTED_MEDIA_TYPE,
                    PROBLEMS[signer.errors.CredentialUnknown],
                    PROBLEMS[signer.errors.CredentialUnusable],
                    PROBLEMS[signer.errors.KindRefused],
                ),
            },
        }
    },
    "/v1/activations/{activation}": {
        "get": {
            "operationId": "GetActivation",
            "tags": ["activations"],
            "summary": "Where a request of yours stands, and what was signed",
            "security": _SECURED,
            "parameters": [_ID],
            "responses": {
                "200": answer("The request", _json("ActivationBody")),
                **problems(*_ALWAYS, PROBLEMS[signer.errors.ActivationUnknown]),
            },
        }
    },
    "/v1/activations/{activation}/documents/{position}": {
        "post": {
            "operationId": "SendActivationDocument",
            "tags": ["activations"],
            "summary": "Send one document of the list",
            "description": "Its SHA-256 has to be the one of the list; it is taken in once.",
            "security": _SECURED,
            "parameters": [_ID, _POSITION],
            "requestBody": {"required": True, "content": {PDF: {"schema": BINARY}}},
            "responses": {
                "200": answer("It is here", _json("ActivationBody")),
                **problems(
                    *_ALWAYS,
                    PROBLEMS[signer.errors.ActivationUnknown],
                    PROBLEMS[signer.errors.TextRefused],
                    DOCUMENT_MISSING,
                    TOO_SLOW,
                    BODY_TOO_LARGE,
                    UNSUPPORTED_MEDIA_TYPE,
                    UPLOADS_FULL,
                    PROBLEMS[signer.errors.DocumentRefused],
                    PROBLEMS[signer.errors.StampRefused],
                ),
            },
        }
    },
}

BODIES: Final[tuple[type, ...]] = (AskBody, ActivationBody)
