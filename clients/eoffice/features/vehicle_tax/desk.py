"""The pages of staff: feeds and how far they are, one receipt, who may push feeds."""

from datetime import datetime
from typing import Any, Final

import teken
from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.vehicle_tax.intake import bundles_of, take_in
from eoffice.features.vehicle_tax.mending import mend
from eoffice.features.vehicle_tax.model import FEED, NAME, RECEIPT, ReceiptState, progress_of, receipt_key
from eoffice.features.vehicle_tax.payments import COLUMNS, LARGEST_FEED, MOST_ROWS
from eoffice.features.vehicle_tax.tokens import end_token, new_token, tokens_of
from eoffice.features.vehicle_tax.withdrawing import ask_to_withdraw
from eoffice.model import Record, Role
from eoffice.pages.visit import Visit, Visits, to

_ROOM: Final = LARGEST_FEED + 64 * 1024
"""Bytes of a form with a feed in it."""
_FEEDS: Final = 20
"""On one page."""
_AGAIN: Final = {"Refresh": "5"}
"""Seconds until the page looks again by itself."""


class FeedController(Controller):
    """Feeds and receipts of one's own agency."""

    path = "/vehicle-tax"

    @get("/", sync_to_thread=True)
    def feeds(self, visit: Visits, after: FromQuery[str | None] = None) -> Response[Any]:
        """The feeds, newest first."""
        return _feeds(visit, after)

    @post("/", request_max_body_size=_ROOM)
    async def upload(self, visit: Visits) -> Response[Any]:
        """A feed from somebody's desk."""
        person = visit.person  # before any of it is read
        if Role.STAFF not in person.roles:
            raise NotYours("Peran Anda tidak mengirim berkas. · Your role sends no feeds.", field="role")
        form = await visit.request.form()
        file = form.get("document")
        content = await file.read() if isinstance(file, UploadFile) else b""
        try:
            feed = await sync_to_thread(
                lambda: take_in(visit.office, content, agency_id=person.agency_id, owner_id=person.id)
            )
        except Refused as error:
            return await sync_to_thread(_feeds, visit, None, error)
        visit.office.wake.set()
        return to(f"/{NAME}/feeds/{feed.id}")

    @get("/feeds/{feed_id:str}", sync_to_thread=True)
    def feed(self, visit: Visits, feed_id: FromPath[str]) -> Response[Any]:
        """How far one is."""
        feed = _own(visit, feed_id, FEED)
        bundles = bundles_of(visit.office, feed)
        progress = progress_of(bundles)
        ids = (each for bundle in bundles.values() if bundle.refused for each in bundle.receipts)
        refused = [each for each in map(visit.office.records.get, ids) if each.state == ReceiptState.REFUSED]
        shown = visit.show(f"{NAME}/feed.html", feed=feed, bundles=bundles, progress=progress, refused=refused)
        if progress.waiting:
            shown.headers.update(_AGAIN)
        return shown

    @get("/find", sync_to_thread=True)
    def find(self, visit: Visits, reference: FromQuery[str] = "") -> Response[Any]:
        """The receipt of a payment."""
        key = receipt_key(visit.person.agency_id, reference.strip())
        receipt = visit.office.records.by_key(NAME, RECEIPT, key)
        if receipt is None:
            raise NotFound("Tidak ada bukti bernomor itu. · There is no receipt of this number.", field="reference")
        return to(f"/{NAME}/receipts/{receipt.id}")

    @get("/receipts/{receipt_id:str}", sync_to_thread=True)
    def receipt(self, visit: Visits, receipt_id: FromPath[str]) -> Response[Any]:
        """One receipt."""
        return _receipt(visit, receipt_id)

    @get("/receipts/{receipt_id:str}/receipt.pdf", sync_to_thread=True)
    def document(self, visit: Visits, receipt_id: FromPath[str]) -> Response[bytes]:
        """The sealed bytes."""
        receipt = _own(visit, receipt_id, RECEIPT)
        if receipt.data["sha256"] is None:
            raise NotFound("Belum disegel. · It is not sealed yet.", field="receipt")
        content = visit.office.files.read(receipt.data["sha256"])
        name = f'inline; filename="{receipt.data["payment"]["reference"]}.pdf"'
        return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})

    @get("/receipts/{receipt_id:str}/verification", sync_to_thread=True)
    def verification(self, visit: Visits, receipt_id: FromPath[str]) -> Response[Any]:
        """On to Teken's public page of it."""
        code = _own(visit, receipt_id, RECEIPT).data["code"]
        if code is None:
            raise NotFound("Belum disegel. · It is not sealed yet.", field="receipt")
        try:
            return to(visit.office.teken.signatures.get(code).links.page)
        except teken.TekenError:
            raise Refused("Teken sedang tidak menjawab. · Teken does not answer now.", field="receipt") from None

    @post("/receipts/{receipt_id:str}/mend")
    async def mend(self, visit: Visits, receipt_id: FromPath[str]) -> Response[Any]:
        """What was refused, as it is right, to be sealed under the same reference."""
        said = {name: "".join(values[:1]) for name, values in (await visit.form()).items()}
        row = {name: said.get(name, "") for name in COLUMNS}
        version = _version(said.get("version", ""))
        try:
            await sync_to_thread(
                lambda: mend(visit.office, visit.person, _own(visit, receipt_id, RECEIPT), row, version=version)
            )
        except (NotFound, NotYours):
            raise
        except Refused as error:
            return await sync_to_thread(_receipt, visit, receipt_id, error, row)
        visit.office.wake.set()
        return to(f"/{NAME}/receipts/{receipt_id}")

    @post("/receipts/{receipt_id:str}/withdraw")
    async def withdraw(self, visit: Visits, receipt_id: FromPath[str]) -> Response[Any]:
        """Have it withdrawn: the payment was taken back."""
        sent = await visit.form()
        note = " ".join("".join(sent.get("note", [])[:1]).split())
        version = _version("".join(sent.get("version", [])[:1]))
        try:
            if not 3 <= len(note) <= 200:
                raise Refused("Tulis alasannya, 3 sampai 200 huruf. · Say why, in 3 to 200 characters.", field="note")
            await sync_to_thread(
                lambda: ask_to_withdraw(
                    visit.office,
                    visit.person,
                    _own(visit, receipt_id, RECEIPT),
                    note=note,
                    version=version,
                )
            )
        except NotFound:
            raise
        except Refused as error:
            return await sync_to_thread(_receipt, visit, receipt_id, error)
        visit.office.wake.set()
        return to(f"/{NAME}/receipts/{receipt_id}")

    @get("/senders", sync_to_thread=True)
    def senders(self, visit: Visits) -> Response[Any]:
        """Which systems may push feeds."""
        return _senders(visit)

    @post("/senders")
    async def admit(self, visit: Visits) -> Response[Any]:
        """One more: its token is shown this once."""
        sent = await visit.form()
        title = " ".join("".join(sent.get("title", [])[:1]).split())
        try:
            token = await sync_to_thread(lambda: new_token(visit.office, visit.person, title))
        except Refused as error:
            return await sync_to_thread(_senders, visit, None, error)
        return await sync_to_thread(_senders, visit, token)

    @post("/senders/{sender_id:str}/end")
    async def dismiss(self, visit: Visits, sender_id: FromPath[str]) -> Response[Any]:
        """Its token is good no longer."""
        await sync_to_thread(lambda: end_token(visit.office, visit.person, sender_id))
        return to(f"/{NAME}/senders")


