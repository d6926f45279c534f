"""The OAuth endpoints as their part of the OpenAPI document."""

from typing import Any, Final

import msgspec

from api.contract_words import Part, answer, problems, ref
from api.faces.oauth.router import FORM, HINTS, PushedBody, TokenBody
from api.faces.oauth.well_known import PATH as WELL_KNOWN
from api.problems import RATE_EXCEEDED, UNEXPECTED

_JSON: Final = "application/json"

_CLIENT: Final[Part] = {
    "client_id": {"type": "string", "description": "Where the client does not authenticate with Basic."},
    "client_secret": {"type": "string", "format": "password", "description": "As client_id."},
}

_REVOKED: Final[dict[str, Part]] = {
    "token": {"type": "string", "format": "password", "minLength": 1},
    "token_type_hint": {"type": "string", "enum": list(HINTS)},
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
    "400": "invalid_request, invalid_grant, invalid_scope, invalid_authorization_details, unauthorized_client, "
    "unsupported_grant_type",
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


_DIGESTS: Final[dict[str, Part]] = {
    "response_type": {"type": "string", "const": "code"},
    "redirect_uri": {"type": "string", "description": "Exactly a registered one."},
    "scope": {"type": "string", "enum": ["service", "credential"], "default": "service"},
    "state": {"type": "string"},
    "code_challenge": {"type": "string", "minLength": 43, "maxLength": 128},
    "code_challenge_method": {"type": "string", "const": "S256"},
    "credentialID": {"type": "string"},
    "signatureQualifier": {"type": "string", "description": "In the place of credentialID."},
    "numSignatures": {"type": "string", "description": "As many as there are different digests."},
    "hash": {"type": "string", "description": "CSC version 1: digests in base64url, with commas between."},
    "hashes": {"type": "string", "description": "CSC version 2: the same, with hashAlgorithmOID."},
    "hashAlgorithmOID": {"type": "string", "examples": ["2.16.840.1.101.3.4.2.1"]},
    "authorization_details": {"type": "string", "description": "RFC 9396: a JSON array of one object."},
    "description": {"type": "string", "maxLength": 500},
    "prompt": {"type": "string", "description": "`login`: the person logs in anew."},
}

PATHS: Final[dict[str, Part]] = {
    "/oauth2/token": {
        "post": {
            "operationId": "IssueToken",
            "tags": ["tokens"],
            "summary": "New tokens: for an application itself, for a code, for a refresh token",
            "security": [{"client": []}, {}],
            "requestBody": _form(
                ["grant_type"],
                grant_type={"type": "string", "enum": ["client_credentials", "authorization_code", "refresh_token"]},
                scope={"type": "string", "examples": ["signature:create signature:read"]},
                code={"type": "string", "format": "password"},
                code_verifier={"type": "string", "format": "password"},
                redirect_uri={"type": "string"},
                refresh_token={"type": "string", "format": "password"},
                authorization_details={"type": "string", "description": "What was granted, said again."},
            ),
            "responses": {"200": answer("The tokens", {_JSON: {"schema": ref("TokenBody")}}), **_errors()},
        }
    },
    "/oauth2/pushed_authorize": {
        "post": {
            "operationId": "PushAuthorization",
            "tags": ["tokens"],
            "summary": "The parameters of the authorization endpoint, before the browser goes there (RFC 9126)",
            "security": [{"client": []}, {}],
            "requestBody": _form(["response_type", "code_challenge", "code_challenge_method"], **_DIGESTS),
            "responses": {
                "201": answer("Their address, good for 90 seconds", {_JSON: {"schema": ref("PushedBody")}}),
                **_errors(),
            },
        }
    },
    "/oauth2/revoke": {
        "post": {
            "operationId": "RevokeToken",
            "tags": ["tokens"],
            "summary": "End a token at once, as CSC has it",
            "security": [{"client": []}, {}],
            "requestBody": _form(["token"], **_REVOKED),
            "responses": {"204": answer("It is good no more"), **_errors()},
        }
    },
    "/revoke": {
        "post": {
            "operationId": "RevokeTokenRfc7009",
            "tags": ["tokens"],
            "summary": "End a token at once, as RFC 7009 has it",
            "security": [{"client": []}, {}],
            "requestBody": _form(["token"], **_REVOKED),
            "responses": {"200": answer("It is good no more, or never was"), **_errors()},
        }
    },
    WELL_KNOWN: {
        "get": {
            "operationId": "ReadServerMetadata",
            "tags": ["tokens"],
            "summary": "What the authorization server says of itself (RFC 8414)",
            "security": [{}],
            "responses": {
                "200": answer("The document", {_JSON: {"schema": {"type": "object"}}}),
                **problems(UNEXPECTED, RATE_EXCEEDED),
            },
        }
    },
}


def schemas() -> dict[str, Any]:
    """The schemas of the bodies."""
    _, made = msgspec.json.schema_components([TokenBody, PushedBody], ref_template="#/components/schemas/{name}")
    return {**made, "OAuthError": ERROR_SCHEMA}
