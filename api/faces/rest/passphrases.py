"""The official's own door to another passphrase; an application passes it on, as it passes on what is signed."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Meta

from api.auth import Principal, requires
from api.faces.rest.json_body import json_of
from api.faces.rest.sign_body import passphrase_of
from api.logging import request_id_of
from api.permissions import Permission
from api.problems import OFFICE_CLOSED, RequestRefused
from api.services import Services
from signer.model import Secret


class PassphraseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Another passphrase for the same key; both go through memory once and are kept nowhere."""

    credential: Annotated[str, Meta(min_length=1, max_length=64, examples=["cred-contoh"])]
    passphrase: Annotated[Secret, Meta(description="The one of today; a wrong one counts as when signing.")]
    new_passphrase: Annotated[Secret, Meta(description="The next one: 12 characters and more, not a common one.")]


class PassphraseBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """It was changed."""

    credential: str


_DECODER: Final = msgspec.json.Decoder(PassphraseRequest, dec_hook=passphrase_of)


class PassphraseController(Controller):
    """One act; who forgot the passphrase is registered anew, by the office."""

    path = "/passphrases"

    @post("/", operation_id="ChangePassphrase", status_code=200, guards=[requires(Permission.PASSPHRASE_CHANGE)])
    async def change(
        self, request: Request[Principal, Any, Any], services: NamedDependency[SkipValidation[Services]]
    ) -> Response[PassphraseBody]:
        """Seal the same key under another passphrase."""
        people = services.people
        if people is None:
            raise RequestRefused(OFFICE_CLOSED, "This process serves no registration office.")
        body = await json_of(request, _DECODER)
        await sync_to_thread(
            people.passphrases.change,
            body.credential,
            body.passphrase,
            body.new_passphrase,
            actor=request.user.client_id,
            role="client",
            request_id=request_id_of(request.scope),
        )
        answer = PassphraseBody(credential=body.credential)
        return Response(answer, headers={"Cache-Control": "private, no-store"})
