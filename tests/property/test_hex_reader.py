"""The quick hex reader answers as pyHanko's own does, for every input."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

from verifier.pdf_objects import _byte_by_byte, read_hex_string

SOME = st.binary(max_size=60) | st.text("0123456789abcdefABCDEF \n%>", max_size=600).map(str.encode)


def answer(read: object, data: bytes) -> object:
    stream = BytesIO(data)
    try:
        value = read(stream)  # type: ignore[operator]  # one of two functions
    except PdfReadError:
        return "refused"
    return type(value), value.original_bytes, stream.tell()


@given(inside=SOME, after=st.binary(max_size=20))
def test_the_quick_reader_equals_the_slow_one(inside: bytes, after: bytes) -> None:
    data = b"<" + inside + b">" + after
    assert answer(read_hex_string, data) == answer(_byte_by_byte, data)


def test_it_is_the_one_that_pyhanko_calls() -> None:
    assert generic.read_hex_string_from_stream is read_hex_string
