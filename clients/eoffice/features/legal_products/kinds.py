"""What comes of a facilitation (*fasilitasi produk hukum*): the letter and the result sheet.

The draft regulation is an annex of both and no paper of its own: regulations stay outside of electronic signing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from eoffice.feature import DOCX, PDF, Field, Input, PaperKind, Sheet
from eoffice.model import Act, Step
from eoffice.text import Text
from eoffice.words import SECRECIES, on_day

LETTER: Final = "surat fasilitasi"
SHEET: Final = "lembar hasil fasilitasi"
PRODUCTS: Final = (
    ("ranperda", Text("Rancangan peraturan daerah", "Draft regional regulation")),
    ("ranperkada", Text("Rancangan peraturan kepala daerah", "Draft regulation of a head of region")),
    ("rankepkada", Text("Rancangan keputusan kepala daerah", "Draft decree of a head of region")),
)
OPINIONS: Final = (
    ("agreed", Text("Dapat ditetapkan", "May be enacted")),
    ("changes", Text("Dapat ditetapkan setelah disesuaikan", "May be enacted once it is changed")),
    ("refused", Text("Tidak dapat ditetapkan", "May not be enacted")),
)
_DRAFT: Final = (
    Field(name="product", label=Text("Jenis rancangan", "Kind of draft"), input=Input.CHOICE, choices=PRODUCTS),
    Field(name="title", label=Text("Tentang", "About")),
    Field(name="region", label=Text("Pemrakarsa", "Whose draft it is")),
    Field(name="draft", label=Text("Rancangan", "The draft"), input=Input.FILE, accepts=(PDF, DOCX)),
)
_INITIALS: Final = Field(
    name="initials",
    label=Text("Penelaah yang memaraf, berurutan", "Who reviewed and initials it, in order"),
    input=Input.SIGNATORIES,
    required=False,
)
_HEAD: Final = Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY)


def _letter_steps(form: Mapping[str, Any]) -> Sequence[Step]:
    return (*_initials(form), Step(order=len(form["initials"]) + 1, act=Act.SIGNATURE, person_id=form["signatory"]))


def _sheet_steps(form: Mapping[str, Any]) -> Sequence[Step]:
    """The reviewers, then whoever answers for the draft outside of the province, then the bureau's head."""
    turn = len(form["initials"]) + 1
    return (
        *_initials(form),
        Step(order=turn, act=Act.SIGNATURE, person_id=form["partner"]),
        Step(order=turn + 1, act=Act.SIGNATURE, person_id=form["signatory"]),
    )


def _initials(form: Mapping[str, Any]) -> Sequence[Step]:
    return [Step(order=order, act=Act.INITIALS, person_id=each) for order, each in enumerate(form["initials"], start=1)]


def _letter(sheet: Sheet) -> Mapping[str, Any]:
    form = sheet.paper.form
    return {
        "secrecy": SECRECIES[sheet.paper.secrecy].id,
        "annexes": "Lembar hasil fasilitasi dan rancangan",
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "addressees": [form["region"]],
        "body": [each.replace("\n", " ") for each in form["body"].split("\n\n") if each.strip()],
        "copies": [],
        "signatories": [_signatory(sheet, "signatory", len(sheet.paper.steps))],
    }


def _sheet(sheet: Sheet) -> Mapping[str, Any]:
    form, last = sheet.paper.form, len(sheet.paper.steps)
    draft = form["draft"]
    return {
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "facts": [
            ["Jenis", dict(PRODUCTS)[form["product"]].id],
            ["Tentang", form["title"]],
            ["Pemrakarsa", form["region"]],
        ],
        "notes": [[each["part"], each["note"], each["wording"] or "—"] for each in form["notes"]],
        "conclusion": f"{dict(OPINIONS)[form['opinion']].id}.",
        "annex": [
            ["Berkas", draft["name"]],
            ["Ukuran", f"{draft['bytes']} bita"],
            ["SHA-256", " ".join(draft["sha256"][at : at + 8] for at in range(0, 64, 8))],
        ],
        "signatories": [_signatory(sheet, "partner", last - 1), _signatory(sheet, "signatory", last)],
    }


def _signatory(sheet: Sheet, name: str, step: int) -> Mapping[str, Any]:
    who = sheet.directory.people[sheet.paper.form[name]]
    return {"step": step, "above": [], "office": who.office, "name": who.name, "rank": who.rank}


KINDS: Final = (
    PaperKind(
        name=SHEET,
        title=Text("Lembar hasil fasilitasi", "Result sheet"),
        template="facilitation.typ",
        fields=(
            *_DRAFT,
            Field(
                name="notes",
                label=Text("Catatan", "Notes"),
                input=Input.TABLE,
                required=False,
                columns=(
                    Field(name="part", label=Text("Bagian", "Part")),
                    Field(name="note", label=Text("Catatan", "Note")),
                    Field(name="wording", label=Text("Rumusan", "Wording"), required=False),
                ),
            ),
            Field(name="opinion", label=Text("Kesimpulan", "Conclusion"), input=Input.CHOICE, choices=OPINIONS),
            _INITIALS,
            Field(
                name="partner",
                label=Text("Penanda tangan pemrakarsa", "Who signs for the drafter"),
                input=Input.SIGNATORY,
            ),
            _HEAD,
        ),
        steps=_sheet_steps,
        series="fasilitasi",
        content=_sheet,
    ),
    PaperKind(
        name=LETTER,
        title=Text("Surat fasilitasi", "Facilitation letter"),
        template="letter.typ",
        fields=(*_DRAFT, Field(name="body", label=Text("Isi surat", "Text"), input=Input.TEXT), _INITIALS, _HEAD),
        steps=_letter_steps,
        series="surat keluar",
        content=_letter,
    ),
)
