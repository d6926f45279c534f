"""A reader of a stranger's PDF that looks up what it needs, and does each piece of work once. Imports pyHanko.

pyHanko makes a Python object of every cross-reference entry before anything else is read, and decodes an object stream
and its index again for each object in it. Here an entry is looked up when its object is wanted, in the octets of the
table, and an object stream is opened once. How objects are parsed, and what is forgiven, stays pyHanko's; whatever
looks unusual is left to it altogether.
"""

import io
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeContext, DecodeLimits, DecodePurpose
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError, read_non_whitespace
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.pdf_utils.xref import XRefCache

from signer.document import Document
from signer.plain_objects import NotPlain, read_plain
from signer.xref import LazyXRefBuilder, Place

_HEADER: Final = re.compile(rb"%PDF-(\d).(\d)")
_BEGIN: Final = re.compile(rb"(\d{1,9}) (\d{1,5}) obj(?=[\0\t\n\f\r <\[(/])")
_FINISH: Final = re.compile(rb"[\0\t\n\f\r ]*endobj")
_MORE: Final = re.compile(rb"[\0\t\n\f\r ]*[s%]")  # a stream's payload, or a comment
_WINDOW: Final = 4096  # octets in which an object of plain syntax is expected to end
_INTEGERS: Final = re.compile(rb"[\0\t\n\f\r \d]*")


@dataclass(frozen=True, slots=True)
class ObjectStream:
    """A decoded object stream (ISO 32000-2, 7.5.7)."""

    content: bytes
    count: int
    offsets: dict[int, int]
    """Where each object begins; of equal numbers the first one counts, as pyHanko reads them."""


class Reader(PdfFileReader):  # type: ignore[misc]  # pyHanko's types stay outside (follow_imports)
    """A document, read as pyHanko reads it when it is not strict."""

    def __init__(self, document: Document, decode_limits: DecodeLimits) -> None:
        """Does what its parent does, with a builder of our own; raises what pyHanko raises on a broken file."""
        self.strict = False
        self._document = document
        self._plain = False
        self.stream = document.reader()
        self.resolved_objects: dict[tuple[int, int], Any] = {}
        self._object_streams: dict[int, ObjectStream | None] = {}
        self._decode_context = DecodeContext(decode_limits, input_size=len(document))
        self._security_handler = self._input_version = self._embedded_signatures = None
        self._historical_resolver_cache: dict[int, Any] = {}
        self._header_version = _version_of(document)
        self.stream.seek(-1, io.SEEK_END)
        builder = LazyXRefBuilder(self, document, process_data_at_eof(self.stream))
        self.xrefs = XRefCache(self, builder.read_xrefs())
        self.last_startxref = builder.last_startxref
        self.trailer = builder.trailer
        self.has_xref_stream = builder.has_xref_stream
        self._plain = "/Encrypt" not in self.trailer

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> generic.PdfObject:
        """Called by pyHanko for an object that lies in an object stream."""
        if stmnum not in self._object_streams:
            self._object_streams[stmnum] = _opened(generic.Reference(stmnum, 0, self).get_object())
        found = self._object_streams[stmnum]
        if found is None or idnum not in found.offsets or not 0 <= idx < found.count:
            return super()._get_object_from_stream(idnum, stmnum, idx)
        reference, start = generic.Reference(idnum, 0, self), found.offsets[idnum]
        with suppress(NotPlain):
            plain, end = read_plain(found.content, start, reference)
            if _MORE.match(found.content, end) is None:
                return plain
        source = io.BytesIO(found.content)
        source.seek(start)
        try:
            found_object = generic.read_object(source, reference)
        except (PdfStreamError, PdfReadError):
            found_object = generic.NullObject()  # as pyHanko does, after other readers
        if not isinstance(found_object, generic.StreamObject | generic.IndirectObject):
            read_non_whitespace(source, seek_back=True, allow_eof=True)
        return found_object

    def _read_object(self, ref: generic.Reference, marker: Place, *more: bool, **named: bool) -> generic.PdfObject:
        """Called by pyHanko for any object: `marker` says where it is."""
        if self._plain and isinstance(marker, int) and not any((*more, *named.values())):
            text = self._document[marker : marker + _WINDOW]
            begin = _BEGIN.match(text)
            with suppress(NotPlain):
                if begin is not None and (int(begin[1]), int(begin[2])) == (ref.idnum, ref.generation):
                    plain, end = read_plain(text, begin.end(), generic.Reference(ref.idnum, ref.generation, self))
                    if _FINISH.match(text, end) is not None:
                        return plain
        return super()._read_object(ref, marker, *more, **named)


def _version_of(document: Document) -> tuple[int, int]:
    header = _HEADER.match(document[:16])
    if header is None:
        raise PdfReadError("no header")
    return int(header[1]), int(header[2])


def _opened(container: generic.PdfObject) -> ObjectStream | None:
    """The stream with its index; `None` where pyHanko has to judge what is wrong with it."""
    if not isinstance(container, generic.StreamObject) or container["/Type"] != "/ObjStm":
        return None
    content = container.read_data(DecodePurpose.OBJECT_STREAM)
    first, count = int(container["/First"]), int(container["/N"])
    index = content[: max(first, 0)]
    numbers = index.replace(b"\0", b" ").split()[: 2 * max(count, 0)] if _INTEGERS.fullmatch(index) else []
    if len(numbers) != 2 * count:
        return None
    offsets: dict[int, int] = {}
    for number, offset in zip(numbers[::2], numbers[1::2], strict=True):
        offsets.setdefault(int(number), first + int(offset))
    return ObjectStream(content, count, offsets)
