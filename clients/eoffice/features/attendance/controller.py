"""The pages of attendance: one's own, the agency's, and where and when people are present."""

import secrets
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery

from eoffice.errors import NotFound, Refused
from eoffice.features.attendance.book import ADMINISTERS, LEADS, Book, require
from eoffice.features.attendance.desk import Desk
from eoffice.features.attendance.places import Places
from eoffice.features.attendance.recap import STANDINGS, Hours, Standing, days_of, month_of
from eoffice.features.attendance.rules import Place, read_position
from eoffice.features.attendance.sealing import Sealing
from eoffice.pages.visit import Visit, Visits, to

DEVICE: Final = "eoffice-device"
"""The cookie by which a device is known again."""
_A_YEAR: Final = 365 * 24 * 3600
_SCRIPT: Final = Path(__file__).with_name("position.js")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""The page that asks for a position is the only one with a script."""


class AttendanceController(Controller):
    """Attendance."""

    path = "/attendance"

    @get("/", sync_to_thread=True)
    def own(self, visit: Visits) -> Response[Any]:
        """Today, and one's own month."""
        return _own(visit)

    @get("/position.js", media_type="text/javascript", sync_to_thread=False)
    def script(self) -> str:
        """What asks the browser where it is."""
        return _SCRIPT.read_text(encoding="utf-8")

    @post("/check")
    async def check(self, visit: Visits) -> Response[Any]:
        """In or out, with a position."""
        sent = await visit.form()
        return await sync_to_thread(_checked, visit, sent)

    @get("/agency", sync_to_thread=True)
    def agency(self, visit: Visits, month: FromQuery[str] = "") -> Response[Any]:
        """Everybody's month, for who leads."""
        return _agency(visit, month)

    @post("/notes")
    async def note(self, visit: Visits) -> Response[Any]:
        """Days by hand."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, sent, _noted, _agency)

    @post("/devices")
    async def let_go(self, visit: Visits) -> Response[Any]:
        """Another device for somebody."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, sent, _let_go, _agency)

    @post("/recap")
    async def seal(self, visit: Visits) -> Response[Any]:
        """Seal a month that has ended."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, sent, _sealed, _agency)

    @get("/places", sync_to_thread=True)
    def places(self, visit: Visits) -> Response[Any]:
        """Where and when people are present."""
        return _places(visit)

    @post("/places")
    async def add_place(self, visit: Visits) -> Response[Any]:
        """One more place."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, sent, _placed, _places)

    @post("/places/{place_id:str}/close", sync_to_thread=True)
    def close_place(self, visit: Visits, place_id: FromPath[str]) -> Response[Any]:
        """Nobody is present there any more."""
        Places(Book(visit.office)).close(visit.person, place_id)
        return to("/attendance/places")

    @post("/hours")
    async def hours(self, visit: Visits) -> Response[Any]:
        """When work begins and ends."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, sent, _set_hours, _places)

    @post("/free-days")
    async def free(self, visit: Visits) -> Response[Any]:
        """A day off for everybody."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, sent, _freed, _places)


def _own(visit: Visit, error: Refused | None = None) -> Response[Any]:
    person, book = visit.person, Book(visit.office)
    today = book.today()
    first = today.replace(day=1)
    found = visit.office.records.listed(
        "attendance", "presence", owner_id=person.id, since=first, until=days_of(first)[-1], limit=40
    )
    page = visit.show(
        "attendance/own.html",
        error=error,
        today=book.presence(person.id, today),
        days=sorted((book.noted(each) for each in found), key=lambda each: each.day, reverse=True),
        places=Places(book).of(person.agency_id),
        hours=Places(book).hours(person.agency_id),
        standings=STANDINGS,
    )
    page.headers["Content-Security-Policy"] = _POLICY
    if DEVICE not in visit.request.cookies:
        secure = visit.office.settings.public_url.startswith("https:")
        page.set_cookie(
            DEVICE,
            secrets.token_urlsafe(32),
            max_age=_A_YEAR,
            path="/attendance",
            httponly=True,
            samesite="lax",
            secure=secure,
        )
    return page


def _checked(visit: Visit, sent: dict[str, list[str]]) -> Response[Any]:
    desk, device = Desk(Book(visit.office)), visit.request.cookies.get(DEVICE, "")
    try:
        if len(device) < 20:
            said = "Izinkan kuki, lalu muat ulang halaman ini. · Allow cookies, and reload this page."
            raise Refused(said, field="device")
        position = read_position(_one(sent, "latitude"), _one(sent, "longitude"), _one(sent, "accuracy"))
        act = desk.check_out if _one(sent, "act") == "out" else desk.check_in
        act(visit.person, device, position)
    except Refused as error:
        return _own(visit, error)
    return to("/attendance")


