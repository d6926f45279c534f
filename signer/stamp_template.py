"""A stamp template as the painter has it; `stamp_reading.py` makes one from a folder and checks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class StampKind(Enum):
    """What a template draws."""

    SIGNATURE = "signature"
    PARAF = "paraf"
    """Initials: an act of its own, never called a signature."""
    FOOTER = "footer"
    """A mark on every page, drawn before the first signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampTemplate:
    """One template, checked."""

    name: str
    version: str
    kind: StampKind
    agencies: frozenset[str]
    """Agencies that get it without asking, casefolded."""
    width: float
    """Of the drawing, in points; so are all lengths here. A footer has the width of its page instead."""
    height: float
    side: float
    """Of a footer: from the left and right edges of its page."""
    bottom: float
    """Of a footer: from the lower edge."""
    least_width: float
    """Below this it would not be readable."""
    least_height: float
    fonts: tuple[str, ...]
    """Families, the first one first; what they lack is refused, not drawn as a box."""
    colours: Mapping[str, str]
    sizes: Mapping[str, float]
    words: Mapping[str, str]
    logo: str | None
    """File in `folder`."""
    logo_alt: str | None
    drawing: str
    """Typst source."""
    folder: Path
