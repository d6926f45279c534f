"""The applications that a person connected, and the way to disconnect one."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import URLEncodedBody

from api.faces.desk.visit import Visits, to
from api.pages.moments import in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawForm:
    """Which application."""

    csrf: str = ""
    client: str = ""


class ApplicationsController(Controller):
    """For whoever is logged in."""

    include_in_schema = False

    @get("/desk/applications", sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """Every one, the newest first."""
        person, doors = visit.person, visit.doors
        if person is None or person.signatory_id is None:
            return to("/desk/sign-in")
        offset = doors.settings.utc_offset_hours
        allowed = [
            (each, in_words(each.since, utc_offset_hours=offset)) for each in doors.applications.of(person.signatory_id)
        ]
        return visit.show("applications.html", allowed=allowed)

    @post("/desk/applications/withdraw", status_code=200, sync_to_thread=True)
    def withdraw(self, visit: Visits, data: URLEncodedBody[WithdrawForm]) -> Response[Any]:
        """It ends at once."""
        person = visit.own(data.csrf)
        visit.doors.applications.withdraw(data.client, person.signatory_id or "")
        return to("/desk/applications")
