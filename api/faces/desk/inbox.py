"""What waits for the person: requests, batches and steps, with counts; and the way to each."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath, URLEncodedBody

from api.faces.desk.signing_in import HOME
from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import REFUSED_LIST
from api.pages.moments import in_words
from api.pages.text import Text
from signer.errors import Refused
from signer.factors.model import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """A button of the list."""

    csrf: str = ""


class InboxController(Controller):
    """The page on which a person lands."""

    include_in_schema = False

    @get(HOME, sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """Everything that waits; no login, no list."""
        return to("/desk/sign-in") if visit.person is None else _list(visit, visit.person)

    @post("/desk/batches/{batch:str}", status_code=200, sync_to_thread=True)
    def batch(self, visit: Visits, batch: FromPath[str], data: URLEncodedBody[OpenForm]) -> Response[Any]:
        """A batch that nobody asked about yet is put before the person who is to sign it."""
        person = visit.own(data.csrf)
        try:
            asked = visit.doors.inbox.ask_batch(person.signatory_id or "", batch)
        except Refused as refused:
            return _list(visit, person, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
        return to(f"/desk/a/{asked.link}")

    @post("/desk/documents/{document:str}/{number:int}", status_code=200, sync_to_thread=True)
    def step(
        self, visit: Visits, document: FromPath[str], number: FromPath[int], data: URLEncodedBody[OpenForm]
    ) -> Response[Any]:
        """The same for a step whose turn it is."""
        person = visit.own(data.csrf)
        try:
            asked = visit.doors.inbox.ask_step(person.signatory_id or "", document, number)
        except Refused as refused:
            return _list(visit, person, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
        return to(f"/desk/a/{asked.link}")


def _list(visit: Visit, person: Session, *, error: Text | None = None) -> Response[Any]:
    doors, signatory_id = visit.doors, person.signatory_id or ""
    waiting, official = doors.inbox.waiting(signatory_id), doors.official(signatory_id)
    offset = doors.settings.utc_offset_hours
    clients = {
        *(each.client_id for each in waiting.requests),
        *(each.client_id for each in waiting.batches),
        *(each.client_id for each in waiting.steps),
    }
    return visit.show(
        "inbox.html",
        error=error,
        who=official.signatory if official else None,
        waiting=waiting,
        clients={each: doors.client_name(each) for each in clients},
        until={each.id: in_words(each.expires_at, utc_offset_hours=offset) for each in waiting.requests},
    )
