"""The last rule of a comparison: what no rule explained is a change of the document, and it fails closed."""

from typing import Final

from verifier.model import ChangeKind
from verifier.revision_step import TRAILER, Step, View
from verifier.values import entries

_MOST: Final = 8  # told; one would do
_LEVELS: Final = 4  # of holders up to a page


def forbid_unexplained(step: Step) -> None:
    """Objects overwritten, freed or defined at last, that somebody held at a place which no rule has judged."""
    told = 0
    for number in sorted(step.rewritten.keys() - step.anywhere):
        if told < _MOST and _uncleared(step, number, step.old):
            _overwritten(step, number)
            told += 1
    for number in sorted(step.freed):
        if _uncleared(step, number, step.new):
            step.forbid(f"object {number} was removed although the document uses it", page=_page(step, number))
    for number in sorted(step.added):
        if _uncleared(step, number, step.old):
            detail = f"object {number} was referenced by the signed revision and defined only later"
            step.forbid(detail, page=_page(step, number))
    relied = frozenset().union(*step.history.stream_users[: step.new.revision])
    for number in sorted(relied & (step.rewritten.keys() | step.freed | step.added)):
        step.forbid(f"object stream {number} was replaced, with all objects in it")


def _uncleared(step: Step, number: int, view: View) -> bool:
    cleared = step.cleared.get(number, set())
    return any(place not in cleared for place in step.places_of(number, view))


def _overwritten(step: Step, number: int) -> None:
    old = entries(step.rewritten[number][0])
    page = _page(step, number)
    if "/Subtype" in old and "/Rect" in old:
        step.forbid("an annotation was changed", kind=ChangeKind.ANNOTATION, page=page)
    else:
        step.forbid(f"object {number}, {_described(old)}, was overwritten", page=page)


def _described(old: dict[str, object]) -> str:
    kind = " ".join(str(old[key]) for key in ("/Type", "/Subtype") if isinstance(old.get(key), str))
    return kind or "content"


def _page(step: Step, number: int) -> int | None:
    """The first page that shows the object, as far as it can be told."""
    seen, level = {number}, {number}
    for _ in range(_LEVELS):
        pages = [page for each in level if (page := step.page_of(each)) is not None]
        if pages:
            return min(pages)
        level = {
            place.number
            for each in level
            for place in step.holders.to(each)
            if place.number != TRAILER and place.number not in seen and step.old.place(place.number) == place
        }
        seen |= level
    return None
