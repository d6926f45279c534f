"""Signings found by what their application calls the letter."""

from typing import Annotated

import msgspec
from litestar import Controller
from msgspec import Meta

from api.faces.rest.declaring import Cursor, ExternalId, Limit
from api.faces.rest.letters.asking import Asks, reads
from api.faces.rest.office.words import EXTERNAL_ID, PAGE
from api.faces.rest.record_body import RecordBody
from api.permissions import Permission
from api.problems import INVALID_REQUEST, RequestRefused


class RecordPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Some of them, by code."""

    items: tuple[RecordBody, ...]
    next: Annotated[str | None, Meta(description="Send it as `cursor` for what follows; null at the end.")]


class FindController(Controller):
    """Where an application lost the code, and knows its own identifier."""

    path = "/signatures"
    tags = ["signatures"]  # noqa: RUF012 - the framework's way

    @reads(
        "/",
        "FindSignatures",
        Permission.SIGNATURE_READ,
        gives=RecordPage,
        query=({**EXTERNAL_ID, "required": True}, *PAGE),
    )
    def find(
        self, asking: Asks[None], external_id: ExternalId = None, cursor: Cursor = None, limit: Limit = 50
    ) -> RecordPage:
        """Signings of yours under your identifier, failed ones too, by code"""
        if external_id is None:
            raise RequestRefused(INVALID_REQUEST, "Name your identifier.", field="externalId", reason="missing")
        services = asking.services
        found = services.signatures.of_letter(asking.client_id, external_id, after=cursor or "", limit=limit)
        url = services.settings.server.public_url
        following = found[-1].intent.code.token if len(found) == limit else None
        return RecordPage(items=tuple(RecordBody.of(each, public_url=url) for each in found), next=following)
