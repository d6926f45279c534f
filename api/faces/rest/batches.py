"""Many documents under one consent: opened, filled, closed, consented to, watched. Translate, call, translate."""

import hashlib
from typing import Any, Final

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation

from api.auth import Principal, requires
from api.batches.build import ClientBatches
from api.bodies import Intake
from api.downloads import download
from api.faces.rest.batches_body import (
    CONSENT_BYTES,
    CONSENT_DECODER,
    DOCUMENT_DECODER,
    OPEN_DECODER,
    BatchItemBody,
    BatchItemPage,
    BatchStatusBody,
    position_of,
)
from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.json_body import json_of, read_json
from api.faces.rest.keyed import once
from api.faces.rest.office.wire import number_of
from api.faces.rest.office.words import PAGE, query
from api.faces.rest.sign_body import require_passphrases_taken
from api.faces.rest.tags import Known, tagged
from api.letters.once import key_of, request_key
from api.permissions import Permission
from api.problems import BATCHES_CLOSED, INVALID_REQUEST, NOT_FOUND, RequestRefused
from api.services import Services
from signer.batch_model import Batch, BatchItem, ItemState

LIST_QUERY: Final = (
    query("only", "Documents in this state.", {"type": "string", "enum": [each.value for each in ItemState]}),
    *PAGE,
)
_ID_DIGITS: Final = 32  # as many as a random id has
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_SIGNS: Final = [requires(Permission.SIGNATURE_CREATE)]
_READS: Final = [requires(Permission.SIGNATURE_READ)]

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]


