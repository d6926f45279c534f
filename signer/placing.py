"""A signatory puts the stamp of a document that waits where they want it, before they consent to it.

Whichever way a place is named, it is kept as page, position and size, so that what is consented to needs no search.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final, Protocol

from signer.activation import ActivationKind, ActivationRequest, ActivationState, RequestedDocument, task_of
from signer.activation_requests import RequestStore
from signer.acts import Examined
from signer.appearance import MOST_ANNOTATIONS, rectangle_of, taken_on
from signer.approving import Approving
from signer.errors import ActivationRefused, StampRefused
from signer.intake import Intake, reading_a_strangers_pdf
from signer.model import SigningAct, SigningTask, StampPlacement
from signer.page_marks import strip
from signer.pdf_objects import Dictionary, elements, look_up, resolved
from signer.placement import place
from signer.sheet import Box, Sheet, sheet_of
from signer.spot import Spot
from signer.stamp_boxes import StampBoxes
from signer.stamp_template import StampTemplate

MOST_MOVES: Final = 200
"""Moves of one request; each is an entry in the trail."""
_HUNDREDTH: Final = 100  # of a point: finer than any printer
_KINDS: Final = (ActivationKind.DOCUMENTS, ActivationKind.STEP)


class OwnPlaces(Protocol):
    """Where people keep their places: one for each kind of letter and each act."""

    def of(self, signatory_id: str, act: SigningAct, kind: str | None, /) -> StampPlacement | None: ...

    def keep(
        self, signatory_id: str, act: SigningAct, kind: str | None, place: StampPlacement, /, *, at: datetime
    ) -> bool:
        """In the place of the one before; `False` where the person keeps too many already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlace:
    """One page of a document that waits, and the stamp: lengths in points, origin at the lower left as seen."""

    page: int
    """The one that is looked at, from 1."""
    pages: int
    size: tuple[float, float]
    stamp_page: int
    """Where the stamp is now."""
    stamp: Box
    others: tuple[Box, ...]
    """Fields and signatures that this page has already, and the footer that it has or gets."""
    drawing: tuple[float, float]
    """The template's own width and height; a stamp keeps their proportions."""
    least: tuple[float, float]
    """The smallest size that can be read."""
    boxes: tuple[str, ...]
    """Saved boxes of the house that fit agency and kind."""
    own: bool
    """Whether the person keeps a place of their own for this kind."""


