"""The kinds of reports: their forms, and who signs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from eoffice.errors import Refused
from eoffice.feature import Field, Input, PaperKind
from eoffice.features.reports import sheets
from eoffice.features.reports.sheets import METHODS, PERIODS, word_of
from eoffice.model import Act, Secrecy, Step
from eoffice.text import Text

REVENUE: Final = "laporan pendapatan"
DAILY: Final = "laporan harian penerimaan"
AUDIT: Final = "laporan hasil pemeriksaan"
PROCUREMENT: Final = "laporan kemajuan pengadaan"
SERIES: Final = "laporan"
_WHEN: Final = (
    Field(name="year", label=Text("Tahun", "Year"), input=Input.NUMBER),
    Field(name="period", label=Text("Periode", "Period"), input=Input.CHOICE, choices=PERIODS),
)
_REMARKS: Final = Field(name="remarks", label=Text("Uraian", "Remarks"), input=Input.TEXT, required=False)
_INITIALS: Final = Field(
    name="initials",
    label=Text("Pemaraf, berurutan", "Who initials it, in order"),
    input=Input.SIGNATORIES,
    required=False,
)
_SIGNATORY: Final = Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY)


def _signed(form: Mapping[str, Any]) -> Sequence[Step]:
    """The team's initials one after the other, then the head's signature."""
    word_of(form)
    initials = [
        Step(order=order, act=Act.INITIALS, person_id=each) for order, each in enumerate(form["initials"], start=1)
    ]
    return (*initials, Step(order=len(initials) + 1, act=Act.SIGNATURE, person_id=form["signatory"]))


def _progressing(form: Mapping[str, Any]) -> Sequence[Step]:
    if any(each["progress"] > 100 for each in form["packages"]):
        raise Refused("Kemajuan paling besar 100%. · Progress is 100% at most.", field="packages")
    return _signed(form)


def _sealed(form: Mapping[str, Any]) -> Sequence[Step]:
    """Figures that a machine made take the seal, never a borrowed signature."""
    word_of(form)
    return (Step(order=1, act=Act.SEAL, person_id=None),)


def _table(name: str, label: Text, *columns: Field, required: bool = True) -> Field:
    return Field(name=name, label=label, input=Input.TABLE, columns=columns, required=required)


KINDS: Final = (
    PaperKind(
        name=REVENUE,
        title=Text("Laporan pendapatan", "Revenue report"),
        template="report.typ",
        fields=(
            *_WHEN,
            _table(
                "revenue",
                Text("Pendapatan", "Revenue"),
                Field(name="source", label=Text("Jenis", "Source")),
                Field(name="target", label=Text("Target (Rp)", "Target"), input=Input.NUMBER),
                Field(name="realised", label=Text("Realisasi (Rp)", "Realised"), input=Input.NUMBER),
            ),
            _REMARKS,
            _INITIALS,
            _SIGNATORY,
        ),
        steps=_signed,
        series=SERIES,
        content=sheets.revenue,
        secrecy=Secrecy.TERBATAS,
        preview=False,
    ),
    PaperKind(
        name=DAILY,
        title=Text("Laporan harian penerimaan (disegel)", "Daily receipts (sealed)"),
        template="report.typ",
        fields=(
            Field(name="day", label=Text("Tanggal", "Day"), input=Input.DAY),
            _table(
                "receipts",
                Text("Penerimaan", "Receipts"),
                Field(name="source", label=Text("Jenis", "Source")),
                Field(name="count", label=Text("Transaksi", "Payments"), input=Input.NUMBER),
                Field(name="amount", label=Text("Jumlah (Rp)", "Amount"), input=Input.NUMBER),
            ),
        ),
        steps=_sealed,
        series=SERIES,
        content=sheets.daily,
        secrecy=Secrecy.TERBATAS,
        preview=False,
    ),
    PaperKind(
        name=AUDIT,
        title=Text("Laporan hasil pemeriksaan", "Audit report"),
        template="report.typ",
        fields=(
            *_WHEN,
            Field(name="audited", label=Text("Yang diperiksa", "Audited")),
            _table(
                "findings",
                Text("Temuan", "Findings"),
                Field(name="finding", label=Text("Temuan", "Finding")),
                Field(name="recommendation", label=Text("Rekomendasi", "Recommendation")),
                Field(name="until", label=Text("Tenggat", "Until"), input=Input.DAY, required=False),
                required=False,
            ),
            Field(name="conclusion", label=Text("Simpulan", "Conclusion"), input=Input.TEXT),
            Field(
                name="initials", label=Text("Tim pemeriksa, berurutan", "The team, in order"), input=Input.SIGNATORIES
            ),
            Field(name="signatory", label=Text("Inspektur", "Inspector"), input=Input.SIGNATORY),
        ),
        steps=_signed,
        series=SERIES,
        content=sheets.audit,
        secrecy=Secrecy.RAHASIA,
        preview=False,
        personal=True,
    ),
    PaperKind(
        name=PROCUREMENT,
        title=Text("Laporan kemajuan pengadaan", "Procurement progress"),
        template="report.typ",
        fields=(
            *_WHEN,
            _table(
                "packages",
                Text("Paket", "Packages"),
                Field(name="package", label=Text("Paket", "Package")),
                Field(name="method", label=Text("Cara", "Method"), input=Input.CHOICE, choices=METHODS),
                Field(name="value", label=Text("Nilai (Rp)", "Value"), input=Input.NUMBER),
                Field(name="progress", label=Text("Kemajuan (%)", "Progress (%)"), input=Input.NUMBER),
            ),
            _REMARKS,
            _INITIALS,
            _SIGNATORY,
        ),
        steps=_progressing,
        series=SERIES,
        content=sheets.procurement,
        secrecy=Secrecy.TERBATAS,
        preview=False,
    ),
)
