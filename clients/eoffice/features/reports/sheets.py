"""What the pages of reports print."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from eoffice.feature import Sheet
from eoffice.features.reports.periods import period_of
from eoffice.text import Text
from eoffice.words import on_day, percent, rupiah

_ROMAN: Final = ("I", "II", "III", "IV")
_MONTHS: Final = (
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
)
PERIODS: Final = (
    *((f"{number:02d}", Text(*names)) for number, names in enumerate(_MONTHS, start=1)),
    *((f"Q{number}", Text(f"Triwulan {roman}", f"Quarter {number}")) for number, roman in enumerate(_ROMAN, start=1)),
    ("year", Text("Setahun", "The whole year")),
)
METHODS: Final = (
    ("tender", Text("Tender", "Tender")),
    ("e-purchasing", Text("E-purchasing", "E-purchasing")),
    ("direct", Text("Pengadaan langsung", "Direct procurement")),
    ("appointment", Text("Penunjukan langsung", "Direct appointment")),
)


def word_of(form: Mapping[str, Any]) -> str:
    """The period that a report is on, as `Period.word` writes it. Raises `Refused` for a period that is none."""
    if "day" in form:
        return period_of(str(form["day"])).word
    chosen = str(form["period"])
    return period_of(str(form["year"]) if chosen == "year" else f"{form['year']}-{chosen}").word


def _printed(sheet: Sheet, title: str, tables: Sequence[Mapping[str, Any]], **texts: str | None) -> dict[str, Any]:
    form = sheet.paper.form
    signatory = sheet.directory.people.get(form.get("signatory", ""))
    return {
        "title": title,
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "facts": [["Periode", period_of(word_of(form)).title.id], ["Hal", sheet.paper.subject]],
        "tables": tables,
        "texts": [{"title": name, "paragraphs": _paragraphs(text)} for name, text in texts.items() if text],
        "signatories": [
            {
                "step": len(sheet.paper.steps),
                "above": [],
                "office": signatory.office if signatory else f"Segel elektronik {sheet.agency.name}",
                "name": signatory.name if signatory else sheet.agency.name,
                "rank": signatory.rank if signatory else None,
            }
        ],
    }


def revenue(sheet: Sheet) -> Mapping[str, Any]:
    """What was aimed at, what came in, by source."""
    rows = sheet.paper.form["revenue"]
    target, realised = (sum(each[name] for each in rows) for name in ("target", "realised"))
    table = {
        "title": "Target dan realisasi",
        "columns": [
            ["Jenis pendapatan", "left", "wide"],
            ["Target", "right", "narrow"],
            ["Realisasi", "right", "narrow"],
            ["Capaian", "right", "narrow"],
        ],
        "rows": [
            [
                each["source"],
                rupiah(each["target"]),
                rupiah(each["realised"]),
                percent(each["realised"], each["target"]),
            ]
            for each in rows
        ],
        "foot": ["Jumlah", rupiah(target), rupiah(realised), percent(realised, target)],
    }
    return _printed(sheet, "Laporan pendapatan daerah", [table], Uraian=sheet.paper.form["remarks"])


def daily(sheet: Sheet) -> Mapping[str, Any]:
    """What came in on one day."""
    rows = sheet.paper.form["receipts"]
    table = {
        "title": "Penerimaan",
        "columns": [
            ["Jenis penerimaan", "left", "wide"],
            ["Transaksi", "right", "narrow"],
            ["Jumlah", "right", "narrow"],
        ],
        "rows": [[each["source"], str(each["count"]), rupiah(each["amount"])] for each in rows],
        "foot": ["Jumlah", str(sum(each["count"] for each in rows)), rupiah(sum(each["amount"] for each in rows))],
    }
    return _printed(sheet, "Laporan harian penerimaan", [table])


def audit(sheet: Sheet) -> Mapping[str, Any]:
    """What was found, and what is to be done."""
    form = sheet.paper.form
    table = {
        "title": "Temuan dan rekomendasi",
        "columns": [["Temuan", "left", "wide"], ["Rekomendasi", "left", "wide"], ["Tenggat", "left", "narrow"]],
        "rows": [[each["finding"], each["recommendation"], _day(each["until"])] for each in form["findings"]],
        "foot": None,
    }
    printed = _printed(
        sheet, "Laporan hasil pemeriksaan", [table] if form["findings"] else [], Simpulan=form["conclusion"]
    )
    team = [sheet.directory.people[each].name for each in form["initials"]]
    return {**printed, "facts": [*printed["facts"], ["Yang diperiksa", form["audited"]], ["Tim", "; ".join(team)]]}


def procurement(sheet: Sheet) -> Mapping[str, Any]:
    """Every package, and how far it is."""
    rows, methods = sheet.paper.form["packages"], dict(METHODS)
    table = {
        "title": "Paket pengadaan",
        "columns": [
            ["Paket", "left", "wide"],
            ["Cara", "left", "narrow"],
            ["Nilai", "right", "narrow"],
            ["Kemajuan", "right", "narrow"],
        ],
        "rows": [
            [each["package"], methods[each["method"]].id, rupiah(each["value"]), f"{each['progress']}%"]
            for each in rows
        ],
        "foot": [f"{len(rows)} paket", "", rupiah(sum(each["value"] for each in rows)), ""],
    }
    return _printed(sheet, "Laporan kemajuan pengadaan", [table], Uraian=sheet.paper.form["remarks"])


def _paragraphs(text: str) -> list[str]:
    return [each.replace("\n", " ") for each in text.split("\n\n") if each.strip()]


def _day(text: str | None) -> str:
    return on_day(date.fromisoformat(text)) if text else "—"
