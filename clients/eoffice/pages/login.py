"""Logging in and out."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread

from eoffice.errors import Refused
from eoffice.pages.visit import Visits, to


class LoginController(Controller):
    """Who works here."""

    @get("/login", sync_to_thread=True)
    def ask(self, visit: Visits) -> Response[Any]:
        """The form."""
        return to("/") if visit.guest else visit.show("login.html", name="")

    @post("/login")
    async def log_in(self, visit: Visits) -> Response[Any]:
        """Name and password."""
        sent = await visit.form()
        name, password = "".join(sent.get("name", [])[:1]).strip(), "".join(sent.get("password", [])[:1])
        try:
            token = await sync_to_thread(visit.office.logins.log_in, name, password, visit.network)
        except Refused as error:
            return visit.show("login.html", error=error, name=name)
        return visit.logged_in(token, "/")

    @post("/logout", sync_to_thread=True)
    def log_out(self, visit: Visits) -> Response[Any]:
        """Known no longer."""
        return visit.log_out()
