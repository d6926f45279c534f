"""The gateway's other calls as their part of the OpenAPI document: status, registration, verification, v2 and seals."""

from typing import Any, Final

from api.bodies import FORM
from api.contract_words import BINARY, JSON, Part, answer, ref
from api.faces.esign.contract import SECURITY, errors

_TEXT: Final[Part] = {"type": "string"}
_BASE64: Final[Part] = {"type": "string", "contentEncoding": "base64"}
_SECRET: Final[Part] = {"type": "string", "format": "password"}
_SIGNING_CODE: Final[Part] = {**_SECRET, "description": "In the place of the passphrase."}
_COUNT: Final[Part] = {"type": ["integer", "string"], "examples": [1]}
_NUMBER: Final[Part] = {"type": ["number", "string"]}
_PERSON: Final[Part] = {"nik": {**_SECRET, "examples": ["0123456789012345"]}, "email": _TEXT}
_PROPERTY: Final[Part] = {
    "type": "object",
    "description": "Empty texts, null and the text `null` are absent.",
    "properties": {
        "tampilan": {"type": "string", "enum": ["VISIBLE", "INVISIBLE"]},
        "imageBase64": {**_BASE64, "description": "PNG or JPEG; without it a QR of ours is drawn."},
        "page": _NUMBER,
        "originX": {**_NUMBER, "description": "From the left edge, in points."},
        "originY": {**_NUMBER, "description": "From the upper edge, to the upper edge of the box."},
        "width": _NUMBER,
        "height": _NUMBER,
        "tag": _TEXT,
        "tag_koordinat": _TEXT,
        "location": {"type": ["string", "null"]},
        "reason": {"type": ["string", "null"]},
        "contactInfo": {"type": ["string", "null"], "description": "Left aside."},
        "pdfPassword": {**_SECRET, "description": "Left aside: a locked PDF is not signed."},
    },
}
_FILES: Final[Part] = {
    "signatureProperties": {
        "type": "array",
        "items": _PROPERTY,
        "description": "One for all files, or exactly one each.",
    },
    "file": {"type": "array", "items": _BASE64},
}
SCHEMAS: Final[dict[str, Any]] = {
    "GatewayFiles": {
        "type": "object",
        "required": ["time", "file"],
        "properties": {
            "time": {"type": "integer", "description": "Milliseconds."},
            "file": {"type": "array", "items": _BASE64, "description": "In the order of the request."},
        },
    },
    "GatewayStatus": {
        "type": "object",
        "required": ["status_code", "status", "message"],
        "properties": {
            "status_code": {
                "type": ["integer", "string"],
                "description": "1111 for ISSUE, 1110 otherwise; a text in v2.",
                "examples": [1111],
            },
            "status": {
                "type": "string",
                "enum": [
                    "ISSUE",
                    "EXPIRED",
                    "RENEW",
                    "WAITING_FOR_VERIFICATION",
                    "NEW",
                    "NO_CERTIFICATE",
                    "NOT_REGISTERED",
                    "SUSPEND",
                    "REVOKE",
                ],
            },
            "message": _TEXT,
        },
    },
    "GatewayCode": {
        "type": "object",
        "required": ["message", "totp", "expires", "result"],
        "properties": {
            "message": _TEXT,
            "totp": {**_SECRET, "examples": ["730164"]},
            "expires": {**_TEXT, "examples": ["2026-05-04T01:20:00.000+0000"]},
            "result": {"type": "boolean"},
        },
    },
    "GatewayActivation": {
        "type": "object",
        "required": ["success", "message", "data"],
        "properties": {
            "success": {"type": "boolean"},
            "message": _TEXT,
            "data": {"oneOf": [ref("GatewayCode"), {"type": "null"}]},
        },
    },
    "GatewayVerdictV1": {
        "type": "object",
        "required": ["nama_dokumen", "jumlah_signature", "notes", "details", "summary"],
        "properties": {
            "nama_dokumen": _TEXT,
            "jumlah_signature": {"type": "integer"},
            "notes": {"type": ["string", "null"]},
            "details": {"type": "array", "items": {"type": "object"}},
            "summary": {"type": ["string", "null"], "enum": ["VALID", "INVALID", "INDETERMINATE", None]},
        },
    },
    "GatewayVerdictV2": {
        "type": "object",
        "required": ["conclusion", "description", "signatureCount", "signatureInformations"],
        "properties": {
            "conclusion": {"type": "string", "enum": ["VALID", "NO_SIGNATURE", "INVALID", "INDETERMINATE"]},
            "description": _TEXT,
            "signatureCount": {"type": "integer"},
            "signatureInformations": {"type": "array", "items": {"type": "object"}},
        },
    },
    "GatewaySent": {
        "type": "object",
        "required": ["message"],
        "properties": {"message": {**_TEXT, "description": "Never the code."}},
    },
    "GatewayTakenIn": {
        "type": "object",
        "required": ["message", "status"],
        "properties": {"message": _TEXT, "status": {"type": "string", "const": "WAITING_FOR_VERIFICATION"}},
    },
}


