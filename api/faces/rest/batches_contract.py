"""Batches, as their part of the OpenAPI document."""

from collections.abc import Sequence
from typing import Any, Final

import signer.errors
from api.bodies import FORM, PDF
from api.contract_words import (
    DOWNLOAD_PARAMETERS,
    FILE,
    IF_NONE_MATCH,
    KEY,
    TAG,
    Part,
    answer,
    downloaded,
    path_parameter,
    problems,
    ref,
)
from api.faces.rest.batches import LIST_QUERY
from api.faces.rest.batches_body import (
    BatchBody,
    BatchDocumentBody,
    BatchItemBody,
    BatchItemPage,
    BatchStatusBody,
    ConsentBody,
)
from api.permissions import Permission
from api.problems import (
    BATCHES_CLOSED,
    BODY_TOO_LARGE,
    DOCUMENT_MISSING,
    INVALID_REQUEST,
    KEY_IN_USE,
    KEY_REUSED,
    NOT_FOUND,
    PASSPHRASE_NOT_HERE,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    TOO_SLOW,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOADS_FULL,
    Problem,
)

_JSON: Final = "application/json"
_ALWAYS: Final = (
    INVALID_REQUEST,
    UNAUTHENTICATED,
    SCOPE_MISSING,
    BATCHES_CLOSED,
    PROBLEMS[signer.errors.Unavailable],
    PROBLEMS[signer.errors.BatchUnknown],
    RATE_EXCEEDED,
    UNEXPECTED,
)
_STATE: Final = PROBLEMS[signer.errors.BatchRefused]
_BODY: Final = (UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE)
_UNDER_A_KEY: Final = (KEY_IN_USE, KEY_REUSED)
_SIGNING: Final = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, signer.errors.SignerError))
_BATCH: Final = path_parameter("batch", "Identifier of the batch.", "0123456789abcdef0123456789abcdef")
_POSITION: Final = path_parameter("position", "Position of the document, from 0.", "0")


def _json(name: str) -> Part:
    return {_JSON: {"schema": ref(name)}}


def _operation(
    operation: str,
    summary: str,
    responses: Part,
    fails: Sequence[Problem] = (),
    *,
    writes: bool = True,
    **more: Any,
) -> Part:
    permission = Permission.SIGNATURE_CREATE if writes else Permission.SIGNATURE_READ
    return {
        "operationId": operation,
        "tags": ["batches"],
        "summary": summary,
        "security": [{"oauth2": [str(permission)]}],
        "responses": responses | problems(*dict.fromkeys((*fails, *_ALWAYS))),
        **more,
    }


def _move(operation: str, summary: str, description: str) -> Part:
    told = {"200": answer("The batch", _json("BatchStatusBody"), {"ETag": "Changes with the batch."})}
    return {
        "post": _operation(operation, summary, told, (_STATE,), parameters=[_BATCH], description=description),
    }


PATHS: Final[dict[str, Part]] = {
    "/v1/batches": {
        "post": _operation(
            "OpenBatch",
            "A new batch: many documents under one consent",
            {"201": answer("The batch", _json("BatchStatusBody"), {"Location": "The batch."})},
            (*_BODY, *_SIGNING, *_UNDER_A_KEY),
            parameters=[KEY],
            requestBody={"required": True, "content": _json("BatchBody")},
            description=(
                "Add documents, close the batch, wait until they are prepared, then send the signatory's consent once. "
                "Each document has its own outcome, and is signed exactly once."
            ),
        )
    },
    "/v1/batches/{batch}": {
        "get": _operation(
            "GetBatch",
            "How far a batch is",
            {
                "200": answer("The batch", _json("BatchStatusBody"), {"ETag": "Changes with the batch."}),
                "304": answer("Nothing changed"),
            },
            writes=False,
            parameters=[
                _BATCH,
                {
                    "name": "If-None-Match",
                    "in": "header",
                    "required": False,
                    "description": "The ETag that you have.",
                    "schema": {"type": "string"},
                },
            ],
        )
    },
    "/v1/batches/{batch}/documents": {
        "post": _operation(
            "AddBatchDocument",
            "One more document",
            {"201": answer("The document", _json("BatchItemBody"), {"Location": "What becomes of it."})},
            (*_BODY, DOCUMENT_MISSING, TOO_SLOW, UPLOADS_FULL, _STATE, *_UNDER_A_KEY),
            parameters=[_BATCH, KEY],
            requestBody={
                "required": True,
                "content": {
                    FORM: {
                        "schema": {
                            "type": "object",
                            "required": ["document"],
                            "properties": {"document": FILE, "request": ref("BatchDocumentBody")},
                            "additionalProperties": False,
                        },
                        "encoding": {"document": {"contentType": PDF}, "request": {"contentType": _JSON}},
                    },
                    PDF: {"schema": FILE},
                },
            },
        ),
        "get": _operation(
            "ListBatchDocuments",
            "The documents of a batch with their outcomes",
            {"200": answer("Some of them", _json("BatchItemPage"))},
            (PROBLEMS[signer.errors.CursorUnknown],),
            writes=False,
            parameters=[_BATCH, *LIST_QUERY],
        ),
    },
    "/v1/batches/{batch}/documents/{position}": {
        "get": _operation(
            "GetBatchItem",
            "One document of a batch, and what became of it",
            {"200": answer("The document", _json("BatchItemBody"), TAG), "304": answer("You have it", None, TAG)},
            (NOT_FOUND,),
            writes=False,
            parameters=[_BATCH, _POSITION, IF_NONE_MATCH],
        )
    },
    "/v1/batches/{batch}/documents/{position}/signed": {
        "get": _operation(
            "GetBatchDocument",
            "One signed document",
            downloaded("The signed document"),
            (NOT_FOUND,),
            writes=False,
            parameters=[_BATCH, _POSITION, *DOWNLOAD_PARAMETERS],
        )
    },
    "/v1/batches/{batch}/close": _move("CloseBatch", "No more documents", "What is not prepared yet is prepared now."),
    "/v1/batches/{batch}/consent": {
        "post": _operation(
            "ConsentToBatch",
            "The signatory's consent to the documents of a batch",
            {"200": answer("The batch", _json("BatchStatusBody"), {"ETag": "Changes with the batch."})},
            (*_BODY, PASSPHRASE_NOT_HERE, *_SIGNING, *_UNDER_A_KEY),
            parameters=[_BATCH, KEY],
            requestBody={"required": True, "content": _json("ConsentBody")},
            description=(
                "The key is opened once and signs every prepared document, or those of `digests`; jobs finish them. "
                "Sent again, it signs only what has no signature yet."
            ),
        )
    },
    "/v1/batches/{batch}/retry": _move(
        "RetryBatch",
        "Try what failed again",
        "Failed documents are prepared anew and wait for a new consent; what was signed and not finished is finished.",
    ),
    "/v1/batches/{batch}/cancel": _move(
        "CancelBatch", "End a batch", "What has no signature never gets one; what has one is finished."
    ),
}

BODIES: Final[tuple[type, ...]] = (
    BatchBody,
    BatchDocumentBody,
    BatchItemBody,
    BatchItemPage,
    BatchStatusBody,
    ConsentBody,
)
