"""What surrounds a signature, as its part of the OpenAPI document."""

from typing import Final

from litestar import Controller

import signer.errors
from api.contract_words import (
    DOWNLOAD_PARAMETERS,
    JSON,
    KEY,
    Part,
    answer,
    downloaded,
    form,
    joined,
    path_parameter,
    problems,
    ref,
)
from api.faces.rest.declared_contract import bodies_of, paths_of
from api.faces.rest.letters.credentials import EnrolmentAskController, UsableCredentialController
from api.faces.rest.letters.documents import SIGNING, DocumentController
from api.faces.rest.letters.flow_body import DocumentRequest
from api.faces.rest.letters.found import FindController
from api.faces.rest.letters.kinds import KindController
from api.faces.rest.letters.withdrawals import LetterController
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

CONTROLLERS: Final[tuple[type[Controller], ...]] = (
    KindController,
    LetterController,
    FindController,
    DocumentController,
    UsableCredentialController,
    EnrolmentAskController,
)


_ALWAYS: Final = (
    UNAUTHENTICATED,
    SCOPE_MISSING,
    INVALID_REQUEST,
    PROBLEMS[signer.errors.Unavailable],
    RATE_EXCEEDED,
    UNEXPECTED,
)

_UPLOAD: Final = (
    DOCUMENT_MISSING,
    TOO_SLOW,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
)

_CREATE: Final[Part] = {
    "operationId": "CreateDocument",
    "tags": ["documents"],
    "summary": "A new document, with everybody who is to sign it",
    "description": (
        "A form with the parts `document` (PDF) and `request` (JSON). What could not be signed by one of the officials "
        "is refused now. Then each step is signed at `/v1/documents/{document}/steps/{number}`."
    ),
    "security": [{"oauth2": [str(Permission.SIGNATURE_CREATE)]}],
    "parameters": [KEY],
    "requestBody": {
        "required": True,
        "content": form(
            "DocumentRequest",
            {
                "letter": {"number": "B.00/0000/CONTOH", "kind": "Surat Dinas"},
                "steps": [
                    {"act": "initials", "credential": "cred-kepala-bagian"},
                    {"act": "signature", "credential": "cred-kepala-dinas", "stamp": {"page": -1}},
                ],
            },
        ),
    },
    "responses": {
        "201": answer("The document", {JSON: {"schema": ref("FlowBody")}}, {"Location": "The document."}),
        **problems(*_ALWAYS, *_UPLOAD, *SIGNING, KEY_IN_USE, KEY_REUSED),
    },
}
_FILE: Final[Part] = {
    "operationId": "GetDocumentFile",
    "tags": ["documents"],
    "summary": "The document as it stands now",
    "security": [{"oauth2": [str(Permission.SIGNATURE_READ)]}],
    "parameters": [path_parameter("document", "Its id.", "0123456789abcdef0123456789abcdef"), *DOWNLOAD_PARAMETERS],
    "responses": {
        **downloaded("The PDF"),
        **problems(*_ALWAYS, NOT_FOUND),
    },
}

PATHS: Final = joined(
    paths_of(CONTROLLERS, always=_ALWAYS),
    {"/v1/documents": {"post": _CREATE}, "/v1/documents/{document}/file": {"get": _FILE}},
)

BODIES: Final = (DocumentRequest, *bodies_of(CONTROLLERS))
