"""What every page shares: whose browser it is, and how an answer looks."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie, UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import SkipValidation
from litestar.response import Redirect

from eoffice import words
from eoffice.compose import Office
from eoffice.errors import NotYours, Refused, TooOften
from eoffice.model import Person
from eoffice.networks import network_of

COOKIE: Final = "eoffice"
_STATIC: Final = Path(__file__).parents[1] / "static"


class LoginNeeded(Exception):
    """This page is for who works here."""


class Pages:
    """The templates, for one office."""

    def __init__(self, office: Office) -> None:
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader("eoffice", "pages/templates"), PrefixLoader(_folders(office))]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        settings = office.settings
        self._environment.globals |= {"asset": asset, "words": words, "settings": settings, "office": office}
        self._environment.filters["time"] = lambda moment: words.at_time(
            moment, utc_offset_hours=settings.utc_offset_hours
        )

    def show(self, template: str, *, status: int = 200, **content: Any) -> Response[str]:
        """A page."""
        known = {"person": None, "error": None, **content}
        html = self._environment.get_template(template).render(known)
        return Response(html, status_code=status, media_type=MediaType.HTML)

    def problem(self, status: int, said: str | None) -> Response[str]:
        """What went wrong, and the way back."""
        return self.show("problem.html", status=status, said=said)


class Visit:
    """One request of one browser."""

    def __init__(self, request: Request[Any, Any, Any], office: Office, pages: Pages) -> None:
        self.request = request
        self.office = office
        self._pages = pages
        self._token = request.cookies.get(COOKIE)
        if request.method != "GET":
            _require_own_form(request, office.settings.public_url)
        self.guest = office.logins.who(self._token)

    @property
    def person(self) -> Person:
        """Who of the province is logged in. Raises `LoginNeeded`, and `NotYours` for a partner's people."""
        if self.anyone.outside:
            raise NotYours("Halaman ini bukan untuk mitra. · This page is not for partners.", field="person")
        return self.anyone

    @property
    def anyone(self) -> Person:
        """Who is logged in, also of a partner. Raises `LoginNeeded`."""
        if self.guest is None:
            raise LoginNeeded
        return self.guest

    @property
    def network(self) -> str:
        """Where the browser is, for limits."""
        return network_of(self.request.scope)

    def show(self, template: str, *, error: Refused | None = None, **content: Any) -> Response[str]:
        """A page; with an `error` it is the form again: 422, or 429 and when it goes on."""
        status = 200 if error is None else 429 if isinstance(error, TooOften) else 422
        page = self._pages.show(template, status=status, person=self.guest, error=error, **content)
        return told_to_wait(page, error) if isinstance(error, TooOften) else page

    async def form(self) -> dict[str, list[str]]:
        """What was sent, each name with all its values."""
        sent = await self.request.form()
        return {name: [each for each in sent.getall(name) if isinstance(each, str)] for name in sent}

    async def files(self) -> dict[str, tuple[str, bytes]]:
        """The files that were sent, by field: name and content; fields without a file are left out."""
        sent = await self.request.form()
        chosen = {name: each for name in sent for each in sent.getall(name) if isinstance(each, UploadFile)}
        return {name: (each.filename, await each.read()) for name, each in chosen.items() if each.filename}

    def logged_in(self, token: str, path: str) -> Redirect:
        """On, and known from now on."""
        secure = self.office.settings.public_url.startswith("https:")
        cookie = Cookie(key=COOKIE, value=token, path="/", httponly=True, samesite="lax", secure=secure)
        return Redirect(path, status_code=303, cookies=[cookie])

    def log_out(self) -> Redirect:
        """Known no longer."""
        self.office.logins.log_out(self._token)
        return Redirect("/login", status_code=303, cookies=[Cookie(key=COOKIE, value="", path="/", max_age=0)])


def _folders(office: Office) -> dict[str, BaseLoader]:
    """Where each feature has the templates of its own pages; they begin with its name and a slash."""
    features = office.service.features.values()
    return {each.name: FileSystemLoader(each.home / "pages") for each in features if each.home is not None}


def to(path: str) -> Redirect:
    """On to another page, after a form was taken."""
    return Redirect(path, status_code=303)


def told_to_wait(page: Response[str], error: TooOften) -> Response[str]:
    """The page, which says to machines too when it goes on."""
    page.headers["Retry-After"] = str(error.seconds)
    return page


@cache
def asset(name: str) -> str:
    """The address of a file in `static/`, with a fingerprint of its bytes."""
    return f"/static/{name}?v={hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]}"


def _require_own_form(request: Request[Any, Any, Any], public_url: str) -> None:
    """No page of somebody else sends forms here (the browser says where a form comes from; Fetch, 3.2 and 3.1)."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        own = origin is None or origin == public_url or origin.partition("://")[2] == request.headers.get("host")
    if not own:
        raise PermissionDeniedException("a form of another page")


Visits = NamedDependency[SkipValidation[Visit]]
"""The parameter of a handler."""
