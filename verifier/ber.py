"""A reader of BER, of which DER is a part (ITU-T X.690): positions in bytes that are never written anew.

What a signature is about are bytes, so an element is a place in the bytes as they came. Only `der` encodes anew, for
the one case in which a standard asks for it: what arrived as BER and is signed as DER (RFC 5652, 5.4).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple

MAX_DEPTH: Final = 24
"""Levels of nesting that are followed; a CMS with everything in it has fewer than fifteen."""
MAX_ELEMENTS: Final = 20_000
"""Elements looked at for one answer; a container has some hundreds, its lists of revocations are never opened."""

INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, UTC_TIME, GENERALIZED_TIME = 0x02, 0x03, 0x04, 0x06, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CONSTRUCTED: Final = 0x20
_STRINGS: Final = frozenset({4, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30})


class Malformed(ValueError):
    """These bytes are not the ASN.1 that stands here."""


class Element(NamedTuple):
    """One element: where it lies in `data`."""

    data: bytes
    tag: int
    """The identifier octets as a number: class, constructed or not, and number in one."""
    start: int
    body: int
    body_end: int
    end: int

    @property
    def encoded(self) -> bytes:
        """All of it, as it came."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """What is in it, without identifier and length."""
        return self.data[self.body : self.body_end]

    @property
    def is_constructed(self) -> bool:
        """Whether it is made of elements."""
        return bool(self.data[self.start] & _CONSTRUCTED)

    @property
    def is_indefinite(self) -> bool:
        """Whether its length was left open, which DER never does."""
        return self.end != self.body_end

    def children(self) -> "list[Element]":
        """The elements in it. Raises `Malformed`."""
        if not self.is_constructed:
            raise Malformed("an element is not made of others")
        found: list[Element] = []
        at = self.body
        while at < self.body_end:
            if len(found) >= MAX_ELEMENTS:
                raise Malformed("too many elements")
            child = read(self.data, at, self.body_end)
            found.append(child)
            at = child.end
        return found


def read(data: bytes, start: int = 0, limit: int | None = None) -> Element:
    """The element at `start`, which ends at `limit` or before. Raises `Malformed`."""
    bound = len(data) if limit is None else limit
    tag, body, length = _header(data, start, bound)
    if length is not None:
        end = body + length
        if end > bound:
            raise Malformed("an element is longer than what holds it")
        return Element(data, tag, start, body, end, end)
    body_end = _end_of_contents(data, body, bound)
    return Element(data, tag, start, body, body_end, body_end + 2)


def expect(element: Element, tag: int) -> Element:
    """`element`, whose tag must be this one. Raises `Malformed`."""
    if element.tag != tag:
        raise Malformed("an element is of another kind than expected")
    return element


def integer(element: Element) -> int:
    """An INTEGER. Raises `Malformed`."""
    content = expect(element, INTEGER).content
    if not content:
        raise Malformed("a number without digits")
    return int.from_bytes(content, "big", signed=True)


def oid(element: Element) -> str:
    """An OBJECT IDENTIFIER, dotted. Raises `Malformed`."""
    return _dotted(expect(element, OBJECT_IDENTIFIER).content)


def octets(element: Element) -> bytes:
    """The bytes of a string, whatever its tag, joined where it came in pieces (X.690, 8.7.3). Raises `Malformed`."""
    if not element.is_constructed:
        return element.content
    return b"".join(each.content for each in _pieces(element, 0))


def moment(element: Element) -> datetime:
    """A UTCTime or GeneralizedTime, aware, in UTC. Raises `Malformed`."""
    text = element.content.decode("ascii", "replace")
    if element.tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text  # RFC 5280, 4.1.2.5.1
    elif element.tag != GENERALIZED_TIME:
        raise Malformed("not a time")
    try:
        return _moment(text)
    except (ValueError, OverflowError):
        raise Malformed("not a time") from None


def der(element: Element) -> bytes:
    """The same value in DER: definite lengths, strings in one piece, sets in order (X.690, 10 and 11).

    Knows tags alone, so an implicitly tagged set is for the caller to sort. Raises `Malformed`.
    """
    left = [MAX_ELEMENTS]
    return _der(element, 0, left)


def wrapped(tag: int, content: bytes) -> bytes:
    """One element in DER, with a tag of one octet."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def _header(data: bytes, at: int, bound: int) -> tuple[int, int, int | None]:
    """Tag, where the content starts, and its length; `None`: left open."""
    if at + 2 > bound:
        raise Malformed("an element is cut off")
    tag = data[at]
    if tag & 0x1F == 0x1F:
        at, tag = _long_tag(data, at, bound)
    first = data[at + 1]
    if first < 0x80:
        return tag, at + 2, first
    if first == 0x80:
        if not tag & _CONSTRUCTED:
            raise Malformed("a length is left open where it must not be")
        return tag, at + 2, None
    size = first & 0x7F
    if size > 8 or at + 2 + size > bound:
        raise Malformed("a length is cut off or absurd")
    return tag, at + 2 + size, int.from_bytes(data[at + 2 : at + 2 + size], "big")