class BatchController(Controller):
    """Batches of the client that asks."""

    path = "/batches"

    @post("/", operation_id="OpenBatch", guards=_SIGNS)
    async def open(self, request: Asked, services: Given) -> Response[BatchStatusBody]:
        """A new, empty batch."""
        body = await json_of(request, OPEN_DECODER)
        client, level_for = request.user.client_id, services.settings.signing.level_for
        batches = _batches(services)
        terms = body.to_terms(client_id=client, level_for=level_for)

        key = key_of(request.headers)
        name = None if key is None else request_key(client, key)[:_ID_DIGITS]

        def act() -> BatchStatusBody:
            return _status(services, batches.open(terms, _address(request), name=name))

        told = await sync_to_thread(once, services, request, (body, b""), BatchStatusBody, act)
        where = {**_PRIVATE, "Location": f"/v1/batches/{told.id}"}
        return Response(told, status_code=201, headers=where)

    @get("/{batch:str}", operation_id="GetBatch", guards=_READS, sync_to_thread=True)
    def read(self, request: Asked, services: Given, batch: FromPath[str]) -> Response[Any]:
        """How far a batch is; with `If-None-Match` nothing where nothing changed."""
        found = _batches(services).get(batch, request.user.client_id)
        return _told(request, services, found)

    @post("/{batch:str}/documents", operation_id="AddBatchDocument", guards=_SIGNS)
    async def add(
        self,
        request: Asked,
        services: Given,
        signing_intake: NamedDependency[SkipValidation[Intake]],
        batch: FromPath[str],
    ) -> Response[BatchItemBody]:
        """One more document."""
        async with signing_intake.open(request) as upload:
            if upload.parts.keys() - {"request"}:
                raise RequestRefused(
                    INVALID_REQUEST,
                    "The form has a part besides document and request.",
                    field="request",
                    reason="unknown-part",
                )
            body = read_json(DOCUMENT_DECODER, upload.parts.get("request", b"{}"))
            receive, client = _batches(services).receive, request.user.client_id

            def act() -> BatchItemBody:
                return _item(services, receive(batch, client, upload.document, body.to_letter()))

            told = await sync_to_thread(once, services, request, (body, upload.document), BatchItemBody, act)
        where = {**_PRIVATE, "Location": f"/v1/batches/{batch}/documents/{told.position}"}
        return Response(told, status_code=201, headers=where)

    @get("/{batch:str}/documents", operation_id="ListBatchDocuments", guards=_READS, sync_to_thread=True)
    def documents(
        self,
        request: Asked,
        services: Given,
        *,
        batch: FromPath[str],
        only: FromQuery[ItemState | None] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response[BatchItemPage]:
        """The documents of a batch with their outcomes, in order."""
        batches, after = _batches(services), number_of(cursor)
        found = batches.get(batch, request.user.client_id)
        items = batches.items(found.id, state=only, after=-1 if after is None else after, limit=limit)
        following = str(items[-1].position) if len(items) == limit else None
        page = BatchItemPage(items=[_item(services, item) for item in items], next=following)
        return Response(page, headers=_PRIVATE)

    @get("/{batch:str}/documents/{position:str}", operation_id="GetBatchItem", guards=_READS, sync_to_thread=True)
    def item(self, request: Asked, services: Given, batch: FromPath[str], position: FromPath[str]) -> Response[Any]:
        """One document of a batch, and what became of it."""
        found = _item(services, _found(services, request, batch, position))
        return tagged(found, _PRIVATE, known=Known.of(request.headers, now=services.now()))

    @get(
        "/{batch:str}/documents/{position:str}/signed",
        operation_id="GetBatchDocument",
        guards=_READS,
        sync_to_thread=True,
    )
    def signed(self, request: Asked, services: Given, batch: FromPath[str], position: FromPath[str]) -> Response[Any]:
        """The signed PDF of one document."""
        item = _found(services, request, batch, position)
        pdf = services.documents.open(item.document_sha256) if item.document_sha256 else None
        if pdf is None:
            raise RequestRefused(NOT_FOUND, "It is not finished.", field="position", reason="no-document")
        return download(request.headers, pdf, _PRIVATE)

    @post("/{batch:str}/close", operation_id="CloseBatch", guards=_SIGNS, status_code=200, sync_to_thread=True)
    def close(self, request: Asked, services: Given, batch: FromPath[str]) -> Response[Any]:
        """No more documents."""
        return _told(request, services, _batches(services).close(batch, request.user.client_id, _address(request)))

    @post(
        "/{batch:str}/consent",
        operation_id="ConsentToBatch",
        guards=_SIGNS,
        status_code=200,
        request_max_body_size=CONSENT_BYTES,
    )
    async def consent(self, request: Asked, services: Given, batch: FromPath[str]) -> Response[Any]:
        """The signatory's consent: every prepared document is signed now, and finished by jobs."""
        require_passphrases_taken(services.settings)
        body = await json_of(request, CONSENT_DECODER)
        batches, client = _batches(services), request.user.client_id
        digests = None if body.digests is None else frozenset(body.digests)

        def act() -> BatchStatusBody:
            batches.consent(batch, client, body.passphrase, digests)
            return _status(services, batches.get(batch, client))

        await sync_to_thread(once, services, request, (body, b""), BatchStatusBody, act)
        return await sync_to_thread(_told, request, services, batches.get(batch, client))

    @post("/{batch:str}/retry", operation_id="RetryBatch", guards=_SIGNS, status_code=200, sync_to_thread=True)
    def retry(self, request: Asked, services: Given, batch: FromPath[str]) -> Response[Any]:
        """What failed begins anew, what is stuck is finished again."""
        return _told(request, services, _batches(services).retry(batch, request.user.client_id, _address(request)))

    @post("/{batch:str}/cancel", operation_id="CancelBatch", guards=_SIGNS, status_code=200, sync_to_thread=True)
    def cancel(self, request: Asked, services: Given, batch: FromPath[str]) -> Response[Any]:
        """What has no signature never gets one."""
        return _told(request, services, _batches(services).cancel(batch, request.user.client_id))


def _address(request: Asked) -> str | None:
    """From where somebody asks, as the server knows it: behind a trusted proxy what that one says."""
    return None if request.client is None else request.client.host


def _batches(services: Services) -> ClientBatches:
    if services.batches is None:
        raise RequestRefused(BATCHES_CLOSED, "This process serves no batches.", headers={"Retry-After": "2"})
    return services.batches


def _status(services: Services, batch: Batch) -> BatchStatusBody:
    return BatchStatusBody.of(batch, _batches(services).counts(batch.id))


def _told(request: Asked, services: Services, batch: Batch) -> Response[Any]:
    """The batch of this moment with its tag."""
    body = msgspec.json.encode(_status(services, batch))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_PRIVATE, "ETag": tag}
    if request.method == "GET" and request.headers.get("If-None-Match") == tag:
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _found(services: Services, request: Asked, batch: str, position: str) -> BatchItem:
    place = position_of(position)
    if place is None:
        raise RequestRefused(NOT_FOUND, "The batch has no such document.", field="position", reason="unknown")
    return _batches(services).item(batch, request.user.client_id, place)


def _item(services: Services, item: BatchItem) -> BatchItemBody:
    return BatchItemBody.of(item, public_url=services.settings.server.public_url)
