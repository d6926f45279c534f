"""Dictionaries that say two things: a key that comes twice (forbidden by ISO 32000-2, 7.3.7, and seen in the wild).

Readers disagree: pyHanko takes the first value, qpdf, MuPDF and pdf.js the last. An incremental update writes a changed
dictionary anew with one of them, so signing could quietly change what people see. Every dictionary that we are about to
write anew is therefore read again from its source, and refused if it is ambiguous, with one exception: wishes about the
reader's window, of which the last one is kept.
"""

import io
from typing import IO, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfStrictReadError, read_non_whitespace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef, read_object_header

from signer.errors import DocumentRefused

_HARMLESS: Final = frozenset({"/PageMode", "/PageLayout", "/ViewerPreferences", "/Lang"})


class _Strict:
    """As much of a PDF handler as parsing asks for; with it, pyHanko raises where a key comes twice."""

    strict: Final = True


def settle(reader: PdfFileReader, reference: generic.Reference) -> None:
    """Give harmless keys of a dictionary their last value, in `reader`'s own copy; refuse any other ambiguity."""
    repeated = _repeated_keys(reader, reference)
    if not repeated:
        return
    if not repeated <= _HARMLESS:
        raise _ambiguous()
    known = generic.Reference(reference.idnum, reference.generation, reader)
    last = dict(_entries(_source(reader, reference), known))
    dictionary = reference.get_object()
    for key in repeated:
        dictionary[key] = last[key]


def refuse_ambiguous(reader: PdfFileReader, reference: generic.Reference) -> None:
    """Nothing, or `DocumentRefused` where this object, or one directly inside it, has a key twice."""
    if _repeated_keys(reader, reference):
        raise _ambiguous()


def _repeated_keys(reader: PdfFileReader, reference: generic.Reference) -> frozenset[str]:
    """Keys that come twice in the object itself; where one does deeper inside, the document is refused at once."""
    source = _source(reader, reference)
    strict = generic.Reference(reference.idnum, reference.generation, _Strict())
    start = source.tell()
    try:
        if source.read(2) != b"<<":
            source.seek(start)
            generic.read_object(source, strict)
            return frozenset()
        source.seek(start)
        keys = [key for key, _ in _entries(source, strict)]
    except PdfStrictReadError as error:
        raise _ambiguous() from error
    return frozenset(key for key in keys if keys.count(key) > 1)


def _entries(source: IO[bytes], reference: generic.Reference) -> list[tuple[str, generic.PdfObject]]:
    """Every entry of the dictionary that starts here, repeated ones included."""
    source.seek(2, io.SEEK_CUR)
    entries = []
    while read_non_whitespace(source, seek_back=True) != b">":
        key = generic.NameObject.read_from_stream(source)
        read_non_whitespace(source, seek_back=True)
        entries.append((key, generic.read_object(source, reference)))
    return entries


def _source(reader: PdfFileReader, reference: generic.Reference) -> IO[bytes]:
    """A stream that stands where the object's own octets begin."""
    place = reader.xrefs[reference]
    if not isinstance(place, ObjStreamRef):
        stream: IO[bytes] = reader.stream
        stream.seek(place)
        read_object_header(stream, strict=False)
        read_non_whitespace(stream, seek_back=True)
        return stream
    container = generic.Reference(place.obj_stream_id, 0, reader).get_object()
    data, first = container.read_data(DecodePurpose.OBJECT_STREAM), int(container["/First"])
    numbers = [int(number) for number in data[:first].split()]
    offsets = dict(zip(reversed(numbers[::2]), reversed(numbers[1::2]), strict=True))  # the first of equal numbers wins
    stream = io.BytesIO(data)
    stream.seek(first + offsets[reference.idnum])
    read_non_whitespace(stream, seek_back=True)
    return stream


def _ambiguous() -> DocumentRefused:
    message = "A part of the PDF that signing has to extend says two different things. Export it again."
    return DocumentRefused(message, field="document", reason="ambiguous")
