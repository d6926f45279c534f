"""The CSC methods as their part of the OpenAPI document, from the table by which they are served."""

from typing import Any, Final

from api.contract_words import JSON, Part, answer, ref
from api.faces.csc.fields import Face, Field, Kind
from api.faces.csc.methods import CREDENTIAL, METHODS, SERVICE, Method
from api.faces.csc.router import PREFIX, operation_id

_TYPES: Final[dict[Kind, Part]] = {
    Kind.STRING: {"type": "string"},
    Kind.STRINGS: {"type": "array", "items": {"type": "string"}},
    Kind.OBJECTS: {"type": "array", "items": {"type": "object"}},
    Kind.INTEGER: {"type": ["integer", "string"]},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.ANY: {},
}
_ERRORS: Final = {
    "400": "invalid_request, unauthorized_client",
    "401": "invalid_token, expired_token",
    "403": "invalid_hash",
    "413": "Request body too large",
    "415": "Never: any content type is taken for JSON",
    "429": "temporarily_unavailable; see Retry-After",
    "500": "server_error",
    "501": "not_implemented",
    "503": "temporarily_unavailable",
}
_TEXT: Final[Part] = {"type": "string"}
_TEXTS: Final[Part] = {"type": "array", "items": _TEXT}
_GIVES: Final[dict[str, dict[str, Part]]] = {
    "auth/login": {"access_token": _TEXT, "expires_in": {"type": "integer"}, "refresh_token": _TEXT},
    "credentials/list": {"credentialIDs": _TEXTS, "nextPageToken": _TEXT},
    "credentials/authorize": {"SAD": _TEXT, "expiresIn": {"type": "integer"}},
    "credentials/extendTransaction": {"SAD": _TEXT, "expiresIn": {"type": "integer"}},
    "signatures/signHash": {"signatures": _TEXTS},
    "signatures/signDoc": {
        "DocumentWithSignature": _TEXTS,
        "SignatureObject": _TEXTS,
        "validationInfo": {"type": "object"},
    },
    "signatures/timestamp": {"timestamp": _TEXT},
}

TAG: Final[Part] = {
    "name": "csc",
    "description": "Remote signing by the Cloud Signature Consortium, versions 1 and 2.",
}
SECURITY_SCHEME: Final[Part] = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token of the scope service, or credential where it is said.",
}
BASIC_SCHEME: Final[Part] = {
    "type": "http",
    "scheme": "basic",
    "description": "Name and password of an account of an integration, where the operator lets these log in.",
}
ERROR_SCHEMA: Final[Part] = {
    "type": "object",
    "description": "CSC API 1.0.4.0, 10.1; 2.0.0.2, 10.1.",
    "required": ["error", "error_description"],
    "properties": {"error": _TEXT | {"examples": ["invalid_request"]}, "error_description": _TEXT},
}


def paths() -> dict[str, Part]:
    """Every method of both versions, those that are not offered included."""
    return {f"{PREFIX}/{face}/{method.name}": {"post": _operation(face, method)} for face in Face for method in METHODS}


def schemas() -> dict[str, Any]:
    """The schema of errors."""
    return {"CscError": ERROR_SCHEMA}


def _operation(face: Face, method: Method) -> Part:
    served = method.act is not None and face in method.faces
    errors = {status: answer(text, {JSON: {"schema": ref("CscError")}}) for status, text in _ERRORS.items()}
    told: Part = {
        "operationId": operation_id(face, method.name),
        "tags": ["csc"],
        "summary": method.about if served else f"{method.about} (not offered)",
        "security": [{"csc": []}] if method.bearers else [{"cscBasic": []}] if method.name == "auth/login" else [{}],
        "responses": {**(_good(method) if served else {}), **errors},
    }
    if served and method.bearers == (SERVICE, CREDENTIAL):
        told["description"] = "Takes a token of the scope service, or a credential token for its own credential."
    if served:
        told["requestBody"] = {"required": False, "content": {JSON: {"schema": _body(method.fields(face))}}}
    return told


def _body(fields: tuple[Field, ...]) -> Part:
    return {
        "type": "object",
        **({"required": needed} if (needed := [each.name for each in fields if each.required]) else {}),
        "properties": {each.name: _property(each) for each in fields},
    }


def _property(field: Field) -> Part:
    limit = {} if field.longest is None else {"maxLength": field.longest}
    return {**_TYPES[field.kind], **limit}


def _good(method: Method) -> Part:
    if method.name == "auth/revoke":
        return {"204": answer("It is good no more")}
    schema: Part = {"type": "object"}
    if method.name in _GIVES:
        schema["properties"] = _GIVES[method.name]
    return {"200": answer(method.about, {JSON: {"schema": schema}})}
