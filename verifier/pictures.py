"""Two versions of pages in pictures, as they cross the pipe."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPage:
    """One page that looks different; pictures are WebP, with the changed places framed."""

    page: int
    """From 1."""
    frames: int
    """How many places are framed; 0 where the page was added or taken away."""
    before: bytes | None
    """`None` where the signed revision has no such page."""
    after: bytes | None
    """`None` where the file has no such page any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A signed revision beside the file as it is now."""

    pages_before: int
    pages_after: int
    looked_at: int
    """How many pages were compared; fewer than there are where there are many."""
    changed: tuple[ComparedPage, ...]
    more: bool
    """Whether further pages look different and are not shown."""
