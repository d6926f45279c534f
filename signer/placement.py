"""Where the stamp goes: from a box on the page as people see it to a rectangle and a rotation in its user space."""

from dataclasses import dataclass
from typing import Final

from signer.errors import StampRefused
from signer.model import StampPlacement
from signer.pdf_objects import Dictionary
from signer.sheet import Box, sheet_of
from signer.stamp_template import StampTemplate

MARGIN: Final = 28.0  # a centimetre: what office printers leave white


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A stamp's place in one page's user space."""

    rectangle: Box
    """Lower left and upper right corner, in the page's default user space."""
    matrix: tuple[float, ...]
    """Form matrix that turns the drawing against the page's own rotation."""


def page_index(placement: StampPlacement, page_count: int) -> int:
    """The page meant, from 0; `StampRefused` where there is none."""
    index = placement.page - 1 if placement.page > 0 else page_count + placement.page
    if placement.page == 0 or not 0 <= index < page_count:
        raise StampRefused(
            f"The document has {page_count} pages. Give a page from 1, or from -1 backwards.",
            field="stamp.page",
            reason="no-such-page",
        )
    return index


def place(placement: StampPlacement, template: StampTemplate, page: Dictionary, taken: tuple[Box, ...]) -> Placed:
    """The rectangle of a stamp drawn by `template` on `page`.

    The drawing keeps its proportions inside the box that was asked for. Without a position it goes to the lower right
    corner, above any of the rectangles in `taken` (other signatures' widgets, user space) that are there already.
    """
    sheet = sheet_of(page)
    asked = placement.width or template.width, placement.height or template.height
    width, height = drawn_size(asked, template)
    across, up = sheet.size
    if placement.x is None or placement.y is None:
        x = across - MARGIN - width
        y = _free_height(x, width, height, [sheet.as_seen(box) for box in taken])
    else:
        x = placement.x + (asked[0] - width) / 2
        y = placement.y + (asked[1] - height) / 2
    for name, low, high, most in (("x", x, x + width, across), ("y", y, y + height, up)):
        if low < 0 or high > most:
            raise StampRefused(
                f"The stamp would lie outside of the page, which is {across:g} by {up:g} points as seen.",
                field=f"stamp.{name}",
                reason="outside-page",
            )
    return Placed(rectangle=sheet.in_user_space((x, y, x + width, y + height)), matrix=sheet.upright())


def drawn_size(asked: tuple[float, float], template: StampTemplate) -> tuple[float, float]:
    """The largest size with the drawing's proportions inside of `asked`; `StampRefused` where it cannot be read."""
    across, up = asked[0] / template.width, asked[1] / template.height
    width, height = template.width * min(across, up), template.height * min(across, up)
    if not (width >= template.least_width and height >= template.least_height):
        raise StampRefused(
            "The stamp would be too small to read. Give at least "
            f"{template.least_width:g} by {template.least_height:g} points.",
            field="stamp.width" if across <= up else "stamp.height",
            reason="too-small",
        )
    return width, height


def _free_height(x: float, width: float, height: float, taken: list[Box]) -> float:
    """The lowest place at `x` from the margin up that overlaps nothing in `taken`."""
    y = MARGIN
    for left, bottom, right, top in sorted(taken, key=lambda box: box[1]):
        if left < x + width and right > x and bottom < y + height and top > y:
            y = top + MARGIN / 4
    return y