def _feeds(visit: Visit, after: str | None = None, error: Refused | None = None) -> Response[Any]:
    person, records = visit.person, visit.office.records
    found = records.listed(NAME, FEED, agency_id=person.agency_id, after=after or None, limit=_FEEDS)
    return visit.show(
        f"{NAME}/feeds.html",
        error=error,
        feeds=[(each, progress_of(bundles_of(visit.office, each))) for each in found],
        more=found[-1].id if len(found) == _FEEDS else None,
        columns=COLUMNS,
        most=(MOST_ROWS, LARGEST_FEED // 1024**2),
        sealed=records.count(NAME, RECEIPT, agency_id=person.agency_id, state=ReceiptState.SEALED.value),
        seal=visit.office.service.directory().agencies[person.agency_id].seal,
    )


def _receipt(
    visit: Visit, receipt_id: str, error: Refused | None = None, row: dict[str, str] | None = None
) -> Response[Any]:
    """`row`: what was typed to mend it."""
    receipt = _own(visit, receipt_id, RECEIPT)
    payment = receipt.data["payment"]
    return visit.show(
        f"{NAME}/receipt.html",
        error=error,
        receipt=receipt,
        payment=payment,
        row=row or payment,
        mends=[(datetime.fromisoformat(each["at"]), each) for each in receipt.data.get("mends", [])],
        people=visit.office.people.people(),
    )


def _version(sent: str) -> int:
    """-1, which nothing has, for what is no number."""
    return int(sent) if sent.isdecimal() and len(sent) < 10 else -1


def _senders(visit: Visit, token: str | None = None, error: Refused | None = None) -> Response[Any]:
    found = tokens_of(visit.office, visit.person)
    return visit.show(f"{NAME}/senders.html", error=error, senders=found, token=token)


def _own(visit: Visit, record_id: str, kind: str) -> Record:
    """A record of one's own agency; every other is as unknown as one that does not exist."""
    person = visit.person
    record = visit.office.records.get(record_id)
    if (record.feature, record.kind, record.agency_id) != (NAME, kind, person.agency_id):
        raise NotFound("Catatan tidak ditemukan. · There is no such record.", field="record")
    return record
