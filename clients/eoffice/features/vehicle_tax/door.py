"""Where the payment system pushes feeds and fetches receipts: JSON, with a bearer token of its own."""

from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.params import FromPath, SkipValidation

from eoffice.compose import Office
from eoffice.errors import NotFound, Refused
from eoffice.features.vehicle_tax.intake import how_far, take_in
from eoffice.features.vehicle_tax.model import FEED, NAME, RECEIPT, receipt_key
from eoffice.features.vehicle_tax.payments import LARGEST_FEED
from eoffice.features.vehicle_tax.tokens import sender_of
from eoffice.model import Record

Given = NamedDependency[SkipValidation[Office]]
_PROBLEM: Final = "application/problem+json"
_WHO: Final = {"WWW-Authenticate": "Bearer"}


def _refused(_: Request[Any, Any, Any], error: Refused) -> Response[dict[str, Any]]:
    return _problem(404 if isinstance(error, NotFound) else 422, str(error), field=error.field)


def _wrong(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    return _problem(error.status_code, error.detail if error.status_code < 500 else "")


def _problem(status: int, detail: str, **members: Any) -> Response[dict[str, Any]]:
    said = {"type": "about:blank", "status": status, "detail": detail, **members}
    headers = _WHO if status == 401 else {}
    return Response(said, status_code=status, media_type=_PROBLEM, headers=headers)


class DoorController(Controller):
    """For programs."""

    path = "/vehicle-tax/api"
    exception_handlers = {Refused: _refused, HTTPException: _wrong}  # noqa: RUF012 - declared so by the base class

    @post("/feeds", request_max_body_size=LARGEST_FEED, status_code=200)
    async def push(self, request: Request[Any, Any, Any], office: Given) -> Response[dict[str, Any]]:
        """A feed: CSV or JSON. The same bytes again are the same feed, and are answered as it stands."""
        sender = await sync_to_thread(_sender, request, office)
        content = await request.body()
        feed = await sync_to_thread(lambda: take_in(office, content, agency_id=sender.agency_id, owner_id=None))
        office.wake.set()
        return Response(await sync_to_thread(_feed, office, feed))

    @get("/feeds/{feed_id:str}", sync_to_thread=True)
    def feed(self, request: Request[Any, Any, Any], office: Given, feed_id: FromPath[str]) -> Response[dict[str, Any]]:
        """How far it is."""
        sender, feed = _sender(request, office), office.records.get(feed_id)
        if (feed.feature, feed.kind, feed.agency_id) != (NAME, FEED, sender.agency_id):
            raise NotFound("There is no such feed.", field="feed")
        return Response(_feed(office, feed))

    @get("/receipts/{reference:str}", sync_to_thread=True)
    def receipt(
        self, request: Request[Any, Any, Any], office: Given, reference: FromPath[str]
    ) -> Response[dict[str, Any]]:
        """One receipt: its state, and once it is sealed the verification code and the digest of its bytes."""
        receipt = _receipt(office, _sender(request, office), reference)
        said = {name: receipt.data.get(name) for name in ("code", "sha256", "sealed_at", "problem")}
        return Response({"reference": reference, "state": receipt.state, **said})

    @get("/receipts/{reference:str}/document", sync_to_thread=True)
    def document(self, request: Request[Any, Any, Any], office: Given, reference: FromPath[str]) -> Response[bytes]:
        """The sealed PDF."""
        receipt = _receipt(office, _sender(request, office), reference)
        if receipt.data["sha256"] is None:
            raise NotFound("This receipt is not sealed yet.", field="reference")
        return Response(office.files.read(receipt.data["sha256"]), media_type="application/pdf")


def _sender(request: Request[Any, Any, Any], office: Office) -> Record:
    sender = sender_of(office, request.headers.get("authorization"))
    if sender is None:
        raise NotAuthorizedException("Send the token of this system as a bearer token.")
    return sender


def _receipt(office: Office, sender: Record, reference: str) -> Record:
    found = office.records.by_key(NAME, RECEIPT, receipt_key(sender.agency_id, reference))
    if found is None:
        raise NotFound("There is no receipt of this reference.", field="reference")
    return found


def _feed(office: Office, feed: Record) -> dict[str, Any]:
    progress = how_far(office, feed)
    said = {name: feed.data[name] for name in ("rows", "new", "known", "wrong")}
    return {
        "feed": feed.id,
        **said,
        "sealed": progress.sealed,
        "refused": progress.refused,
        "waiting": progress.waiting,
        "problem": progress.problem,
    }
