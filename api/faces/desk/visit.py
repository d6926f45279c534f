"""What every handler of these pages shares: whose browser it is, whose form, and how an answer looks."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import SkipValidation
from litestar.response import Redirect

from api.faces.desk.ports import DeskDoors
from api.pages.browser import Browser, LoginCookie
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND, Rendering
from api.pages.text import Text
from signer.factors.model import Session
from signer.factors.signing_in import LONGEST

COOKIE: Final = LoginCookie(name="teken", context=b"teken/csrf/1", longest=LONGEST)


class Visit:
    """One request of one browser to these pages."""

    def __init__(self, request: Request[Any, Any, Any], doors: DeskDoors, pages: Rendering) -> None:
        self.doors = doors
        self.browser = Browser(request, doors.logins, COOKIE, secure=doors.settings.secure)
        self.query: Mapping[str, str] = request.query_params
        """What stands behind the question mark of the address; of a repeated name the last."""
        self._here = request.url.path
        self._pages = pages

    @property
    def person(self) -> Session | None:
        """The login, where somebody is logged in."""
        return self.browser.person

    def own(self, csrf: str) -> Session:
        """Whose form this is; 403 for a form of another page, and without a login."""
        self.browser.require_own(csrf)
        if self.person is None:
            raise HTTPException(status_code=403, detail="not logged in")
        return self.person

    def show(self, template: str, *, status: int = 200, error: Text | None = None, **content: Any) -> Response[Any]:
        """A page that no cache keeps; with an `error` it is the form again, 422."""
        known = {"csrf": self.browser.csrf, "error": error, "here": self._here, "inside": self.person is not None}
        known |= {"waits": None, **content}
        return self._pages.show(
            template, status=status if error is None else 422, headers=NEITHER_KEPT_NOR_FOUND, **known
        )


def to(path: str) -> Redirect:
    """On to another of these pages, after a form was taken."""
    return Redirect(path, status_code=303, headers={"Cache-Control": "no-store"})


Visits = NamedDependency[SkipValidation[Visit]]
"""The parameter of a handler."""
