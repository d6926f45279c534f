"""Spending accountability files: vouchers gathered with the phone, the file sent to its signers, printed once."""

from datetime import date
from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from eoffice.errors import NotFound, Refused
from eoffice.features.accountability import bundles as b
from eoffice.features.accountability import prints
from eoffice.features.accountability.kinds import SIGNERS
from eoffice.features.accountability.vouchers import Sent, read_voucher, text
from eoffice.pages.visit import Visit, Visits, to
from eoffice.pictures import LARGEST
from eoffice.text import Text
from eoffice.words import on_day, rupiah

_ROOM = LARGEST + 64 * 1024
"""Bytes of a form with a photograph in it."""
STATES = {
    b.OPEN: ("draft", Text("Dikumpulkan", "Being gathered")),
    b.SENT: ("signing", Text("Sedang ditandatangani", "Being signed")),
    b.SIGNED: ("signed", Text("Selesai ditandatangani", "Signed")),
}


class BundlesController(Controller):
    """Of the own agency."""

    path = "/accountability"

    @get("/", sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """Every file, newest first."""
        return _list(visit, {})

    @post("/")
    async def begin(self, visit: Visits) -> Response[Any]:
        """A new one."""
        sent = await visit.form()
        try:
            bundle = await sync_to_thread(b.begin, visit.office, visit.person, sent)
        except Refused as error:
            return await sync_to_thread(_list, visit, sent, error)
        return to(f"/accountability/{bundle.id}")

    @get("/{bundle_id:str}", sync_to_thread=True)
    def bundle(self, visit: Visits, bundle_id: FromPath[str]) -> Response[Any]:
        """Its vouchers, its signers, its print."""
        return _bundle(visit, bundle_id, {})

    @post("/{bundle_id:str}/vouchers", request_max_body_size=_ROOM)
    async def add(self, visit: Visits, bundle_id: FromPath[str]) -> Response[Any]:
        """One more voucher."""
        person = visit.person
        sent, files = await visit.form(), await visit.files()
        _, picture = files.get("picture", ("", b""))

        def added() -> None:
            voucher = read_voucher(sent, today=visit.office.today())
            b.add(visit.office, person, bundle_id, voucher, picture)

        return await _done(visit, bundle_id, sent, added)

    @post("/{bundle_id:str}/vouchers/{voucher_id:str}/remove")
    async def remove(self, visit: Visits, bundle_id: FromPath[str], voucher_id: FromPath[str]) -> Response[Any]:
        """Take one out."""
        person = visit.person
        return await _done(visit, bundle_id, {}, lambda: b.remove(visit.office, person, bundle_id, voucher_id))

    @get("/{bundle_id:str}/pictures/{sha256:str}", sync_to_thread=True)
    def picture(self, visit: Visits, bundle_id: FromPath[str], sha256: FromPath[str]) -> Response[bytes]:
        """The photograph of one of its vouchers."""
        bundle = b.read(visit.office, visit.person, bundle_id)
        if sha256 not in {each["picture"] for each in bundle.data["vouchers"]}:
            raise NotFound("Foto itu tidak ada. · There is no such photograph.", field="picture")
        return Response(visit.office.files.read(sha256), media_type="image/jpeg")

    @post("/{bundle_id:str}/send")
    async def send(self, visit: Visits, bundle_id: FromPath[str]) -> Response[Any]:
        """To its signers."""
        person, sent = visit.person, await visit.form()
        answer = await _done(visit, bundle_id, sent, lambda: b.send(visit.office, person, bundle_id, sent))
        visit.office.wake.set()
        return answer

    @post("/{bundle_id:str}/print", sync_to_thread=True)
    def print(self, visit: Visits, bundle_id: FromPath[str]) -> Response[Any]:
        """The one print."""
        bundle = b.read(visit.office, visit.person, bundle_id)
        try:
            content = prints.print_once(visit.office, visit.person, bundle)
        except Refused as error:
            return _bundle(visit, bundle_id, {}, error)
        headers = {"Content-Disposition": f'attachment; filename="SPJ-{bundle.id}.pdf"'}
        return Response(content, media_type="application/pdf", headers=headers, status_code=200)

    @post("/{bundle_id:str}/spoilt")
    async def spoilt(self, visit: Visits, bundle_id: FromPath[str]) -> Response[Any]:
        """The print is no good."""
        person, sent = visit.person, await visit.form()

        def declared() -> None:
            bundle = b.read(visit.office, person, bundle_id)
            prints.spoil(visit.office, person, bundle, reason=text(sent, "reason"))

        return await _done(visit, bundle_id, sent, declared)


async def _done(visit: Visit, bundle_id: str, sent: Sent, do: Any) -> Response[Any]:
    try:
        await sync_to_thread(do)
    except NotFound:
        raise
    except Refused as error:
        return await sync_to_thread(_bundle, visit, bundle_id, sent, error)
    return to(f"/accountability/{bundle_id}")


def _list(visit: Visit, sent: Sent, error: Refused | None = None) -> Response[Any]:
    made = visit.office.records.listed(b.FEATURE, b.BUNDLE, agency_id=visit.person.agency_id, limit=200)
    totals = {each.id: rupiah(_total(each.data["vouchers"])) for each in made}
    return visit.show(
        "accountability/list.html",
        error=error,
        bundles=made,
        totals=totals,
        states=STATES,
        sent=sent,
        year=visit.office.today().year,
    )


def _bundle(visit: Visit, bundle_id: str, sent: Sent, error: Refused | None = None) -> Response[Any]:
    bundle = b.read(visit.office, visit.person, bundle_id)
    return visit.show(
        "accountability/bundle.html",
        error=error,
        bundle=bundle,
        paper=visit.office.papers.get(bundle.paper_id) if bundle.paper_id else None,
        prints=prints.prints_of(visit.office, bundle),
        total=rupiah(_total(bundle.data["vouchers"])),
        directory=visit.office.service.directory(),
        gathers=bundle.owner_id == visit.person.id and bundle.state == b.OPEN,
        may_print=bundle.state == b.SIGNED and (bundle.owner_id == visit.person.id or "leader" in visit.person.roles),
        signers=SIGNERS,
        states=STATES,
        rupiah=rupiah,
        day=lambda text: on_day(date.fromisoformat(text)),
        today=visit.office.today(),
        sent=sent,
    )


def _total(vouchers: list[Any]) -> int:
    return sum(each["amount"] for each in vouchers)
