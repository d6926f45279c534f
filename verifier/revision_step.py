"""One revision beside the one before it: what it touched, who held it, and what the rules have explained so far.

A rule may look at three things: how a place looked before and looks now, what hangs there now, and who else held an
object that was overwritten. It clears an object at one place of one holder; an object is explained when every place
that held it is cleared. What hangs at a changed place was judged by the rule of that place, so new objects need no
explanation of their own, unless something pointed at their numbers before they existed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Final

from verifier.document import SignatureField
from verifier.history import History, Incomparable, Place
from verifier.model import ChangeKind
from verifier.references import References
from verifier.values import Path, Ref, references

TRAILER: Final = 0
"""Stands for the trailer among holders; object 0 never exists (ISO 32000-2, 7.5.4)."""
MAX_CLIMB: Final = 4_000
"""Holders of holders looked at before something counts as part of the document."""
_DEPTH: Final = 32
_ARRAYS: Final = frozenset({"/Annots", "/Kids", "/K"})


class Level(IntEnum):
    """What DocMDP calls permitted changes (ISO 32000-2, table 257)."""

    UPDATES = 1
    """Validation data and document timestamps: never forbidden."""
    FORM_FILLING = 2
    ANNOTATIONS = 3
    OTHER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a revision did."""

    kind: ChangeKind
    level: Level
    detail: str
    page: int | None = None
    field: str | None = None
    locks: bool = False
    """Whether a lock on `field` forbids it."""
    new_stamp: bool = False
    """A visible field that did not exist before: a certified document has room for it if its signature passes."""


class View:
    """The file as it stood at one revision."""

    def __init__(self, history: History, revision: int) -> None:
        self._history, self.revision = history, revision

    def exists(self, number: int) -> bool:
        """Whether the object is in use."""
        return self._history.place(number, self.revision) is not None

    def place(self, number: int) -> Place | None:
        """Where it stands."""
        return self._history.place(number, self.revision)

    def object(self, number: int) -> Any:
        """Object `number`; `None` where there is none. Raises `Incomparable`."""
        place = self.place(number)
        return None if place is None else self._history.value(place)

    def resolve(self, value: Any) -> Any:
        """`value`, behind its references."""
        for _ in range(_DEPTH):
            if not isinstance(value, Ref):
                return value
            value = self.object(value.number)
        return None

    @cached_property
    def trailer(self) -> dict[str, Any]:
        """The trailer's entries that name objects."""
        return self._history.trailer(self.revision)


@dataclass(slots=True, kw_only=True)
class Step:
    """See the module."""

    old: View
    new: View
    history: History
    holders: References
    signatures: Mapping[int, SignatureField]
    """Signature fields of the file by the number of their signature dictionary."""
    page_of: Callable[[int], int | None]
    """The page number of a page object."""
    rewritten: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    """Objects with another value than before: old and new."""
    added: set[int] = field(default_factory=set)
    freed: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    widgets: dict[int, str] = field(default_factory=dict)
    """Widgets of what was signed or prepared in this revision, and their field's name."""
    cleared: dict[int, set[tuple[int, Path]]] = field(default_factory=dict)
    anywhere: set[int] = field(default_factory=set)
    """Objects whose change is harmless whoever holds them."""

    def __post_init__(self) -> None:
        for number in self.history.touched(self.new.revision):
            before, after = self.old.place(number), self.new.place(number)
            if before is None and after is not None:
                self.added.add(number)
            elif before is not None and after is None:
                self.freed.add(number)
            elif before is not None and after is not None and before != after:
                values = self.history.value(before), self.history.value(after)
                if values[0] != values[1]:
                    self.rewritten[number] = values

    def pair(self, holder: int, path: Path, old: Any, new: Any) -> tuple[Any, Any]:
        """Old and new value at a place that a rule judges, behind their references; clears what stood there."""
        for value in (old, new):
            if isinstance(value, Ref):
                self.clear(value.number, holder, path)
        return self.old.resolve(old), self.new.resolve(new)

    def holders_of_arrays(self) -> set[int]:
        """Pages, fields and elements whose array is an object of its own, and was overwritten instead of them."""
        arrays = [number for number, (_, new) in self.rewritten.items() if isinstance(new, list)]
        places = [place for number in arrays for place in self.places_of(number, self.old)]
        return {holder for holder, path in places if path[-1:] and path[-1] in _ARRAYS and holder != TRAILER}

    def clear(self, number: int, holder: int, path: Path) -> None:
        """The rule of this place has judged what object `number` became."""
        self.cleared.setdefault(number, set()).add((holder, path))

    def forbid(self, detail: str, *, kind: ChangeKind = ChangeKind.OTHER, page: int | None = None) -> None:
        """Nobody may do this to a signed document."""
        level = Level.ANNOTATIONS if kind is ChangeKind.ANNOTATION else Level.OTHER
        self.findings.append(Finding(kind=kind, level=level, detail=detail, page=page))

    def places_of(self, number: int, view: View) -> Iterable[tuple[int, Path]]:
        """Who held `number` in `view`, and where: the trailer, and every object that the document reaches."""
        for path, held in references(view.trailer):
            if held == number:
                yield TRAILER, path
        for place in self.holders.to(number):
            if view.place(place.number) != place:
                continue  # another version of the holder
            found = self._paths(place, number)
            if found and self._is_reached(place.number, view):
                yield from ((place.number, path) for path in found)

    def _paths(self, place: Place, number: int) -> set[Path]:
        try:
            value = self.history.value(place)
        except Incomparable:  # a damaged holder: others may read it, so it counts, at a place that nobody clears
            return {("damaged",)}
        return {path for path, held in references(value) if held == number}

    def _is_reached(self, number: int, view: View) -> bool:
        """Whether the document, from its trailer on, leads to the object; garbage holds nothing."""
        roots = {held for _, held in references(view.trailer)}
        seen, pending = {number}, [number]
        while pending:
            if len(seen) > MAX_CLIMB:
                return True
            current = pending.pop()
            if current in roots:
                return True
            for place in self.holders.to(current):
                if place.number not in seen and view.place(place.number) == place:
                    seen.add(place.number)
                    pending.append(place.number)
        return False


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Keys whose values differ, references by number."""
    return {key for key in old.keys() | new.keys() if key not in old or key not in new or old[key] != new[key]}


def items(value: Any) -> list[Any]:
    """The elements of an array; of a single thing, itself; of nothing, none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
