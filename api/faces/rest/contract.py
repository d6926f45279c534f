"""The REST contract as its part of the OpenAPI document: paths, and the schemas of everything on the wire."""

from typing import Any, Final

import msgspec

import signer.errors
import verifier.errors
from api.bodies import PDF
from api.contract_words import (
    BINARY,
    CHANGED,
    DOWNLOAD_PARAMETERS,
    FILE,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    KEY,
    TAG,
    Part,
    answer,
    downloaded,
    form,
    joined,
    path_parameter,
    problems,
    ref,
)
from api.faces.rest import activation_contract as activations
from api.faces.rest import augmentations_contract, batches_contract, verifications_contract
from api.faces.rest.events import contract as events
from api.faces.rest.index import IndexBody, ProblemBody
from api.faces.rest.letters import contract as letters
from api.faces.rest.office import contract as office
from api.faces.rest.passphrases import PassphraseBody, PassphraseRequest
from api.faces.rest.record_body import RecordBody
from api.faces.rest.sign_body import MAX_PASSPHRASE, SignBody
from api.faces.rest.signatures import CODE_HEADER, HEADER
from api.permissions import Permission
from api.problems import (
    BODY_TOO_LARGE,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    NOT_FOUND,
    OFFICE_CLOSED,
    PASSPHRASE_NOT_HERE,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
)
from signer.model import Secret

_ALWAYS: Final = (INVALID_REQUEST, RATE_EXCEEDED, UNEXPECTED)
_UPLOAD: Final = (
    INVALID_REQUEST,
    DOCUMENT_MISSING,
    TOO_SLOW,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
)
_BEARER: Final = (UNAUTHENTICATED, SCOPE_MISSING)
_SIGNING: Final = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, signer.errors.SignerError))
_VERIFYING: Final = tuple(
    problem for kind, problem in PROBLEMS.items() if issubclass(kind, verifier.errors.VerificationUnavailable)
)

_PASSPHRASE: Final = (
    signer.errors.CredentialUnknown,
    signer.errors.CredentialUnusable,
    signer.errors.PassphraseWrong,
    signer.errors.PassphraseLocked,
    signer.errors.PassphraseTooWeak,
    signer.errors.KeyUnavailable,
)

_CODE: Final = path_parameter("code", "Verification code, long or short.", "0123456789ABCDEFGHJKMNPQRS")
_JSON: Final = "application/json"


def _json(name: str) -> Part:
    return {_JSON: {"schema": ref(name)}}


def _secured(*permissions: Permission) -> list[Part]:
    return [{"oauth2": [str(each) for each in permissions]}]


_SIGN: Final[Part] = {
    "operationId": "SignDocument",
    "tags": ["signatures"],
    "summary": "Sign one document with a credential",
    "description": (
        "Send a form with the parts `document` (PDF) and `request` (JSON), or the raw PDF with the same JSON in the "
        f"header `{HEADER}`. Ask with `Accept: application/pdf` for the signed PDF, else the record is answered. "
        "Only where the operator lets passphrases pass through applications; ask for consent otherwise. "
        "Sent again under the same `Idempotency-Key`, it is answered again and signs nothing a second time."
    ),
    "security": _secured(Permission.SIGNATURE_CREATE),
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "Only with a raw PDF: the JSON, in ASCII, at most 8 KiB.",
            "content": _json("SignBody"),
        },
        KEY,
    ],
    "requestBody": {
        "required": True,
        "content": {**form("SignBody"), PDF: {"schema": FILE}},
    },
    "responses": {
        "201": answer(
            "The document is signed",
            {**_json("RecordBody"), PDF: {"schema": BINARY}},
            {"Location": "The record.", CODE_HEADER: "The long verification code."},
        ),
        **problems(*_UPLOAD, *_BEARER, PASSPHRASE_NOT_HERE, *_SIGNING, *_ALWAYS),
    },
}

