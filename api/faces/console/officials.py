"""Officials: searched, chosen by where they stand, one page after the other or all of them as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from litestar import Controller, Response, get
from litestar.params import FromQuery

from api.faces.console.listing import (
    CSV_PAGE,
    LARGEST_FILE,
    PAGE,
    address,
    chips,
    cursor_of,
    place_of,
    searched,
    word_of,
)
from api.faces.console.office_views import OFFICIALS, SOON, OfficialLine, folded, official_line, spaced_serial
from api.faces.console.office_words import STATUS
from api.faces.console.visit import Visit, Visits
from api.office.registry import Found
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from signer.people import HolderKind, OfficialQuery, StatusWord

_CHIPS: Final = (
    StatusWord.ISSUE,
    StatusWord.WAITING_FOR_VERIFICATION,
    StatusWord.NO_CERTIFICATE,
    StatusWord.SUSPEND,
    StatusWord.EXPIRED,
    StatusWord.RENEW,
    StatusWord.REVOKE,
)
_ALL: Final = Text("Semua", "All")
_HEADINGS: Final = ("id_penanda_tangan", "nama", "unit_kerja", "instansi", "status", "nomor_seri", "berlaku_sampai")


class OfficialsController(Controller):
    """Whoever may see officials at all."""

    include_in_schema = False

    @get(OFFICIALS, sync_to_thread=True)
    def page(
        self,
        visit: Visits,
        *,
        name: FromQuery[str] = "",
        unit: FromQuery[str] = "",
        status: FromQuery[str] = "",
        cursor: FromQuery[str] = "",
        format: FromQuery[str] = "",
    ) -> Response[Any]:
        """By name."""
        place = place_of(cursor, 2)
        query = OfficialQuery(
            name=searched(name) or None,
            unit=searched(unit) or None,
            status=word_of(StatusWord, status),
            kind=HolderKind.OFFICIAL,
            after=None if place is None else (place[0], place[1]),
            limit=PAGE,
        )
        if format == "csv":
            return csv_answer("pejabat.csv", _HEADINGS, _cells(visit, query))
        found = visit.doors.people.office.search(visit.caller, query)
        given = {"name": searched(name), "unit": searched(unit), "status": status}
        choices = [("", _ALL), *((each.value, STATUS[each][0]) for each in _CHIPS)]
        return visit.show(
            "officials.html",
            found=_lines(visit, found),
            given=given,
            chips=chips(OFFICIALS, "status", choices, status, **given),
            without_unit=address(OFFICIALS, **given | {"unit": ""}),
            soon_days=SOON.days,
            first=not cursor,
            next_page=address(OFFICIALS, **given, cursor=_behind(found[-1])) if len(found) == PAGE else None,
            csv=address(OFFICIALS, **given, format="csv"),
            may_register=visit.may(Permission.REGISTRATION_CREATE),
        )


def _lines(visit: Visit, found: Sequence[Found]) -> list[OfficialLine]:
    at, offset = visit.doors.now(), visit.doors.settings.utc_offset_hours
    return [official_line(each, at=at, utc_offset_hours=offset) for each in found]


def _behind(last: Found) -> str:
    who = last.official.signatory
    return cursor_of(folded(who.name), who.id)


def _cells(visit: Visit, query: OfficialQuery) -> Iterator[tuple[str, ...]]:
    """Every official that fits, page by page, so that a province is never in memory at once."""
    told, after = 0, None
    while told < LARGEST_FILE:
        found = visit.doors.people.office.search(visit.caller, replace(query, after=after, limit=CSV_PAGE))
        for each in found:
            one, who = each.official, each.official.signatory
            yield (
                who.id,
                who.name,
                who.unit or "",
                who.organisation,
                each.status.value,
                "" if one.serial is None else spaced_serial(f"{one.serial:x}"),
                "" if one.not_after is None else one.not_after.date().isoformat(),
            )
        if len(found) < CSV_PAGE:
            return
        told += len(found)
        last = found[-1].official.signatory
        after = (folded(last.name), last.id)
