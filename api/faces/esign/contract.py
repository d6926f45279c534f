"""The gateway as its part of the OpenAPI document, as far as a contract that others wrote has a schema."""

from typing import Any, Final

from api.bodies import FORM, PDF
from api.contract_words import BINARY, JSON, Part, answer, ref
from api.faces.esign.sign_v1 import NAMES

TAG: Final[Part] = {
    "name": "gateway",
    "description": "What applications written against the agencies' signing gateway call; HTTP Basic of an API "
    "credential, errors with `error` and an integer `status_code`.",
}
SECURITY: Final[list[Part]] = [{"gateway": []}]
SECURITY_SCHEME: Final[Part] = {"type": "http", "scheme": "basic", "description": "An API credential."}
SCHEMAS: Final[dict[str, Any]] = {
    "GatewayError": {
        "type": "object",
        "required": ["error", "status_code"],
        "properties": {
            "error": {"type": "string", "description": "One Indonesian sentence, to be shown as it is."},
            "status_code": {"type": "integer", "examples": [2031]},
        },
    },
    "GatewaySigned": {
        "type": "object",
        "required": ["id_dokumen", "base64_signed_file"],
        "properties": {"id_dokumen": {"type": "string"}, "base64_signed_file": {"type": "string"}},
    },
}

_ERRORS: Final = {
    "400": "2031: wrong passphrase. 2011: unknown signer. 400: anything else of the request",
    "401": "Basic was refused",
    "403": "Disabled, from elsewhere, or a kind that is not signed electronically",
    "404": "4044: gone or downloaded already. 404: no such call",
    "413": "The body is too large",
    "429": "Too many tries; see Retry-After",
    "500": "Our fault",
    "503": "Not now; the same call gets what comes of it after Retry-After",
}
_HEADERS: Final = {
    "id_dokumen": "Names the document for one download; opens no public page.",
    "signing_time": "As 2026-05-04 09:15:00.25, in the zone of the service.",
    "Content-Disposition": "Always there.",
    "X-Teken-Tag": "Where a tag was found: page and number of matches.",
}


def errors(*statuses: str) -> Part:
    """The refusals with these statuses, or all of them."""
    told = {status: text for status, text in _ERRORS.items() if not statuses or status in statuses}
    return {status: answer(text, {JSON: {"schema": ref("GatewayError")}}) for status, text in told.items()}


def _field(name: str) -> Part:
    return (
        {"type": "string", "format": "password"} if name in ("nik", "passphrase", "totp", "otp") else {"type": "string"}
    )


_SIGN: Final[Part] = {
    "type": "object",
    "required": ["file", "nik"],
    "description": "With `passphrase`, or with a code (`totp`, also `otp`).",
    "properties": {
        "file": BINARY,
        "imageTTD": BINARY,
        **{name: _field(name) for name in sorted(NAMES.texts)},
    },
}
_SIGNED_HEADERS: Final = {name: text for name, text in _HEADERS.items() if name != "X-Teken-Tag"}

PATHS: Final[dict[str, Part]] = {
    "/api/sign/pdf": {
        "post": {
            "operationId": "GatewaySignV1",
            "tags": ["gateway"],
            "summary": "Sign one PDF; the same call within minutes gets the first answer again",
            "security": SECURITY,
            "requestBody": {
                "required": True,
                "content": {FORM: {"schema": _SIGN}, JSON: {"schema": {"type": "object"}}},
            },
            "responses": {
                "200": answer(
                    "The signed PDF, or JSON with it as base64",
                    {PDF: {"schema": BINARY}, JSON: {"schema": ref("GatewaySigned")}},
                    _HEADERS,
                ),
                **errors(),
                "415": answer("Never: any content type is read or refused with 400"),
            },
        }
    },
    "/api/sign/download/{document}": {
        "get": {
            "operationId": "GatewayDownload",
            "tags": ["gateway"],
            "summary": "A signed PDF, once",
            "security": SECURITY,
            "parameters": [
                {
                    "name": "document",
                    "in": "path",
                    "required": True,
                    "description": "`id_dokumen`",
                    "schema": {"type": "string"},
                    "example": "7c0e5d1a9b3f4c2e8a6d0f1b2c3d4e5f",
                }
            ],
            "responses": {
                "200": answer("The signed PDF", {PDF: {"schema": BINARY}}, _SIGNED_HEADERS),
                **errors("400", "401", "403", "404", "429", "500", "503"),
            },
        }
    },
}