def _agency(visit: Visit, month: str = "", error: Refused | None = None) -> Response[Any]:
    person, book = visit.person, Book(visit.office)
    require(person, LEADS)
    chosen = month_of(month) if month else book.today().replace(day=1)
    sealing, desk = Sealing(book), Desk(book)
    days, tallies = sealing.tallies(person.agency_id, chosen)
    papers = visit.office.papers
    return visit.show(
        "attendance/agency.html",
        error=error,
        month=chosen,
        days=days,
        tallies=tallies,
        people={each.id: each for each in book.colleagues(person.agency_id)},
        today={each.owner_id: each for each in book.presences(person.agency_id, book.today(), book.today())},
        bound=desk.bound,
        clock=lambda at: book.local(at).strftime("%H.%M"),
        standings=STANDINGS,
        ended=chosen < book.today().replace(day=1),
        sheets=[papers.get(each.paper_id) for each in sealing.recaps(person.agency_id, chosen) if each.paper_id],
    )


def _places(visit: Visit, _: str = "", error: Refused | None = None) -> Response[Any]:
    require(visit.person, ADMINISTERS)
    book = Book(visit.office)
    places, agencies, year = Places(book), visit.office.people.agencies(), book.today().year
    return visit.show(
        "attendance/places.html",
        error=error,
        agencies=agencies,
        places=[(agency, each) for agency in agencies.values() for each in places.of(agency.id)],
        hours={each: places.hours(each) for each in agencies},
        free=sorted(places.free_days(date(year, 1, 1), date(year, 12, 31)).items()),
    )


def _tried(
    visit: Visit,
    sent: dict[str, list[str]],
    act: Callable[[Visit, dict[str, list[str]]], str],
    page: Callable[..., Response[Any]],
) -> Response[Any]:
    """Do it and go on; where the form is wrong, show the page again with what to change."""
    try:
        return to(act(visit, sent))
    except NotFound:
        raise
    except Refused as error:
        return page(visit, "", error)


def _noted(visit: Visit, sent: dict[str, list[str]]) -> str:
    first = _day(sent, "first")
    Desk(Book(visit.office)).note(
        visit.person,
        _one(sent, "person"),
        first=first,
        last=_day(sent, "last") if _one(sent, "last") else first,
        standing=_standing(sent),
        reason=_text(sent, "reason"),
    )
    return f"/attendance/agency?month={first:%Y-%m}"


def _let_go(visit: Visit, sent: dict[str, list[str]]) -> str:
    Desk(Book(visit.office)).let_go(visit.person, _one(sent, "person"))
    return "/attendance/agency"


def _sealed(visit: Visit, sent: dict[str, list[str]]) -> str:
    month = month_of(_one(sent, "month"))
    Sealing(Book(visit.office)).seal(visit.person, month)
    return f"/attendance/agency?month={month:%Y-%m}"


def _placed(visit: Visit, sent: dict[str, list[str]]) -> str:
    middle = read_position(_one(sent, "latitude"), _one(sent, "longitude"), "1")
    radius = _one(sent, "radius")
    place = Place(
        name=_text(sent, "name"),
        latitude=middle.latitude,
        longitude=middle.longitude,
        radius=int(radius) if radius.isascii() and radius.isdecimal() and len(radius) < 6 else 0,
    )
    Places(Book(visit.office)).add(visit.person, _one(sent, "agency"), place)
    return "/attendance/places"


def _set_hours(visit: Visit, sent: dict[str, list[str]]) -> str:
    try:
        hours = Hours(begins=time.fromisoformat(_one(sent, "begins")), ends=time.fromisoformat(_one(sent, "ends")))
    except ValueError:
        raise Refused("Tulis jam sebagai jj:mm. · Write the time as hh:mm.", field="begins") from None
    Places(Book(visit.office)).set_hours(visit.person, _one(sent, "agency"), hours)
    return "/attendance/places"


def _freed(visit: Visit, sent: dict[str, list[str]]) -> str:
    Places(Book(visit.office)).free(visit.person, _day(sent, "day"), _text(sent, "name"))
    return "/attendance/places"


def _standing(sent: dict[str, list[str]]) -> Standing:
    try:
        return Standing(_one(sent, "standing"))
    except ValueError:
        raise Refused("Pilih dari daftar. · Choose from the list.", field="standing") from None


def _one(sent: dict[str, list[str]], name: str) -> str:
    return "".join(sent.get(name, [])[:1]).strip()


def _text(sent: dict[str, list[str]], name: str) -> str:
    text = " ".join(_one(sent, name).split())
    if not 2 <= len(text) <= 200:
        raise Refused("Isi, 2 sampai 200 huruf. · Fill in, 2 to 200 characters.", field=name)
    return text


def _day(sent: dict[str, list[str]], name: str) -> date:
    try:
        return date.fromisoformat(_one(sent, name))
    except ValueError:
        raise Refused("Tulis tanggal sebagai tttt-bb-hh. · Write the day as yyyy-mm-dd.", field=name) from None
