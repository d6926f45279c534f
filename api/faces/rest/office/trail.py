"""The audit trail, for auditors alone."""

from typing import Annotated, Any, Final

from litestar import Controller, Response, get
from litestar.params import QueryParameter

from api.faces.rest.declaring import PRIVATE, Asked, Cursor, Declaration, Given, Limit, Words
from api.faces.rest.office.trail_body import EntryBody, TrailPage
from api.faces.rest.office.wire import moment_of, number_of
from api.faces.rest.office.words import TRAIL
from api.permissions import Permission
from api.problems import OFFICE_CLOSED, PROBLEMS, RequestRefused
from signer.errors import Refused

Time = Annotated[str | None, QueryParameter(max_length=40)]

_DECLARED: Final = Declaration(
    path="/",
    method="get",
    name="ReadTrail",
    permission=Permission.AUDIT_READ,
    takes=None,
    gives=TrailPage,
    status=200,
    fails=(PROBLEMS[Refused],),
    query=TRAIL,
    shows={
        "items": [
            {
                "sequence": 7,
                "time": "2026-11-21T04:00:00.000000Z",
                "actor": "petugas",
                "role": "registrar",
                "act": "registration.propose",
                "object": "registration:0123456789abcdef0123456789abcdef",
                "outcome": "done",
                "reason": None,
                "requestId": "0123456789abcdef",
                "software": "teken 0.1.0",
                "details": "{}",
                "previous": "00" * 32,
                "hash": "11" * 32,
            }
        ],
        "next": None,
    },
)


class TrailController(Controller):
    """No guard stands before it: who lacks the right is turned away inside, where that is noted."""

    path = "/audit"
    tags = ["audit"]  # noqa: RUF012 - the framework's way

    @get("/", operation_id=_DECLARED.name, sync_to_thread=True, opt={"declared": _DECLARED})
    def read(
        self,
        request: Asked,
        services: Given,
        *,
        actor: Words = None,
        object: Annotated[str | None, QueryParameter(max_length=200)] = None,
        act: Words = None,
        since: Time = None,
        until: Time = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response[Any]:
        """Entries of the audit trail, oldest first; for auditors"""
        if services.people is None:
            raise RequestRefused(OFFICE_CLOSED, "This process serves no registration office.")
        found = services.people.trail.read(
            request.user.client_id,
            request.user.scopes,
            after=number_of(cursor) or 0,
            limit=limit,
            actor=actor,
            object=object,
            act=act,
            since=moment_of(since, "since"),
            until=moment_of(until, "until"),
        )
        following = str(found[-1].sequence) if len(found) == limit else None
        return Response(TrailPage(items=[EntryBody.of(each) for each in found], next=following), headers=PRIVATE)
