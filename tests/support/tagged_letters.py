"""Letters with tags in their text and with empty signature fields, and a finder that reads them in this process."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from signer.model import FoundText
from tests.support.letters import blank, saved
from verifier.limits import Limits
from verifier.text_search import find_text


class PagesHere:
    """`signer.ports.TextFinder` without the other process; the same function reads."""

    def find(self, document: bytes, text: str) -> tuple[FoundText, ...]:
        return tuple(
            FoundText(page_index=each.page_index, origin=each.origin, box=each.box)
            for each in find_text(document, text, Limits())
        )


def with_text(
    *drawn: bytes, size: tuple[float, float] = (595, 842), rotate: int = 0, crop: tuple[float, ...] = (), unit: int = 1
) -> bytes:
    """One page for each of `drawn`, operators between BT and ET in Helvetica of 12 points."""
    pdf = blank(len(drawn), size=size, rotate=rotate)
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for page, operators in zip(pdf.pages, drawn, strict=True):
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        page.obj.Contents = pdf.make_stream(b"BT /F1 12 Tf " + operators + b" ET")
        if crop:
            page.obj.CropBox = Array(crop)
        if unit != 1:
            page.obj.UserUnit = unit
    return saved(pdf)


def with_field(
    *,
    rectangle: tuple[float, float, float, float] = (300, 100, 510, 172),
    flags: int = 4,
    split: bool = False,
    rotate: int = 0,
    **entries: pikepdf.Object,
) -> bytes:
    """Two pages; on the second one an empty signature field `Kolom 1`, apart from its widget where `split`."""
    pdf = blank(2, rotate=rotate)
    page = pdf.pages[1].obj
    widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array(rectangle), F=flags, P=page)
    field = Dictionary(FT=Name.Sig, T=String("Kolom 1"), **entries)
    if split:
        reference = pdf.make_indirect(field)
        kid = pdf.make_indirect(widget)
        kid.Parent = reference
        reference.Kids = Array([kid])
    else:
        for key, value in widget.items():
            field[key] = value
        reference = kid = pdf.make_indirect(field)
    page.Annots = Array([kid])
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([reference]), SigFlags=1))
    return saved(pdf)


def widgets(pdf: bytes, page: int = -1) -> list[tuple[float, ...]]:
    """Rectangles of the annotations of one page."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [tuple(round(float(c), 2) for c in each.Rect) for each in opened.pages[page].Annots]
