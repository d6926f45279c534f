"""Letters (*surat dinas*): drafted, initialled in order, signed, and sent to whoever they are for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eoffice.docx import blocks_of
from eoffice.errors import Refused
from eoffice.feature import DOCX, PDF, TO_AGENCIES, AsIs, Feature, Field, Input, PaperKind, Sheet
from eoffice.model import Act, Place, Step
from eoffice.text import Text
from eoffice.words import SECRECIES, on_day

UPLOAD: Final = "upload"
"""The field of a file that the letter's text comes in."""
_FIELDS = (
    Field(
        name="classification",
        label=Text("Klasifikasi", "Classification"),
        required=False,
        help=Text("Kode bertitik, misalnya 000.1.2", "A dotted code, such as 000.1.2"),
    ),
    Field(
        name=TO_AGENCIES,
        label=Text("Kepada instansi", "To agencies"),
        input=Input.AGENCIES,
        required=False,
        help=Text("Dikirim langsung setelah ditandatangani", "Sent straight there once it is signed"),
    ),
    Field(
        name="addressees",
        label=Text("Kepada lainnya", "To others"),
        input=Input.TEXT,
        required=False,
        help=Text("Satu per alinea", "One in each paragraph"),
    ),
    Field(name="body", label=Text("Isi surat", "Text"), input=Input.TEXT, required=False),
    Field(
        name=UPLOAD,
        label=Text("Atau dari berkas", "Or out of a file"),
        input=Input.FILE,
        accepts=(DOCX, PDF),
        required=False,
        help=Text(
            "Word: isinya dimuat ke halaman surat, tanpa kop. PDF: ditandatangani apa adanya",
            "Word: its text is put on the letter's page, without a head. PDF: it is signed as it is",
        ),
    ),
    Field(
        name="tag",
        label=Text("Penanda tempat tanda tangan", "Tag where the signature goes"),
        required=False,
        help=Text(
            "Hanya untuk PDF: teks di dalamnya, misalnya #ttd; tanpa penanda di halaman terakhir",
            "For a PDF alone: a text in it, such as #ttd; on the last page without one",
        ),
    ),
    Field(
        name="annexes",
        label=Text("Lampiran", "Annexes"),
        required=False,
        help=Text("Misalnya: 2 lembar", "E.g. 2 sheets"),
    ),
    Field(
        name="initials",
        label=Text("Pemaraf, berurutan", "Who initials it, in order"),
        input=Input.SIGNATORIES,
        required=False,
    ),
    Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY),
    Field(
        name="on_behalf",
        label=Text("Bentuk atas nama", "On behalf of"),
        required=False,
        help=Text("Misalnya: a.n. GUBERNUR BALI", "Such as: a.n. GUBERNUR BALI"),
    ),
    Field(
        name="copies",
        label=Text("Tembusan", "Copies to"),
        input=Input.TEXT,
        required=False,
        help=Text("Satu per alinea", "One in each paragraph"),
    ),
)


def _steps(form: Mapping[str, Any]) -> Sequence[Step]:
    """Initials one after the other, then the signature."""
    initials = [
        Step(order=order, act=Act.INITIALS, person_id=person) for order, person in enumerate(form["initials"], start=1)
    ]
    signature = Step(
        order=len(initials) + 1, act=Act.SIGNATURE, person_id=form["signatory"], on_behalf=form["on_behalf"]
    )
    return (*initials, signature)


def _check(form: Mapping[str, Any], kept: Callable[[str], bytes]) -> None:
    """Text that is typed or that comes in a file, and only one of them."""
    upload = form[UPLOAD]
    if (upload is None) == (form["body"] is None):
        raise Refused(
            "Tulis isi surat atau pilih berkasnya, salah satu. · Type the text or choose a file, one of both.",
            field="body",
        )
    if upload is not None and upload["type"] == DOCX:
        blocks_of(kept(upload["sha256"]), field=UPLOAD)


def _as_is(form: Mapping[str, Any]) -> AsIs | None:
    """An uploaded PDF, with the stamp of who signs over its tag, or where Teken puts it."""
    upload = form.get(UPLOAD)
    if upload is None or upload["type"] != PDF:
        return None
    return AsIs(sha256=upload["sha256"], places=(Place(step=len(_steps(form)), tag=form["tag"]),))


def _content(sheet: Sheet) -> Mapping[str, Any]:
    form, signatory = sheet.paper.form, sheet.directory.people[sheet.paper.form["signatory"]]
    upload = form.get(UPLOAD)
    agencies = [sheet.directory.agencies[each].name for each in form[TO_AGENCIES]]
    return {
        "secrecy": SECRECIES[sheet.paper.secrecy].id,
        "annexes": form["annexes"] or "-",
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "addressees": [*agencies, *_paragraphs(form["addressees"])],
        "body": _paragraphs(form["body"]),
        "blocks": blocks_of(sheet.kept(upload["sha256"]), field=UPLOAD) if upload else [],
        "copies": _paragraphs(form["copies"]),
        "signatories": [
            {
                "step": len(sheet.paper.steps),
                "above": (form["on_behalf"] or "").split("; ") if form["on_behalf"] else [],
                "office": signatory.office,
                "name": signatory.name,
                "rank": signatory.rank,
            }
        ],
    }


def _paragraphs(text: str | None) -> list[str]:
    return [each.replace("\n", " ") for each in (text or "").split("\n\n") if each.strip()]


def _kind(name: str, title: Text) -> PaperKind:
    return PaperKind(
        name=name,
        title=title,
        template="letter.typ",
        fields=_FIELDS,
        steps=_steps,
        check=_check,
        as_is=_as_is,
        series="surat keluar",
        content=_content,
    )


FEATURE = Feature(
    name="letters",
    title=Text("Surat keluar", "Letters"),
    says=Text("Konsep, paraf, tanda tangan, kirim.", "Draft, initial, sign, send."),
    icon="letter",
    kinds=(
        _kind("surat dinas", Text("Surat dinas", "Official letter")),
        _kind("surat undangan", Text("Undangan", "Invitation")),
        _kind("surat edaran", Text("Surat edaran", "Circular")),
        _kind("surat tugas", Text("Surat tugas", "Assignment")),
        _kind("nota dinas", Text("Nota dinas", "Internal note")),
    ),
)
