"""pyHanko's reader with quick indexes of objects and object streams, and the file's objects by number and revision.

Numbers alone name an object here: a reader that ignores generations must not see another document than we do.
"""

import re
from collections import Counter
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from typing import Any, Final, NamedTuple

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeContext, DecodeLimits, DecodePurpose
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefCache, read_object_header

from verifier.cross_references import QuickXRefBuilder
from verifier.rows import content_of
from verifier.values import plain

_HEADER: Final = re.compile(rb"%PDF-(\d).(\d)")

MAX_READS: Final = 50_000
"""Objects read for one file; a real one of ten signatures needs some hundreds."""


class Incomparable(Exception):
    """The comparison of revisions would cost more than any real file needs, or an object is not where it should be."""


class Reader(PdfFileReader):  # type: ignore[misc]  # pyHanko is read without its types
    """pyHanko's reader, tolerant. The index of an object stream is read once, not once for each of its objects."""

    def __init__(self, pdf: bytes) -> None:
        """Does what its parent does, with a builder of our own; raises what pyHanko raises on a broken file."""
        self.strict = False
        self.stream = BytesIO(pdf)
        self._indexes: dict[int, ObjectStream] = {}
        self.resolved_objects: dict[tuple[int, int], Any] = {}
        self._decode_context = DecodeContext(DecodeLimits(), input_size=len(pdf))
        self._security_handler = self._input_version = self._embedded_signatures = None
        self._historical_resolver_cache: dict[int, Any] = {}
        self._header_version = _version_of(pdf)
        self.stream.seek(-1, SEEK_END)
        builder = QuickXRefBuilder(self, pdf, process_data_at_eof(self.stream))
        self.xrefs = XRefCache(self, builder.read_xrefs())
        self.last_startxref = builder.last_startxref
        self.trailer = builder.trailer
        self.has_xref_stream = builder.has_xref_stream

    def object_stream(self, number: int) -> "ObjectStream":
        """Object stream `number`. Raises whatever a damaged one makes the parser raise."""
        known = self._indexes.get(number)
        if known is None:
            known = self._indexes[number] = self._read_index(generic.Reference(number, 0, self).get_object())
        return known

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        """pyHanko's answer in tolerant mode (ISO 32000-2, 7.5.7): null for what the stream does not hold."""
        stream = self.object_stream(stmnum)
        if idx < 0 or idnum not in stream.offsets:
            return generic.NullObject()
        stream.data.seek(stream.offsets[idnum])
        try:
            return generic.read_object(stream.data, generic.Reference(idnum, 0, self))
        except (PdfStreamError, PdfReadError):
            return generic.NullObject()

    def _read_index(self, stream: Any) -> "ObjectStream":
        if not isinstance(stream, generic.StreamObject) or stream["/Type"] != "/ObjStm":
            raise PdfReadError("an object is said to be in a stream that is no object stream")
        data, first, count = content_of(stream, DecodePurpose.OBJECT_STREAM), int(stream["/First"]), int(stream["/N"])
        pairs = [int(each) for each in data[:first].split()[: 2 * count]]
        numbers = pairs[::2]
        offsets = {number: first + offset for number, offset in zip(numbers, pairs[1::2], strict=False)}
        for number, times in Counter(numbers).items():
            if times > 1:  # one reader takes the first of them, another one counts: nobody gets any here
                del offsets[number]
        return ObjectStream(BytesIO(data), numbers, offsets)


def _version_of(pdf: bytes) -> tuple[int, int]:
    header = _HEADER.match(pdf)
    if header is None:
        raise PdfReadError("no header")
    return int(header[1]), int(header[2])


class ObjectStream(NamedTuple):
    """What an object stream holds (ISO 32000-2, 7.5.7)."""

    data: BytesIO
    numbers: list[int]
    """Of its objects, in their order."""
    offsets: dict[int, int]
    """Where each object starts in `data`; none for a number that stands there twice."""


class Place(NamedTuple):
    """Where one version of an object stands."""

    number: int
    generation: int
    offset: int
    """In the file; in the data of `stream`, where there is one."""
    stream: int | None


