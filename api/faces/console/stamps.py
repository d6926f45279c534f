"""Stamp templates, each drawn with the texts that somebody tries; and the settings in force."""

import base64
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromQuery, URLEncodedBody

from api.faces.console.machine_words import STAMP_REFUSALS
from api.faces.console.visit import Visit, Visits
from api.office.stamps import StampOffice, TriedTexts
from api.pages.tables import csv_answer
from api.pages.text import Text
from signer.errors import NotPermitted, Refused
from signer.stamp_template import StampKind

STAMPS: Final = "/console/stamps"
SETTINGS: Final = "/console/settings"
_KINDS: Final = {
    StampKind.SIGNATURE: Text("Tanda tangan", "Signature"),
    StampKind.PARAF: Text("Paraf", "Initials"),
    StampKind.FOOTER: Text("Catatan kaki", "Footer"),
}
_NOT_DRAWN: Final = Text("Teks ini tidak dapat digambar.", "These texts cannot be drawn.")
_HEADINGS: Final = ("kunci", "nilai", "diubah")
_DEFAULTS: Final = TriedTexts()


@dataclass(frozen=True, slots=True, kw_only=True)
class TryForm:
    """What is tried; nothing of it is kept."""

    csrf: str = ""
    template: str = "official"
    titles: str = "\n".join(_DEFAULTS.titles)
    name: str = _DEFAULTS.name
    agency: str = _DEFAULTS.agency
    rank: str = _DEFAULTS.rank

    def texts(self) -> TriedTexts:
        """In the words of the stamps."""
        return TriedTexts(titles=tuple(self.titles.splitlines()), name=self.name, agency=self.agency, rank=self.rank)


class StampsController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(STAMPS, sync_to_thread=True)
    def page(self, visit: Visits, template: FromQuery[str] = "") -> Response[Any]:
        """Every template, and one of them drawn."""
        return _drawn(visit, TryForm(template=template) if template else TryForm())

    @post(STAMPS, status_code=200, sync_to_thread=True)
    def draw(self, visit: Visits, data: URLEncodedBody[TryForm]) -> Response[Any]:
        """The same with other texts; changes nothing, so the answer is the page."""
        visit.own(data.csrf)
        return _drawn(visit, data)

    @get(SETTINGS, sync_to_thread=True)
    def settings(self, visit: Visits, format: FromQuery[str] = "") -> Response[Any]:
        """Every key that is in force."""
        found = visit.doors.people.settings.all(visit.caller)
        if format == "csv":
            return csv_answer("pengaturan.csv", _HEADINGS, ((s.key, s.value, str(s.changed).lower()) for s in found))
        sections: dict[str, list[Any]] = {}
        for each in found:
            sections.setdefault(each.key.partition(".")[0] if "." in each.key else "", []).append(each)
        return visit.show("settings.html", sections=sections, csv=f"{SETTINGS}?format=csv")


def _drawn(visit: Visit, form: TryForm) -> Response[Any]:
    stamps, error, picture = _office(visit), None, None
    templates = stamps.all(visit.caller)
    try:
        webp = stamps.preview(visit.caller, form.template, form.texts())
        picture = f"data:image/webp;base64,{base64.b64encode(webp).decode()}"
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.field == "template":
            raise HTTPException(status_code=404) from None
        error = STAMP_REFUSALS.get(refused.reason, _NOT_DRAWN)
    return visit.show(
        "stamps.html",
        error=error,
        form=form,
        picture=picture,
        templates=[(each, _KINDS[each.kind]) for each in templates],
        shown=next(each for each in templates if each.name == form.template),
    )


def _office(visit: Visit) -> StampOffice:
    if visit.doors.services.stamps is None:
        raise HTTPException(status_code=404)
    return visit.doors.services.stamps
