"""Looking things up in pyHanko's objects, always through indirect references.

`DictionaryObject.get` does not follow a reference and `[]` does: with `get`, one indirection would hide a lock.
"""

from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils import generic

Dictionary = generic.DictionaryObject


def look_up(holder: Any, key: str) -> Any:
    """The resolved value of `key`; `None` where `holder` is no dictionary, has no such entry or a null one."""
    if not isinstance(holder, generic.DictionaryObject):
        return None
    try:
        return holder[key]
    except KeyError:
        return None


def elements(holder: Any, key: str) -> tuple[Any, ...]:
    """The elements of an array under `key`, references unresolved; empty where there is no array."""
    value = look_up(holder, key)
    return tuple(value) if isinstance(value, generic.ArrayObject) else ()


def resolved(value: Any) -> Any:
    """The object itself, where `value` may be a reference to it."""
    return value.get_object() if isinstance(value, generic.PdfObject) else value


def numbers(values: Iterable[float]) -> generic.ArrayObject:
    """An array of numbers, to a ten-thousandth: PDF knows no exponents (ISO 32000-2, 7.3.3), and Python writes them."""
    return generic.ArrayObject(generic.FloatObject(f"{round(value, 4) + 0.0:.4f}") for value in values)
