"""Every page of a document in order, each visited once (ISO 32000-2, 7.7.3.2)."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic

from signer.pdf_objects import look_up


def pages_of(root: Any, *, at_most: int) -> Iterator[generic.IndirectObject]:
    """References to the pages under `root`'s page tree. Raises `ValueError` where the tree is none, or holds more."""
    pending = [root.raw_get("/Pages")]
    seen: set[tuple[int, int]] = set()
    while pending:
        reference = pending.pop()
        if not isinstance(reference, generic.IndirectObject):
            raise ValueError("a page that is no object of its own")
        key = (reference.idnum, reference.generation)
        if key in seen or len(seen) > 2 * at_most:
            raise ValueError("a page tree that loops, or has too many nodes")
        seen.add(key)
        node = reference.get_object()
        kids = look_up(node, "/Kids")
        if kids is None:
            yield reference
        else:
            pending.extend(reversed(list(kids)))
