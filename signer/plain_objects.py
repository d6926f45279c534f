"""PDF objects of plain syntax, read at once instead of an octet at a time. Imports pyHanko.

Nearly every object of nearly every document is written so that one regular expression finds its next part (ISO
32000-2, 7.3). Those are read here, into pyHanko's own classes; all else is `NotPlain`, and pyHanko reads it: escapes,
comments, a key that comes twice, whatever is wrong. The two never differ: a test compares them over every document.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from pyhanko.pdf_utils import generic

_SPACE: Final = rb"[\0\t\n\f\r ]"
_END: Final = rb"(?=[\0\t\n\f\r ()<>\[\]/])"
_TOKEN: Final = re.compile(
    _SPACE
    + rb"*(?:"
    + rb"/([!\"$&'*-.0-;=?-Z\\^-z|~]*)"  # 1: a name without escapes
    + _END
    + rb"|([1-9]\d{0,8})[\t\n\f\r ](\d{1,5})[\t\n\f\r ]R"  # 2, 3: a reference
    + _END
    + rb"|([+-]?\d{1,15})"  # 4: an integer
    + _END
    + rb"|([+-]?(?:\d{1,15}\.\d{0,15}|\.\d{1,15}))"  # 5: a real
    + _END
    + rb"|(<<)|(>>)|(\[)|(\])"  # 6 to 9
    + rb"|\(([^()\\]*)\)"  # 10: a string without escapes
    + rb"|<((?:[0-9A-Fa-f]{2})*)>"  # 11: a hexadecimal string
    + rb"|(true|false)"  # 12
    + _END
    + rb"|(null)"  # 13
    + _END
    + rb")"
)
_NAME, _REFERENCE, _OPEN, _CLOSE, _BEGIN, _FINISH = 1, 3, 6, 7, 8, 9
_SCALARS: Final[dict[int, Callable[[bytes], Any]]] = {
    1: lambda text: generic.NameObject("/" + text.decode("ascii")),
    4: lambda text: generic.NumberObject(int(text)),
    5: lambda text: generic.FloatObject(text.decode("ascii")),
    10: generic.pdf_string,
    11: lambda text: generic.pdf_string(bytes.fromhex(text.decode("ascii"))),
    12: lambda text: generic.BooleanObject(text == b"true"),
    13: lambda _: generic.NullObject(),
}
_DEEPEST: Final = 50


class NotPlain(Exception):
    """The object is not of plain syntax, or is wrong: pyHanko has to read it."""


def read_plain(text: bytes, at: int, reference: generic.Reference) -> tuple[Any, int]:
    """The dictionary or array that begins in `text` at `at`, and where it ends; `reference` is the indirect object.

    Raises `NotPlain`. Whether `stream` follows is for the caller to see.
    """
    token = _next(text, at)
    if token.lastindex not in (_OPEN, _BEGIN):
        raise NotPlain  # where a number ends depends on what follows it
    return _value(text, token, reference, _DEEPEST)


def _next(text: bytes, at: int) -> "re.Match[bytes]":
    token = _TOKEN.match(text, at)
    if token is None:
        raise NotPlain
    return token


def _value(text: bytes, token: "re.Match[bytes]", reference: generic.Reference, depth: int) -> tuple[Any, int]:
    """The object that begins with `token`."""
    kind, end = token.lastindex, token.end()
    if kind == _OPEN:
        value, end = _dictionary(text, end, reference, depth - 1)
    elif kind == _BEGIN:
        value, end = _array(text, end, reference, depth - 1)
    else:
        value = _scalar(token, reference)
    value.container_ref = reference
    return value, end


def _dictionary(text: bytes, at: int, reference: generic.Reference, depth: int) -> tuple[Any, int]:
    entries: dict[Any, Any] = {}
    while (token := _next(text, at)).lastindex != _CLOSE:
        key = _SCALARS[_NAME](token[_NAME]) if token.lastindex == _NAME else None
        if key is None or key in entries or not depth:
            raise NotPlain
        entries[key], at = _value(text, _next(text, token.end()), reference, depth)
    return generic.DictionaryObject(entries), token.end()


def _array(text: bytes, at: int, reference: generic.Reference, depth: int) -> tuple[Any, int]:
    elements = generic.ArrayObject()
    while (token := _next(text, at)).lastindex != _FINISH:
        if not depth:
            raise NotPlain
        element, at = _value(text, token, reference, depth)
        elements.append(element)
    return elements, token.end()


def _scalar(token: "re.Match[bytes]", reference: generic.Reference) -> Any:
    kind = token.lastindex or 0
    if kind == _REFERENCE:
        return generic.IndirectObject(int(token[2]), int(token[3]), reference.get_pdf_handler())
    if kind not in _SCALARS:
        raise NotPlain
    return _SCALARS[kind](token[kind])
