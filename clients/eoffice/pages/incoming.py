"""Letters that came in: the register, one letter with its verdict, and what is to be done about it."""

from datetime import date
from typing import Any

import teken
from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from eoffice.errors import NotFound, Refused
from eoffice.intake import LARGEST
from eoffice.pages.visit import Visit, Visits, to
from eoffice.store.incoming import MOST_ON_A_PAGE

_ROOM = LARGEST + 64 * 1024
"""Bytes of a form with a letter in it."""


class IncomingController(Controller):
    """The post room, and the desks behind it."""

    @get("/in", sync_to_thread=True)
    def register(self, visit: Visits, before: FromQuery[str] = "") -> Response[Any]:
        """The register, newest first; behind the letter `before`."""
        return _register(visit, before=before)

    @post("/in", request_max_body_size=_ROOM)
    async def upload(self, visit: Visits) -> Response[Any]:
        """A file from outside."""
        visit.office.intake.require_records(visit.person)  # before so many bytes are read
        form = await visit.request.form()
        file = form.get("document")
        content = await file.read() if isinstance(file, UploadFile) else b""
        try:
            said = {name: str(form.get(name) or "") for name in ("sender", "subject", "number", "dated")}
            letter = await sync_to_thread(_taken_in, visit, content, said)
        except Refused as error:
            return await sync_to_thread(_register, visit, error)
        except (teken.Unavailable, teken.RateLimited):
            away = "Teken sedang tidak dapat dihubungi. Coba lagi. · Teken cannot be reached now. Try again."
            return await sync_to_thread(_register, visit, Refused(away, field="document"))
        return to(f"/in/{letter}")

    @get("/in/{letter_id:str}", sync_to_thread=True)
    def show(self, visit: Visits, letter_id: FromPath[str]) -> Response[Any]:
        """One letter; its first reader is noted."""
        return _letter(visit, letter_id)

    @get("/in/{letter_id:str}/document.pdf", sync_to_thread=True)
    def document(self, visit: Visits, letter_id: FromPath[str]) -> Response[bytes]:
        """The file, as it came."""
        letter = visit.office.letters.get(letter_id, agency_id=visit.person.agency_id)
        headers = {"Content-Disposition": f'inline; filename="{letter.id}.pdf"'}
        return Response(visit.office.files.read(letter.sha256), media_type="application/pdf", headers=headers)

    @get("/in/{letter_id:str}/pages/{number:int}", sync_to_thread=True)
    def picture(self, visit: Visits, letter_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        """One page of it as a picture."""
        letter = visit.office.letters.get(letter_id, agency_id=visit.person.agency_id)
        content = visit.office.files.read(letter.sha256)
        return Response(visit.office.page_pictures.page(content, number), media_type="image/webp")

    @post("/in/{letter_id:str}/dispositions")
    async def dispose(self, visit: Visits, letter_id: FromPath[str]) -> Response[Any]:
        """Pass it on."""
        sent = await visit.form()
        try:
            await sync_to_thread(_disposed, visit, letter_id, sent)
        except NotFound:
            raise
        except Refused as error:
            return await sync_to_thread(_letter, visit, letter_id, error)
        return to(f"/in/{letter_id}")

    @post("/in/{letter_id:str}/dispositions/{disposition_id:str}/done")
    async def done(self, visit: Visits, letter_id: FromPath[str], disposition_id: FromPath[str]) -> Response[Any]:
        """Say what was done."""
        sent = await visit.form()
        try:
            report = _said(sent, "report")
            await sync_to_thread(lambda: visit.office.intake.done(visit.person, disposition_id, report=report))
        except NotFound:
            raise
        except Refused as error:
            return await sync_to_thread(_letter, visit, letter_id, error)
        return to(f"/in/{letter_id}")


def _register(visit: Visit, error: Refused | None = None, *, before: str = "") -> Response[Any]:
    register, agency_id = visit.office.letters, visit.person.agency_id
    last = register.get(before, agency_id=agency_id) if before else None
    letters = register.page(agency_id, before=(last.arrived_at, last.id) if last else None)
    older = letters[-1].id if len(letters) == MOST_ON_A_PAGE else ""
    return visit.show("incoming.html", error=error, letters=letters, older=older)


def _letter(visit: Visit, letter_id: str, error: Refused | None = None) -> Response[Any]:
    office, person = visit.office, visit.person
    letter = office.intake.read(person, letter_id)
    given = office.letters.dispositions(letter_id)
    everybody = office.people.people()
    return visit.show(
        "incoming_letter.html",
        error=error,
        letter=letter,
        pictures=office.page_pictures.count(office.files.read(letter.sha256)),
        tree=_tree(given),
        mine=[each for each in given if each.to_person == person.id and each.done_at is None],
        people=everybody,
        colleagues=[each for each in everybody.values() if each.agency_id == person.agency_id and each != person],
    )


def _taken_in(visit: Visit, content: bytes, said: dict[str, str]) -> str:
    sender, subject = (_said({name: [said[name]]}, name) for name in ("sender", "subject"))
    number = " ".join(said["number"].split())[:100] or None
    letter = visit.office.intake.upload(
        visit.person, content, sender=sender, subject=subject, number=number, dated=_day(said["dated"], "dated")
    )
    return letter.id


def _disposed(visit: Visit, letter_id: str, sent: dict[str, list[str]]) -> None:
    visit.office.intake.dispose(
        visit.person,
        letter_id,
        to="".join(sent.get("to", [])[:1]),
        instruction=_said(sent, "instruction"),
        until=_day("".join(sent.get("until", [])[:1]), "until"),
        parent_id="".join(sent.get("parent", [])[:1]) or None,
    )


def _tree(given: Any) -> list[tuple[int, Any]]:
    """Each disposition with its depth, every one below the one that it passes on."""

    def below(parent: str | None, depth: int) -> Any:
        for each in given:
            if each.parent_id == parent:
                yield depth, each
                yield from below(each.id, depth + 1)

    return list(below(None, 0))


def _said(sent: dict[str, list[str]], name: str) -> str:
    text = " ".join("".join(sent.get(name, [])[:1]).split())
    if not 2 <= len(text) <= 200:
        raise Refused("Isi, 2 sampai 200 huruf. · Fill in, 2 to 200 characters.", field=name)
    return text


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("Tulis tanggal sebagai tttt-bb-hh. · Write the day as yyyy-mm-dd.", field=field) from None
