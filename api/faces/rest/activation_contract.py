"""Asking for consent, as its part of the OpenAPI document."""

from typing import Final

import signer.errors
from api.bodies import PDF
from api.contract_words import FILE, KEY, Part, answer, path_parameter, problems, ref
from api.faces.rest.activation_body import ActivationBody, AskBody
from api.permissions import Permission
from api.problems import (
    BODY_TOO_LARGE,
    CONSENT_CLOSED,
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
_UNDER_A_KEY: Final = (KEY_IN_USE, KEY_REUSED)
_SIGNING: Final = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, signer.errors.SignerError))
_EXAMPLE_ID: Final = "0123456789abcdef0123456789abcdef"
_ID: Final = path_parameter("activation", "Id of the request.", _EXAMPLE_ID)
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
            "parameters": [KEY],
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
                    *_UNDER_A_KEY,
                ),
            },
        }
    },
    "/v1/batches/{batch}/activations": {
        "post": {
            "operationId": "AskForBatchActivation",
            "tags": ["activations"],
            "summary": "Put a batch before its signatory",
            "description": (
                "For every document of a closed batch that is prepared and has no signature. On `page` the signatory "
                "sees the list, may leave documents out, and proves two factors once; jobs finish what is signed then. "
                "Read the batch to follow it. What has no signature afterwards can be asked for again."
            ),
            "security": _SECURED,
            "parameters": [
                path_parameter("batch", "Identifier of the batch.", "0123456789abcdef0123456789abcdef"),
                KEY,
            ],
            "responses": {
                "201": answer("The request waits", _json("ActivationBody"), {"Location": "The request."}),
                **problems(
                    *_ALWAYS,
                    *_UNDER_A_KEY,
                    PROBLEMS[signer.errors.BatchUnknown],
                    PROBLEMS[signer.errors.BatchRefused],
                    PROBLEMS[signer.errors.CredentialUnknown],
                    PROBLEMS[signer.errors.CredentialUnusable],
                ),
            },
        }
    },
    "/v1/documents/{document}/steps/{number}/activations": {
        "post": {
            "operationId": "AskForStepActivation",
            "tags": ["activations"],
            "summary": "Put a step before its official",
            "description": (
                "When it is the step's turn. On `page` the official sees the letter, who was before and who comes "
                "after, and signs the step or returns the letter with a reason, which cancels the document."
            ),
            "security": _SECURED,
            "parameters": [
                path_parameter("document", "Identifier of the document.", _EXAMPLE_ID),
                {
                    "name": "number",
                    "in": "path",
                    "required": True,
                    "description": "Number of the step.",
                    "schema": {"type": "integer", "minimum": 1},
                    "example": 1,
                },
                KEY,
            ],
            "responses": {
                "201": answer("The request waits", _json("ActivationBody"), {"Location": "The request."}),
                **problems(*_ALWAYS, *_UNDER_A_KEY, NOT_FOUND, *_SIGNING),
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
            "requestBody": {"required": True, "content": {PDF: {"schema": FILE}}},
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
                    PROBLEMS[signer.errors.CredentialUnknown],
                    PROBLEMS[signer.errors.CredentialUnusable],
                    PROBLEMS[signer.errors.KindRefused],
                    PROBLEMS[signer.errors.LetterRefused],
                    PROBLEMS[signer.errors.AppointmentMissing],
                ),
            },
        }
    },
}

BODIES: Final[tuple[type, ...]] = (AskBody, ActivationBody)
