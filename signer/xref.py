"""Cross-reference sections whose entries are looked up in place, and not made into objects first. Imports pyHanko.

A table has rows of twenty octets (ISO 32000-2, 7.5.4) and a cross-reference stream rows of one width (7.5.8), so an
entry is found by arithmetic. A section that is written otherwise, or belongs to a hybrid file, is read by pyHanko.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, TypeAlias

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.xref import (
    ObjStreamRef,
    XRefBuilder,
    XRefSection,
    XRefSectionData,
    XRefSectionMetaInfo,
    XRefSectionType,
)

from signer.document import Document
from signer.pdf_objects import look_up

_ROW: Final = 20
_ROWS: Final = re.compile(rb"(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))*")
_SUBSECTION: Final = re.compile(rb"[\0\t\n\f\r ]*(\d{1,10}) (\d{1,10}) ?(?:\r\n|\r|\n)")
_TRAILER: Final = re.compile(rb"[\0\t\n\f\r ]*trailer[\0\t\n\f\r ]*(?=<<)")
_UP: Final = b"\2"
_OCTET: Final = 0xFF
_AT_ONCE: Final = 16_384  # rows that are looked over together
_WIDEST: Final = 7  # octets of a field; beyond, pyHanko reads a sign
_HIGHEST_GENERATION: Final = 0xFFFF

Place: TypeAlias = "int | ObjStreamRef | None"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: the generation that it is about, and where that object is; `None` where it is free."""

    generation: int
    place: Place


@dataclass(frozen=True, slots=True)
class _Subsection:
    """Rows of consecutive object numbers."""

    first: int
    count: int
    entry: Callable[[int], Entry | None]
    """The row with this position; `None` where it says nothing."""


class LazySection(XRefSectionData):  # type: ignore[misc]  # pyHanko's types stay outside (follow_imports)
    """A section that is asked for one object at a time."""

    def __init__(self, subsections: Iterable[_Subsection]) -> None:
        """`subsections` in ascending order, without an object number in two of them."""
        super().__init__()
        self._subsections = tuple(subsections)
        self._firsts = [each.first for each in self._subsections]

    def try_resolve(self, ref: generic.Reference) -> Place:
        """Called by pyHanko: where the object is, `None` where it was freed; raises `KeyError` where it is not
        named."""
        found = self.entry(ref.idnum)
        if found is None or found.generation != ref.generation:
            raise KeyError(ref)
        return found.place

    def entry(self, number: int) -> Entry | None:
        """The row about this object; `None` where there is none."""
        at = bisect_right(self._firsts, number) - 1
        if at < 0 or number == 0 or number >= self._firsts[at] + self._subsections[at].count:
            return None
        return self._subsections[at].entry(number - self._firsts[at])


def entry_in(section: XRefSectionData, number: int) -> Entry | None:
    """What a section itself says of an object, its hybrid part aside; `None` where it does not name it."""
    if isinstance(section, LazySection):
        return section.entry(number)
    if number in section.xrefs_in_objstm:
        return Entry(0, section.xrefs_in_objstm[number])
    if number in section.standard_xrefs:
        return Entry(*section.standard_xrefs[number])
    return Entry(section.freed[number] - 1, None) if number in section.freed else None


class LazyXRefBuilder(XRefBuilder):  # type: ignore[misc]  # pyHanko's types stay outside (follow_imports)
    """Follows the sections of `document` as its parent does, and keeps regular ones as they lie there."""

    def __init__(self, handler: Any, document: Document, last_startxref: int) -> None:
        super().__init__(handler, handler.stream, strict=False, last_startxref=last_startxref)
        self._document = document

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        """Called by pyHanko behind the word `xref`; gives what it gives, the place of the section before."""
        start = self.stream.tell()
        found = self._rows_of_table(start)
        if found is not None:
            section, end = found
            self.stream.seek(end)
            trailer = generic.DictionaryObject.read_from_stream(self.stream, generic.TrailerReference(self.handler))
            if "/XRefStm" not in trailer:
                self._keep(section, trailer, declared_startxref, (start, end))
                return _previous(trailer)
            self.stream.seek(start)
        return super()._read_xref_table(declared_startxref)  # type: ignore[no-any-return]

    def _read_xref_stream(self, declared_startxref: int) -> int | None:
        """Called by pyHanko where a cross-reference stream begins; the same."""
        start = self.stream.tell()
        reference, stream = self._read_xref_stream_object()
        section = _rows_of_stream(stream)
        if section is None:
            self.stream.seek(start)
            return super()._read_xref_stream(declared_startxref)  # type: ignore[no-any-return]
        self._keep(section, stream, declared_startxref, (start, self.stream.tell()), stream=reference)
        return _previous(stream)

    def _keep(
        self,
        section: LazySection,
        trailer: generic.DictionaryObject,
        declared_startxref: int,
        place: tuple[int, int],
        *,
        stream: generic.Reference | None = None,
    ) -> None:
        start, end = place
        about = XRefSectionMetaInfo(
            xref_section_type=XRefSectionType.STANDARD if stream is None else XRefSectionType.STREAM,
            size=int(trailer.raw_get("/Size")),
            declared_startxref=declared_startxref,
            start_location=start,
            end_location=end,
            stream_ref=stream,
        )
        self.sections.append(XRefSection(about, section))
        self.trailer.add_trailer_revision(trailer)

    def _rows_of_table(self, start: int) -> tuple[LazySection, int] | None:
        """The table behind `start` and where its trailer dictionary begins; `None` where it is not written by the
        letter of the standard."""
        subsections: list[_Subsection] = []
        at, number = start, 0
        while (trailer := _TRAILER.match(self._document[at : at + 64])) is None:
            head = _SUBSECTION.match(self._document[at : at + 64])
            if head is None:
                return None
            first, count, rows = int(head[1]), int(head[2]), at + head.end()
            at = rows + _ROW * count
            if first < number or at > len(self._document) or not self._are_rows(rows, count):
                return None
            subsections.append(_Subsection(first, count, _TableRows(self._document, rows).entry))
            number = first + count
        return LazySection(subsections), at + trailer.end()

    def _are_rows(self, start: int, count: int) -> bool:
        pieces = range(0, count, _AT_ONCE)
        return all(
            _ROWS.fullmatch(self._document[start + _ROW * row : start + _ROW * min(row + _AT_ONCE, count)])
            for row in pieces
        )


