"""Procurement (*pengadaan*): announcements and results under the seal, minutes signed by a committee side by side, and
an open list of all of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from eoffice.feature import Feature, Field, Input, Link, PaperKind, Sheet
from eoffice.features.procurement.open_list import NAME, open_list, publish
from eoffice.model import Act, Step
from eoffice.rupiah import grouped
from eoffice.text import Text
from eoffice.words import on_day

_METHODS = {
    "tender": Text("Tender", "Tender"),
    "seleksi": Text("Seleksi", "Selection of consultants"),
    "langsung": Text("Pengadaan langsung", "Direct procurement"),
    "penunjukan": Text("Penunjukan langsung", "Direct appointment"),
    "katalog": Text("E-purchasing", "From the catalogue"),
}
_ABOUT = {
    "penjelasan": Text("Pemberian penjelasan", "Explanation"),
    "pembukaan": Text("Pembukaan penawaran", "Opening of bids"),
    "evaluasi": Text("Evaluasi penawaran", "Evaluation of bids"),
    "hasil": Text("Hasil pemilihan", "Outcome"),
}
_PACKAGE = (
    Field(
        name="package",
        label=Text("Kode paket", "Code of the package"),
        help=Text("Satu kode menyatukan semua naskahnya", "One code holds all its papers together"),
    ),
    Field(name="title", label=Text("Nama paket", "Name of the package")),
)


def _seal(_: Mapping[str, Any]) -> Sequence[Step]:
    return (Step(order=1, act=Act.SEAL, person_id=None),)


def _committee(form: Mapping[str, Any]) -> Sequence[Step]:
    """Everybody at once: nobody waits for anybody."""
    return [Step(order=1, act=Act.SIGNATURE, person_id=person) for person in form["committee"]]


def _head(sheet: Sheet) -> dict[str, Any]:
    form = sheet.paper.form
    return {
        "package": form["package"],
        "title": form["title"],
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "body": _paragraphs(form["body"]),
    }


def _announcement(sheet: Sheet) -> Mapping[str, Any]:
    form = sheet.paper.form
    return {
        **_head(sheet),
        "heading": "PENGUMUMAN PENGADAAN",
        "particulars": [
            ["Metode", _METHODS[form["method"]].id],
            ["Pagu anggaran", f"Rp {grouped(form['ceiling'])}"],
        ],
        "schedule": [[each["stage"], _day(each["since"]), _day(each["until"])] for each in form["schedule"]],
    }


def _result(sheet: Sheet) -> Mapping[str, Any]:
    form = sheet.paper.form
    return {
        **_head(sheet),
        "heading": "PENGUMUMAN HASIL PENGADAAN",
        "particulars": [["Pemenang", form["winner"]], ["Nilai", f"Rp {grouped(form['price'])}"]],
        "schedule": [],
    }


def _minutes(sheet: Sheet) -> Mapping[str, Any]:
    form, people = sheet.paper.form, sheet.directory.people
    return {
        **_head(sheet),
        "about": _ABOUT[form["about"]].id,
        "bidders": [
            [
                str(number),
                each["bidder"],
                grouped(each["offer"]) if each["offer"] is not None else "-",
                each["note"] or "-",
            ]
            for number, each in enumerate(form["bidders"], start=1)
        ],
        "signatories": [
            {
                "step": turn,
                "above": [],
                "office": people[each].office,
                "name": people[each].name,
                "rank": people[each].rank,
            }
            for turn, each in enumerate(form["committee"], start=1)
        ],
    }


def _paragraphs(text: str | None) -> list[str]:
    return [each.replace("\n", " ") for each in (text or "").split("\n\n") if each.strip()]


def _day(text: str | None) -> str:
    return on_day(date.fromisoformat(text)) if text else "-"


FEATURE = Feature(
    name=NAME,
    title=Text("Pengadaan", "Procurement"),
    says=Text("Pengumuman, berita acara, daftar terbuka.", "Announcements, minutes, an open list."),
    icon="scales",
    kinds=(
        PaperKind(
            name="pengumuman pengadaan",
            title=Text("Pengumuman", "Announcement"),
            template="procurement_announcement.typ",
            fields=(
                *_PACKAGE,
                Field(
                    name="method",
                    label=Text("Metode", "Method"),
                    input=Input.CHOICE,
                    choices=tuple(_METHODS.items()),
                ),
                Field(name="ceiling", label=Text("Pagu (rupiah)", "Budget (rupiah)"), input=Input.NUMBER),
                Field(name="body", label=Text("Uraian dan syarat", "The work, and who may bid"), input=Input.TEXT),
                Field(
                    name="schedule",
                    label=Text("Jadwal", "Schedule"),
                    input=Input.TABLE,
                    columns=(
                        Field(name="stage", label=Text("Tahap", "Stage")),
                        Field(name="since", label=Text("Mulai", "From"), input=Input.DAY),
                        Field(name="until", label=Text("Sampai", "Until"), input=Input.DAY),
                    ),
                ),
            ),
            steps=_seal,
            series="pengumuman pengadaan",
            content=_announcement,
        ),
        PaperKind(
            name="berita acara pengadaan",
            title=Text("Berita acara", "Minutes"),
            template="procurement_minutes.typ",
            fields=(
                *_PACKAGE,
                Field(name="about", label=Text("Tentang", "About"), input=Input.CHOICE, choices=tuple(_ABOUT.items())),
                Field(name="body", label=Text("Jalannya dan keputusan", "What was done and decided"), input=Input.TEXT),
                Field(
                    name="bidders",
                    label=Text("Peserta", "Bidders"),
                    input=Input.TABLE,
                    required=False,
                    help=Text("Tidak pernah tampil pada halaman publik", "Never shown on a public page"),
                    columns=(
                        Field(name="bidder", label=Text("Nama", "Name")),
                        Field(name="offer", label=Text("Penawaran", "Offer"), input=Input.NUMBER, required=False),
                        Field(name="note", label=Text("Keterangan", "Note"), required=False),
                    ),
                ),
                Field(name="committee", label=Text("Pokja", "Committee"), input=Input.SIGNATORIES),
            ),
            steps=_committee,
            series="berita acara pengadaan",
            content=_minutes,
            preview=False,
        ),
        PaperKind(
            name="pengumuman hasil pengadaan",
            title=Text("Pengumuman hasil", "Result"),
            template="procurement_announcement.typ",
            fields=(
                *_PACKAGE,
                Field(name="winner", label=Text("Pemenang", "Winner")),
                Field(name="price", label=Text("Nilai (rupiah)", "Price (rupiah)"), input=Input.NUMBER),
                Field(
                    name="body",
                    label=Text("Uraian dan masa sanggah", "Particulars, and until when to object"),
                    input=Input.TEXT,
                ),
            ),
            steps=_seal,
            series="pengumuman pengadaan",
            content=_result,
        ),
    ),
    links=(Link(path=f"/open/{NAME}", title=Text("Daftar terbuka", "Open list")),),
    on_paper=publish,
    public=open_list,
)
