"""What waits for the person: found, filtered, looked at beside the list; and the way to each."""

import re
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody

from api.faces.desk.listing import EACH_PAGE, Filters, Line, Listing, listing
from api.faces.desk.own_certificate import ending_soon
from api.faces.desk.signing_in import HOME
from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import REFUSED_LIST
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND
from api.pages.tables import csv_answer
from api.pages.text import Text
from signer.errors import Refused
from signer.factors.model import Session
from signer.looking import SeenDocument
from signer.waiting import Waiting, WaitingKey, WaitingKind, parsed
from verifier.errors import CannotDraw, VerifierError

_PICTURE: Final = re.compile(r"([1-9]\d{0,3})\.webp")
_HEADINGS: Final = ("nama", "nomor", "dari", "jenis", "derajat", "tindakan", "sebagai", "dokumen", "sejak", "sampai")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """A button of the list."""

    csrf: str = ""


class InboxController(Controller):
    """The page on which a person lands."""

    include_in_schema = False

    @get(HOME, sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """Everything that waits, or what the filters leave of it; no login, no list."""
        if visit.person is None:
            return to("/desk/sign-in")
        if visit.query.get("format") == "csv":
            return _table(visit, visit.person)
        return inbox_page(visit, visit.person)

    @get("/desk/look/{key:str}/{position:int}/{picture:str}", sync_to_thread=True)
    def page_image(
        self, visit: Visits, key: FromPath[str], position: FromPath[int], picture: FromPath[str]
    ) -> Response[bytes]:
        """`{n}.webp`: one page of what waits, drawn where a stranger's file can do no harm."""
        item, number = parsed(key), _PICTURE.fullmatch(picture)
        if visit.person is None or item is None or number is None:
            raise HTTPException(status_code=404)
        content = visit.doors.looking.content(visit.person.signatory_id or "", item, position)
        if content is None:
            raise HTTPException(status_code=404)
        try:
            image = visit.doors.picture(content, int(number[1]))
        except CannotDraw:
            raise HTTPException(status_code=404) from None
        return Response(image, media_type="image/webp", headers=NEITHER_KEPT_NOR_FOUND)

    @post("/desk/batches/{batch:str}", status_code=200, sync_to_thread=True)
    def batch(self, visit: Visits, batch: FromPath[str], data: URLEncodedBody[OpenForm]) -> Response[Any]:
        """A batch that nobody asked about yet is put before the person who is to sign it."""
        person = visit.own(data.csrf)
        try:
            asked = visit.doors.inbox.ask_batch(person.signatory_id or "", batch)
        except Refused as refused:
            return inbox_page(visit, person, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
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
            return inbox_page(visit, person, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
        return to(f"/desk/a/{asked.link}")


def inbox_page(visit: Visit, person: Session, *, error: Text | None = None) -> Response[Any]:
    """The list, and beside it what is looked at."""
    doors, signatory_id = visit.doors, person.signatory_id or ""
    filters, waiting = Filters.of(visit.query), doors.inbox.waiting(signatory_id)
    shown, official = _listed(visit, waiting), doors.official(signatory_id)
    looked = next((each for each in shown.lines if each.key == filters.look), None)
    return visit.show(
        "inbox.html",
        error=error,
        handed_over=visit.query.get("done") == "handed-over",
        who=official.signatory if official else None,
        waits=waiting.count,
        filters=filters,
        listing=shown,
        looked=looked,
        ending=ending_soon(visit, signatory_id),
        documents=_documents(visit, signatory_id, looked),
    )


def everything(visit: Visit, person: Session) -> list[str]:
    """The keys of all that the filters in the address leave and that can be opened now, on every part of the list."""
    waiting = visit.doors.inbox.waiting(person.signatory_id or "")
    return [each.key for each in _listed(visit, waiting, most=None).lines if each.ready]


def _documents(visit: Visit, signatory_id: str, looked: Line | None) -> list[tuple[SeenDocument, int]]:
    """What is looked at, each document with its number of pages, 0 where they cannot be drawn."""
    key = None if looked is None else parsed(looked.key)
    if key is None:
        return []
    return [
        (each, _pages(visit, signatory_id, key) if each.pages is None else each.pages)
        for each in visit.doors.looking.documents(signatory_id, key)
    ]


def _pages(visit: Visit, signatory_id: str, key: WaitingKey) -> int:
    """Counted now; of a batch that is still being prepared nothing is drawn yet."""
    content = None if key.kind is WaitingKind.BATCH else visit.doors.looking.content(signatory_id, key, 1)
    try:
        return 0 if content is None else len(visit.doors.sheets(content))
    except VerifierError:
        return 0


def _listed(visit: Visit, waiting: Waiting, *, most: int | None = EACH_PAGE) -> Listing:
    doors = visit.doors
    return listing(
        waiting,
        Filters.of(visit.query),
        client_name=doors.client_name,
        utc_offset_hours=doors.settings.utc_offset_hours,
        most=most,
    )


def _table(visit: Visit, person: Session) -> Response[bytes]:
    """Everything the filters leave, as CSV."""
    waiting = visit.doors.inbox.waiting(person.signatory_id or "")
    return csv_answer("menunggu.csv", _HEADINGS, [_row(each) for each in _listed(visit, waiting, most=None).lines])


def _row(line: Line) -> tuple[str, ...]:
    return (
        *(line.name, line.number or "", line.client, line.kind or "", line.urgency.id if line.urgency else ""),
        *(line.act.id, line.acting or "", str(line.documents), line.since.id, line.until.id if line.until else ""),
    )
