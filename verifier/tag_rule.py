"""What a later revision may do to the structure tree: it receives the element of a widget signed now (14.7.5.3).

Nothing else: no other element, no text, no new role. The element holds an object reference to the widget, and the
parent tree leads back from the widget to the element.
"""

from typing import Any, Final

from verifier.revision_step import Step, View, changed_keys, items
from verifier.values import ITEM, Path, Ref, entries

_ROOT_KEYS: Final = frozenset({"/K", "/ParentTree", "/ParentTreeNextKey"})
_ELEMENT_KEYS: Final = frozenset({"/Type", "/S", "/P", "/Pg", "/K", "/NS", "/Lang", "/Alt", "/T", "/TU", "/ID"})
_REFERENCE_KEYS: Final = frozenset({"/Type", "/Obj", "/Pg"})
_NODE_KEYS: Final = frozenset({"/Nums", "/Kids", "/Limits"})
_DEPTH: Final = 16
_MAX_NODES: Final = 20_000


def compare_structure(step: Step) -> None:
    """Judge the root of the structure tree that the catalog names, and its index."""
    root = entries(step.old.resolve(step.old.trailer.get("/Root"))).get("/StructTreeRoot")
    if not isinstance(root, Ref) or not step.rewritten:
        return
    before, after = step.old.object(root.number), step.new.object(root.number)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    for key in sorted(changed_keys(before, after) - _ROOT_KEYS):
        step.forbid(f"{key} of the structure tree was changed")
    step.anywhere.add(root.number)
    added = _kids_added(step, root.number, before, after)
    old, new = _Index(step, step.old), _Index(step, step.new)
    old.read(root.number, ("/ParentTree",), before.get("/ParentTree"))
    new.read(root.number, ("/ParentTree",), after.get("/ParentTree"))
    if old.touched or new.touched or before.get("/ParentTree") != after.get("/ParentTree"):
        _compare_index(step, old.entries, new.entries)
    following = after.get("/ParentTreeNextKey"), before.get("/ParentTreeNextKey", 0)
    if following[0] != before.get("/ParentTreeNextKey") and not (
        all(isinstance(each, int) for each in following) and following[0] >= following[1]
    ):
        step.forbid("/ParentTreeNextKey of the structure tree was changed")
    _judge_elements(step, root.number, added)


def compare_element(step: Step, number: int) -> bool:
    """Judge object `number`, if it is an element of a structure tree; whether it is one."""
    old, new = step.old.object(number), step.new.object(number)
    if not isinstance(old, dict) or not isinstance(new, dict) or not _is_element(old):
        return False
    if changed_keys(old, new) - {"/K"}:
        step.forbid("an element of the structure tree was changed")
        return True
    _judge_elements(step, number, _kids_added(step, number, old, new))
    step.anywhere.add(number)
    return True


def _is_element(value: dict[str, Any]) -> bool:
    return value.get("/Type") in (None, "/StructElem") and isinstance(value.get("/S"), str) and "/P" in value


def _kids_added(step: Step, holder: int, old: dict[str, Any], new: dict[str, Any]) -> list[Any]:
    """What came to /K; all that stood there still does, in its order."""
    if old.get("/K") == new.get("/K") and not _is_rewritten(step, old.get("/K")):
        return []
    before, after = old.get("/K"), new.get("/K")
    if _is_array(step.old, before) or _is_array(step.new, after):
        before, after = step.pair(holder, ("/K",), before, after)
    older, newer = items(before), items(after)
    if [each for each in newer if each in older] != older:
        step.forbid("an element of the structure tree was removed")
    return [each for each in newer if each not in older]


def _is_rewritten(step: Step, value: Any) -> bool:
    return isinstance(value, Ref) and value.number in step.rewritten


def _is_array(view: View, value: Any) -> bool:
    return isinstance(view.resolve(value), list)


def _judge_elements(step: Step, parent: int, added: list[Any]) -> None:
    for each in added:
        if not isinstance(each, Ref) or each.number not in step.added or not _shows_widget(step, parent, each.number):
            step.forbid("an element was added to the structure tree that is not of a signature")


def _shows_widget(step: Step, parent: int, number: int) -> bool:
    element = step.new.object(number)
    if not isinstance(element, dict) or not _is_element(element) or element.keys() - _ELEMENT_KEYS:
        return False
    if element["/S"] != "/Form" or element["/P"] != Ref(parent):
        return False
    shown = [step.new.resolve(each) for each in items(step.new.resolve(element.get("/K")))]
    return bool(shown) and all(
        isinstance(each, dict)
        and each.get("/Type") == "/OBJR"
        and not each.keys() - _REFERENCE_KEYS
        and isinstance(each.get("/Obj"), Ref)
        and each["/Obj"].number in step.widgets
        for each in shown
    )


class _Index:
    """The parent tree as it stood at one revision: from key to element (ISO 32000-2, 7.9.7)."""

    def __init__(self, step: Step, view: View) -> None:
        self._step, self._view, self._nodes = step, view, 0
        self.entries: dict[int, Any] = {}
        self.touched = False

    def read(self, holder: int, path: Path, value: Any, depth: int = 0) -> None:
        """One node and all below it."""
        self._nodes += 1
        if depth > _DEPTH or self._nodes > _MAX_NODES:
            self._step.forbid("the index of the structure tree cannot be compared")
            return
        holder, path, node = self._enter(holder, path, value)
        if not isinstance(node, dict):
            return
        if self.touched and node.keys() - _NODE_KEYS:
            self._step.forbid("the index of the structure tree was changed")
        _, _, pairs = self._enter(holder, (*path, "/Nums"), node.get("/Nums"))
        if isinstance(pairs, list):
            self.entries |= {key: each for key, each in zip(pairs[::2], pairs[1::2], strict=False) if type(key) is int}
        at, below, kids = self._enter(holder, (*path, "/Kids"), node.get("/Kids"))
        for kid in kids if isinstance(kids, list) else ():
            self.read(at, (*below, ITEM), kid, depth + 1)

    def _enter(self, holder: int, path: Path, value: Any) -> tuple[int, Path, Any]:
        if not isinstance(value, Ref):
            return holder, path, value
        self._step.clear(value.number, holder, path)
        self.touched |= value.number in self._step.rewritten or value.number in self._step.added
        return value.number, (), self._view.object(value.number)


def _same(step: Step, old: Any, new: Any) -> bool:
    """Elements are named by reference; the arrays that list them may move."""
    if old == new:
        return True
    before, after = step.old.resolve(old), step.new.resolve(new)
    return isinstance(before, list) and before == after


def _compare_index(step: Step, old: dict[int, Any], new: dict[int, Any]) -> None:
    if any(key not in new or not _same(step, value, new[key]) for key, value in old.items()):
        step.forbid("the index of the structure tree was changed")
    for key in new.keys() - old.keys():
        held = entries(step.new.resolve(new[key])).get("/K")
        for each in items(step.new.resolve(held)):
            widget = entries(step.new.resolve(each)).get("/Obj")
            if not isinstance(widget, Ref) or widget.number not in step.widgets:
                continue
            if entries(step.new.object(widget.number)).get("/StructParent") == key:
                break
        else:
            step.forbid("the index of the structure tree names something that is no signature")
