"""One paper: its form, its page, its way."""

from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from eoffice.errors import NotFound, Outdated, Refused
from eoffice.feature import DOCX, Input, PaperKind
from eoffice.forms import rows_of
from eoffice.model import Paper
from eoffice.pages.sent import LARGEST, MORE, as_sent, attachments, defaults, with_files
from eoffice.pages.visit import Visit, Visits, to

_PDF = "application/pdf"


class PaperController(Controller):
    """Papers."""

    @get("/f/{feature:str}/new/{kind:str}", sync_to_thread=True)
    def blank(self, visit: Visits, feature: FromPath[str], kind: FromPath[str]) -> Response[Any]:
        """An empty form."""
        said = _startable(visit, feature, kind)
        return _form(visit, said, feature, paper=None, sent=defaults(said))

    @post("/f/{feature:str}/new/{kind:str}", request_max_body_size=LARGEST)
    async def draft(self, visit: Visits, feature: FromPath[str], kind: FromPath[str]) -> Response[Any]:
        """A new draft."""
        person, service = visit.person, visit.office.service
        said = _startable(visit, feature, kind)
        sent, files = await visit.form(), await visit.files()
        if MORE in sent:
            return _form(visit, said, feature, paper=None, sent=sent)
        try:
            taken = await sync_to_thread(with_files, visit.office.files, said, sent, files, None)
            paper = await sync_to_thread(service.draft, person, feature, kind, taken)
        except NotFound:
            raise
        except Refused as error:
            return _form(visit, said, feature, paper=None, sent=sent, error=error)
        return to(f"/p/{paper.id}")

    @get("/p/{paper_id:str}", sync_to_thread=True)
    def show(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """How it stands, and what can be done."""
        return _paper(visit, paper_id)

    @get("/p/{paper_id:str}/edit", sync_to_thread=True)
    def edit(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """Its form."""
        paper = visit.office.service.read(visit.person, paper_id)
        kind = _changeable(visit, paper)
        return _form(visit, kind, paper.feature, paper=paper, sent=as_sent(paper))

    @post("/p/{paper_id:str}/edit", request_max_body_size=LARGEST)
    async def change(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """Another text."""
        person, service = visit.person, visit.office.service
        paper = await sync_to_thread(service.read, person, paper_id)
        kind = _changeable(visit, paper)
        sent, files = await visit.form(), await visit.files()
        if MORE in sent:
            return _form(visit, kind, paper.feature, paper=paper, sent=sent)
        try:
            taken = await sync_to_thread(with_files, visit.office.files, kind, sent, files, paper)
            await sync_to_thread(lambda: service.change(person, paper_id, taken, version=_version(sent)))
        except (NotFound, Outdated):
            raise
        except Refused as error:
            return _form(visit, kind, paper.feature, paper=paper, sent=sent, error=error)
        return to(f"/p/{paper_id}")

    @post("/p/{paper_id:str}/release")
    async def release(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """Number it, draw it, send it."""
        sent = await visit.form()
        try:
            await sync_to_thread(lambda: visit.office.service.release(visit.person, paper_id, version=_version(sent)))
        except (NotFound, Outdated):
            raise
        except Refused as error:
            return await sync_to_thread(_paper, visit, paper_id, error)
        visit.office.wake.set()
        return to(f"/p/{paper_id}")

    @post("/p/{paper_id:str}/cancel")
    async def cancel(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """Give it up."""
        sent = await visit.form()
        try:
            reason = _note(sent)
            await sync_to_thread(lambda: visit.office.service.cancel(visit.person, paper_id, reason=reason))
        except Refused as error:
            return await sync_to_thread(_paper, visit, paper_id, error)
        return to(f"/p/{paper_id}")

    @post("/p/{paper_id:str}/withdraw")
    async def withdraw(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """Have it withdrawn."""
        sent = await visit.form()
        try:
            note = _note(sent)
            await sync_to_thread(lambda: visit.office.service.withdraw(visit.person, paper_id, note=note))
        except Refused as error:
            return await sync_to_thread(_paper, visit, paper_id, error)
        visit.office.wake.set()
        return to(f"/p/{paper_id}")

    @post("/p/{paper_id:str}/replace")
    async def replace(self, visit: Visits, paper_id: FromPath[str]) -> Response[Any]:
        """A draft that is to take its place."""
        try:
            paper = await sync_to_thread(visit.office.service.replace, visit.person, paper_id)
        except Refused as error:
            return await sync_to_thread(_paper, visit, paper_id, error)
        return to(f"/p/{paper.id}/edit")

    @get("/p/{paper_id:str}/pages/{number:int}", sync_to_thread=True)
    def picture(self, visit: Visits, paper_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        """One page of it as a picture."""
        page = visit.office.service.page(visit.anyone, paper_id)
        return Response(visit.office.page_pictures.page(page, number), media_type="image/webp")

    @get("/p/{paper_id:str}/draft.pdf", sync_to_thread=True)
    def preview(self, visit: Visits, paper_id: FromPath[str]) -> Response[bytes]:
        """The page as it would be, or is."""
        service = visit.office.service
        return _file(service.page(visit.anyone, paper_id), service.read(visit.anyone, paper_id))

    @get("/p/{paper_id:str}/signed.pdf", sync_to_thread=True)
    def signed(self, visit: Visits, paper_id: FromPath[str]) -> Response[bytes]:
        """The signed bytes, as they came."""
        paper = visit.office.service.read(visit.anyone, paper_id)
        if paper.signed is None:
            raise NotFound("Belum ditandatangani. · Not signed yet.", field="paper")
        return _file(visit.office.files.read(paper.signed), paper)

    @get("/p/{paper_id:str}/files/{name:str}", sync_to_thread=True)
    def attachment(self, visit: Visits, paper_id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """A file of its form, as it was sent."""
        paper = visit.office.service.read(visit.anyone, paper_id)
        kept = next((each for field, each in attachments(visit.office.service, paper) if field.name == name), None)
        if kept is None:
            raise NotFound("Lampiran tidak ada. · There is no such attachment.", field="file")
        way = "attachment" if kept.type == DOCX else "inline"
        headers = {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(kept.name, safe='')}"}
        return Response(visit.office.files.read(kept.sha256), media_type=kept.type, headers=headers)


def _paper(visit: Visit, paper_id: str, error: Refused | None = None) -> Response[Any]:
    service = visit.office.service
    paper = service.read(visit.anyone, paper_id)
    return visit.show(
        "paper.html",
        error=error,
        paper=paper,
        kind=service.kind(paper.feature, paper.kind),
        feature=service.features[paper.feature],
        directory=service.directory(),
        history=visit.office.papers.history(paper_id),
        attachments=attachments(service, paper),
        pictures=_pictures(visit, paper_id),
        earlier=visit.office.papers.get(paper.replaces) if paper.replaces else None,
        newer=visit.office.papers.replacement_of(paper_id),
    )


def _startable(visit: Visit, feature: str, kind: str) -> PaperKind:
    """Raises `NotFound` for a kind that its feature alone starts: it prints what the feature knows."""
    said = visit.office.service.kind(feature, kind)
    if not said.by_hand:
        raise NotFound("Naskah ini dibuat oleh fiturnya. · The feature itself makes these papers.", field="kind")
    return said


def _changeable(visit: Visit, paper: Paper) -> PaperKind:
    """Raises `NotFound` for a paper that its feature alone changes."""
    said = visit.office.service.kind(paper.feature, paper.kind)
    if not said.changed_by_hand:
        raise NotFound("Naskah ini diubah oleh fiturnya. · The feature itself changes this paper.", field="kind")
    return said


def _pictures(visit: Visit, paper_id: str) -> int:
    """How many pages are shown; none of a draft that cannot be drawn."""
    try:
        return visit.office.page_pictures.count(visit.office.service.page(visit.anyone, paper_id))
    except Refused:
        return 0


def _form(
    visit: Visit,
    kind: PaperKind,
    feature: str,
    *,
    paper: Paper | None,
    sent: dict[str, list[str]],
    error: Refused | None = None,
) -> Response[Any]:
    service, person = visit.office.service, visit.person
    return visit.show(
        "form.html",
        error=error,
        kind=kind,
        feature=service.features[feature],
        paper=paper,
        sent=sent,
        directory=service.directory(),
        own_agency=person.agency_id,
        rows_of=rows_of,
        multipart=any(each.input is Input.FILE for each in kind.fields),
    )


def _version(sent: dict[str, list[str]]) -> int:
    text = "".join(sent.get("version", [])[:1])
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _note(sent: dict[str, list[str]]) -> str:
    text = " ".join("".join(sent.get("note", [])[:1]).split())
    if not 3 <= len(text) <= 200:
        raise Refused("Tulis alasannya, 3 sampai 200 huruf. · Say why, in 3 to 200 characters.", field="note")
    return text


def _file(content: bytes, paper: Paper) -> Response[bytes]:
    name = f'inline; filename="{paper.id}.pdf"'
    return Response(content, media_type=_PDF, headers={"Content-Disposition": name})
