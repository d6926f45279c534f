"""Our reader and pyHanko's say the same of every object of every document, whatever became of its octets."""

import io
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.document import Document
from signer.errors import DocumentRefused
from signer.intake import IntakeLimits, inspect, new_decode_limits
from signer.plain_objects import NotPlain, read_plain
from signer.reading import Reader
from tests.support.letters import conforming, encrypted, letter, packed_by_hand, saved, with_lock, written_by_hand
from tests.support.shared import corpus, documents
from tests.vectors.file_shapes import with_xref_stream

LIMITS = IntakeLimits()


def resaved(**options: object) -> bytes:
    with pikepdf.open(io.BytesIO(letter())) as opened:
        return saved(opened, **options)


SHAPES: dict[str, Callable[[], bytes]] = {
    "table": letter,
    "tagged": lambda: conforming("a-2a", "ua-1"),
    "object streams": lambda: resaved(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearised": lambda: resaved(linearize=True),
    "form": lambda: with_lock("DocMDP", P=2),
    "encrypted": encrypted,
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)  # pyHanko's remarks about strangers' documents
    yield
    logging.disable(logging.NOTSET)


def shape(value: Any) -> Any:
    """Everything about an object that anybody could read from it, in comparable form."""
    if isinstance(value, generic.DecryptedObjectProxy):
        return "encrypted", shape(value.raw_object)
    at = value.container_ref
    head = type(value).__name__, getattr(at, "idnum", None), getattr(at, "generation", None)
    if isinstance(value, generic.StreamObject):
        return *head, entries(value), value.encoded_data
    if isinstance(value, generic.DictionaryObject):
        return *head, entries(value)
    if isinstance(value, generic.ArrayObject):
        return *head, [shape(each) for each in list.__iter__(value)]
    if isinstance(value, generic.IndirectObject):
        return *head, value.idnum, value.generation
    return head if isinstance(value, generic.NullObject) else (*head, repr(value))


def entries(value: generic.DictionaryObject) -> Any:
    return [(type(key), key, shape(dict.__getitem__(value, key))) for key in value]


def outcome(act: Callable[[], object]) -> object:
    """What `act` gives, or that it fails."""
    try:
        return act()
    except Exception:
        return "fails"


def require_same(pdf: bytes) -> None:
    theirs: Any = outcome(lambda: PdfFileReader(io.BytesIO(pdf), False, new_decode_limits(LIMITS)))
    ours: Any = outcome(lambda: Reader(Document.of(pdf), new_decode_limits(LIMITS)))
    if "fails" in (theirs, ours):
        assert ours == theirs
        return
    assert entries(ours.trailer.flatten()) == entries(theirs.trailer.flatten())
    assert ours.has_xref_stream == theirs.has_xref_stream
    for number in range(min(int(theirs.trailer["/Size"]), 5_000) + 2):
        for generation in (0, 1):
            assert outcome(partial(read, ours, number, generation)) == outcome(
                partial(read, theirs, number, generation)
            ), (number, generation)


def read(reader: PdfFileReader, number: int, generation: int) -> Any:
    return shape(reader.get_object(generic.Reference(number, generation, reader)))


@pytest.mark.parametrize("filters", [None, b"\2", b"\0", b"\1", b"\2\1\0", b"\2\2\2\1"])
def test_rows_of_a_cross_reference_stream_are_the_same_behind_every_filter(filters: bytes | None) -> None:
    """pyHanko adds up Up alone; what it makes of None and Sub leads nowhere, and such a file is refused as broken."""
    pdf = with_xref_stream(filters=filters)
    require_same(pdf)
    if filters in (None, b"\2"):
        assert Reader(Document.of(pdf), new_decode_limits(LIMITS)).root["/Pages"]["/Count"] == 1
    else:
        with pytest.raises(DocumentRefused) as refused:
            inspect(pdf, LIMITS)
        assert refused.value.reason == "broken"


@pytest.mark.parametrize("name", SHAPES)
def test_a_document_reads_as_pyhanko_reads_it(name: str) -> None:
    require_same(SHAPES[name]())


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_a_real_document_reads_as_pyhanko_reads_it(path: Any) -> None:
    require_same(path.read_bytes())


def test_over_the_hostile_corpus_the_readers_agree() -> None:
    for case in corpus():
        require_same(case.path.read_bytes())


@given(data=st.data())
def test_a_spoilt_document_reads_as_pyhanko_reads_it(data: st.DataObject) -> None:
    objects = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Count 1 /Kids [3 0 R] >>", b"<< /Parent 2 0 R /N (a) >>")
    pdf = bytearray(data.draw(st.sampled_from([written_by_hand, packed_by_hand]))(*objects))
    for _ in range(data.draw(st.integers(1, 4))):
        pdf[data.draw(st.integers(9, len(pdf) - 1))] = data.draw(st.sampled_from(b"0159 \n\r<>[]()/nfRx%\\\0\xff"))
    require_same(bytes(pdf))


PIECES = st.sampled_from(
    b"<<,>>,[,],/A,/B#20,/,1,0,R,R1, ,\n,\0,-1.5,.,+3,1 0 R,(a),(,),\\,<61>,<6,>,true,false,null,stream,%,x".split(b",")
)


@given(st.lists(PIECES, min_size=1, max_size=14).map(b" ".join) | st.lists(PIECES).map(b"".join))
def test_what_is_plain_is_what_pyhanko_reads(text: bytes) -> None:
    text = b"[" + text + b"]"
    reader = Reader(Document.of(written_by_hand(b"<< /Type /Catalog >>")), new_decode_limits(LIMITS))
    reference = generic.Reference(7, 0, reader)
    try:
        ours, end = read_plain(text + b" endobj", 0, reference)
    except NotPlain:
        return
    source = io.BytesIO(text.lstrip(b"\0\t\n\f\r ") + b" endobj")
    assert shape(ours) == shape(generic.read_object(source, reference))
    assert source.read().lstrip(b"\0\t\n\f\r ") == (text + b" endobj")[end:].lstrip(b"\0\t\n\f\r ")


def test_a_key_that_comes_twice_is_left_to_pyhanko() -> None:
    reader = Reader(Document.of(written_by_hand(b"<< /Type /Catalog >>")), new_decode_limits(LIMITS))
    for text in (b"<< /A 1 /A 2 >>", b"<< /A << /B 1 /B 1 >> >>", b"[" * 60 + b"]" * 60, b"<< /A (\\)) >>"):
        with pytest.raises(NotPlain):
            read_plain(text, 0, generic.Reference(1, 0, reader))
