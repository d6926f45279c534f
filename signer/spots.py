"""Where a stamp goes is decided before any passphrase is tried: box, tag in the text, signature field, saved box."""

from dataclasses import replace
from typing import Final

from signer.empty_field import find_empty_field
from signer.errors import StampRefused
from signer.intake import Intake, IntakeLimits, reading_a_strangers_pdf
from signer.model import FoundText, SigningTask, StampPlacement
from signer.placement import Placed, place
from signer.ports import TextFinder
from signer.spot import Spot, page_index
from signer.stamp_catalogue import StampCatalogue
from signer.stamp_template import StampKind

_LONGEST_TAG: Final = 100


class Spots:
    """Finds them."""

    def __init__(self, stamps: StampCatalogue, texts: TextFinder | None, limits: IntakeLimits) -> None:
        self._stamps, self._texts, self._limits = stamps, texts, limits

    def find(self, task: SigningTask, intake: Intake, kind: StampKind = StampKind.SIGNATURE) -> Spot | None:
        """`None` for an invisible signature. Raises `StampRefused`, also where the stamp does not fit into its place,
        and `Unavailable` where no text can be sought."""
        if task.stamp is None:
            return None
        spot = self._spot(task, task.stamp, intake, kind)
        drawn_on(spot, intake)
        return spot

    def _spot(self, task: SigningTask, asked: StampPlacement, intake: Intake, kind: StampKind) -> Spot:
        if asked.mark is not None:
            return self._marked(asked, intake)
        _require_one_way(asked)
        agency = task.signed_as.agency
        placement = self._stamps.boxes.fill_in(asked, agency=agency, kind=task.letter.kind)
        name = placement.template if kind is StampKind.SIGNATURE else asked.template  # a box's own is a signature's
        template = self._stamps.chosen(name, agency, kind)
        if placement.field_name is not None:
            field = find_empty_field(intake, self._limits, placement.field_name, reason=task.reason, level=task.level)
            return Spot(page_index=field.page_index, placement=placement, template=template, field=field)
        if placement.tag is not None:
            tag, matches = self._tag(placement, intake)
            return Spot(page_index=tag.page_index, placement=placement, template=template, tag=tag, matches=matches)
        return Spot(page_index=page_index(placement, intake.page_count), placement=placement, template=template)

    def _marked(self, asked: StampPlacement, intake: Intake) -> Spot:
        """An application's own mark: a tag goes before a position, and of several places the last one counts."""
        if asked.tag is None:
            return Spot(page_index=page_index(asked, intake.page_count), placement=asked, template=None)
        tag, matches = self._tag(replace(asked, page=None, occurrence=-1), intake)
        return Spot(page_index=tag.page_index, placement=asked, template=None, tag=tag, matches=matches)

    def _tag(self, placement: StampPlacement, intake: Intake) -> tuple[FoundText, int]:
        """The one place of the tag, or the one of several that `occurrence` names; and how many there are."""
        tag = (placement.tag or "").strip()
        if not 0 < len(tag) <= _LONGEST_TAG:
            raise _refused(f"A tag has 1 to {_LONGEST_TAG} characters.", "bad-tag")
        if self._texts is None:
            raise _refused("Tags are not looked for here; give a position.", "no-tags-here")
        found = self._texts.find(intake.document.content(), tag)
        if placement.page is not None:
            wanted = page_index(placement, intake.page_count)
            found = tuple(each for each in found if each.page_index == wanted)
        if not found:
            raise _refused("The tag stands nowhere in the text of the document.", "tag-not-found")
        occurrence = placement.occurrence
        if occurrence is None:
            if len(found) > 1:
                pages = ", ".join(str(number) for number in sorted({each.page_index + 1 for each in found})[:10])
                raise _refused(
                    f"The tag stands in {len(found)} places, on page {pages}. Say which one with occurrence.",
                    "tag-ambiguous",
                )
            return found[0], 1
        if occurrence == 0 or abs(occurrence) > len(found):
            raise StampRefused(
                f"The tag stands in {len(found)} places. Count from 1, or from -1 backwards.",
                field="stamp.occurrence",
                reason="no-such-occurrence",
            )
        return found[occurrence - 1 if occurrence > 0 else occurrence], len(found)


def drawn_on(spot: Spot, intake: Intake) -> Placed:
    """Where on its page `spot` is, other signatures' stamps left aside; raises `StampRefused`, `DocumentRefused`."""
    with reading_a_strangers_pdf():
        return place(spot, intake.reader.find_page_for_modification(spot.page_index)[0].get_object(), ())


def _require_one_way(placement: StampPlacement) -> None:
    """A stamp has one place: two ways of naming it would be a guess which one is meant."""
    ways = {
        "stamp.field": placement.field_name is not None,
        "stamp.box": placement.box is not None,
        "stamp.tag": placement.tag is not None,
        "stamp.x": placement.x is not None or placement.y is not None,
    }
    named = [name for name, used in ways.items() if used]
    if len(named) > 1:
        raise StampRefused(f"Name the place in one way: {' or '.join(named)}.", field=named[0], reason="two-places")


def _refused(message: str, reason: str) -> StampRefused:
    return StampRefused(message, field="stamp.tag", reason=reason)
