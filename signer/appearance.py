"""A drawn stamp as the appearance of a signature's widget (ISO 32000-2, 12.5.5)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.model import StampPlacement
from signer.pdf_objects import Dictionary, elements, look_up, resolved
from signer.placement import Placed, place
from signer.revision import Revision
from signer.sheet import Box, box_of
from signer.stamp_template import StampTemplate

_MAX_ANNOTATIONS: Final = 10_000  # of one page; beyond that nobody looks for other signatures to stand clear of


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """A drawing, and where it is wanted."""

    drawing: bytes
    """A PDF of one page, fonts embedded."""
    page_index: int
    """From 0."""
    placement: StampPlacement
    template: StampTemplate
    """Whose drawing it is."""

    def place_on(self, revision: Revision) -> Placed:
        """Its place on the page as it is; `StampRefused` where it does not fit."""
        page = revision.find_page_for_modification(self.page_index)[0].get_object()
        return place(self.placement, self.template, page, tuple(_visible_signatures(page)))

    def attach(self, revision: Revision, placed: Placed, widget: generic.DictionaryObject) -> None:
        """Give `widget` the drawing, turned so that it stands upright on a rotated page."""
        form = revision.import_page_as_xobject(PdfFileReader(io.BytesIO(self.drawing)))
        form.get_object()[pdf_name("/Matrix")] = generic.ArrayObject(map(generic.FloatObject, placed.matrix))
        widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): form})


def _visible_signatures(page: generic.DictionaryObject) -> Iterator[Box]:
    """Rectangles of the signature widgets that the page shows already."""
    for reference in islice(elements(page, "/Annots"), _MAX_ANNOTATIONS):
        annotation = resolved(reference)
        if look_up(annotation, "/FT") == "/Sig":
            box = rectangle_of(annotation)
            if box is not None:
                yield box


def rectangle_of(widget: Dictionary) -> Box | None:
    """A widget's rectangle when it shows anything."""
    box = box_of(look_up(widget, "/Rect"))
    return box if box is not None and box[0] < box[2] and box[1] < box[3] else None
