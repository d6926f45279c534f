"""A drawn stamp as the appearance of a signature's widget (ISO 32000-2, 12.5.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signer.drawings import import_pages
from signer.empty_field import widget_of
from signer.page_content import artifact_box
from signer.page_marks import PageMarks
from signer.pdf_objects import Dictionary, elements, look_up, numbers, resolved
from signer.placement import Placed, place
from signer.revision import Revision
from signer.sheet import Box, box_of
from signer.spot import Spot

_PRINT: Final = 4  # ISO 32000-2, Table 167
MOST_ANNOTATIONS: Final = 10_000
"""Of one page; beyond that nobody looks for other signatures to stand clear of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStamp:
    """A drawing, and where it is wanted."""

    drawing: bytes
    """A PDF of one page, fonts embedded."""
    spot: Spot

    def place_on(self, revision: Revision) -> Placed:
        """Its place on the page as it is; `StampRefused` where it does not fit."""
        page = revision.find_page_for_modification(self.spot.page_index)[0].get_object()
        return place(self.spot, page, tuple(taken_on(page)))

    def attach(self, revision: Revision, placed: Placed, field: generic.DictionaryObject) -> None:
        """Give `field`'s widget the drawing, turned so that it stands upright on a rotated page."""
        (form,) = import_pages(revision, self.drawing)
        drawn = form.get_object()
        drawn[pdf_name("/Matrix")] = numbers(placed.matrix)
        drawn[pdf_name("/BBox")] = numbers(placed.drawing)
        widget = widget_of(field)
        widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): form})
        if self.spot.field is not None:
            widget[pdf_name("/F")] = generic.NumberObject(int(look_up(widget, "/F") or 0) | _PRINT)
            revision.update_container(widget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What people see of a signature: its stamp, and the marks on every page that came with it."""

    stamp: DrawnStamp | None
    marks: PageMarks | None


def taken_on(page: Dictionary) -> Iterator[Box]:
    """Where the page has our footer, and rectangles of the signature widgets that it shows already."""
    footer = artifact_box(page)
    if footer is not None:
        yield footer
    for reference in islice(elements(page, "/Annots"), MOST_ANNOTATIONS):
        annotation = resolved(reference)
        if look_up(annotation, "/FT") == "/Sig":
            box = rectangle_of(annotation)
            if box is not None:
                yield box


def rectangle_of(widget: Dictionary) -> Box | None:
    """A widget's rectangle when it shows anything."""
    box = box_of(look_up(widget, "/Rect"))
    return box if box is not None and box[0] < box[2] and box[1] < box[3] else None
