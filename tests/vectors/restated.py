"""The later revisions of a file, written anew behind the same signed bytes: other numbers, another kind of section.

What was signed stays where it is, so that only the analysis of what came later can tell an attack. Deterministic.
"""

import random
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.xref import read_object_header

from tests.vectors.furnished import QuietWriter
from verifier.history import History, Place, Reader


def restated(pdf: bytes, end: int, revision: int, *, seed: int, streams: bool) -> bytes:
    """`pdf` up to `end`, where `revision` (from 0) ended, and each later revision written by another program.

    `streams`: with cross-reference streams where the file has tables.
    """
    reader = Reader(pdf)
    history = History(reader)
    made, names = pdf[:end], dict[int, int]()
    for index in range(revision + 1, reader.xrefs.total_revisions):
        writer = QuietWriter(made)
        writer.stream_xrefs = streams or writer.stream_xrefs
        places = [place for number in history.touched(index) if (place := history.place(number, index)) is not None]
        random.Random(seed).shuffle(places)  # noqa: S311  # no secret: the same file every time
        for place in places:
            if place.number not in names:
                existed = history.place(place.number, revision) is not None
                names[place.number] = place.number if existed else writer.allocate_placeholder().idnum
        for place in places:
            value = _read(reader, place)
            if isinstance(value, generic.StreamObject) and value.get("/Type") in ("/XRef", "/ObjStm"):
                continue
            writer.objects[(place.generation, names[place.number])] = _renamed(value, names, writer)
        out = BytesIO()
        writer.write(out)
        made = out.getvalue()
    return made


def _read(reader: Reader, place: Place) -> Any:
    """What stands there, whatever number it gives itself: attacks point at other objects than they say."""
    source = reader.stream if place.stream is None else reader.object_stream(place.stream).data
    source.seek(place.offset)
    if place.stream is None:
        read_object_header(source, strict=False)
    return generic.read_object(source, generic.Reference(place.number, place.generation, reader))


def _renamed(value: Any, names: dict[int, int], writer: QuietWriter) -> Any:
    if isinstance(value, generic.IndirectObject):
        return generic.IndirectObject(names.get(value.idnum, value.idnum), value.generation, writer)
    if isinstance(value, generic.StreamObject):
        entries = {key: _renamed(each, names, writer) for key, each in value.items() if key != "/Length"}
        return generic.StreamObject(entries, encoded_data=value.encoded_data)
    if isinstance(value, generic.DictionaryObject):
        return generic.DictionaryObject({key: _renamed(each, names, writer) for key, each in value.items()})
    if isinstance(value, generic.ArrayObject):
        return generic.ArrayObject([_renamed(each, names, writer) for each in value])
    return value
