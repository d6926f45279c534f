"""A mark on every page, drawn before the first signature and so covered by it; afterwards a page stays as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from signer.drawings import import_pages
from signer.errors import StampRefused
from signer.intake import Intake, reading_a_strangers_pdf
from signer.model import SigningAct
from signer.page_content import add_artifact
from signer.page_tree import pages_of
from signer.revision import Revision
from signer.sheet import Box, Sheet, sheet_of
from signer.stamp_template import StampTemplate

MOST_PAGES: Final = 300
"""Some 3 ms a page; a longer document is marked where it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMarks:
    """The footer of one signing."""

    template: StampTemplate
    draw: Callable[[Sequence[float]], tuple[bytes, ...]]
    """From the width of each page's strip to PDFs that together have a page for each of them."""

    def rehearse(self, intake: Intake) -> None:
        """Draw the strip of the narrowest page. Raises `StampRefused` where it, or a text of it, does not fit, and
        `DocumentRefused`."""
        with reading_a_strangers_pdf():
            pages = pages_of(intake.reader.root, at_most=MOST_PAGES)
            narrowest = min(self._widths([sheet_of(page.get_object()) for page in pages]))
        self.draw([narrowest])

    def lay_on(self, revision: Revision) -> None:
        """Add the strip to every page. Raises `StampRefused` where a page is too narrow for it."""
        pages = list(pages_of(revision.root, at_most=MOST_PAGES))
        sheets = [sheet_of(page.get_object()) for page in pages]
        template, widths = self.template, self._widths(sheets)
        forms = [form for drawing in self.draw(widths) for form in import_pages(revision, drawing)]
        for page, sheet, form in zip(pages, sheets, forms, strict=True):
            left, bottom, _, _ = strip(template, sheet)
            add_artifact(revision, page, form, _matrix(sheet, left, bottom))

    def _widths(self, sheets: Sequence[Sheet]) -> list[float]:
        widths = [sheet.size[0] - 2 * self.template.side for sheet in sheets]
        if min(widths) < self.template.least_width:
            raise _refused("A page is too narrow for the footer.", "page-too-narrow")
        return widths


def strip(footer: StampTemplate, sheet: Sheet) -> Box:
    """Where a footer goes on a page, as seen."""
    return footer.side, footer.bottom, sheet.size[0] - footer.side, footer.bottom + footer.height


def require_markable(intake: Intake, act: SigningAct) -> None:
    """It comes with a signature, nobody signed yet, and the pages are not too many. Raises `StampRefused`."""
    if act is not SigningAct.SIGNATURE:
        raise _refused("A footer speaks of a signature, so it does not come with initials.", "not-with-initials")
    if intake.signatures:
        raise _refused("The document is signed already, so its pages stay as they are.", "already-signed")
    if intake.page_count > MOST_PAGES:
        raise _refused(f"The document has more than {MOST_PAGES} pages.", "too-many-pages")


def _matrix(sheet: Sheet, x: float, y: float) -> bytes:
    """From the strip, whose lower left corner is at `x`, `y` of the page as seen, to user space."""
    left, bottom, _, _ = sheet.in_user_space((x, y, x, y))
    turned = [number / sheet.unit for number in sheet.upright()[:4]]
    return b" ".join(b"%.5f" % number for number in (*turned, left, bottom))


def _refused(message: str, reason: str) -> StampRefused:
    return StampRefused(message, field="footer", reason=reason)
