"""What a later revision may do to a page: it receives the widget of what was signed, and nothing else (12.5.2)."""

from typing import Any, Final

from verifier.model import ChangeKind
from verifier.revision_step import Step, changed_keys
from verifier.values import Ref

_ORDER_OF_TABS: Final = ("/R", "/C", "/S", "/A", "/W")


def compare_page(step: Step, number: int) -> bool:
    """Judge object `number`, if it is a page or the annotations of one; whether it is."""
    old, new = step.old.object(number), step.new.object(number)
    if isinstance(old, list):
        return _compare_array(step, number)
    if not isinstance(old, dict) or not isinstance(new, dict) or old.get("/Type") != "/Page":
        return False
    page = step.page_of(number)
    for key in sorted(changed_keys(old, new) - {"/Annots", "/Tabs"}):
        step.forbid(f"{key} of a page was changed", page=page)
    if old.get("/Tabs") != new.get("/Tabs") and ("/Tabs" in old or new["/Tabs"] not in _ORDER_OF_TABS):
        step.forbid("/Tabs of a page was changed", page=page)
    before, after = step.pair(number, ("/Annots",), old.get("/Annots"), new.get("/Annots"))
    _compare_annotations(step, before, after, page)
    step.anywhere.add(number)  # an array of references and a name: nothing that any other holder could show
    return True


def _compare_array(step: Step, number: int) -> bool:
    """Judge an array of annotations that was rewritten without its page; whether it is one."""
    held = {holder for holder, path in step.places_of(number, step.old) if path == ("/Annots",)}
    pages = [each for each in sorted(held - step.rewritten.keys()) if step.page_of(each) is not None]
    for each in pages:
        old, new = step.old.object(each), step.new.object(each)
        before, after = step.pair(each, ("/Annots",), old.get("/Annots"), new.get("/Annots"))
        _compare_annotations(step, before, after, step.page_of(each))
    return bool(pages)


def _compare_annotations(step: Step, before: Any, after: Any, page: int | None) -> None:
    older, newer = before or [], after or []
    if not isinstance(older, list) or not isinstance(newer, list):
        step.forbid("/Annots of a page is no array", page=page)
        return
    added = [each for each in newer if each not in older]
    kept = [each for each in newer if each in older]
    if kept != older:
        step.forbid("an annotation was removed", kind=ChangeKind.ANNOTATION, page=page)
    for each in added:
        if not isinstance(each, Ref) or each.number not in step.widgets:
            step.forbid("an annotation was added", kind=ChangeKind.ANNOTATION, page=page)
