"""Draft regulations: handed in by regencies and cities, reviewed by the bureau; both see how it stands."""

from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from eoffice.attachments import MOST_BYTES
from eoffice.errors import NotFound, Refused
from eoffice.feature import DOCX
from eoffice.features.legal_products import drafts as d
from eoffice.features.legal_products.kinds import OPINIONS, PRODUCTS
from eoffice.model import Record
from eoffice.pages.visit import Visit, Visits, to
from eoffice.text import Text

_ROOM = MOST_BYTES + 64 * 1024
"""Bytes of a form with a draft in it."""
STATES = {
    d.HANDED_IN: ("queued", Text("Menunggu telaah", "Waiting for review")),
    d.SENT_BACK: ("returned", Text("Dikembalikan untuk diperbaiki", "Sent back")),
    d.REVIEWED: ("signing", Text("Hasil sedang ditandatangani", "The result is being signed")),
    d.DONE: ("signed", Text("Selesai difasilitasi", "Facilitated")),
}


class DraftsController(Controller):
    """For the bureau, and for partners, who see their own drafts alone."""

    path = "/legal-products"

    @get("/", sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """Every draft that is something to the own agency."""
        return _list(visit, {})

    @post("/", request_max_body_size=_ROOM)
    async def hand_in(self, visit: Visits) -> Response[Any]:
        """A new draft."""
        person = visit.anyone
        sent, files = await visit.form(), await visit.files()
        try:
            file = files.get("draft", ("", b""))
            draft = await sync_to_thread(d.hand_in, visit.office, person, sent, file)
        except Refused as error:
            return await sync_to_thread(_list, visit, sent, error)
        return to(f"/legal-products/{draft.id}")

    @get("/{draft_id:str}", sync_to_thread=True)
    def draft(self, visit: Visits, draft_id: FromPath[str]) -> Response[Any]:
        """How one stands."""
        return _draft(visit, draft_id, {})

    @post("/{draft_id:str}/versions", request_max_body_size=_ROOM)
    async def version(self, visit: Visits, draft_id: FromPath[str]) -> Response[Any]:
        """Another version."""
        person, files = visit.anyone, await visit.files()
        return await _done(visit, draft_id, d.hand_in_again, person, draft_id, files.get("draft", ("", b"")))

    @post("/{draft_id:str}/back")
    async def back(self, visit: Visits, draft_id: FromPath[str]) -> Response[Any]:
        """Send it back."""
        sent = await visit.form()
        return await _done(visit, draft_id, d.send_back, visit.person, draft_id, sent, sent=sent)

    @post("/{draft_id:str}/result")
    async def result(self, visit: Visits, draft_id: FromPath[str]) -> Response[Any]:
        """Begin result sheet and letter; on to the sheet's notes."""
        sent = await visit.form()
        try:
            paper = await sync_to_thread(d.facilitate, visit.office, visit.person, draft_id, sent)
        except NotFound:
            raise
        except Refused as error:
            return await sync_to_thread(_draft, visit, draft_id, sent, error)
        return to(f"/p/{paper.id}/edit")

    @get("/{draft_id:str}/files/{number:int}", sync_to_thread=True)
    def file(self, visit: Visits, draft_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        """One version, as it was handed in."""
        versions = d.read(visit.office, visit.anyone, draft_id).data["versions"]
        if not 1 <= number <= len(versions):
            raise NotFound("Versi itu tidak ada. · There is no such version.", field="version")
        kept = versions[number - 1]
        way = "attachment" if kept["type"] == DOCX else "inline"
        headers = {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(kept['name'], safe='')}"}
        return Response(visit.office.files.read(kept["sha256"]), media_type=kept["type"], headers=headers)

    @get("/{draft_id:str}/papers/{kind:str}", sync_to_thread=True)
    def paper(self, visit: Visits, draft_id: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
        """Letter or result sheet, once it is signed."""
        record = d.read(visit.office, visit.anyone, draft_id)
        paper = d.parts_of(visit.office, record).get(kind)
        if paper is None or paper.signed is None:
            raise NotFound("Belum ditandatangani. · Not signed yet.", field="paper")
        headers = {"Content-Disposition": f'inline; filename="{paper.id}.pdf"'}
        return Response(visit.office.files.read(paper.signed), media_type="application/pdf", headers=headers)


async def _done(visit: Visit, draft_id: str, do: Any, *arguments: Any, sent: Any = None) -> Response[Any]:
    try:
        await sync_to_thread(do, visit.office, *arguments)
    except NotFound:
        raise
    except Refused as error:
        return await sync_to_thread(_draft, visit, draft_id, sent or {}, error)
    return to(f"/legal-products/{draft_id}")


def _list(visit: Visit, sent: dict[str, list[str]], error: Refused | None = None) -> Response[Any]:
    person, directory = visit.anyone, visit.office.service.directory()
    return _shown(
        visit,
        "legal-products/list.html",
        error=error,
        drafts=d.seen_by(visit.office, person),
        bureaus=[each for each in directory.agencies.values() if not each.outside and each.id != person.agency_id],
        sent=sent,
    )


def _draft(visit: Visit, draft_id: str, sent: dict[str, list[str]], error: Refused | None = None) -> Response[Any]:
    person = visit.anyone
    record = d.read(visit.office, person, draft_id)
    return _shown(
        visit,
        "legal-products/draft.html",
        error=error,
        draft=record,
        parts=d.parts_of(visit.office, record),
        reviews=record.agency_id == person.agency_id and record.state == d.HANDED_IN,
        owns=record.data["from"] == person.agency_id,
        sent=sent,
    )


def _shown(visit: Visit, template: str, *, error: Refused | None, **content: Any) -> Response[Any]:
    return visit.show(
        template,
        error=error,
        standing=standing,
        directory=visit.office.service.directory(),
        products=dict(PRODUCTS),
        opinions=OPINIONS,
        **content,
    )


def standing(record: Record) -> tuple[str, Text]:
    """The class and the words of a badge."""
    return STATES[record.state]
