"""Sign a document, and read what was signed. Each handler translates, calls, translates; no rule is known here."""

from dataclasses import replace
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Headers
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation

from api.auth import Principal, requires
from api.bodies import PDF, REQUEST_PART_BYTES, Intake, Upload
from api.downloads import download, streamed
from api.faces.rest.record_body import RecordBody, location_of
from api.faces.rest.sign_body import read_sign_body, require_passphrases_taken
from api.faces.rest.tags import Known, tagged
from api.letters.once import HEADER as HEADER_KEY
from api.letters.once import Told, fingerprint_of, key_of, request_key
from api.metrics import Metrics
from api.permissions import Permission
from api.problems import (
    BODY_TOO_LARGE,
    INVALID_REQUEST,
    KEY_REUSED,
    NOT_FOUND,
    RequestRefused,
    problem_of,
)
from api.services import Services
from signer.document import Document
from signer.errors import KeyUnavailable, RequestBegun
from signer.model import SignatureRecord, SignedDocument, SignRequest
from signer.verification_code import parse

HEADER: Final = "Teken-Request"
"""The JSON beside a raw document; ASCII, so what is not ASCII is written as `\\uXXXX`."""

CODE_HEADER: Final = "Teken-Verification-Code"

_PRIVATE: Final = {"Cache-Control": "private, no-store"}

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]


class SignatureController(Controller):
    """Everything about signings, for the applications that asked for them."""

    path = "/signatures"

    @post("/", operation_id="SignDocument", guards=[requires(Permission.SIGNATURE_CREATE)])
    async def sign(
        self,
        request: Asked,
        services: Given,
        signing_intake: NamedDependency[SkipValidation[Intake]],
        metrics: NamedDependency[SkipValidation[Metrics]],
    ) -> Response[Any]:
        """Sign one document with a credential."""
        require_passphrases_taken(services.settings)
        async with signing_intake.open(request) as upload:
            body = read_sign_body(json_beside(request.headers, upload))
            wanted = body.to_request(
                upload.arrived,
                client_id=request.user.client_id,
                level_for=services.settings.signing.level_for,
            )
            key = key_of(request.headers)
            if key is None:
                signed = await sync_to_thread(_sign, services, metrics, wanted)
            else:
                printed = fingerprint_of(("POST", "/v1/signatures"), body, upload.document)
                signed = await sync_to_thread(_sign_once, services, metrics, wanted, key, printed)
        return _answer(request, services, signed)

    @get("/{code:str}", operation_id="GetSignature", guards=[requires(Permission.SIGNATURE_READ)], sync_to_thread=True)
    def read(self, request: Asked, services: Given, code: FromPath[str]) -> Response[Any]:
        """One signing of the same client."""
        record = own_record(services, request.user, code)
        body = RecordBody.of(record, public_url=services.settings.server.public_url)
        known = Known.of(request.headers, now=services.now())
        return tagged(body, _PRIVATE, known=known, changed=body.ended_at or body.reserved_at)

    @get(
        "/{code:str}/document",
        operation_id="GetSignedDocument",
        guards=[requires(Permission.SIGNATURE_READ)],
        sync_to_thread=True,
    )
    def document(
        self, request: Asked, services: Given, code: FromPath[str], version: FromQuery[int | None] = None
    ) -> Response[Any]:
        """The signed PDF of one signing of the same client: its newest version, or one by its number."""
        record = own_record(services, request.user, code)
        versions = services.archive.versions(record.intent.code.token)
        wanted = [each.sha256 for each in versions if version is None or each.number == version]
        sha256 = wanted[-1] if wanted else None
        document = services.documents.open(sha256) if sha256 else None
        if document is None:
            raise RequestRefused(NOT_FOUND, "This signing has no document.", field="code", reason="no-document")
        name = {"Content-Disposition": f'attachment; filename="{record.intent.code.short}.pdf"'}
        return download(request.headers, document, {**_PRIVATE, **name})


def json_beside(headers: Headers, upload: Upload) -> bytes:
    """The JSON beside the document: the part `request` of a form, or the header of a raw body."""
    part, header = upload.parts.get("request"), headers.get(HEADER)
    if upload.parts.keys() - {"request"}:
        raise RequestRefused(
            INVALID_REQUEST,
            "The form has a part besides document and request.",
            field="request",
            reason="unknown-part",
        )
    if (part is None) == (header is None):
        both = part is not None
        raise RequestRefused(
            INVALID_REQUEST,
            f"Send the JSON once: as the part request of a form, or with a raw body in the header {HEADER}.",
            field="request",
            reason="twice" if both else "missing",
        )
    if part is not None:
        return part
    if len(header or "") > REQUEST_PART_BYTES:
        raise RequestRefused(
            BODY_TOO_LARGE,
            f"{HEADER} has more than {REQUEST_PART_BYTES} bytes; send a form instead.",
            field="request",
            reason="too-large",
        )
    return (header or "").encode("latin-1")


def _sign(services: Services, metrics: Metrics, wanted: SignRequest) -> SignedDocument:
    try:
        signed = services.signing.sign(wanted)
    except Exception as error:
        metrics.signing(wanted.level.value, problem_of(error).slug)
        raise
    metrics.signing(wanted.level.value, "signed")
    return signed


def _sign_once(services: Services, metrics: Metrics, wanted: SignRequest, key: str, fingerprint: str) -> SignedDocument:
    """The same under a key: what was signed under it before is answered again, also after a crash."""
    named = request_key(wanted.client_id, key)

    def act() -> Told:
        before = services.signatures.of_request(named)
        if before is None:
            record = _sign(services, metrics, replace(wanted, request_key=named)).record
        elif before.outcome is None:
            raise RequestBegun("A request with this key is being carried out.", field=HEADER_KEY, reason="in-progress")
        elif before.intent.input_sha256 != Document.of(wanted.document).sha256:
            raise RequestRefused(KEY_REUSED, "This key signed another document.", field=HEADER_KEY, reason="reused")
        else:
            record = before
        return Told(status=201, headers={}, body=record.intent.code.token.encode())

    told = services.letters.once.carry_out(wanted.client_id, key, fingerprint, act)
    record = services.signatures.find(told.body.decode())
    sha256 = record.outcome.document_sha256 if record is not None and record.outcome is not None else None
    pdf = services.documents.get(sha256) if sha256 else None
    if record is None or pdf is None:
        raise KeyUnavailable("the log or the vault lacks a document that was signed under a key")
    return SignedDocument(document=Document.of(pdf), record=record)


def _answer(request: Asked, services: Services, signed: SignedDocument) -> Response[Any]:
    """The PDF for who asks for one, else the record; both say where the record is."""
    headers = {**_PRIVATE, "Location": location_of(signed.record), CODE_HEADER: signed.record.intent.code.token}
    if request.accept.best_match(["application/json", PDF]) == PDF:
        return streamed(signed.document, headers, status_code=201)
    body = RecordBody.of(signed.record, public_url=services.settings.server.public_url)
    return Response(body, status_code=201, headers=headers)


def own_record(services: Services, principal: Principal, code: str) -> SignatureRecord:
    """A signing of this client. Unknown, malformed and another client's codes look alike."""
    normalised = parse(code)
    record = services.signatures.find(normalised) if normalised else None
    if record is None or record.intent.client_id != principal.client_id:
        raise RequestRefused(NOT_FOUND, "No signing of yours has this code.", field="code", reason="unknown-code")
    return record
