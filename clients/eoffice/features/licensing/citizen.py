"""The pages of applicants: no login; what is theirs is found by the code that they were given, never in an address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile

from eoffice.errors import NotFound, Refused
from eoffice.features.licensing.applications import (
    LARGEST_FILE,
    MOST_FILES,
    Upload,
    apply,
    complete,
    followed,
)
from eoffice.features.licensing.model import NAME, STATES, TONES, ApplicationState
from eoffice.features.licensing.services import services
from eoffice.limits import Limit
from eoffice.model import Record
from eoffice.pages.visit import Visit, Visits
from eoffice.text import Text

_ROOM: Final = MOST_FILES * LARGEST_FILE + 256 * 1024
"""Bytes of a form with documents in it."""


SENDING: Final = Limit(
    name="licensing-forms",
    says=Text("Terlalu banyak isian dari jaringan ini", "Too many forms from this network"),
    most=30,
    within=timedelta(minutes=1),
    field="form",
)
"""Forms of any kind, also wrong ones: each may be 9 MB."""


class CitizenController(Controller):
    """For everybody."""

    path = "/licensing/apply"

    @get("/", sync_to_thread=True)
    def blank(self, visit: Visits) -> Response[Any]:
        """The form."""
        return _form(visit, visit.office.new_id(), {})

    @post("/", request_max_body_size=_ROOM, status_code=200)
    async def send(self, visit: Visits) -> Response[Any]:
        """An application; its code is shown."""
        said, files = await _sent(visit)
        once = said.get("once", "")
        try:
            application, code = await sync_to_thread(
                lambda: apply(visit.office, once, said, files, network=_network(visit))
            )
        except Refused as error:
            return await sync_to_thread(_form, visit, once, said, error)
        return await sync_to_thread(_status, visit, application, code, None, True)

    @get("/status", sync_to_thread=True)
    def ask(self, visit: Visits) -> Response[Any]:
        """Where the code is typed."""
        return visit.show(f"{NAME}/ask.html")

    @post("/status", status_code=200)
    async def follow(self, visit: Visits) -> Response[Any]:
        """How it stands."""
        said, _ = await _sent(visit)
        return await _with_code(visit, said, lambda found: _status(visit, found, said["code"]))

    @post("/complete", request_max_body_size=_ROOM, status_code=200)
    async def complete(self, visit: Visits) -> Response[Any]:
        """What was missing."""
        said, files = await _sent(visit)

        def completed(found: Record) -> Response[Any]:
            try:
                return _status(visit, complete(visit.office, found, said.get("answer", ""), files), said["code"])
            except Refused as error:
                return _status(visit, found, said["code"], error)

        return await _with_code(visit, said, completed)

    @post("/permit.pdf", status_code=200)
    async def permit(self, visit: Visits) -> Response[Any]:
        """The signed permit."""
        said, _ = await _sent(visit)

        def fetched(found: Record) -> Response[Any]:
            paper = visit.office.papers.get(found.paper_id) if found.paper_id else None
            if paper is None or paper.signed is None:
                raise NotFound("Belum terbit. · It is not issued yet.", field="code")
            headers = {"Content-Disposition": 'attachment; filename="izin.pdf"'}
            return Response(visit.office.files.read(paper.signed), media_type="application/pdf", headers=headers)

        return await _with_code(visit, said, fetched)


def _network(visit: Visit) -> str | None:
    """Where a stranger is: who is logged in is known anyway."""
    return None if visit.guest else visit.network


async def _sent(visit: Visit) -> tuple[dict[str, str], list[Upload]]:
    if (network := _network(visit)) is not None:
        visit.office.limits.take(SENDING, network)  # before any of it is read
    form = await visit.request.form()
    said = {name: str(form.get(name)) for name in form if isinstance(form.get(name), str)}
    files = [each for each in form.getall("documents", []) if isinstance(each, UploadFile)]
    return said, [(each.filename, await each.read()) for each in files if each.filename]


async def _with_code(visit: Visit, said: dict[str, str], act: Callable[[Record], Response[Any]]) -> Response[Any]:
    try:
        found = await sync_to_thread(followed, visit.office, said.get("code", ""))
        return await sync_to_thread(act, found)
    except NotFound as error:
        return visit.show(f"{NAME}/ask.html", error=error)


def _form(visit: Visit, once: str, said: dict[str, str], error: Refused | None = None) -> Response[Any]:
    return visit.show(
        f"{NAME}/apply.html",
        error=error,
        once=once,
        said=said,
        services=services(visit.office),
        agencies=visit.office.service.directory().agencies,
        most=(MOST_FILES, LARGEST_FILE // 1024**2),
    )


def _status(
    visit: Visit, application: Record, code: str, error: Refused | None = None, new: bool = False
) -> Response[Any]:
    state = ApplicationState(application.state)
    return visit.show(
        f"{NAME}/status.html",
        error=error,
        application=application,
        code=code,
        new=new,
        said=STATES[state],
        tone=TONES[state],
        paper=visit.office.papers.get(application.paper_id) if application.paper_id else None,
    )