_OWN: Final[dict[str, Part]] = {
    "/v1": {
        "get": {
            "operationId": "Index",
            "tags": ["service"],
            "summary": "What this service offers",
            "security": [],
            "responses": {"200": answer("Addresses", _json("IndexBody")), **problems(*_ALWAYS)},
        }
    },
    "/v1/signatures": {"post": _SIGN},
    "/v1/signatures/{code}": {
        "get": {
            "operationId": "GetSignature",
            "tags": ["signatures"],
            "summary": "The record of one signing of yours",
            "security": _secured(Permission.SIGNATURE_READ),
            "parameters": [_CODE, IF_NONE_MATCH, IF_MODIFIED_SINCE],
            "responses": {
                "200": answer("The record", _json("RecordBody"), TAG | CHANGED),
                "304": answer("You have it", None, TAG | CHANGED),
                **problems(*_BEARER, NOT_FOUND, PROBLEMS[signer.errors.Unavailable], *_ALWAYS),
            },
        }
    },
    "/v1/signatures/{code}/document": {
        "get": {
            "operationId": "GetSignedDocument",
            "tags": ["signatures"],
            "summary": "The signed PDF of one signing of yours",
            "description": "Its newest version, which begins with all older ones, or one by its number.",
            "security": _secured(Permission.SIGNATURE_READ),
            "parameters": [
                _CODE,
                {
                    "name": "version",
                    "in": "query",
                    "required": False,
                    "description": "0 is the document as it was signed.",
                    "schema": {"type": "integer"},
                },
                *DOWNLOAD_PARAMETERS,
            ],
            "responses": {
                **downloaded("The signed document"),
                **problems(*_BEARER, INVALID_REQUEST, NOT_FOUND, PROBLEMS[signer.errors.Unavailable], *_ALWAYS),
            },
        }
    },
    "/v1/passphrases": {
        "post": {
            "operationId": "ChangePassphrase",
            "tags": ["passphrases"],
            "summary": "Seal the same key under another passphrase",
            "description": (
                "Key and certificate stay. The attempt is counted before the passphrase of today is tried, together "
                "with those of signing: from the fifth wrong one there is a wait, after the tenth an officer has to "
                "see the official. A weak new one is refused before anything is counted."
            ),
            "security": _secured(Permission.PASSPHRASE_CHANGE),
            "requestBody": {
                "required": True,
                "content": {
                    _JSON: {
                        "schema": ref("PassphraseRequest"),
                        "example": {
                            "credential": "cred-contoh",
                            "passphrase": "tujuh gunung menunggu hujan",
                            "newPassphrase": "delapan sungai mencari laut",
                        },
                    }
                },
            },
            "responses": {
                "200": answer("It is changed", _json("PassphraseBody")),
                **problems(
                    *_BEARER,
                    *(PROBLEMS[kind] for kind in _PASSPHRASE),
                    INVALID_REQUEST,
                    BODY_TOO_LARGE,
                    UNSUPPORTED_MEDIA_TYPE,
                    OFFICE_CLOSED,
                    *_ALWAYS,
                ),
            },
        }
    },
    "/problems": {
        "get": {
            "operationId": "ListProblems",
            "tags": ["service"],
            "summary": "Every kind of problem",
            "security": [],
            "responses": {
                "200": answer("Kinds", {_JSON: {"schema": {"type": "array", "items": ref("ProblemBody")}}}),
                **problems(*_ALWAYS),
            },
        }
    },
    "/problems/{slug}": {
        "get": {
            "operationId": "GetProblem",
            "tags": ["service"],
            "summary": "One kind of problem",
            "security": [],
            "parameters": [path_parameter("slug", "Its name.", "passphrase-wrong")],
            "responses": {"200": answer("The kind", _json("ProblemBody")), **problems(NOT_FOUND, *_ALWAYS)},
        }
    },
}
PATHS: Final = joined(
    _OWN,
    verifications_contract.PATHS,
    augmentations_contract.PATHS,
    activations.PATHS,
    letters.PATHS,
    events.PATHS,
    batches_contract.PATHS,
    office.PATHS,
)


def _secret_schema(kind: type[Any]) -> Part:
    if kind is Secret:
        return {
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "minLength": 1,
            "maxLength": MAX_PASSPHRASE,
        }
    raise NotImplementedError(kind)


def schemas() -> dict[str, Part]:
    """The schemas of the bodies, made from the types that read and write them."""
    _, made = msgspec.json.schema_components(
        [
            SignBody,
            RecordBody,
            IndexBody,
            ProblemBody,
            PassphraseRequest,
            PassphraseBody,
            *verifications_contract.BODIES,
            *augmentations_contract.BODIES,
            *activations.BODIES,
            *letters.BODIES,
            *events.BODIES,
            *batches_contract.BODIES,
            *office.BODIES,
        ],
        schema_hook=_secret_schema,
        ref_template="#/components/schemas/{name}",
    )
    return made
