"""Where a text stands on the pages of a stranger's document. Imports pypdfium2; runs only in the worker."""

import ctypes
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from verifier.limits import Limits
from verifier.places import Place
from verifier.preview import NotDrawable

_MOST: Final = 1_000
"""Places that are told; whoever looks for one of so many looks for no tag."""


def find_text(pdf: bytes, text: str, limits: Limits) -> tuple[Place, ...]:
    """Every place of `text`, letter by letter the same, in the order of pages and of what is drawn on them.

    A text may be drawn in several pieces and in any font that says which characters its glyphs are. Raises
    `NotDrawable` where the file cannot be read.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise NotDrawable("the file cannot be read as PDF") from error
    if len(document) > limits.pages:
        raise NotDrawable(f"more than {limits.pages} pages")
    found: list[Place] = []
    for index in range(len(document)):
        try:
            page = document[index]
            content = page.get_textpage()
        except pypdfium2.PdfiumError as error:
            raise NotDrawable(f"page {index + 1} cannot be read") from error
        found.extend(_on_page(index, content, text))
        content.close()
        page.close()
        if len(found) > _MOST:
            raise NotDrawable(f"the text stands in more than {_MOST} places")
    return tuple(found)


def _on_page(index: int, content: Any, text: str) -> Iterator[Place]:
    search = content.search(text, match_case=True)
    while (hit := search.get_next()) is not None:
        start, count = hit
        boxes = [content.get_charbox(each) for each in range(start, start + count)]
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(content.raw, start, x, y)
        left, bottom, right, top = zip(*boxes, strict=True)
        yield Place(
            page_index=index,
            origin=(x.value, y.value),
            box=(min(left), min(bottom), max(right), max(top)),
        )