@dataclass(frozen=True, slots=True)
class _TableRows:
    """Rows of a table, in the document."""

    document: Document
    start: int

    def entry(self, row: int) -> Entry | None:
        at = self.start + _ROW * row
        text = self.document[at : at + _ROW]
        generation = int(text[11:16])
        if generation > _HIGHEST_GENERATION:
            return None
        return Entry(generation, int(text[:10])) if text[17:18] == b"n" else Entry(generation - 1, None)


@dataclass(frozen=True, slots=True)
class _StreamRows:
    """Rows of a cross-reference stream, decoded."""

    content: bytes
    start: int
    widths: tuple[int, int, int]

    def entry(self, row: int) -> Entry | None:
        kind_width, first_width, second_width = self.widths
        at = self.start + sum(self.widths) * row
        first_at = at + kind_width
        second_at = first_at + first_width
        kind = int.from_bytes(self.content[at:first_at], "big") if kind_width else 1
        first = int.from_bytes(self.content[first_at:second_at], "big")
        second = int.from_bytes(self.content[second_at : second_at + second_width], "big")
        if kind == 2:
            return Entry(0, ObjStreamRef(first, second))
        if kind not in (0, 1) or second > _HIGHEST_GENERATION:
            return None
        return Entry(second, first) if kind == 1 else Entry(second - 1, None)


def _rows_of_stream(stream: generic.StreamObject) -> LazySection | None:
    """`None` where its widths or its index are not what the standard wants, or rows are missing."""
    widths = _integers(stream.get("/W"), 3)
    pairs = _integers(stream.get("/Index", [0, stream.get("/Size")]))
    if widths is None or pairs is None or len(pairs) % 2 or max(widths) > _WIDEST or sum(widths) == 0:
        return None
    rows = sum(pairs[1::2])
    content = _content(stream, rows, sum(widths))
    subsections, number, at = [], 0, 0
    for first, count in zip(pairs[::2], pairs[1::2], strict=True):
        if first < number:
            return None
        subsections.append(_Subsection(first, count, _StreamRows(content, at, (widths[0], widths[1], widths[2])).entry))
        number, at = first + count, at + sum(widths) * count
    return LazySection(subsections) if at <= len(content) else None


def _content(stream: generic.StreamObject, rows: int, width: int) -> bytes:
    """The stream, decoded by pyHanko within its limits; where every row is written as the difference to the row above
    it (PNG's filter Up, as nearly every program does), the rows are added up here, a column at a time."""
    expected, parameters = rows * (width + 1), look_up(stream, "/DecodeParms")
    plain = generic.StreamObject({pdf_name("/Filter"): pdf_name("/FlateDecode")}, encoded_data=stream.encoded_data)
    plain.container_ref = stream.container_ref
    predicted = look_up(parameters, "/Predictor") in range(10, 16) and look_up(parameters, "/Columns") == width
    if look_up(stream, "/Filter") != "/FlateDecode" or not predicted:
        return stream.read_data(DecodePurpose.XREF_STREAM, expected_size=expected)  # type: ignore[no-any-return]
    filtered = plain.read_data(DecodePurpose.XREF_STREAM, expected_size=expected)
    if len(filtered) % (width + 1) or filtered[:: width + 1].strip(_UP):
        return stream.read_data(DecodePurpose.XREF_STREAM, expected_size=expected)  # type: ignore[no-any-return]
    content = bytearray(len(filtered) // (width + 1) * width)
    for column in range(width):
        differences = filtered[column + 1 :: width + 1]
        content[column::width] = bytes(map(_OCTET.__and__, accumulate(differences)))
    return bytes(content)


def _integers(values: Any, count: int | None = None) -> tuple[int, ...] | None:
    """An array's numbers, none below zero; `None` where it has anything else, or not `count` of them."""
    if not isinstance(values, list) or count not in (None, len(values)):
        return None
    found = tuple(int(each) if isinstance(each, int) else -1 for each in values)
    return None if min(found, default=0) < 0 else found


def _previous(trailer: generic.DictionaryObject) -> int | None:
    """`/Prev`; pyHanko refuses one that is not a number."""
    previous = trailer.get("/Prev")
    if previous is not None and not isinstance(previous, generic.NumberObject):
        raise ValueError("/Prev is no number")
    return previous
