"""Where the stamp goes: from a box on the page as people see it to a rectangle and a rotation in its user space."""

from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signer.errors import StampRefused
from signer.model import StampPlacement
from signer.pdf_objects import Dictionary, look_up, resolved
from signer.stamp import HEIGHT, WIDTH

MARGIN: Final = 28.0  # a centimetre: what office printers leave white
MIN_WIDTH: Final = 130.0
MIN_HEIGHT: Final = 44.0  # below this the QR's modules blur on a photocopy
_DEPTH: Final = 64

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A stamp's place in one page's user space."""

    rectangle: Box
    """Lower left and upper right corner, in the page's default user space."""
    matrix: tuple[float, ...]
    """Form matrix that turns the drawing against the page's own rotation."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page as it is shown: the visible box in user space, and how far it is turned clockwise."""

    box: Box
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        return (height, width) if self.rotation in (90, 270) else (width, height)


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


def place(placement: StampPlacement, page: Dictionary, taken: tuple[Box, ...]) -> Placed:
    """The stamp's rectangle on `page`.

    The drawing keeps its proportions inside the box that was asked for. Without a position it goes to the lower right
    corner, above any of the rectangles in `taken` (other signatures' widgets, user space) that are there already.
    """
    sheet = _sheet(page)
    width, height = _drawn_size(placement)
    across, up = sheet.size
    if placement.x is None or placement.y is None:
        x = across - MARGIN - width
        y = _free_height(x, width, height, [_as_seen(sheet, box) for box in taken])
    else:
        x = placement.x + (placement.width - width) / 2
        y = placement.y + (placement.height - height) / 2
    for name, low, high, most in (("x", x, x + width, across), ("y", y, y + height, up)):
        if low < 0 or high > most:
            raise StampRefused(
                f"The stamp would lie outside of the page, which is {across:g} by {up:g} points as seen.",
                field=f"stamp.{name}",
                reason="outside-page",
            )
    seen = (x, y, x + width, y + height)
    return Placed(rectangle=_in_user_space(sheet, seen), matrix=_MATRICES[sheet.rotation])


_MATRICES: Final[dict[int, tuple[float, ...]]] = {
    0: (1, 0, 0, 1, 0, 0),
    90: (0, 1, -1, 0, HEIGHT, 0),
    180: (-1, 0, 0, -1, WIDTH, HEIGHT),
    270: (0, -1, 1, 0, 0, WIDTH),
}


def _drawn_size(placement: StampPlacement) -> tuple[float, float]:
    scale = min(placement.width / WIDTH, placement.height / HEIGHT)
    width, height = WIDTH * scale, HEIGHT * scale
    if not (width >= MIN_WIDTH and height >= MIN_HEIGHT):
        raise StampRefused(
            f"The stamp would be too small to read. Give at least {MIN_WIDTH:g} by {MIN_HEIGHT:g} points.",
            field="stamp.width" if placement.width / WIDTH <= placement.height / HEIGHT else "stamp.height",
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


def _sheet(page: Dictionary) -> _Sheet:
    media = _box(_inherited(page, "/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    crop = _box(_inherited(page, "/CropBox")) or media
    visible = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    rotation = _inherited(page, "/Rotate")
    return _Sheet(visible, int(rotation or 0) // 90 * 90 % 360)


def _inherited(page: Dictionary, key: str) -> Any:
    """A page attribute, its own or an ancestor's (ISO 32000-2, 7.7.3.4)."""
    node = page
    for _ in range(_DEPTH):
        if (value := look_up(node, key)) is not None:
            return value
        node = look_up(node, "/Parent")
    return None


def _box(value: Any) -> Box | None:
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    x1, y1, x2, y2 = (float(resolved(corner)) for corner in value)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def rectangle_of(widget: Dictionary) -> Box | None:
    """A widget's rectangle when it shows anything."""
    box = _box(look_up(widget, "/Rect"))
    return box if box is not None and box[0] < box[2] and box[1] < box[3] else None


def _in_user_space(sheet: _Sheet, seen: Box) -> Box:
    """From the page as seen (origin at its lower left) to user space."""
    left, bottom, right, top = sheet.box
    x1, y1, x2, y2 = seen
    if sheet.rotation == 90:
        return right - y2, bottom + x1, right - y1, bottom + x2
    if sheet.rotation == 180:
        return right - x2, top - y2, right - x1, top - y1
    if sheet.rotation == 270:
        return left + y1, top - x2, left + y2, top - x1
    return left + x1, bottom + y1, left + x2, bottom + y2


def _as_seen(sheet: _Sheet, box: Box) -> Box:
    """From user space to the page as seen; the inverse of `_in_user_space`."""
    left, bottom, right, top = sheet.box
    x1, y1, x2, y2 = box
    if sheet.rotation == 90:
        return y1 - bottom, right - x2, y2 - bottom, right - x1
    if sheet.rotation == 180:
        return right - x2, top - y2, right - x1, top - y1
    if sheet.rotation == 270:
        return top - y2, x1 - left, top - y1, x2 - left
    return x1 - left, y1 - bottom, x2 - left, y2 - bottom
