"""What every handler of the console shares: who is here, what they may, whose form it is, how an answer looks."""

from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import SkipValidation
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from api.faces.console.navigation import menu_of
from api.faces.console.ports import ConsoleDoors
from api.logging import request_id_of
from api.office.desk import Caller
from api.pages.browser import Browser, LoginCookie
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND, Rendering
from api.pages.text import Text
from api.permissions import ROLE_PERMISSIONS, Permission
from signer.errors import StaffRefused
from signer.factors.model import Session
from signer.factors.staff import LONGEST
from signer.factors.subjects import staff_id_of

COOKIE: Final = LoginCookie(name="teken-console", context=b"teken/console/csrf/1", longest=LONGEST)
HOME: Final = "/console"
SIGN_IN: Final = "/console/sign-in"
CONFIRM: Final = "/console/confirm"
OWN: Final = "/console/me"
_LONGEST_PATH: Final = 500


class SentElsewhere(HTTPException):
    """This page is not for now: first a login, a second factor, or a proof that it is still the same person."""

    status_code = HTTP_303_SEE_OTHER

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class Visit:
    """One request of one browser to the console."""

    def __init__(self, request: Request[Any, Any, Any], doors: ConsoleDoors, pages: Rendering) -> None:
        self.doors = doors
        self.browser = Browser(request, doors.logins, COOKIE, secure=doors.settings.secure)
        self.scope = request.scope
        self.path = request.url.path
        self.here = f"{self.path}?{request.url.query}" if request.url.query else self.path
        self.is_swap = request.headers.get("hx-request") == "true"
        """Whether htmx asks for a part of the page; without it the whole page is the answer."""
        self._method = request.method
        self._pages = pages
        self._caller = self._looked_up(request)

    @property
    def session(self) -> Session:
        """The login; else on to the page for it."""
        if self.browser.person is None:
            raise SentElsewhere(_with_way_back(SIGN_IN, self._way_back))
        return self.browser.person

    @property
    def somebody(self) -> Caller | None:
        """Who is logged in, where somebody is."""
        return self._caller

    @property
    def caller(self) -> Caller:
        """The member of staff, who has a second factor; every service takes this and checks its permission itself."""
        session = self.session
        if self._caller is None:
            raise SentElsewhere(_with_way_back(SIGN_IN, self._way_back))
        if self.path != OWN and not self.path.startswith(f"{OWN}/") and not self.doors.logins.complete(session):
            raise SentElsewhere(OWN)
        return self._caller

    def require(self, permission: Permission) -> Caller:
        """The caller, for a page whose service asks for no permission itself. Raises `NotPermitted`, which is in the
        trail then."""
        with self.doors.people.accounts.desk.acting(self.caller, permission):
            return self.caller

    def may(self, permission: Permission) -> bool:
        """Whether a button is shown; whoever presses it is asked again."""
        return permission in ROLE_PERMISSIONS[self.caller.member.role]

    def own(self, csrf: str) -> Caller:
        """Whose form this is; 403 for a form of another page. Every handler of a POST begins with it."""
        caller = self.caller
        self.browser.require_own(csrf)
        return caller

    def confirmed(self, back: str | None = None) -> Caller:
        """The caller, who has shown their factors in the last five minutes: before every act that cannot be undone.

        Else on to the page that asks for them, and from there to `back` (this page by default). Ask for it when the
        form is shown, and again when it is sent.
        """
        if not self.session.confirmed(self.doors.now()):
            raise SentElsewhere(_with_way_back(CONFIRM, back or self._way_back))
        return self.caller

    def show(self, template: str, *, status: int = 200, error: Text | None = None, **content: Any) -> Response[Any]:
        """A page that no cache keeps; with an `error` it is the form again, 422."""
        who = self._caller
        known = {
            "csrf": self.browser.csrf,
            "error": error,
            "who": who.member if who else None,
            "menu": menu_of(who.member.role, self.path) if who else (),
            "swap": self.is_swap,
            "here": self.here,
            **content,
        }
        return self._pages.show(
            template, status=status if error is None else 422, headers=NEITHER_KEPT_NOR_FOUND, **known
        )

    @property
    def _way_back(self) -> str:
        return self.here if self._method == "GET" else HOME

    def _looked_up(self, request: Request[Any, Any, Any]) -> Caller | None:
        """At each request anew: whoever was disabled a moment ago is a stranger."""
        person = self.browser.person
        if person is None or person.signatory_id is None:
            return None
        try:
            return self.doors.people.accounts.desk.caller(
                staff_id_of(person.signatory_id), request_id_of(request.scope)
            )
        except StaffRefused:
            return None


def to(path: str) -> Redirect:
    """On to another page, after a form was taken."""
    return Redirect(path, status_code=303, headers={"Cache-Control": "no-store"})


def way_back(given: str) -> str:
    """A page of the console that somebody came from; whatever else is given is the first page."""
    plain = given.isascii() and given.isprintable() and "\\" not in given and len(given) <= _LONGEST_PATH
    return given if plain and (given == HOME or given.startswith((f"{HOME}/", f"{HOME}?"))) else HOME


def _with_way_back(path: str, back: str) -> str:
    return path if back == HOME else f"{path}?next={quote(back, safe='/')}"


Visits = NamedDependency[SkipValidation[Visit]]
"""The parameter of a handler."""
