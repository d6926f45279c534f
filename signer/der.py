"""Just enough DER (X.690) to write a CMS from ready pieces and to read one back without re-encoding anything.

asn1crypto takes a definite length whose last octet is 0x80 for the indefinite form and re-encodes what it read (its
issue 249). What arrived as DER therefore travels through this room as bytes.
"""

from collections.abc import Iterator
from typing import Final

INTEGER: Final = 0x02
OCTETS: Final = 0x04
OID: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31
CONTEXT_0: Final = 0xA0
CONTEXT_1: Final = 0xA1


class DerError(ValueError):
    """These bytes are not the DER that was expected."""


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: tag, definite length in its shortest form, `parts` one after the other."""
    body = b"".join(parts)
    length = len(body)
    if length < 0x80:
        return bytes((tag, length)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def set_of(tag: int, elements: list[bytes]) -> bytes:
    """A SET OF under `tag`, its elements in DER order (X.690, 11.6)."""
    return tlv(tag, *sorted(elements))


def integer(number: int) -> bytes:
    """A non-negative INTEGER."""
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    body = bytearray()
    for arc in (40 * first + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | arc & 0x7F)
        body += bytes(reversed(septets))
    return tlv(OID, bytes(body))


class Element:
    """One element inside a buffer, read in place."""

    __slots__ = ("_buffer", "_end", "_start", "body_start", "tag")

    def __init__(self, buffer: bytes, start: int = 0, end: int | None = None) -> None:
        limit = len(buffer) if end is None else end
        if start + 2 > limit:
            raise DerError("an element ends before its length")
        self.tag, first = buffer[start], buffer[start + 1]
        body = start + 2
        if first == 0x80 or first > 0x84:
            raise DerError("indefinite or oversized length")
        if first > 0x80:
            body += first & 0x7F
            first = int.from_bytes(buffer[start + 2 : body], "big")
        if body + first > limit:
            raise DerError("an element ends after its container")
        self._buffer, self._start, self.body_start, self._end = buffer, start, body, body + first

    @property
    def end(self) -> int:
        """Offset of the first octet after this element."""
        return self._end

    @property
    def encoded(self) -> bytes:
        """Tag, length and contents, exactly as they arrived."""
        return self._buffer[self._start : self._end]

    @property
    def body(self) -> bytes:
        """Contents only."""
        return self._buffer[self.body_start : self._end]

    def children(self) -> Iterator["Element"]:
        """The elements inside a constructed one, in order."""
        at = self.body_start
        while at < self._end:
            child = Element(self._buffer, at, self._end)
            yield child
            at = child.end

    def expect(self, tag: int) -> "Element":
        """This element, or `DerError` when its tag is another."""
        if self.tag != tag:
            raise DerError(f"tag 0x{self.tag:02X} where 0x{tag:02X} was expected")
        return self
