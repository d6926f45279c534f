"""Attendance (*presensi*): checking in near an office, what leaders note, and the month's recap under the seal."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from eoffice.compose import Office
from eoffice.feature import Duty, Feature, Field, Input, Link, PaperKind, Sheet
from eoffice.features.attendance.book import ADMINISTERS, LEADS, Book
from eoffice.features.attendance.controller import AttendanceController
from eoffice.features.attendance.sealing import KIND, LINES, Sealing
from eoffice.model import Act, Paper, Secrecy, Step
from eoffice.text import Text
from eoffice.words import on_day, on_month

_COLUMNS = (
    Field(name="name", label=Text("Nama", "Name")),
    Field(name="present", label=Text("Hadir", "Present"), input=Input.NUMBER),
    Field(name="late", label=Text("Terl.", "Late"), input=Input.NUMBER),
    Field(name="early", label=Text("P. awal", "Left early"), input=Input.NUMBER),
    Field(name="duty", label=Text("DL", "On duty"), input=Input.NUMBER),
    Field(name="leave", label=Text("Cuti", "On leave"), input=Input.NUMBER),
    Field(name="sick", label=Text("Sakit", "Ill"), input=Input.NUMBER),
    Field(name="permit", label=Text("Izin", "Excused"), input=Input.NUMBER),
    Field(name="missing", label=Text("TK", "Missing"), input=Input.NUMBER),
)
"""Of the recap, in the order in which `sealing` counts them."""


def _steps(_: Mapping[str, Any]) -> Sequence[Step]:
    """The agency's seal: a machine counted this, and nobody signs for a machine."""
    return [Step(order=1, act=Act.SEAL, person_id=None)]


def _content(sheet: Sheet) -> Mapping[str, Any]:
    form = sheet.paper.form
    return {
        "of_month": on_month(date.fromisoformat(form["month"])),
        "days": form["days"],
        "hours": form["hours"],
        "part": f"{form['part']} dari {form['parts']}",
        "first": (form["part"] - 1) * LINES + 1,
        "heads": [each.label.id for each in _COLUMNS[1:]],
        "lines": [[str(line[each.name]) for each in _COLUMNS] for line in form["lines"]],
        "until": f"Dihitung pada {on_day(sheet.dated)}.",
        "place": sheet.place,
        "date": on_day(sheet.dated),
    }


def _seal_due(office: Office) -> None:
    Sealing(Book(office)).seal_due()


def _on_paper(office: Office, paper: Paper) -> None:
    Sealing(Book(office)).on_paper(paper)


FEATURE = Feature(
    name="attendance",
    title=Text("Presensi", "Attendance"),
    says=Text("Hadir di kantor, tercatat di ponsel.", "Present at the office, noted on the phone."),
    icon="clock",
    kinds=(
        PaperKind(
            name=KIND,
            title=Text("Rekap presensi", "Attendance recap"),
            template="attendance_recap.typ",
            fields=(
                Field(name="month", label=Text("Bulan", "Month"), input=Input.DAY),
                Field(name="days", label=Text("Hari kerja", "Working days"), input=Input.NUMBER),
                Field(name="hours", label=Text("Jam kerja", "Hours")),
                Field(name="part", label=Text("Lembar", "Sheet"), input=Input.NUMBER),
                Field(name="parts", label=Text("Dari", "Of"), input=Input.NUMBER),
                Field(name="lines", label=Text("Pegawai", "People"), input=Input.TABLE, columns=_COLUMNS),
            ),
            steps=_steps,
            series="rekap presensi",
            content=_content,
            roles=LEADS,
            secrecy=Secrecy.TERBATAS,
            preview=False,
            by_hand=False,
            changed_by_hand=False,
            personal=True,
        ),
    ),
    pages=(AttendanceController,),
    links=(
        Link(path="/attendance", title=Text("Presensi saya", "My attendance")),
        Link(path="/attendance/agency", title=Text("Presensi instansi", "Of the agency"), roles=LEADS),
        Link(path="/attendance/places", title=Text("Lokasi dan jam", "Places and hours"), roles=ADMINISTERS),
    ),
    on_paper=_on_paper,
    duties=(Duty(name="recap", every=timedelta(hours=1), do=_seal_due),),
)