_WITH_BODY: Final = {
    **errors("400", "401", "403", "413", "429", "500", "503"),
    "415": answer("Never: any content type is read or refused with 400"),
}


def _call(operation: str, summary: str, body: Part, *, sends: Part, gives: str | None, shows: Any = None) -> Part:
    """One POST of JSON with these fields, of which `sends` shows the needed ones; `gives` is the schema of its success,
    `shows` an example of it."""
    success = {} if gives is None else {"200": answer("Done", {JSON: {"schema": ref(gives), "example": shows}})}
    schema = {
        "type": "object",
        "required": [each for each in sends if each not in ("nik", "passphrase")],
        "properties": body,
    }
    return {
        "post": {
            "operationId": operation,
            "tags": ["gateway"],
            "summary": summary,
            "security": SECURITY,
            "requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": sends}}},
            "responses": {**success, **_WITH_BODY},
        }
    }


_NIK: Final = "0123456789012345"
_PDF: Final = "JVBERi0xLjcK"
_ID: Final = "seal-K5QXA2LB"
_STATUS: Final[Part] = {
    "status_code": 1111,
    "status": "ISSUE",
    "message": "Penanda tangan terdaftar dan sertifikatnya aktif.",
}
_ONE_CODE: Final[Part] = {
    "message": "Kode segel dibuat.",
    "totp": "730164",
    "expires": "2026-05-04T01:20:00.000+0000",
    "result": True,
}
_SIGNED: Final[Part] = {"time": 842, "file": [_PDF]}
_WISH: Final[Part] = {"signatureProperties": [{"tampilan": "INVISIBLE"}], "file": [_PDF]}
_VERDICT_V1: Final[Part] = {
    "nama_dokumen": "surat-contoh.pdf",
    "jumlah_signature": 0,
    "notes": None,
    "details": [],
    "summary": None,
}
_VERDICT_V2: Final[Part] = {
    "conclusion": "NO_SIGNATURE",
    "description": "Tidak ada tanda tangan elektronik di dalam berkas ini.",
    "signatureCount": 0,
    "signatureInformations": [],
}
_SEAL: Final[Part] = {"idSubscriber": {**_TEXT, "description": "The seal's id.", "examples": [_ID]}}
_WITH_CODE: Final[Part] = {**_SEAL, "totp": _SECRET}
_REGISTRATION: Final[Part] = {"nama": _TEXT, "email": _TEXT}


def _register(operation: str) -> Part:
    return _call(
        operation,
        "Ask the registration office to enrol somebody; issues nothing",
        _REGISTRATION,
        sends={"nama": "Ni Contoh Satu", "email": "ni.contoh@contoh.go.id"},
        gives="GatewayTakenIn",
        shows={"message": "Permohonan pendaftaran diterima.", "status": "WAITING_FOR_VERIFICATION"},
    )


def _done(message: str, data: Part | None) -> Part:
    return {"success": True, "message": message, "data": data}


