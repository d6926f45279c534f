"""Meetings and roll calls: the invitation, who was there by the code on the screen, the minutes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from eoffice.compose import Office
from eoffice.feature import TO_AGENCIES, Feature, Field, Input, Link, PaperKind, Sheet
from eoffice.features.meetings.book import FEATURE as NAME
from eoffice.features.meetings.book import Book
from eoffice.features.meetings.controller import MeetingController
from eoffice.features.meetings.papers import LIST, MINUTES, ROLL_CALL
from eoffice.features.meetings.waiting import waits
from eoffice.model import Act, Paper, Role, Secrecy, Step
from eoffice.text import Text
from eoffice.words import SECRECIES, on_day, on_weekday

_INVITATION = (
    Field(
        name="type",
        label=Text("Acara", "What it is"),
        input=Input.CHOICE,
        choices=(("meeting", Text("Rapat", "Meeting")), (ROLL_CALL, Text("Apel", "Roll call"))),
    ),
    Field(name="day", label=Text("Tanggal", "Day"), input=Input.DAY),
    Field(name="begins", label=Text("Mulai", "From"), input=Input.TIME),
    Field(name="ends", label=Text("Selesai", "To"), input=Input.TIME),
    Field(
        name="venue",
        label=Text("Tempat", "Place"),
        help=Text("Ruang, atau alamat rapat daring", "A room, or the address of an online meeting"),
    ),
    Field(name="agenda", label=Text("Agenda", "Agenda")),
    Field(
        name=TO_AGENCIES,
        label=Text("Instansi yang diundang", "Agencies that are invited"),
        input=Input.AGENCIES,
        required=False,
        help=Text("Instansi Anda selalu ikut", "Your own is invited anyway"),
    ),
    Field(name="body", label=Text("Penutup", "Closing words"), input=Input.TEXT, required=False),
    Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY),
)
_COLUMNS = (
    Field(name="name", label=Text("Nama", "Name")),
    Field(name="office", label=Text("Jabatan", "Office")),
    Field(name="when", label=Text("Keterangan", "When")),
)
_EVENT = (
    Field(name="event", label=Text("Acara", "Event")),
    Field(name="held", label=Text("Hari, tanggal", "Day")),
    Field(name="venue", label=Text("Tempat", "Place")),
    Field(name="count", label=Text("Hadir", "Present")),
)


def _signed(form: Mapping[str, Any]) -> Sequence[Step]:
    return [Step(order=1, act=Act.SIGNATURE, person_id=form["signatory"])]


def _sealed(_: Mapping[str, Any]) -> Sequence[Step]:
    """The agency's seal: a machine counted who was there."""
    return [Step(order=1, act=Act.SEAL, person_id=None)]


def _signed_or_sealed(form: Mapping[str, Any]) -> Sequence[Step]:
    """Where nobody is named, the seal."""
    return _signed(form) if form["signatory"] else _sealed(form)


def _invitation(sheet: Sheet) -> Mapping[str, Any]:
    form, agencies = sheet.paper.form, sheet.directory.agencies
    return {
        "secrecy": SECRECIES[sheet.paper.secrecy].id,
        "invited": [agencies[each].name for each in form[TO_AGENCIES]] or [f"Seluruh pegawai {sheet.agency.name}"],
        "held": on_weekday(date.fromisoformat(form["day"])),
        "hours": f"{form['begins'].replace(':', '.')}–{form['ends'].replace(':', '.')}",
        "venue": form["venue"],
        "agenda": form["agenda"],
        "body": _paragraphs(form["body"]) or ["Demikian, atas kehadirannya diucapkan terima kasih."],
        "signatories": _signatories(sheet),
        **_dated(sheet),
    }


def _list(sheet: Sheet) -> Mapping[str, Any]:
    form = sheet.paper.form
    lines = [[line[each.name] for each in _COLUMNS] for line in form["lines"]]
    return {
        **{each.name: form[each.name] for each in _EVENT},
        "hours": form["hours"],
        "first": form["first"],
        "lines": lines,
        **_dated(sheet),
    }


def _minutes(sheet: Sheet) -> Mapping[str, Any]:
    form = sheet.paper.form
    return {
        **{each.name: form[each.name] for each in _EVENT},
        "notetaker": form["notetaker"],
        "discussion": _paragraphs(form["discussion"]),
        "decisions": _paragraphs(form["decisions"]),
        "signatories": _signatories(sheet) if form["signatory"] else [],
        **_dated(sheet),
    }


def _dated(sheet: Sheet) -> dict[str, str]:
    return {"place": sheet.place, "date": on_day(sheet.dated)}


def _signatories(sheet: Sheet) -> list[dict[str, Any]]:
    who = sheet.directory.people[sheet.paper.form["signatory"]]
    return [{"step": 1, "above": [], "office": who.office, "name": who.name, "rank": who.rank}]


def _paragraphs(text: str | None) -> list[str]:
    return [each.replace("\n", " ") for each in (text or "").split("\n\n") if each.strip()]


def _on_paper(office: Office, paper: Paper) -> None:
    Book(office).on_paper(paper)


FEATURE = Feature(
    name=NAME,
    title=Text("Rapat dan apel", "Meetings and roll calls"),
    says=Text("Undangan, daftar hadir dengan kode, notula.", "Invitation, presence by code, minutes."),
    icon="people",
    kinds=(
        PaperKind(
            name="surat undangan",
            title=Text("Undangan rapat atau apel", "Invitation"),
            template="meeting_invitation.typ",
            fields=_INVITATION,
            steps=_signed,
            series="surat keluar",
            content=_invitation,
        ),
        PaperKind(
            name=LIST,
            title=Text("Daftar hadir", "List of who was there"),
            template="meeting_attendance.typ",
            fields=(
                *_EVENT,
                Field(name="hours", label=Text("Presensi dibuka", "Open")),
                Field(name="first", label=Text("Baris pertama", "First line"), input=Input.NUMBER),
                Field(
                    name="lines", label=Text("Hadir", "Present"), input=Input.TABLE, columns=_COLUMNS, required=False
                ),
            ),
            steps=_sealed,
            series="daftar hadir",
            content=_list,
            roles=frozenset(Role),
            secrecy=Secrecy.TERBATAS,
            preview=False,
            by_hand=False,
            changed_by_hand=False,
        ),
        PaperKind(
            name=MINUTES,
            title=Text("Notula", "Minutes"),
            template="meeting_minutes.typ",
            fields=(
                *_EVENT,
                Field(name="notetaker", label=Text("Notulis", "Notetaker")),
                Field(name="discussion", label=Text("Pembahasan", "What was said"), input=Input.TEXT),
                Field(
                    name="decisions",
                    label=Text("Keputusan", "Decisions"),
                    input=Input.TEXT,
                    required=False,
                    help=Text("Satu per alinea", "One in each paragraph"),
                ),
                Field(
                    name="signatory",
                    label=Text("Penanda tangan", "Who signs"),
                    input=Input.SIGNATORY,
                    required=False,
                    help=Text("Kosong: segel instansi", "Nobody: the agency's seal"),
                ),
            ),
            steps=_signed_or_sealed,
            series="notula",
            content=_minutes,
            roles=frozenset(Role),
            secrecy=Secrecy.TERBATAS,
            preview=False,
            by_hand=False,
        ),
    ),
    pages=(MeetingController,),
    links=(Link(path="/meetings", title=Text("Acara instansi", "Meetings of the agency")),),
    on_paper=_on_paper,
    waits=waits,
)
