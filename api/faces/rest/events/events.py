"""Events: what became of the caller's own things, oldest first."""

from typing import Annotated, Final

from litestar import Controller
from litestar.params import QueryParameter

import signer.errors
from api.faces.rest.declaring import LARGEST_PAGE, Limit
from api.faces.rest.events.event_body import EXAMPLE, EventBody, EventPage
from api.faces.rest.letters.asking import Asks, reads
from api.faces.rest.office.words import Query, query
from api.permissions import Permission
from api.problems import PROBLEMS
from signer.events import EventType

_QUERY: Final[Query] = (
    query(
        "cursor",
        "`next` of the page before: the id of the last event that you know.",
        {"type": "string", "maxLength": 64},
    ),
    query("limit", "Most items.", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50}),
    query(
        "type",
        "Only these types; may be given again.",
        {"type": "array", "items": {"type": "string", "enum": [each.value for each in EventType]}},
    ),
)

Known = Annotated[str | None, QueryParameter(max_length=64)]
Types = Annotated[list[EventType] | None, QueryParameter(max_items=len(EventType))]


class EventController(Controller):
    """What became of things."""

    path = "/events"
    tags = ["events"]  # noqa: RUF012 - the framework's way

    @reads(
        "/",
        "ListEvents",
        Permission.EVENT_READ,
        gives=EventPage,
        fails=(PROBLEMS[signer.errors.CursorUnknown],),
        query=_QUERY,
        shows={"items": [EXAMPLE], "next": EXAMPLE["id"]},
    )
    def mine(self, asking: Asks[None], cursor: Known = None, limit: Limit = 50, type: Types = None) -> EventPage:
        """Your events, in the order in which they were committed"""
        found = asking.services.events.page(asking.client_id, after=cursor, types=type or (), limit=limit)
        return EventPage(items=tuple(EventBody.of(each) for each in found), next=found[-1].id if found else cursor)
