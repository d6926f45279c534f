"""Documents of several signatories: created with their steps, signed step by step, read at any time."""

from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

import signer.errors
from api.auth import Principal, requires
from api.bodies import Intake, Upload
from api.downloads import download
from api.faces.rest.declaring import PRIVATE, Cursor, ExternalId, Given, Limit
from api.faces.rest.letters.asking import Asking, Asks, acts, reads
from api.faces.rest.letters.flow_body import DocumentRequest, FlowBody, FlowPage, StepSignature, read_document_request
from api.faces.rest.office.words import EXTERNAL_ID, PAGE
from api.faces.rest.sign_body import require_passphrases_taken
from api.letters.once import HEADER, Told, fingerprint_of, key_of, request_key
from api.permissions import Permission
from api.problems import INVALID_REQUEST, KEY_REUSED, NOT_FOUND, PASSPHRASE_NOT_HERE, PROBLEMS, RequestRefused
from api.services import Services
from signer.document import Document
from signer.errors import RequestBegun
from signer.flow_model import FlowStanding

SIGNING: Final = tuple(problem for kind, problem in PROBLEMS.items() if issubclass(kind, signer.errors.SignerError))
_ID_DIGITS: Final = 32  # as many as a random id has
_REFUSED: Final = PROBLEMS[signer.errors.FlowRefused]
_EXAMPLE: Final = {
    "id": "0123456789abcdef0123456789abcdef",
    "state": "open",
    "level": "B-LT",
    "externalId": "surat-2026-000123",
    "createdAt": "2026-11-21T04:00:00Z",
    "cancelledAt": None,
    "returnedBy": None,
    "returnedReason": None,
    "documentSha256": "ab" * 32,
    "steps": [
        {
            "number": 1,
            "order": 1,
            "act": "initials",
            "credential": "cred-kepala-bagian",
            "state": "ready",
            "signatory": None,
            "code": None,
            "doneAt": None,
        }
    ],
}


