"""The one print of a file that was signed: counted, with QR and code on every page. The rest stays in the application.

The print shows the pages as they were signed, and carries no signature itself: who holds the paper compares it with
the original on Teken's page.
"""

import io
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pypdfium2
import segno

from eoffice.errors import NotYours, Refused
from eoffice.features.accountability.bundles import FEATURE, SIGNED
from eoffice.model import Paper, Person, Record, Role

if TYPE_CHECKING:
    from eoffice.compose import Office

PRINT: Final = "print"
VALID: Final = "valid"
SPOILT: Final = "spoilt"
TEMPLATE: Final = "accountability_print.typ"
_DOTS_PER_INCH: Final = 200
_QUALITY: Final = 85
_ONE_AT_A_TIME: Final = Lock()
"""pdfium is not made for several threads."""


def prints_of(office: "Office", bundle: Record) -> list[Record]:
    """Every print of it, the first one first."""
    made = [] if bundle.paper_id is None else office.records.of_paper(bundle.paper_id)
    return sorted((each for each in made if each.kind == PRINT), key=lambda each: int(each.data["turn"]))


def print_once(office: "Office", person: Person, bundle: Record) -> bytes:
    """The print as a PDF, to its gatherer or a leader: the first who asks gets it, and nobody after.

    Raises `NotYours`; `Refused` where it is not signed, or printed already.
    """
    if person.id != bundle.owner_id and Role.LEADER not in person.roles:
        raise NotYours("Penyusun atau pimpinan mencetaknya. · Its gatherer or a leader prints it.", field="role")
    if bundle.state != SIGNED:
        raise Refused("Belum ditandatangani semua pihak. · Not signed by everybody.", field="print")
    before = prints_of(office, bundle)
    if any(each.state == VALID for each in before):
        raise _printed_already()
    paper, turn = office.papers.get(bundle.paper_id or ""), len(before) + 1
    content = drawn(office, paper, code=bundle.data["short_code"], turn=turn)
    at = office.now()
    made = Record(
        id=office.new_id(),
        feature=FEATURE,
        kind=PRINT,
        key=f"{paper.id}:{turn}",
        agency_id=bundle.agency_id,
        owner_id=person.id,
        state=VALID,
        paper_id=paper.id,
        data={"turn": turn, "pages": len(pypdfium2.PdfDocument(content)), "sha256": office.files.keep(content)},
        created_at=at,
        changed_at=at,
    )
    if not office.records.add_once(made)[1]:
        raise _printed_already()
    return content


def spoil(office: "Office", person: Person, bundle: Record, *, reason: str) -> None:
    """Declare the print spoilt, so that another takes its place; both are counted. Raises `NotYours`, `Refused`."""
    if Role.LEADER not in person.roles:
        raise NotYours("Pimpinan yang menyatakannya rusak. · A leader declares this.", field="role")
    valid = [each for each in prints_of(office, bundle) if each.state == VALID]
    if not valid:
        raise Refused("Belum dicetak. · Not printed yet.", field="print")
    (one,) = valid
    data = {**one.data, "reason": reason, "by": person.id}
    office.records.change(one.id, version=one.version, state=SPOILT, data=data, at=office.now())


def drawn(office: "Office", paper: Paper, *, code: str, turn: int) -> bytes:
    """The print of a signed paper."""
    pages = page_pictures(office.files.read(paper.signed or ""))
    day = paper.dated or office.today()
    address = urlsplit(paper.page or "")
    data = {
        "title": f"Cetakan {paper.subject}",
        "agency": office.people.agencies()[paper.agency_id].name,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "qr": _qr(paper.page or ""),
        "address": f"{address.scheme}://{address.netloc}",
        "code": code,
        "single": f"Cetakan tunggal{f' (pengganti, ke-{turn})' if turn > 1 else ''}. Berkas lengkap ada di aplikasi.",
        "pages": [
            {
                "picture": f"page-{number}",
                "number": str(number),
                "alt": f"Halaman {number} dari {len(pages)} naskah asli",
            }
            for number in range(1, len(pages) + 1)
        ],
    }
    pictures = {f"page-{number}": picture for number, picture in enumerate(pages, start=1)}
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return office.printer.draw(TEMPLATE, data, at=at, pictures=pictures).pdf


def page_pictures(pdf: bytes) -> list[bytes]:
    """Each page as a JPEG, its stamps with it. Only for pages that this office drew and Teken signed."""
    with _ONE_AT_A_TIME, pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        return [_picture(page) for page in document]


def _picture(page: Any) -> bytes:
    out = io.BytesIO()
    page.render(scale=_DOTS_PER_INCH / 72, may_draw_forms=True).to_pil().convert("RGB").save(
        out, "JPEG", quality=_QUALITY
    )
    return out.getvalue()


def _qr(address: str) -> str:
    out = io.BytesIO()
    code = segno.make_qr(address, error="m", boost_error=False)
    code.save(out, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return out.getvalue().decode("ascii")


def _printed_already() -> Refused:
    return Refused(
        "Sudah dicetak. SPJ dicetak sekali saja; berkas lengkapnya ada di sini. · Printed already. It is printed "
        "once; the whole file is here.",
        field="print",
    )
