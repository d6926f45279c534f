"""The OAuth endpoints as their part of the OpenAPI document."""

from typing import Any, Final

import msgspec

from api.contract_words import Part, answer, ref
from api.faces.oauth.router import FORM, TokenBody

_JSON: Final = "application/json"

_CLIENT: Final[Part] = {
    "client_id": {"type": "string", "description": "Where the client does not authenticate with Basic."},
    "client_secret": {"type": "string", "format": "password", "description": "As client_id."},
}

ERROR_SCHEMA: Final[Part] = {
    "type": "object",
    "description": "RFC 6749, 5.2.",
    "required": ["error", "error_description"],
    "properties": {
        "error": {"type": "string", "examples": ["invalid_client"]},
        "error_description": {"type": "string"},
    },
}

_ERRORS: Final = {
    "400": "invalid_request, invalid_scope, unsupported_grant_type",
    "401": "invalid_client",
    "413": "The body is too large",
    "415": "Not a form",
    "429": "Too many requests, or too many wrong secrets; see Retry-After",
    "500": "server_error",
    "503": "temporarily_unavailable",
}


def _errors() -> Part:
    return {status: answer(text, {_JSON: {"schema": ref("OAuthError")}}) for status, text in _ERRORS.items()}


def _form(required: list[str], **fields: Part) -> Part:
    schema = {"type": "object", "required": required, "properties": {**fields, **_CLIENT}}
    return {"required": True, "content": {FORM: {"schema": schema}}}


PATHS: Final[dict[str, Part]] = {
    "/oauth2/token": {
        "post": {
            "operationId": "IssueToken",
            "tags": ["tokens"],
            "summary": "A new access token (client credentials)",
            "security": [{"client": []}, {}],
            "requestBody": _form(
                ["grant_type"],
                grant_type={"type": "string", "const": "client_credentials"},
                scope={"type": "string", "examples": ["signature:create signature:read"]},
            ),
            "responses": {"200": answer("The token", {_JSON: {"schema": ref("TokenBody")}}), **_errors()},
        }
    },
    "/oauth2/revoke": {
        "post": {
            "operationId": "RevokeToken",
            "tags": ["tokens"],
            "summary": "End an access token at once",
            "security": [{"client": []}, {}],
            "requestBody": _form(
                ["token"], token={"type": "string", "format": "password"}, token_type_hint={"type": "string"}
            ),
            "responses": {"200": answer("It is good no more, or never was"), **_errors()},
        }
    },
}


def schemas() -> dict[str, Any]:
    """The schemas of the bodies."""
    _, made = msgspec.json.schema_components([TokenBody], ref_template="#/components/schemas/{name}")
    return {**made, "OAuthError": ERROR_SCHEMA}
