"""Kinds that stay outside of electronic signing: the lists, and for which applications they hold."""

from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from api.faces.console.machine_words import KIND_REFUSALS
from api.faces.console.visit import Visit, Visits, to
from api.pages.tables import csv_answer
from api.pages.text import Text
from signer.errors import NotPermitted, Refused

KINDS: Final = "/console/kinds"
_HEADINGS: Final = ("daftar", "versi", "jenis", "ejaan")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignForm:
    """Which lists hold for one application."""

    csrf: str = ""
    client_id: str = ""
    lists: list[str] | str = field(default_factory=list)


class KindsController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(KINDS, sync_to_thread=True)
    def page(self, visit: Visits, format: FromQuery[str] = "") -> Response[Any]:
        """Every list with its kinds."""
        if format == "csv":
            lists = visit.doors.people.kinds.lists(visit.caller)
            rows = [
                (each.name, str(each.version), kind.name, "; ".join(kind.spellings))
                for each in lists
                for kind in each.kinds
            ]
            return csv_answer("jenis-naskah.csv", _HEADINGS, rows)
        return _shown(visit)

    @post(KINDS, status_code=200, sync_to_thread=True)
    def assign(self, visit: Visits, data: URLEncodedBody[AssignForm]) -> Response[Any]:
        """From now on; the same form twice does no harm."""
        caller = visit.own(data.csrf)
        names = [data.lists] if isinstance(data.lists, str) else data.lists
        try:
            visit.doors.people.kinds.assign(caller, data.client_id.strip(), names)
        except NotPermitted:
            raise
        except Refused as refused:
            return _shown(visit, client_id=data.client_id, error=KIND_REFUSALS[refused.reason])
        return to(KINDS)


def _shown(visit: Visit, *, client_id: str = "", error: Text | None = None) -> Response[Any]:
    kinds = visit.doors.people.kinds
    return visit.show(
        "kinds.html",
        error=error,
        client_id=client_id,
        lists=kinds.lists(visit.caller),
        assignments=kinds.assignments(visit.caller),
        csv=f"{KINDS}?format=csv",
    )