class Placing:
    """For whoever opened the request. `now` gives aware UTC; `examine` and `rehearse`: `signer.acts.SigningActs`."""

    def __init__(
        self,
        *,
        requests: RequestStore,
        approving: Approving,
        own: OwnPlaces,
        boxes: StampBoxes,
        examine: Callable[[SigningTask], Examined],
        rehearse: Callable[[SigningTask], Examined],
        now: Callable[[], datetime],
    ) -> None:
        self._requests = requests
        self._approving = approving
        self._own = own
        self._boxes = boxes
        self._examine = examine
        self._rehearse = rehearse
        self._now = now

    def look(self, request: ActivationRequest, position: int, *, page: int | None = None) -> SeenPlace | None:
        """The stamp of one document on `page`, by default on its own; `None` where it cannot be moved."""
        found = self._approving.document(request, position)
        if found is None or not may_place(request, found[0]):
            return None
        listed, task = found[0], task_of(request, *found)
        examined = self._examine(task)
        spot, pages = _spot(examined), examined.intake.page_count
        stamp_page, stamp = spot.page_index + 1, _drawn(examined)
        shown = stamp_page if page is None else min(max(page, 1), pages)
        with reading_a_strangers_pdf():
            content = _page(examined.intake, shown - 1)
            size, others = sheet_of(content).size, tuple(_others(content, examined.footer))
        template, wish = spot.template, listed.wish
        if template is None:
            return None
        return SeenPlace(
            page=shown,
            pages=pages,
            size=size,
            stamp_page=stamp_page,
            stamp=stamp,
            others=others,
            drawing=(template.width, template.height),
            least=(template.least_width, template.least_height),
            boxes=self._boxes.names(agency=wish.signed_as.agency, kind=wish.letter.kind),
            own=self._own.of(request.signatory_id, wish.act, wish.letter.kind) is not None,
        )

    def own(self, request: ActivationRequest, position: int) -> StampPlacement | None:
        """The person's own place for such a document."""
        listed = request.document(position)
        if listed is None:
            return None
        return self._own.of(request.signatory_id, listed.wish.act, listed.wish.letter.kind)

    def place(
        self,
        link: str,
        position: int,
        wanted: StampPlacement | None,
        *,
        session: str,
        signatory_id: str,
        keep: bool = False,
    ) -> ActivationRequest:
        """Put the stamp of one document where `wanted` says: by position, tag or box; `None`: as the client asked.
        `keep`: also as the person's own place for this kind of letter.

        1. The request is open, this session's, and its stamp may be moved.  else ActivationRefused
        2. The place is found: a page and a box on it.                       else StampRefused, DocumentRefused
        3. It could be signed so, and covers no field.                       else Refused
        4. It is moved, and with it what is consented to.                    else ActivationRefused
        """
        request, listed, content = self._movable(link, position, session, signatory_id)
        placed = None if wanted is None else self._resolved(request, listed, content, wanted)
        if placed is not None:
            self._require_signable(request, listed, content, placed)
        if placed != listed.placed and not self._requests.place(
            request, position, placed, session=session, at=self._now()
        ):
            raise _refused("The request has ended, or was changed at this moment.", "not-open")
        if keep and placed is not None:
            self._keep(request, listed, placed)
        return self._approving.behind(link) or request

    def _movable(
        self, link: str, position: int, session: str, signatory_id: str
    ) -> tuple[ActivationRequest, RequestedDocument, bytes]:
        """Step 1."""
        request = self._approving.open(link, session=session, signatory_id=signatory_id)
        if request.state is not ActivationState.PENDING:
            raise _refused("The request has ended. Ask anew where it came from.", "not-open")
        found = self._approving.document(request, position)
        if found is None or not may_place(request, found[0]) or request.changes >= MOST_MOVES:
            raise _refused("The stamp of this document cannot be moved.", "fixed")
        return request, *found

    def _resolved(
        self, request: ActivationRequest, listed: RequestedDocument, content: bytes, wanted: StampPlacement
    ) -> StampPlacement:
        """Step 2: the drawing's own rectangle, in hundredths of a point and never beyond it."""
        asked = StampPlacement() if listed.wish.stamp is None else listed.wish.stamp
        named = replace(wanted, template=asked.template, nip=None)
        task = task_of(request, replace(listed, placed=named), content)
        examined = self._examine(task)
        spot = _spot(examined)
        left, bottom, right, top = _drawn(examined)
        return StampPlacement(
            page=spot.page_index + 1,
            x=_down(left),
            y=_down(bottom),
            width=_down(right - left),
            height=_down(top - bottom),
            template=spot.placement.template,
        )

    def _require_signable(
        self, request: ActivationRequest, listed: RequestedDocument, content: bytes, placed: StampPlacement
    ) -> None:
        """Step 3."""
        examined = self._rehearse(task_of(request, replace(listed, placed=placed), content))
        with reading_a_strangers_pdf():
            others = tuple(_others(_page(examined.intake, _spot(examined).page_index), examined.footer))
        left, bottom, right, top = _drawn(examined)
        if any(box[0] < right and box[2] > left and box[1] < top and box[3] > bottom for box in others):
            raise StampRefused(
                "The stamp would cover a field, a signature or a footer. Move it.", field="stamp.x", reason="covers"
            )

    def _keep(self, request: ActivationRequest, listed: RequestedDocument, placed: StampPlacement) -> None:
        """The last page is kept as the last one, however many pages the next letter has."""
        own = replace(placed, page=-1 if placed.page == listed.pages else placed.page, template=None)
        act, kind = listed.wish.act, listed.wish.letter.kind
        if not self._own.keep(request.signatory_id, act, kind, own, at=self._now()):
            raise _refused("You keep too many places already.", "too-many-places")


def may_place(request: ActivationRequest, listed: RequestedDocument) -> bool:
    """Whether the signatory may move its stamp: one that the client wants seen, and not in a field of the document."""
    stamp = listed.wish.stamp
    if stamp is None or request.kind not in _KINDS:
        return False
    return stamp.field_name is None and stamp.mark is None


def _spot(examined: Examined) -> Spot:
    if examined.spot is None:
        raise ValueError("a stamp that may be moved is seen")
    return examined.spot


def _page(intake: Intake, index: int) -> Dictionary:
    page: Dictionary = intake.reader.find_page_for_modification(index)[0].get_object()
    return page


def _drawn(examined: Examined) -> Box:
    """Where the stamp is drawn, as seen; raises `StampRefused`, `DocumentRefused`."""
    spot = _spot(examined)
    with reading_a_strangers_pdf():
        page = _page(examined.intake, spot.page_index)
        sheet = sheet_of(page)
        taken = tuple(sheet.in_user_space(box) for box in _taken(page, sheet, examined.footer))
        return sheet.as_seen(place(spot, page, taken).rectangle)


def _taken(page: Dictionary, sheet: Sheet, footer: StampTemplate | None) -> Iterator[Box]:
    """Signatures and our footer, as seen: the page's own, or the one that comes with this signature."""
    yield from (sheet.as_seen(box) for box in taken_on(page))
    if footer is not None:
        yield strip(footer, sheet)


def _others(page: Dictionary, footer: StampTemplate | None) -> Iterator[Box]:
    """What a stamp may not cover, as seen: what is taken, and every field that the page shows."""
    sheet = sheet_of(page)
    yield from _taken(page, sheet, footer)
    for reference in islice(elements(page, "/Annots"), MOST_ANNOTATIONS):
        widget = resolved(reference)
        box = rectangle_of(widget) if look_up(widget, "/Subtype") == "/Widget" else None
        if box is not None and look_up(widget, "/FT") != "/Sig":
            yield sheet.as_seen(box)


def _down(length: float) -> float:
    return math.floor(length * _HUNDREDTH + 1e-6) / _HUNDREDTH


def _refused(message: str, reason: str) -> ActivationRefused:
    return ActivationRefused(message, field="activation", reason=reason)
