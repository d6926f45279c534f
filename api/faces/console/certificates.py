"""Certificates, those that end first at the beginning; and their end before its time, with a second person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Controller, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromQuery

from api.faces.console.listing import CSV_PAGE, LARGEST_FILE, PAGE, address, chips, cursor_of, place_of, word_of
from api.faces.console.office_views import certificate_line, spaced_serial
from api.faces.console.office_words import CERTIFICATE_STATUS
from api.faces.console.visit import Visit, Visits
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from signer.people import CERTIFICATE_WORDS, CertificateQuery, HolderKind, OfficialCertificate, StatusWord

CERTIFICATES: Final = "/console/certificates"
_ALL: Final = Text("Semua", "All")
_HEADINGS: Final = ("nomor_seri", "status", "berlaku_sampai", "id_penanda_tangan", "nama", "unit_kerja", "instansi")
_ENDING: Final = ("7", "30", "60", "90")
_LONGEST_SERIAL: Final = 60
_TOO_LARGE: Final = 1 << 160  # RFC 5280, 4.1.2.2: at most 20 octets


class CertificatesController(Controller):
    """Of today and before."""

    include_in_schema = False

    @get(CERTIFICATES, sync_to_thread=True)
    def page(
        self,
        visit: Visits,
        *,
        status: FromQuery[str] = "",
        ending: FromQuery[str] = "",
        serial: FromQuery[str] = "",
        kind: FromQuery[str] = "",
        cursor: FromQuery[str] = "",
        format: FromQuery[str] = "",
    ) -> Response[Any]:
        """`ending`: good ones that end within so many days."""
        if ending not in ("", *_ENDING):
            raise HTTPException(status_code=404)
        at, offset = visit.doors.now(), visit.doors.settings.utc_offset_hours
        place = place_of(cursor, 2)
        typed = serial.strip()[:_LONGEST_SERIAL]
        number = _number(typed)
        query = CertificateQuery(
            status=StatusWord.ISSUE if ending else word_of(StatusWord, status),
            serial=number,
            expiring_before=at + timedelta(days=int(ending)) if ending else None,
            kind=word_of(HolderKind, kind),
            after=None if place is None else _place(*place),
            limit=PAGE,
        )
        unreadable = bool(typed) and number is None
        if format == "csv":
            return csv_answer("sertifikat.csv", _HEADINGS, [] if unreadable else _cells(visit, query))
        found = () if unreadable else visit.doors.people.office.certificates(visit.caller, query)
        given = {"status": "" if ending else status, "ending": ending, "serial": typed, "kind": kind}
        choices = [("", _ALL), *((each.value, CERTIFICATE_STATUS[each][0]) for each in CERTIFICATE_WORDS)]
        within = [(days, Text(f"≤ {days} hari", f"Within {days} days")) for days in _ENDING]
        return visit.show(
            "certificates.html",
            found=[certificate_line(*each, at=at, utc_offset_hours=offset) for each in found],
            given=given,
            chips=chips(CERTIFICATES, "status", choices, "-" if ending else status, serial=typed, kind=kind),
            ending_chips=chips(CERTIFICATES, "ending", within, ending, kind=kind),
            may_revoke=visit.may(Permission.CERTIFICATE_REVOKE),
            first=not cursor,
            next_page=address(CERTIFICATES, **given, cursor=_behind(found[-1][0])) if len(found) == PAGE else None,
            csv=address(CERTIFICATES, **given, format="csv"),
        )


def _number(typed: str) -> int | None:
    """A serial number as people type or copy it: hexadecimal, perhaps with colons."""
    try:
        number = int(typed.replace(":", "").replace(" ", ""), 16)
    except ValueError:
        return None
    return number if 0 < number < _TOO_LARGE else None


def _place(moment: str, serial: str) -> tuple[datetime, int]:
    try:
        ends, number = datetime.fromisoformat(moment), int(serial, 16)
    except ValueError:
        raise HTTPException(status_code=404) from None
    if ends.tzinfo is None or not 0 < number < _TOO_LARGE:
        raise HTTPException(status_code=404)
    return ends, number


def _behind(last: OfficialCertificate) -> str:
    return cursor_of(last.not_after.isoformat(), f"{last.serial:x}")


def _cells(visit: Visit, query: CertificateQuery) -> Iterator[tuple[str, ...]]:
    told, after = 0, None
    while told < LARGEST_FILE:
        found = visit.doors.people.office.certificates(visit.caller, replace(query, after=after, limit=CSV_PAGE))
        for one, status in found:
            who = one.signatory
            ends = one.not_after.date().isoformat()
            serial = spaced_serial(f"{one.serial:x}")
            yield (serial, status.value, ends, who.id, who.name, who.unit or "", who.organisation)
        if len(found) < CSV_PAGE:
            return
        told += len(found)
        after = (found[-1][0].not_after, found[-1][0].serial)
