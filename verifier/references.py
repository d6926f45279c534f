"""Who refers to an object? Read from the bytes of every object, each of them once.

Over-approximate on purpose: what looks like a reference to any reader counts, an object that is not built as it should
be may refer to anything, and whoever uses the answer looks at the object itself. A reference that is overlooked would
let a shadow attack through.
"""

import re
from typing import Any, Final

from verifier.history import History, Incomparable, Place, Reader

MAX_TOKENS: Final = 2_000_000
"""References and brackets looked at in one file, some seconds; one of 30,000 objects has 90,000."""
_DIGITS: Final = 12  # no file has more objects
_GAP: Final = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*+[\r\n])"  # white space and comments (ISO 32000-2, 7.2.3, 7.2.4)
_INTEGER: Final = rb"[+\-]*+\d++(?:\.0*+)?"  # some readers take 5.0 for 5
_REFERENCE: Final = rb"[+\-]*+(\d++)(?:\.0*+)?" + _GAP + rb"++" + _INTEGER + _GAP + rb"*+R"
_REGULAR: Final = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_INSIDE = rb"(?:[^()\\]|\\.)*+"
for _ in range(4):  # parentheses inside of a string, as deep as any writer nests them
    _INSIDE = rb"(?:[^()\\]++|\\.|\(" + _INSIDE + rb"\))*+"
_ATOM: Final = (
    rb"[\x00\t\n\x0c\r ]++|/"
    + _REGULAR
    + rb"*+|%[^\r\n]*+|(?!"
    + _REFERENCE.replace(b"(\\d", b"(?:\\d")
    + rb")"
    + _REGULAR
    + rb"++|\("
    + _INSIDE
    + rb"\)|<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>"
)
_TOKEN: Final = re.compile(
    rb"(?:" + _ATOM + rb")*+(?:(?P<open><<|\[)|(?P<close>>>|\])|(?P<reference>" + _REFERENCE + rb")|(?P<stray>.))",
    re.DOTALL,
)
_FIRST: Final = re.compile(_GAP + rb"*+(?:(<<|\[)|" + _REFERENCE + rb")?")
_HEADER: Final = re.compile(_GAP + rb"*+\d++" + _GAP + rb"++\d++" + _GAP + rb"*+obj")
_CLOSING: Final = {b"<<": b">>", b"[": b"]"}
_BEYOND: Final = 65_536  # an object ends before the next one begins, unless somebody plays games
_BYTES_A_TOKEN: Final = 64


class References:
    """Which version of which object refers to a number."""

    def __init__(self, pdf: bytes, reader: Reader, history: History) -> None:
        self._tokens = 0
        self._holders: dict[int, list[Place]] = {}
        self._unclear: list[Place] = []
        places = set(history.places())
        in_file = sorted({place.offset for place in places if place.stream is None})
        following = dict(zip(in_file, [*in_file[1:], len(pdf)], strict=True))
        streams = {number: _data(reader, number) for number in {place.stream for place in places} - {None}}
        for place in places:
            if place.stream is not None:
                data = streams[place.stream]
                numbers = self._scan(data, place.offset, len(data))
            elif header := _HEADER.match(pdf, place.offset):
                numbers = self._scan(pdf, header.end(), following[place.offset] + _BEYOND)
            else:
                numbers = None
            if numbers is None:
                self._unclear.append(place)
            for number in numbers or ():
                self._holders.setdefault(number, []).append(place)

    def to(self, number: int) -> list[Place]:
        """Every version of every object that seems to refer to `number`, or may."""
        return self._holders.get(number, []) + self._unclear

    def _scan(self, data: bytes, start: int, end: int) -> set[int] | None:
        """The numbers referred to by the one value that begins at `start`, as far as its brackets reach.

        `None` where it is not built as a value should be, or does not end before `end`: only reading it tells.
        """
        first = _FIRST.match(data, start)
        if first is None or first[1] is None:
            return {_number(first[2])} if first is not None and first[2] else set()
        found: set[int] = set()
        opened = [_CLOSING[first[1]]]
        tokens = 0
        for token in _TOKEN.finditer(data, first.end(), end):
            tokens += 1
            kind = token.lastgroup
            if kind == "reference":
                found.add(_number(token[4]))
            elif kind == "open":
                opened.append(_CLOSING[token["open"]])
            elif kind == "stray":
                break
            elif token["close"] == opened[-1]:
                opened.pop()
                if not opened:
                    self._spend(tokens)
                    return found
        self._spend(tokens + (min(end, len(data)) - start) // _BYTES_A_TOKEN)
        return None

    def _spend(self, tokens: int) -> None:
        self._tokens += tokens
        if self._tokens > MAX_TOKENS:
            raise Incomparable(f"more than {MAX_TOKENS} references and brackets to look at")


def _number(digits: bytes) -> int:
    return int(digits.lstrip(b"0")[:_DIGITS] or b"0")


def _data(reader: Reader, stream: Any) -> bytes:
    return reader.object_stream(stream).data.getvalue()
