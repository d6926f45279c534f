"""The console over a real database: an account for every role, named after it, and a browser for each of them."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pyotp
from httpx import Response
from litestar import Litestar, Request
from litestar import Response as LitestarResponse
from litestar.exceptions import HTTPException
from litestar.testing import TestClient

from api.app import Pages
from api.faces.console.router import console_router
from api.office.entrance import Entrance, console_doors, entrance_over
from api.services import Services
from api.static.files import static_router
from signer.factors.model import SignedInBy
from signer.factors.passkey import RelyingParty
from signer.factors.staff import CONFIRMED
from signer.factors.subjects import staff_subject
from signer.people import Role
from store.database import Database
from tests.support.api_memory import MemoryService, memory_service
from tests.support.consent import MemorySeeds
from tests.support.office import TestOffice

PASSWORD: Final = "lontar kering di rak bambu"
PARTY: Final = RelyingParty(id="testserver.local", name="Teken", origin="http://testserver.local")
_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Person:
    """One browser of one person; forms are sent as a browser would, with the token of the page last seen."""

    def __init__(self, http: TestClient[Litestar]) -> None:
        self.http = http
        self.page = ""

    def get(self, path: str, **query: str) -> Response:
        return self._seen(self.http.get(path, params=query or None, follow_redirects=False))

    def post(self, path: str, *, csrf: str | None = None, **fields: str) -> Response:
        """With the token of the page last seen, unless another one is given."""
        data = {"csrf": self.csrf if csrf is None else csrf, **fields}
        return self._seen(self.http.post(path, data=data, follow_redirects=False))

    @property
    def csrf(self) -> str:
        found = _CSRF.search(self.page)
        return found[1] if found else ""

    def _seen(self, answer: Response) -> Response:
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            self.page = answer.text
        return answer


@dataclass(kw_only=True)
class ConsoleHouse:
    """The parts behind the console, and its application."""

    office: TestOffice
    service: MemoryService
    entrance: Entrance

    def otp(self, spelled: str) -> str:
        """What an authenticator shows now, for the key that a page has spelled."""
        return pyotp.TOTP(spelled.replace(" ", "")).at(self.office.at)

    @contextmanager
    def browser(self) -> Iterator[Person]:
        """Nobody yet."""
        with self.service.http() as http:
            yield Person(http)

    @contextmanager
    def logged_in(self, role: Role, *, confirmed: bool = False) -> Iterator[Person]:
        """The person of that role, as after a login with a passkey; `confirmed`: who has just shown it again."""
        until = self.office.at + CONFIRMED if confirmed else None
        new = self.entrance.logins.begin(staff_subject(role.value), SignedInBy.PASSKEY, confirmed_until=until)
        with self.service.http() as http:
            http.cookies.set("teken-console", new.token)
            person = Person(http)
            person.get("/console/me")  # for the token of its forms
            yield person


def console_house(
    office: TestOffice,
    database: Database,
    *,
    adjust: Callable[[Services], Services] = lambda same: same,
    party: RelyingParty = PARTY,
) -> ConsoleHouse:
    """The console in front of `office`, at its clock; `adjust` replaces parts behind it."""

    def now() -> datetime:
        return office.at

    entrance = entrance_over(database, MemorySeeds(), party, now=now, random_bytes=secrets.token_bytes)
    service = memory_service(office.settings, adjust=lambda same: adjust(replace(same, people=office.people, now=now)))
    doors = console_doors(office.settings, service.services, office.people, entrance, now=now)
    service.pages = lambda: Pages(handlers=[console_router(doors), static_router()], problem=_problem)
    return ConsoleHouse(office=office, service=service, entrance=entrance)


def _problem(_: Request[Any, Any, Any], error: HTTPException) -> LitestarResponse[Any]:
    return LitestarResponse("no page", status_code=error.status_code)
