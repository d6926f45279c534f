"""PDF objects as plain values, for comparing them: two that look different to a reader are never equal here.

pyHanko's own objects compare names with strings and numbers with truth values, and follow references as they go. Here a
name is text, a string is bytes, a dictionary is a `dict`, an array a `list`, `null` is `None`, and a reference stays a
reference (ISO 32000-2, 7.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from pyhanko.pdf_utils import generic

Path = tuple[str, ...]
"""Keys from an object down to a place in it; `ITEM` stands for a place in an array."""
ITEM: Final = "[]"


class Truth(Enum):
    """A PDF boolean, which is no number."""

    FALSE = False
    TRUE = True


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference, by number alone: many readers do not look at the generation."""

    number: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream: its dictionary and its bytes as they stand in the file."""

    dictionary: dict[str, Any]
    data: bytes


def plain(value: Any) -> Any:
    """pyHanko's object as one of the values above. Raises `TypeError` for what a document cannot hold."""
    if isinstance(value, generic.DecryptedObjectProxy):
        value = value.decrypted
    if isinstance(value, generic.StreamObject):
        return Stream(_dictionary(value), value.encoded_data)
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    raise TypeError(f"no PDF value: {type(value).__name__}")


def _dictionary(value: Any) -> dict[str, Any]:
    """Entries that are `null` are as good as absent (ISO 32000-2, 7.3.7)."""
    entries = ((str(key), plain(part)) for key, part in value.items())
    return {key: part for key, part in entries if part is not None}


_CONVERSIONS: Final = (
    (generic.IndirectObject, lambda value: Ref(value.idnum)),
    (generic.DictionaryObject, _dictionary),
    (generic.ArrayObject, lambda value: [plain(each) for each in value]),
    (generic.NameObject, str),
    ((generic.TextStringObject, generic.ByteStringObject), lambda value: bytes(value.original_bytes)),
    (generic.BooleanObject, lambda value: Truth(bool(value))),
    (generic.NullObject, lambda _: None),
    (generic.NumberObject, int),
    (generic.FloatObject, Decimal),
)


def references(value: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Every reference inside `value`, with its place."""
    if isinstance(value, Ref):
        yield path, value.number
    elif isinstance(value, Stream):
        yield from references(value.dictionary, path)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from references(part, (*path, key))
    elif isinstance(value, list):
        for part in value:
            yield from references(part, (*path, ITEM))


def entries(value: Any) -> dict[str, Any]:
    """The entries of a dictionary or of a stream's; none of anything else."""
    if isinstance(value, Stream):
        return value.dictionary
    return value if isinstance(value, dict) else {}


def has_area(rectangle: Any) -> bool:
    """Whether a rectangle shows anything; one that cannot be read may."""
    if rectangle is None:
        return False
    try:
        left, bottom, right, top = (float(each) for each in rectangle)
    except (TypeError, ValueError):
        return True
    return left != right and bottom != top


def text(value: Any) -> str:
    """A text string as people read it (ISO 32000-2, 7.9.2.2); nothing for anything else."""
    if not isinstance(value, bytes):
        return ""
    for mark, encoding in ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"), (b"\xef\xbb\xbf", "utf-8")):
        if value.startswith(mark):
            return value[len(mark) :].decode(encoding, "replace")
    return value.decode("latin-1")
