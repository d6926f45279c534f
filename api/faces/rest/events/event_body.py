"""What a client reads of its events; a webhook receives the very same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from signer.events import Event, EventDatum, EventType

EXAMPLE: Final = {
    "id": "019aa4b1-5d80-7c3a-9f10-3a5b7c9d1e2f",
    "type": "signature.signed",
    "at": "2026-11-21T04:00:00Z",
    "subject": "0123456789ABCDEFGHJKMNPQRS",
    "externalId": "surat-2026-000123",
    "data": {"credential": "cred-kepala-dinas", "level": "B-LT", "sha256": "ab" * 32},
}


class EventBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One event. New types and new data may come: ignore what you do not know."""

    id: Annotated[str, Meta(description="The same however often it is read or delivered.")]
    type: EventType
    at: Annotated[datetime, Meta(description="When it happened, UTC.")]
    subject: Annotated[str, Meta(description="Verification code, or id of a batch, document, request, credential.")]
    external_id: Annotated[str | None, Meta(description="Your own name of it, where you gave one.")]
    data: Annotated[Mapping[str, EventDatum], Meta(description="What else there is to say; which, the type says.")]

    @classmethod
    def of(cls, event: Event) -> "EventBody":
        return cls(
            id=event.id,
            type=event.type,
            at=event.at,
            subject=event.subject,
            external_id=event.external_id,
            data=event.data,
        )


class EventPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Some of them, oldest first."""

    items: tuple[EventBody, ...]
    next: Annotated[
        str | None,
        Meta(description="Send it as `after` for what follows, now or later; what you sent where nothing is new."),
    ]
