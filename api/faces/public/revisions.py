"""A signed revision beside the file as it is now: what the page says and shows of it, and the bytes to take away."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.faces.public.privacy import Disclosure
from api.pages.text import Text
from verifier.errors import WorkerBusy
from verifier.model import ValidationReport
from verifier.pictures import ComparedPage, Comparison
from verifier.signed_revision import SignedRevision, signed_revisions

NOTHING_TO_SEE: Final = Text(
    "Pada {count} halaman yang dibandingkan tidak ada perbedaan yang terlihat.",
    "On the {count} pages compared, nothing looks different.",
)
SOMETHING_TO_SEE: Final = Text(
    "{count} halaman terlihat berbeda. Tempatnya diberi bingkai merah.",
    "{count} pages look different. The places are framed in red.",
)
MORE_TO_SEE: Final = Text(
    "Lebih dari {count} halaman terlihat berbeda; di sini {count} yang pertama.",
    "More than {count} pages look different; here are the first {count}.",
)
NOT_DRAWN: Final = Text(
    "Gambarnya tidak dapat dibuat. Unduh revisi yang ditandatangani dan bandingkan sendiri.",
    "No pictures can be made. Download the signed revision and compare it yourself.",
)

Draw = Callable[[bytes, SignedRevision], Comparison | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePair:
    """One page before and after; a picture is the address of its data, `None` where there is no such page."""

    number: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """A signed revision and what came after it."""

    number: int
    says: Text
    pairs: tuple[PagePair, ...]


def revision_of(report: ValidationReport, number: int) -> SignedRevision | None:
    """The signed revision with that number; `None` where no intact signature ends it."""
    return next((each for each in signed_revisions(report) if each.number == number), None)


def changed_revisions(report: ValidationReport, shows: Disclosure) -> tuple[SignedRevision, ...]:
    """Those after which a reader may see a difference, where pages may be shown."""
    return tuple(each for each in signed_revisions(report) if each.changed) if shows.pages else ()


def view_of_revision(pdf: bytes, revision: SignedRevision, draw: Draw) -> RevisionView:
    """Its page; without pictures where none can be made or nobody has time for them."""
    try:
        comparison = draw(pdf, revision)
    except WorkerBusy:
        comparison = None
    if comparison is None:
        return RevisionView(number=revision.number, says=NOT_DRAWN, pairs=())
    return RevisionView(number=revision.number, says=_said(comparison), pairs=tuple(map(_pair, comparison.changed)))


def _said(comparison: Comparison) -> Text:
    if not comparison.changed:
        return NOTHING_TO_SEE.fill(count=str(comparison.looked_at))
    return (MORE_TO_SEE if comparison.more else SOMETHING_TO_SEE).fill(count=str(len(comparison.changed)))


def _pair(page: ComparedPage) -> PagePair:
    return PagePair(number=page.page, before=_address(page.before), after=_address(page.after))


def _address(picture: bytes | None) -> str | None:
    return None if picture is None else "data:image/webp;base64," + base64.b64encode(picture).decode("ascii")