def _long_tag(data: bytes, at: int, bound: int) -> tuple[int, int]:
    """Where the last octet of a long identifier stands, and a number that equals no short tag."""
    first = data[at]
    for last in range(at + 1, min(at + 5, bound - 1)):
        if not data[last] & 0x80:
            number = int.from_bytes(data[at + 1 : last + 1], "big")
            return last, number << 8 | first
    raise Malformed("an identifier is cut off or absurd")


def _end_of_contents(data: bytes, at: int, bound: int) -> int:
    """Where the two zero octets stand that close what starts before `at`."""
    depth, seen = 1, 0
    while True:
        seen += 1
        if seen > MAX_ELEMENTS:
            raise Malformed("too many elements")
        tag, body, length = _header(data, at, bound)
        if length is None:
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed("elements are nested too deeply")
            at = body
        elif tag == 0 and length == 0:
            depth -= 1
            if depth == 0:
                return at
            at = body
        else:
            at = body + length


def _pieces(element: Element, depth: int) -> Iterator[Element]:
    if depth > MAX_DEPTH:
        raise Malformed("elements are nested too deeply")
    for each in element.children():
        if each.is_constructed:
            yield from _pieces(each, depth + 1)
        else:
            yield each


def _der(element: Element, depth: int, left: list[int]) -> bytes:
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise Malformed("elements are nested too deeply or are too many")
    first = element.data[element.start]
    if first & 0x1F == 0x1F:
        raise Malformed("an identifier of this kind is not expected here")
    if not element.is_constructed:
        return wrapped(first, element.content)
    if first & 0xC0 == 0 and first & 0x1F in _STRINGS:
        return wrapped(first & ~_CONSTRUCTED, octets(element))
    parts = [_der(each, depth + 1, left) for each in element.children()]
    return wrapped(first, b"".join(sorted(parts) if first == SET else parts))


@lru_cache(maxsize=512)
def _dotted(content: bytes) -> str:
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise Malformed("not an object identifier")
    numbers, number = [], 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _moment(text: str) -> datetime:
    """`YYYYMMDDHHMM[SS[.f]](Z|±HHMM|)`; without a zone it is read as UTC, as every signer means it."""
    plain, zone = text, UTC
    if text.endswith("Z"):
        plain = text[:-1]
    elif text[-5:-4] in ("+", "-"):
        offset = timedelta(hours=int(text[-4:-2]), minutes=int(text[-2:]))
        plain, zone = text[:-5], timezone(-offset if text[-5] == "-" else offset)
    whole, _, fraction = plain.replace(",", ".").partition(".")
    if not (whole + fraction).isdigit():
        raise ValueError(text)
    form = "%Y%m%d%H%M%S" if len(whole) == 14 else "%Y%m%d%H%M"
    read_time = datetime.strptime(whole, form).replace(tzinfo=zone)
    return (read_time + timedelta(seconds=float(f"0.{fraction or 0}"))).astimezone(UTC)
