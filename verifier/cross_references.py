"""pyHanko's cross-reference sections, read a subsection at a time where they are written by the letter of the standard.

ISO 32000-2, 7.5.4 (tables) and 7.5.8 (streams). pyHanko makes a Python object of each entry before it looks at it: of
the time that a document of many objects took, nearly all. Whatever looks unusual is left to it altogether, and so is
what is forgiven; `tests/unit/verifier/test_cross_references.py` holds both readings against each other.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.xref import (
    ObjStreamRef,
    XRefBuilder,
    XRefSection,
    XRefSectionData,
    XRefSectionMetaInfo,
    XRefSectionType,
)

from verifier.rows import content_of

_ROW: Final = 20
_ROWS: Final = re.compile(rb"(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))*")
_SUBSECTION: Final = re.compile(rb"[\0\t\n\f\r ]*(\d{1,10}) (\d{1,10}) ?(?:\r\n|\r|\n)")
_TRAILER: Final = re.compile(rb"[\0\t\n\f\r ]*trailer[\0\t\n\f\r ]*(?=<<)")
_HEAD: Final = 64  # octets in which a subsection's two numbers, or the word `trailer`, are expected
_WIDEST: Final = 7  # octets of a field; beyond, pyHanko reads a sign
_FIELD: Final = 8 * _WIDEST
_HIGHEST_GENERATION: Final = 0xFFFF


class QuickXRefBuilder(XRefBuilder):  # type: ignore[misc]  # pyHanko is read without its types
    """Follows the sections of `pdf` as its parent does when it is not strict."""

    def __init__(self, handler: Any, pdf: bytes, last_startxref: int) -> None:
        super().__init__(handler, handler.stream, strict=False, last_startxref=last_startxref)
        self._pdf = pdf

    def _read_xref_stream_object(self) -> tuple[generic.Reference, generic.StreamObject]:
        """Called by pyHanko: the stream, already decoded, because not every decoding is pyHanko's to get right."""
        reference, stream = super()._read_xref_stream_object()
        widths, pairs = _integers(stream.get("/W")), _integers(stream.get("/Index", [0, stream.get("/Size")]))
        expected = sum(pairs[1::2]) * (sum(widths) + 1) if widths and pairs else None
        content = content_of(stream, DecodePurpose.XREF_STREAM, expected)
        decoded = generic.StreamObject(dict(stream), stream_data=content)
        decoded.container_ref = stream.container_ref
        return reference, decoded

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        """Called by pyHanko behind the word `xref`; gives the place of the section before."""
        start = self.stream.tell()
        found = self._table(start)
        if found is not None:
            section, end = found
            self.stream.seek(end)
            trailer = generic.DictionaryObject.read_from_stream(self.stream, generic.TrailerReference(self.handler))
            if "/XRefStm" not in trailer:
                return self._keep(section, trailer, declared_startxref, (start, end))
            self.stream.seek(start)
        return super()._read_xref_table(declared_startxref)  # type: ignore[no-any-return]

    def _read_xref_stream(self, declared_startxref: int) -> int | None:
        """Called by pyHanko where a cross-reference stream begins; the same."""
        start = self.stream.tell()
        reference, stream = self._read_xref_stream_object()
        section = _stream(stream)
        if section is None:
            self.stream.seek(start)
            return super()._read_xref_stream(declared_startxref)  # type: ignore[no-any-return]
        return self._keep(section, stream, declared_startxref, (start, self.stream.tell()), stream=reference)

    def _keep(
        self,
        section: XRefSectionData,
        trailer: generic.DictionaryObject,
        declared_startxref: int,
        place: tuple[int, int],
        *,
        stream: generic.Reference | None = None,
    ) -> int | None:
        about = XRefSectionMetaInfo(
            xref_section_type=XRefSectionType.STANDARD if stream is None else XRefSectionType.STREAM,
            size=int(trailer.raw_get("/Size")),
            declared_startxref=declared_startxref,
            start_location=place[0],
            end_location=place[1],
            stream_ref=stream,
        )
        self.sections.append(XRefSection(about, section))
        self.trailer.add_trailer_revision(trailer)
        previous = trailer.get("/Prev")
        if previous is not None and not isinstance(previous, generic.NumberObject):
            raise ValueError("/Prev is no number")
        return previous

    def _table(self, start: int) -> tuple[XRefSectionData, int] | None:
        """The table behind `start` and where its trailer dictionary begins; `None` where it is written otherwise."""
        section, at, number = XRefSectionData(), start, 0
        while (trailer := _TRAILER.match(self._pdf, at, at + _HEAD)) is None:
            head = _SUBSECTION.match(self._pdf, at, at + _HEAD)
            if head is None or int(head[1]) < number:
                return None
            first, rows = int(head[1]), head.end()
            number, at = first + int(head[2]), rows + _ROW * int(head[2])
            if at > len(self._pdf) or not _ROWS.fullmatch(self._pdf, rows, at):
                return None
            _add_rows(section, first, self._pdf[rows:at])
        return section, trailer.end()


