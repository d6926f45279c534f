"""One stamp's page and place, and how it is drawn; `spots.py` finds it."""

from dataclasses import dataclass

from signer.empty_field import EmptyField
from signer.errors import StampRefused
from signer.model import FoundText, Mark, StampPlacement, TagPlace
from signer.stamp_template import StampTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One stamp's page and place, and how it is drawn."""

    page_index: int
    """From 0."""
    placement: StampPlacement
    """As asked, a saved box filled in."""
    template: StampTemplate | None
    """`None` where a mark is drawn."""
    tag: FoundText | None = None
    """The text that it covers."""
    matches: int = 0
    """How many places of the tag there are."""
    field: EmptyField | None = None
    """The field that is signed, and whose rectangle it keeps."""

    @property
    def mark(self) -> Mark | None:
        """What is drawn instead of a template."""
        return self.placement.mark

    @property
    def tag_place(self) -> TagPlace | None:
        """Where the tag was found; `None` without one."""
        return None if self.tag is None else TagPlace(page=self.page_index + 1, matches=self.matches)


def page_index(placement: StampPlacement, page_count: int) -> int:
    """The page meant, from 0; `StampRefused` where there is none."""
    page = -1 if placement.page is None else placement.page
    index = page - 1 if page > 0 else page_count + page
    if page == 0 or not 0 <= index < page_count:
        raise StampRefused(
            f"The document has {page_count} pages. Give a page from 1, or from -1 backwards.",
            field="stamp.page",
            reason="no-such-page",
        )
    return index
