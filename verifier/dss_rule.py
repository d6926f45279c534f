"""A difference rule: inside the document security store everything may change (EN 319 142-1, 5.4).

Real augmenting software rewrites /VRI entries, so contents are not compared: the store holds evidence only, what it
says is judged wherever it is used, and nothing in it is ever drawn. Only the places that the standard names are walked,
so that a store cannot lead to a page.
"""

from typing import Any, Final, NamedTuple

from verifier.revision_step import Step, View
from verifier.values import ITEM, Path, Ref, Stream

_LISTS: Final = ("/Certs", "/CRLs", "/OCSPs")
_RELATED_LISTS: Final = ("/Cert", "/CRL", "/OCSP")
_ATTRIBUTES: Final = ("/Length", "/Filter", "/DecodeParms")
_DEPTH: Final = 8  # of references to references


def compare_security_store(step: Step, holder: int, before: Any, after: Any) -> bool:
    """Judge /DSS of the catalog; whether anything changed in it. The store may grow and be rebuilt, never vanish."""
    if not isinstance(step.new.resolve(after), dict):
        step.forbid("the document security store was removed, or is no dictionary")
        return True
    seen = set()
    for view, value in ((step.old, before), (step.new, after)):
        walk = _Walk(step, view)
        walk.store(_At(holder, ("/DSS",), value))
        seen |= walk.seen
    return before != after or any(number in step.rewritten or number in step.added for number in seen)


class _At(NamedTuple):
    """A place and what stands there."""

    holder: int
    path: Path
    value: Any

    def below(self, key: str) -> "_At":
        """One step further down inside the same object."""
        value = self.value.dictionary if isinstance(self.value, Stream) else self.value
        return _At(self.holder, (*self.path, key), value.get(key) if isinstance(value, dict) else None)


class _Walk:
    """Clears every place of a store as it stood at one revision."""

    def __init__(self, step: Step, view: View) -> None:
        self._step, self._view = step, view
        self.seen: set[int] = set()

    def store(self, at: _At) -> None:
        """EN 319 142-1, 5.4.2.2; ISO 32000-2, table 261."""
        store = self._enter(at)
        self._lists(store, _LISTS)
        related = self._enter(store.below("/VRI"))
        for key in related.value if isinstance(related.value, dict) else ():
            entry = self._enter(related.below(key))
            self._lists(entry, _RELATED_LISTS)
            self._evidence(entry.below("/TS"))
            self._enter(entry.below("/TU"))

    def _lists(self, at: _At, keys: tuple[str, ...]) -> None:
        for key in keys:
            array = self._enter(at.below(key))
            for each in array.value if isinstance(array.value, list) else ():
                self._evidence(_At(array.holder, (*array.path, ITEM), each))

    def _evidence(self, at: _At) -> None:
        stream = self._enter(at)
        if isinstance(stream.value, Stream):
            for key in _ATTRIBUTES:
                self._enter(stream.below(key))

    def _enter(self, at: _At) -> _At:
        for _ in range(_DEPTH):
            if not isinstance(at.value, Ref):
                break
            number = at.value.number
            self._step.clear(number, at.holder, at.path)
            self.seen.add(number)
            at = _At(number, (), self._view.object(number))
        return at