class _Strict:
    """To pyHanko, the reader; but a dictionary that names a key twice is an error, because readers differ in it."""

    strict = True

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def get_object(self, reference: Any, **options: Any) -> Any:
        return self._reader.get_object(reference, **options)


class History:
    """Every version of every object. Revisions are counted from 0."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._strict = reader, _Strict(reader)
        sections = [reader.xrefs.get_xref_data(index) for index in range(reader.xrefs.total_revisions)]
        self._sections = [_entries(section, reader) for section in sections]
        self._versions: dict[int, list[int]] = {}
        for index, section in enumerate(self._sections[1:], start=1):
            for number in section:
                self._versions.setdefault(number, []).append(index)
        self._values: dict[Place, Any] = {}
        self.stream_users = [
            section.obj_streams_used | (section.hybrid.xref_data.obj_streams_used if section.hybrid else set())
            for section in sections
        ]
        """Object streams that each revision relies upon."""

    def touched(self, revision: int) -> Iterator[int]:
        """The numbers that a revision wrote or freed."""
        return iter(self._sections[revision])

    def place(self, number: int, revision: int) -> Place | None:
        """Where the object stood as of `revision`; `None` where it did not exist."""
        for index in reversed(self._versions.get(number, ())):
            if index <= revision:
                return self._sections[index][number]
        return self._sections[0].get(number)

    def places(self) -> Iterator[Place]:
        """Every version of every object."""
        for section in self._sections:
            for place in section.values():
                if place is not None:
                    yield place

    def value(self, place: Place) -> Any:
        """The object there. Raises `Incomparable` where it cannot be read."""
        if place not in self._values:
            if len(self._values) >= MAX_READS:
                raise Incomparable(f"more than {MAX_READS} objects to compare")
            try:
                self._values[place] = plain(self._read(place))
            except (MemoryError, RecursionError, Incomparable):
                raise
            except Exception as error:  # a damaged object makes the parser raise anything at all
                raise Incomparable(f"object {place.number} cannot be read") from error
        return self._values[place]

    def trailer(self, revision: int) -> dict[str, Any]:
        """What the trailer leads to, as of `revision` (ISO 32000-2, 7.5.5). Writers' own keys lead nowhere."""
        trailer = self._reader.trailer.flatten(revision)
        return {key: plain(trailer.raw_get(key)) for key in _LEADING if key in trailer}

    def _read(self, place: Place) -> Any:
        reference = generic.Reference(place.number, place.generation, self._strict)
        if place.stream is not None:
            data = self._reader.object_stream(place.stream).data
            data.seek(place.offset)
            return generic.read_object(data, reference)
        stream = self._reader.stream
        stream.seek(place.offset)
        number, _ = read_object_header(stream, strict=False)
        if number != place.number:
            raise Incomparable(f"object {place.number} is not where the file says")
        value = generic.read_object(stream, reference)
        handler = self._reader.security_handler if self._reader.encrypted else None
        is_structure = generic.Reference(place.number, place.generation) in self._reader.xrefs.xref_stream_refs
        return value if handler is None or is_structure else generic.proxy_encrypted_obj(value, handler)


_LEADING: Final = ("/Root", "/Info", "/Encrypt")


def _entries(section: Any, reader: Reader) -> dict[int, Place | None]:
    """One cross-reference section by number; `None` for what it frees (ISO 32000-2, 7.5.4, 7.5.8)."""
    found: dict[int, Place | None] = dict.fromkeys(section.freed)
    if section.hybrid is not None:
        found |= _entries(section.hybrid.xref_data, reader)
    for number, (generation, offset) in section.standard_xrefs.items():
        found[number] = Place(number, generation, offset, None)
    for number, where in section.xrefs_in_objstm.items():
        found[number] = _in_stream(number, where, reader)
    return found


def _in_stream(number: int, where: ObjStreamRef, reader: Reader) -> Place | None:
    try:
        stream = reader.object_stream(where.obj_stream_id)
    except MemoryError:
        raise
    except Exception:  # a damaged stream makes the parser raise anything; what it should hold does not exist
        return None
    listed = stream.numbers[where.ix_in_stream : where.ix_in_stream + 1] == [number]  # some readers look there only
    return (
        Place(number, 0, stream.offsets[number], where.obj_stream_id) if listed and number in stream.offsets else None
    )
