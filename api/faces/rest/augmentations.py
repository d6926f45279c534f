"""Raise the level of a signed document: one that is sent, or one that was signed here."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import Meta

from api.auth import Principal, requires
from api.bodies import PDF, Intake
from api.faces.rest.json_body import json_of, read_json
from api.faces.rest.record_body import location_of
from api.faces.rest.signatures import CODE_HEADER, json_beside, own_record
from api.letters.once import Told, fingerprint_of, key_of
from api.permissions import Permission
from api.problems import NOT_FOUND, RequestRefused
from api.services import Services
from signer.archive import Raised
from signer.document import Content
from signer.errors import KeyUnavailable
from signer.model import SignatureLevel

LEVEL_HEADER: Final = "Teken-Level"
GOOD_UNTIL_HEADER: Final = "Teken-Good-Until"

Asked = Request[Principal, Any, Any]
Given = NamedDependency[SkipValidation[Services]]


class AugmentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """To which level."""

    level: Annotated[SignatureLevel, Meta(description="PAdES level: B-T, B-LT or B-LTA.", examples=["B-LTA"])]


_DECODER: Final = msgspec.json.Decoder(AugmentBody)


class AugmentationController(Controller):
    """Files that somebody sends."""

    path = "/augmentations"

    @post("/", operation_id="AugmentDocument", guards=[requires(Permission.AUGMENTATION_CREATE)])
    async def augment(
        self, request: Asked, services: Given, signing_intake: NamedDependency[SkipValidation[Intake]]
    ) -> Response[bytes]:
        """The same document with what its new level needs."""
        async with signing_intake.open(request) as upload:
            body = read_json(_DECODER, json_beside(request.headers, upload))
            act = partial(_raise_file, services, upload.document, body.level, request.user.client_id)
            return await sync_to_thread(_once, request, services, body, upload.document, act)


class SigningAugmentationController(Controller):
    """Signings of the same client, by their code."""

    path = "/signatures"

    @post(
        "/{code:str}/augmentations",
        operation_id="AugmentSignedDocument",
        guards=[requires(Permission.AUGMENTATION_CREATE)],
    )
    async def augment(self, request: Asked, services: Given, code: FromPath[str]) -> Response[bytes]:
        """The newest version of a signing, raised and kept as the next one."""
        body = await json_of(request, _DECODER)
        act = partial(_raise_signing, services, request.user, code, body.level)
        return await sync_to_thread(_once, request, services, body, b"", act)


def _once(
    request: Asked, services: Services, body: AugmentBody, document: Content, act: Callable[[], Raised]
) -> Response[bytes]:
    """Under a key, what was kept is answered again. What was given back and not kept is made anew: nobody has it."""
    key, made = key_of(request.headers), list[Raised]()
    if key is None:
        return _answer(services, act())

    def told() -> Told:
        made.append(act())
        kept = made[0].kept
        body = kept.sha256.encode() if kept is not None else b""
        return Told(status=201, headers=_headers(services, made[0]), body=body)

    printed = fingerprint_of(("POST", request.url.path), body, document)
    before = services.letters.once.carry_out(request.user.client_id, key, printed, told)
    if made or not before.body:
        return _answer(services, made[0] if made else act())
    pdf = services.documents.get(before.body.decode())
    if pdf is None:
        raise KeyUnavailable("the vault lacks a document that was raised under a key")
    return Response(pdf, media_type=PDF, status_code=before.status, headers=dict(before.headers))


def _raise_file(services: Services, document: bytes, level: SignatureLevel, client_id: str) -> Raised:
    sha256 = hashlib.sha256(document).hexdigest()
    return services.archive.raise_file(document, level, sha256=sha256, client_id=client_id)


def _raise_signing(services: Services, principal: Principal, code: str, level: SignatureLevel) -> Raised:
    token = own_record(services, principal, code).intent.code.token
    if not services.archive.versions(token):
        raise RequestRefused(NOT_FOUND, "This signing has no document.", field="code", reason="no-document")
    return services.archive.raise_registered(token, level, client_id=principal.client_id)


def _answer(services: Services, raised: Raised) -> Response[bytes]:
    return Response(raised.made.pdf, media_type=PDF, status_code=201, headers=_headers(services, raised))


def _headers(services: Services, raised: Raised) -> dict[str, str]:
    """Where it was kept, they say under which code and number."""
    headers = {
        "Cache-Control": "private, no-store",
        LEVEL_HEADER: raised.made.level.value,
        GOOD_UNTIL_HEADER: raised.made.good_until.isoformat(),
    }
    record = services.signatures.find(raised.kept.token) if raised.kept is not None else None
    if record is not None and raised.kept is not None:
        headers[CODE_HEADER] = raised.kept.token
        headers["Location"] = f"{location_of(record)}/document?version={raised.kept.number}"
        headers["ETag"] = f'"{raised.kept.sha256}"'
    return headers
