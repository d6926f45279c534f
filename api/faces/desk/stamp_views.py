"""A stamp's place as the pages draw it: from the upper edge, as pictures count, and in millimetres, as people do."""

from dataclasses import dataclass
from typing import Final

from signer.placing import SeenPlace
from signer.sheet import Box

MM: Final = 72 / 25.4
"""Points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The stamp on the page that is looked at: points from the left and upper edge, and the same for people."""

    x: float
    y: float
    width: float
    height: float

    @property
    def fields(self) -> dict[str, str]:
        """Left, top and width in millimetres."""
        return {name: f"{value / MM:.1f}" for name, value in (("left", self.x), ("top", self.y), ("width", self.width))}


def stamp_on(seen: SeenPlace) -> Drawn:
    """The stamp of a page that is looked at."""
    return from_top(seen.stamp, seen.size[1])


def from_top(box: Box, up: float) -> Drawn:
    """A box of a page that is `up` points high."""
    left, bottom, right, top = box
    return Drawn(x=left, y=up - top, width=right - left, height=top - bottom)
