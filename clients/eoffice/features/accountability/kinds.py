"""The spending accountability file (*surat pertanggungjawaban*, SPJ): its form, its order of signers, its pages."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from eoffice.feature import Field, Input, PaperKind, Sheet
from eoffice.model import Act, Step
from eoffice.text import Text
from eoffice.words import on_day, rupiah

SPJ: Final = "surat pertanggungjawaban"
SIGNERS: Final = (
    ("treasurer", Text("Bendahara pengeluaran", "Treasurer")),
    ("officer", Text("Pejabat pelaksana teknis kegiatan", "Activity officer")),
    ("budget_user", Text("Pengguna anggaran", "Budget user")),
)
"""In the order in which they sign."""


def _steps(form: Mapping[str, Any]) -> Sequence[Step]:
    """Each answers for what the one before has signed."""
    return [
        Step(order=order, act=Act.SIGNATURE, person_id=form[name]) for order, (name, _) in enumerate(SIGNERS, start=1)
    ]


def _content(sheet: Sheet) -> Mapping[str, Any]:
    form, people = sheet.paper.form, sheet.directory.people
    return {
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "facts": [["Kegiatan", sheet.paper.subject], ["Kode rekening", form["account"]], ["Tahun", str(form["year"])]],
        "vouchers": [
            {
                "number": str(number),
                "day": on_day(date.fromisoformat(each["day"])),
                "purpose": each["purpose"],
                "payee": each["payee"],
                "amount": rupiah(each["amount"]),
                "picture": each["picture"],
            }
            for number, each in enumerate(form["vouchers"], start=1)
        ],
        "total": rupiah(sum(each["amount"] for each in form["vouchers"])),
        "signatories": [
            {
                "step": step,
                "above": [title.id],
                "office": people[form[name]].office,
                "name": people[form[name]].name,
                "rank": people[form[name]].rank,
            }
            for step, (name, title) in enumerate(SIGNERS, start=1)
        ],
    }


def _pictures(form: Mapping[str, Any]) -> Sequence[str]:
    return [each["picture"] for each in form["vouchers"] if each["picture"]]


KIND: Final = PaperKind(
    name=SPJ,
    title=Text("Surat pertanggungjawaban (SPJ)", "Spending accountability file"),
    template="accountability.typ",
    fields=(
        Field(name="account", label=Text("Kode rekening", "Account")),
        Field(name="year", label=Text("Tahun anggaran", "Budget year"), input=Input.NUMBER),
        Field(
            name="vouchers",
            label=Text("Bukti pengeluaran", "Vouchers"),
            input=Input.TABLE,
            columns=(
                Field(name="day", label=Text("Tanggal", "Day"), input=Input.DAY),
                Field(name="purpose", label=Text("Uraian", "What for")),
                Field(name="payee", label=Text("Penerima", "Paid to")),
                Field(name="amount", label=Text("Jumlah (Rp)", "Amount"), input=Input.NUMBER),
                Field(name="picture", label=Text("Sidik foto", "Picture"), required=False),
            ),
        ),
        *(Field(name=name, label=title, input=Input.SIGNATORY) for name, title in SIGNERS),
    ),
    steps=_steps,
    series="SPJ",
    content=_content,
    pictures=_pictures,
    by_hand=False,
    changed_by_hand=False,
)
