"""What four numbers of v1 mean: a lower left corner, and beside it another corner or a size. Points, from below."""

from dataclasses import dataclass

from signer.api_credentials import GeometryReading


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkBox:
    """Where a mark shall be, before the page moves it inside."""

    x: float
    y: float
    width: float
    height: float


def box_of(x: float, y: float, width: float, height: float, *, reading: GeometryReading, default: float) -> MarkBox:
    """The box that is meant. A width or height of zero takes `default`; a corner is one only where both are beyond."""
    beyond = width > x and height > y
    if beyond and reading is not GeometryReading.SIZE:
        return MarkBox(x=x, y=y, width=width - x, height=height - y)
    if reading is GeometryReading.CORNER:
        width, height = max(width - x, 0.0), max(height - y, 0.0)
    return MarkBox(x=x, y=y, width=width or default, height=height or default)