class _InStreams(Mapping[int, ObjStreamRef]):
    """Where objects lie in object streams; pyHanko's noun is made for those that somebody asks for."""

    def __init__(self) -> None:
        self._packed: dict[int, int] = {}

    def put(self, number: int, stream: int, index: int) -> None:
        """Object `number` is the one at `index` in object stream `stream`; the last word counts."""
        self._packed[number] = stream << _FIELD | index

    def __getitem__(self, number: int) -> ObjStreamRef:
        packed = self._packed[number]
        return ObjStreamRef(packed >> _FIELD, packed & (1 << _FIELD) - 1)

    def __contains__(self, number: object) -> bool:
        return number in self._packed

    def __iter__(self) -> Iterator[int]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


def _add_rows(section: XRefSectionData, first: int, rows: bytes) -> None:
    if first == 0:
        first, rows = 1, rows[_ROW:]  # number 0 is no object
    words = rows.split()
    places, generations, kinds = map(int, words[::3]), list(map(int, words[1::3])), words[2::3]
    numbers = range(first, first + len(kinds))
    if kinds.count(b"n") == len(kinds) and max(generations, default=0) <= _HIGHEST_GENERATION:
        section.standard_xrefs.update(zip(numbers, zip(generations, places, strict=True), strict=True))
        section.explicit_refs_in_revision.update(zip(numbers, generations, strict=True))
        return
    for number, kind, place, generation in zip(numbers, kinds, places, generations, strict=True):
        _add(section, number, 1 if kind == b"n" else 0, place, generation)


def _add(section: XRefSectionData, number: int, kind: int, place: int, generation: int) -> None:
    """One object that is in the file, or free; pyHanko ignores what has no generation that there can be."""
    if generation > _HIGHEST_GENERATION:
        return
    if kind:
        section.standard_xrefs[number] = (generation, place)
        section.explicit_refs_in_revision.add((number, generation))
    else:
        section.freed[number] = generation
        section.explicit_refs_in_revision.add((number, generation - 1))


def _stream(stream: generic.StreamObject) -> XRefSectionData | None:
    """`None` where its widths or its index are not what the standard wants, or rows are missing or left over."""
    widths, pairs = _integers(stream.get("/W")), _integers(stream.get("/Index", [0, stream.get("/Size")]))
    if widths is None or pairs is None or len(widths) != 3 or len(pairs) % 2:
        return None
    width, content = sum(widths), stream.data
    if max(widths) > _WIDEST or width == 0 or sum(pairs[1::2]) * width != len(content):
        return None
    section, number, at = XRefSectionData(), 0, 0
    section.xrefs_in_objstm = _InStreams()
    for first, size in zip(pairs[::2], pairs[1::2], strict=True):
        if first < number:
            return None
        number, end = first + size, at + size * width
        _add_columns(section, first, content[at:end], widths)
        at = end
    return section


def _add_columns(section: XRefSectionData, first: int, rows: bytes, widths: tuple[int, ...]) -> None:
    width = sum(widths)
    kinds = _column(rows, 0, widths[0], width) if widths[0] else [1] * (len(rows) // width)
    places = _column(rows, widths[0], widths[1], width)
    lasts = _column(rows, widths[0] + widths[1], widths[2], width)
    for number, kind, place, last in zip(range(first, first + len(rows) // width), kinds, places, lasts, strict=True):
        if number == 0:
            continue
        if kind == 2:
            section.xrefs_in_objstm.put(number, place, last)
            section.obj_streams_used.add(place)
            section.explicit_refs_in_revision.add((number, 0))
        elif kind in (0, 1):
            _add(section, number, kind, place, last)


def _column(rows: bytes, start: int, size: int, width: int) -> "list[int] | bytes":
    """One field of every row; zero where it has no octets."""
    if size == 1:
        return rows[start::width]
    return [int.from_bytes(rows[at + start : at + start + size], "big") for at in range(0, len(rows), width)]


def _integers(values: Any) -> tuple[int, ...] | None:
    """An array's numbers, none below zero; `None` where it has anything else."""
    if not isinstance(values, list):
        return None
    found = tuple(int(each) if isinstance(each, int) else -1 for each in values)
    return None if min(found, default=0) < 0 else found
