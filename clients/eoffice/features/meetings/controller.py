"""The pages of meetings: the agency's, one meeting for its guests and its hosts, and its minutes."""

from collections.abc import Callable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from eoffice.errors import NotFound, Refused
from eoffice.features.meetings.book import Book, State
from eoffice.features.meetings.codes import STEP
from eoffice.features.meetings.desk import Desk
from eoffice.features.meetings.papers import Papers
from eoffice.pages.visit import Visit, Visits, to

_REFRESH = STEP // 3
"""Seconds after which the screen comes anew."""


class MeetingController(Controller):
    """Meetings."""

    path = "/meetings"

    @get("/", sync_to_thread=True)
    def all(self, visit: Visits) -> Response[Any]:
        """Those of the agency."""
        book = Book(visit.office)
        meetings = book.of_agency(visit.person.agency_id)
        return visit.show("meetings/all.html", meetings=meetings, today=book.today(), states=State)

    @get("/{key:str}", sync_to_thread=True)
    def show(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """One meeting."""
        return _meeting(visit, key)

    @get("/{key:str}/screen", sync_to_thread=True)
    def screen(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """The code of now, large, for everybody to see; it comes anew by itself."""
        return _screen(visit, key)

    @post("/{key:str}/open", sync_to_thread=True)
    def open(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """Show the code from now on."""
        return _tried(visit, key, lambda: Desk(Book(visit.office)).open(visit.person, key))

    @post("/{key:str}/close", sync_to_thread=True)
    def close(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """Nobody comes any more; the list goes to be sealed."""
        return _tried(visit, key, lambda: _closed(visit, key))

    @post("/{key:str}/list", sync_to_thread=True)
    def seal(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """Have the list sealed, where closing did not come so far."""
        book = Book(visit.office)
        return _tried(visit, key, lambda: Papers(book).seal_list(visit.person, book.hosted(visit.person, key)))

    @post("/{key:str}/here")
    async def here(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """Somebody is there."""
        code = _one(await visit.form(), "code")
        desk = Desk(Book(visit.office))
        return await sync_to_thread(_tried, visit, key, lambda: desk.here(visit.person, key, code))

    @post("/{key:str}/people")
    async def people(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """Somebody is noted by the host: an invited person, or a guest from elsewhere."""
        sent = await visit.form()
        return await sync_to_thread(_tried, visit, key, lambda: _added(visit, key, sent))

    @get("/{key:str}/minutes", sync_to_thread=True)
    def minutes(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """A form for the minutes."""
        return _minutes(visit, key, {})

    @post("/{key:str}/minutes")
    async def write(self, visit: Visits, key: FromPath[str]) -> Response[Any]:
        """The minutes as a draft."""
        sent = await visit.form()
        return await sync_to_thread(_written, visit, key, sent)


def _meeting(visit: Visit, key: str, error: Refused | None = None) -> Response[Any]:
    book, person = Book(visit.office), visit.person
    meeting = book.seen(person, key)
    host, present = book.hosts(person, meeting), book.present(meeting)
    return visit.show(
        "meetings/meeting.html",
        error=error,
        meeting=meeting,
        host=host,
        present=present,
        invited=book.invited(meeting),
        here=present.get(person.id),
        is_today=meeting.day == book.today(),
        papers=Papers(book).of(meeting) if host else [],
        sealed=host and Papers(book).is_sealed(meeting),
    )


def _screen(visit: Visit, key: str) -> Response[Any]:
    book = Book(visit.office)
    meeting = book.hosted(visit.person, key)
    if meeting.state != State.OPEN:
        return to(f"/meetings/{key}")
    code, count = Desk(book).code(meeting), Papers(book).count(meeting)
    page = visit.show("meetings/screen.html", meeting=meeting, code=code, count=count)
    page.headers["Refresh"] = str(_REFRESH)
    return page


def _minutes(visit: Visit, key: str, sent: dict[str, list[str]], error: Refused | None = None) -> Response[Any]:
    book = Book(visit.office)
    meeting = book.hosted(visit.person, key)
    people = visit.office.people.people().values()
    return visit.show(
        "meetings/minutes.html",
        error=error,
        meeting=meeting,
        count=Papers(book).count(meeting),
        sent={name: _one(sent, name) for name in ("discussion", "decisions", "signatory")},
        able=[each for each in people if each.credential and each.agency_id in book.agencies(meeting)],
    )


def _written(visit: Visit, key: str, sent: dict[str, list[str]]) -> Response[Any]:
    book = Book(visit.office)
    try:
        paper = Papers(book).draft_minutes(visit.person, book.hosted(visit.person, key), sent)
    except NotFound:
        raise
    except Refused as error:
        return _minutes(visit, key, sent, error)
    return to(f"/p/{paper.id}")


def _tried(visit: Visit, key: str, act: Callable[[], object]) -> Response[Any]:
    """Do it and go on; where it cannot be, show the meeting with what to change."""
    try:
        act()
    except NotFound:
        raise
    except Refused as error:
        return _meeting(visit, key, error)
    return to(f"/meetings/{key}")


def _closed(visit: Visit, key: str) -> None:
    book = Book(visit.office)
    Papers(book).seal_list(visit.person, Desk(book).close(visit.person, key))


def _added(visit: Visit, key: str, sent: dict[str, list[str]]) -> None:
    desk = Desk(Book(visit.office))
    if person := _one(sent, "person"):
        desk.by_hand(visit.person, key, person)
    else:
        desk.guest(visit.person, key, " ".join(_one(sent, "guest").split()))


def _one(sent: dict[str, list[str]], name: str) -> str:
    return "".join(sent.get(name, [])[:1]).strip()
