"""Verifications as their part of the OpenAPI document."""

from typing import Any, Final

import signer.errors
import verifier.errors
from api.bodies import FORM, PDF
from api.contract_words import BINARY, FILE, Part, answer, problems, ref
from api.faces.rest.json_body import JSON
from api.faces.rest.report_body import DigestBody, DigestRequest, ReportBody
from api.faces.rest.verifications import LONGEST_PASSWORD, XML, ReportForm
from api.problems import (
    BODY_TOO_LARGE,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    PROBLEMS,
    RATE_EXCEEDED,
    TOO_SLOW,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
)

_ALWAYS: Final = (
    *(problem for kind, problem in PROBLEMS.items() if issubclass(kind, verifier.errors.VerificationUnavailable)),
    INVALID_REQUEST,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    RATE_EXCEEDED,
    UNEXPECTED,
)

_SEALING: Final = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, signer.errors.Unavailable))

BODIES: Final[tuple[type[Any], ...]] = (ReportBody, DigestRequest, DigestBody)

_PARTS: Final = {
    "document": FILE,
    "password": {
        "type": "string",
        "maxLength": LONGEST_PASSWORD,
        "description": "Opens the document where it is encrypted; used once, neither kept nor logged.",
    },
}

PATHS: Final[Part] = {
    "/v1/verifications": {
        "post": {
            "operationId": "VerifyDocument",
            "tags": ["verifications"],
            "summary": "Verify any document",
            "description": (
                "Open to everybody; nothing is kept. A bad signature is an answer, never an error. The report comes as "
                "JSON, or, where `report` or `Accept` asks for it, as XML of ETSI TS 119 102-2 V1.4.1 or as a receipt: "
                "one page PDF, sealed and timestamped by this service."
            ),
            "security": [],
            "parameters": [
                {
                    "name": "report",
                    "in": "query",
                    "required": False,
                    "description": "The form of the report; weightier than `Accept`.",
                    "schema": {"type": "string", "enum": [str(each) for each in ReportForm]},
                    "example": "json",
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    PDF: {"schema": FILE},
                    FORM: {
                        "schema": {
                            "type": "object",
                            "required": ["document"],
                            "properties": _PARTS,
                            "additionalProperties": False,
                        }
                    },
                },
            },
            "responses": {
                "200": answer(
                    "The validation report",
                    {JSON: {"schema": ref("ReportBody")}, XML: {"schema": {"type": "string"}}, PDF: {"schema": BINARY}},
                ),
                **problems(DOCUMENT_MISSING, TOO_SLOW, UPLOADS_FULL, *_SEALING, *_ALWAYS),
            },
        }
    },
    "/v1/verifications/by-digest": {
        "post": {
            "operationId": "VerifyDigest",
            "tags": ["verifications"],
            "summary": "Ask how a file stands by its digest alone",
            "description": (
                "Open to everybody, for who does not want to send a file. Registered bytes with this SHA-256 are "
                "judged now; other bytes are not known to us, which says nothing yet about their signatures."
            ),
            "security": [],
            "requestBody": {
                "required": True,
                "content": {
                    JSON: {
                        "schema": ref("DigestRequest"),
                        "example": {"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
                    }
                },
            },
            "responses": {
                "200": answer("What is known of such bytes", {JSON: {"schema": ref("DigestBody")}}),
                **problems(*_ALWAYS),
            },
        }
    },
}