PATHS: Final[dict[str, Part]] = {
    "/api/sign/verify": {
        "post": {
            "operationId": "GatewayVerifyV1",
            "tags": ["gateway"],
            "summary": "Judge one PDF; 200 for every judgement",
            "security": SECURITY,
            "requestBody": {
                "required": True,
                "content": {
                    FORM: {
                        "schema": {
                            "type": "object",
                            "required": ["signed_file"],
                            "properties": {"signed_file": BINARY},
                        }
                    }
                },
            },
            "responses": {
                "200": answer("The judgement", {JSON: {"schema": ref("GatewayVerdictV1"), "example": _VERDICT_V1}}),
                **_WITH_BODY,
            },
        }
    },
    "/api/user/status/{nik}": {
        "get": {
            "operationId": "GatewayStatusV1",
            "tags": ["gateway"],
            "summary": "Where the signer with this NIK stands; 200 also for nobody",
            "security": SECURITY,
            "parameters": [
                {"name": "nik", "in": "path", "required": True, "schema": _TEXT, "example": "0123456789012345"}
            ],
            "responses": {
                "200": answer("One of nine words", {JSON: {"schema": ref("GatewayStatus"), "example": _STATUS}}),
                **errors("400", "401", "403", "404", "429", "500", "503"),
            },
        }
    },
    "/api/user/registrasi": _register("GatewayRegisterV1"),
    "/api/v2/user/registration": _register("GatewayRegister"),
    "/api/v2/user/register": _register("GatewayRegisterShort"),
    **{
        f"/api/v2/user/{path}": _call(
            operation,
            "Where a signer stands, by NIK or e-mail address",
            _PERSON,
            sends={"nik": _NIK},
            gives="GatewayStatus",
            shows={**_STATUS, "status_code": "1111"},
        )
        for path, operation in (("check/status", "GatewayStatusV2"), ("check-status", "GatewayStatusV2Dashed"))
    },
    "/api/v2/sign/pdf": _call(
        "GatewaySignV2",
        "Sign one or more PDFs, all or none",
        {**_PERSON, "passphrase": _SECRET, "totp": _SIGNING_CODE, "otp": _SIGNING_CODE, **_FILES},
        sends={"nik": _NIK, "passphrase": "typed-by-the-signer", **_WISH},
        gives="GatewayFiles",
        shows=_SIGNED,
    ),
    "/api/v2/sign/get/totp": _call(
        "GatewaySignCode",
        "A code for one call, by mail to the signer, who opened a session for it on the own page",
        {**_PERSON, "data": _COUNT},
        sends={"nik": _NIK, "data": 1},
        gives="GatewaySent",
        shows={"message": "Kode sekali pakai telah dikirim ke surel penanda tangan."},
    ),
    "/api/v2/verify/pdf": _call(
        "GatewayVerifyV2",
        "Judge one PDF; 200 for every judgement",
        {"file": {"oneOf": [_BASE64, {"type": "array", "items": _BASE64, "maxItems": 1}]}, "password": _SECRET},
        sends={"file": _PDF},
        gives="GatewayVerdictV2",
        shows=_VERDICT_V2,
    ),
    "/api/v2/seal/get/activation": _call(
        "GatewaySealActivation",
        "An activation by mail to the seal's keeper; with the one of today, another one in the answer",
        _WITH_CODE,
        sends={"idSubscriber": _ID},
        gives="GatewayActivation",
        shows=_done("Kode aktivasi telah dikirim ke surel pengelola segel.", None),
    ),
    "/api/v2/seal/revoke/activation": _call(
        "GatewaySealRevoke",
        "End the activation of today",
        _WITH_CODE,
        sends={"idSubscriber": _ID, "totp": "482913"},
        gives="GatewayActivation",
        shows=_done("Aktivasi segel dicabut.", None),
    ),
    "/api/v2/seal/get/totp": _call(
        "GatewaySealCode",
        "A code for one call over so many files",
        {**_WITH_CODE, "data": _COUNT},
        sends={"idSubscriber": _ID, "totp": "482913", "data": 1},
        gives="GatewayCode",
        shows=_ONE_CODE,
    ),
    "/api/v2/seal/pdf": _call(
        "GatewaySeal",
        "Seal one or more PDFs, all or none",
        {**_WITH_CODE, **_FILES},
        sends={"idSubscriber": _ID, "totp": "730164", **_WISH},
        gives="GatewayFiles",
        shows=_SIGNED,
    ),
}