class DocumentController(Controller):
    """Documents that several officials sign."""

    path = "/documents"
    tags = ["documents"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListDocuments", Permission.SIGNATURE_READ, gives=FlowPage, query=(EXTERNAL_ID, *PAGE))
    def mine(
        self,
        asking: Asks[None],
        external_id: ExternalId = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> FlowPage:
        """Documents of yours, by id; all, or those that you call so"""
        found = asking.services.flows.list(asking.client_id, after=cursor or "", limit=limit, external_id=external_id)
        following = found[-1].flow.id if len(found) == limit else None
        return FlowPage(items=tuple(FlowBody.of(each) for each in found), next=following)

    @reads(
        "/{document:str}",
        "GetDocument",
        Permission.SIGNATURE_READ,
        gives=FlowBody,
        fails=(NOT_FOUND,),
        shows=_EXAMPLE,
    )
    def read(self, asking: Asks[None], document: FromPath[str]) -> FlowBody:
        """How far one document has come"""
        return FlowBody.of(_own(asking, document))

    @acts(
        "/{document:str}/steps/{number:int}",
        "SignStep",
        Permission.SIGNATURE_CREATE,
        takes=StepSignature,
        gives=FlowBody,
        fails=(NOT_FOUND, PASSPHRASE_NOT_HERE, *SIGNING),
        sends={"credential": "cred-kepala-bagian", "passphrase": "tujuh gunung menunggu hujan"},
        shows=_EXAMPLE,
    )
    def sign(self, asking: Asks[StepSignature], document: FromPath[str], number: FromPath[int]) -> FlowBody:
        """Sign one step; out of turn, by somebody else or again it is refused, before the passphrase is tried"""
        require_passphrases_taken(asking.services.settings)
        said = asking.brought
        named = request_key(asking.client_id, asking.key) if asking.key is not None else None
        if not _signed_before(asking.services, named, document, number):
            asking.services.flows.sign(
                _own(asking, document),
                number,
                credential_id=said.credential,
                passphrase=said.passphrase,
                nip=said.nip,
                request_key=named,
            )
        return FlowBody.of(_own(asking, document))

    @acts(
        "/{document:str}/cancellation",
        "CancelDocument",
        Permission.SIGNATURE_CREATE,
        gives=FlowBody,
        fails=(NOT_FOUND, _REFUSED),
        shows=_EXAMPLE | {"state": "cancelled"},
    )
    def cancel(self, asking: Asks[None], document: FromPath[str]) -> FlowBody:
        """Nobody signs it any more; what is signed stays signed"""
        return FlowBody.of(asking.services.flows.cancel(_own(asking, document), actor=asking.client_id))


class DocumentFileController(Controller):
    """The same documents as files."""

    path = "/documents"

    @post("/", operation_id="CreateDocument", guards=[requires(Permission.SIGNATURE_CREATE)])
    async def create(
        self,
        request: Request[Principal, Any, Any],
        services: Given,
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[FlowBody]:
        """A new document, with everybody who is to sign it."""
        async with signing_intake.open(request) as upload:
            key = key_of(request.headers)
            standing = await sync_to_thread(_create, services, request.user.client_id, upload, key)
        location = f"/v1/documents/{standing.flow.id}"
        return Response(FlowBody.of(standing), status_code=201, headers={**PRIVATE, "Location": location})

    @get(
        "/{document:str}/file",
        operation_id="GetDocumentFile",
        guards=[requires(Permission.SIGNATURE_READ)],
        sync_to_thread=True,
    )
    def file(self, request: Request[Principal, Any, Any], services: Given, document: FromPath[str]) -> Response[Any]:
        """The document as it stands now."""
        standing = _found(services, request.user.client_id, document)
        name = {"Content-Disposition": f'attachment; filename="{standing.flow.id}.pdf"'}
        return download(request.headers, Document.of(services.flows.document(standing)), {**PRIVATE, **name})


def _create(services: Services, client_id: str, upload: Upload, key: str | None) -> FlowStanding:
    if upload.parts.keys() != {"request"}:
        raise RequestRefused(
            INVALID_REQUEST,
            "Send a form with the parts document and request.",
            field="request",
            reason="missing" if "request" not in upload.parts else "unknown-part",
        )
    asked = read_document_request(upload.parts["request"])
    if key is None:
        return _new(services, client_id, upload, asked, None)
    id = request_key(client_id, key)[:_ID_DIGITS]

    def act() -> Told:
        before = services.flows.get(id, client_id=client_id)
        if before is None:
            _new(services, client_id, upload, asked, id)
        elif before.flow.original_sha256 != Document.of(upload.document).sha256:
            raise _reused("This key made another document.")
        return Told(status=201, headers={}, body=b"")

    printed = fingerprint_of(("POST", "/v1/documents"), asked, upload.document)
    services.letters.once.carry_out(client_id, key, printed, act)
    return _found(services, client_id, id)


def _new(services: Services, client_id: str, upload: Upload, asked: DocumentRequest, id: str | None) -> FlowStanding:
    letter = asked.to_letter()
    return services.flows.create(
        upload.document,
        asked.to_steps(),
        client_id=client_id,
        letter=letter,
        level=asked.level or services.settings.signing.level_for(letter.kind),
        certify=asked.certify,
        footer=asked.footer,
        id=id,
    )


def _signed_before(services: Services, named: str | None, document: str, number: int) -> bool:
    """Whether this request signed the step already, and died before it was answered."""
    before = services.signatures.of_request(named) if named is not None else None
    if before is None:
        return False
    place = before.intent.flow
    if place is None or (place.flow_id, place.number) != (document, number):
        raise _reused("This key signed another document.")
    if before.outcome is None:
        raise RequestBegun("A request with this key is being carried out.", field=HEADER, reason="in-progress")
    return True


def _reused(message: str) -> RequestRefused:
    return RequestRefused(KEY_REUSED, message, field=HEADER, reason="reused")


def _own(asking: Asking[Any], document: str) -> FlowStanding:
    return _found(asking.services, asking.client_id, document)


def _found(services: Services, client_id: str, document: str) -> FlowStanding:
    """A document of this client; an unknown one and another client's look alike."""
    standing = services.flows.get(document[:64], client_id=client_id)
    if standing is None:
        raise RequestRefused(NOT_FOUND, "No document of yours has this id.", field="document", reason="unknown")
    return standing
