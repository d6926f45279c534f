"""A page as people see it: crop, rotation and unit applied, origin at its lower left, lengths in 1/72 inch."""

from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signer.pdf_objects import Dictionary, look_up, resolved

_DEPTH: Final = 64
_LETTER: Final = (0.0, 0.0, 612.0, 792.0)  # what readers show where no MediaBox is

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page's geometry (ISO 32000-2, 7.7.3.3)."""

    box: Box
    """What is visible, in the page's default user space."""
    rotation: int
    """Clockwise: 0, 90, 180 or 270."""
    unit: float
    """Points in one unit of user space."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as seen."""
        width, height = ((self.box[2] - self.box[0]) * self.unit, (self.box[3] - self.box[1]) * self.unit)
        return (height, width) if self.rotation in (90, 270) else (width, height)

    def in_user_space(self, seen: Box) -> Box:
        """From the page as seen to user space."""
        left, bottom, right, top = self.box
        x1, y1, x2, y2 = (length / self.unit for length in seen)
        if self.rotation == 90:
            return right - y2, bottom + x1, right - y1, bottom + x2
        if self.rotation == 180:
            return right - x2, top - y2, right - x1, top - y1
        if self.rotation == 270:
            return left + y1, top - x2, left + y2, top - x1
        return left + x1, bottom + y1, left + x2, bottom + y2

    def as_seen(self, box: Box) -> Box:
        """From user space to the page as seen; the inverse of `in_user_space`."""
        left, bottom, right, top = self.box
        x1, y1, x2, y2 = box
        if self.rotation == 90:
            seen = y1 - bottom, right - x2, y2 - bottom, right - x1
        elif self.rotation == 180:
            seen = right - x2, top - y2, right - x1, top - y1
        elif self.rotation == 270:
            seen = top - y2, x1 - left, top - y1, x2 - left
        else:
            seen = x1 - left, y1 - bottom, x2 - left, y2 - bottom
        return seen[0] * self.unit, seen[1] * self.unit, seen[2] * self.unit, seen[3] * self.unit

    def upright(self) -> tuple[float, ...]:
        """Matrix that turns a drawing against the page's own rotation."""
        return _UPRIGHT[self.rotation]


_UPRIGHT: Final[dict[int, tuple[float, ...]]] = {
    0: (1, 0, 0, 1, 0, 0),
    90: (0, 1, -1, 0, 0, 0),
    180: (-1, 0, 0, -1, 0, 0),
    270: (0, -1, 1, 0, 0, 0),
}


def sheet_of(page: Dictionary) -> Sheet:
    """The geometry of `page`; raises what the document's broken numbers raise."""
    media = box_of(inherited(page, "/MediaBox")) or _LETTER
    crop = box_of(inherited(page, "/CropBox")) or media
    visible = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    unit = float(look_up(page, "/UserUnit") or 1)
    if not (0.1 <= unit <= 1000 and visible[0] < visible[2] and visible[1] < visible[3]):
        raise ValueError("a page without area")
    return Sheet(box=visible, rotation=int(inherited(page, "/Rotate") or 0) // 90 * 90 % 360, unit=unit)


def box_of(value: Any) -> Box | None:
    """An array of four numbers as a box, corners in order; `None` for anything else."""
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    x1, y1, x2, y2 = (float(resolved(corner)) for corner in value)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def inherited(page: Dictionary, key: str) -> Any:
    """A page attribute, its own or an ancestor's (ISO 32000-2, 7.7.3.4)."""
    node = page
    for _ in range(_DEPTH):
        if (value := look_up(node, key)) is not None:
            return value
        node = look_up(node, "/Parent")
    return None
