"""Where the stamp goes: from a box on the page as people see it to a rectangle and a rotation in its user space."""

from dataclasses import dataclass
from typing import Final

from signer.errors import StampRefused
from signer.model import FoundText
from signer.pdf_objects import Dictionary
from signer.sheet import Box, Sheet, sheet_of
from signer.spot import Spot
from signer.stamp_template import StampTemplate

MARGIN: Final = 28.0  # a centimetre: what office printers leave white


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A stamp's place in one page's user space."""

    rectangle: Box
    """Lower left and upper right corner, in the page's default user space."""
    matrix: tuple[float, ...]
    """Form matrix that turns the drawing against the page's own rotation."""
    drawing: Box
    """What of the drawing's own space fills the rectangle; larger than the drawing where proportions differ."""


def place(spot: Spot, page: Dictionary, taken: tuple[Box, ...]) -> Placed:
    """The rectangle of the stamp on `page`.

    The drawing keeps its proportions inside the box that was asked for. Without a position it goes to the lower right
    corner, above any of the rectangles in `taken` (other signatures' widgets, our footer; user space).
    """
    sheet, template = sheet_of(page), spot.template
    if template is None:
        return _marked(sheet, spot)
    if spot.field is not None:
        return _in_field(sheet, spot.field.rectangle, template)
    asked = spot.placement.width or template.width, spot.placement.height or template.height
    width, height = drawn_size(asked, template)
    if spot.tag is not None:
        x, y = _over_tag(sheet, spot.tag, width, height)
    elif spot.placement.x is None or spot.placement.y is None:
        x = sheet.size[0] - MARGIN - width
        y = _free_height(x, width, height, [sheet.as_seen(box) for box in taken])
    else:
        x = spot.placement.x + (asked[0] - width) / 2
        y = spot.placement.y + (asked[1] - height) / 2
    _require_on_page(sheet, (x, y, x + width, y + height))
    return Placed(
        rectangle=sheet.in_user_space((x, y, x + width, y + height)),
        matrix=sheet.upright(),
        drawing=(0.0, 0.0, template.width, template.height),
    )


def _marked(sheet: Sheet, spot: Spot) -> Placed:
    """The box that was asked for, moved onto the page, smaller only where the page is; the drawing fills it."""
    asked = spot.placement
    across, up = sheet.size
    width, height = min(asked.width or 0.0, across), min(asked.height or 0.0, up)
    if not (width > 0 and height > 0):
        raise StampRefused("A mark needs a width and a height.", field="stamp.width", reason="too-small")
    if spot.tag is not None:
        x, y, _, _ = sheet.as_seen((*spot.tag.origin, *spot.tag.origin))
        x, y = x - width / 2, y - height / 2
    else:
        x, y = asked.x or 0.0, asked.y or 0.0
        y = up - y - height if asked.from_top else y
    x, y = max(0.0, min(x, across - width)), max(0.0, min(y, up - height))
    return Placed(
        rectangle=sheet.in_user_space((x, y, x + width, y + height)),
        matrix=sheet.upright(),
        drawing=(0.0, 0.0, width, height),
    )


def _require_on_page(sheet: Sheet, seen: Box) -> None:
    across, up = sheet.size
    for name, low, high, most in (("x", seen[0], seen[2], across), ("y", seen[1], seen[3], up)):
        if low < 0 or high > most:
            raise StampRefused(
                f"The stamp would lie outside of the page, which is {across:g} by {up:g} points as seen.",
                field=f"stamp.{name}",
                reason="outside-page",
            )


def _in_field(sheet: Sheet, rectangle: Box, template: StampTemplate) -> Placed:
    """The drawing in the middle of a field's own rectangle."""
    left, bottom, right, top = sheet.as_seen(rectangle)
    width, _ = drawn_size((right - left, top - bottom), template, field="stamp.field")
    scale = width / template.width
    beside = ((right - left) / scale - template.width) / 2
    above = ((top - bottom) / scale - template.height) / 2
    return Placed(
        rectangle=rectangle,
        matrix=sheet.upright(),
        drawing=(-beside, -above, template.width + beside, template.height + above),
    )


def _over_tag(sheet: Sheet, tag: FoundText, width: float, height: float) -> tuple[float, float]:
    """Centred on the origin of the tag's first glyph, moved as little as it takes to cover the tag on the page."""
    x, y, _, _ = sheet.as_seen((*tag.origin, *tag.origin))
    left, bottom, right, top = sheet.as_seen(tag.box)
    if not (0 <= x <= sheet.size[0] and 0 <= y <= sheet.size[1]):
        raise StampRefused("The tag stands outside of the page.", field="stamp.tag", reason="outside-page")
    if right - left > width or top - bottom > height:
        raise StampRefused("The tag is larger than the stamp.", field="stamp.tag", reason="too-small")
    return (
        _covering(x - width / 2, width, (left, right), sheet.size[0]),
        _covering(y - height / 2, height, (bottom, top), sheet.size[1]),
    )


def _covering(start: float, length: float, tag: tuple[float, float], most: float) -> float:
    start = min(max(start, tag[1] - length), tag[0])
    return max(0.0, min(start, most - length))


def drawn_size(asked: tuple[float, float], template: StampTemplate, *, field: str | None = None) -> tuple[float, float]:
    """The largest size with the drawing's proportions inside of `asked`; `StampRefused` where it cannot be read."""
    across, up = asked[0] / template.width, asked[1] / template.height
    width, height = template.width * min(across, up), template.height * min(across, up)
    if not (width >= template.least_width and height >= template.least_height):
        raise StampRefused(
            "The stamp would be too small to read. Give at least "
            f"{template.least_width:g} by {template.least_height:g} points.",
            field=field or ("stamp.width" if across <= up else "stamp.height"),
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
