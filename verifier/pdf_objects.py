"""Two small things that pyHanko's objects lack: a tolerant look-up, and a hex string read in one go.

pyHanko reads hex strings byte by byte, and the /Contents of a signature has tens of thousands: half of the time of a
validation. The replacement answers alike for every input (a property test holds it to that) and is put in place once,
when this module is imported.
"""

import os
from binascii import unhexlify
from typing import Any, BinaryIO, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfStreamError

_WHITESPACE: Final = b" \n\r\t\f\x00"
_DIGITS: Final = b"0123456789abcdefABCDEF"
_FIRST_CHUNK: Final = 256  # most hex strings are identifiers of 32 digits
_LARGEST_CHUNK: Final = 1 << 20

_byte_by_byte: Final = generic.read_hex_string_from_stream


def entry(dictionary: generic.DictionaryObject, key: str) -> Any:
    """The value under `key` behind any reference, `None` where there is none (ISO 32000-2, 7.3.7)."""
    return dictionary[key] if key in dictionary else None  # noqa: SIM401  # pyHanko's `get` does not follow references


def read_hex_string(stream: BinaryIO) -> generic.PdfObject:
    """Read `<…>` from the stream's position on. Raises pyHanko's `PdfStreamError` for anything else."""
    start = stream.tell()
    stream.read(1)
    chunks, size = [], _FIRST_CHUNK
    while True:
        chunk = stream.read(size)
        if not chunk:
            raise PdfStreamError("Stream ended prematurely")
        end = chunk.find(b">")
        chunks.append(chunk if end < 0 else chunk[:end])
        if end >= 0:
            stream.seek(end + 1 - len(chunk), os.SEEK_CUR)
            break
        size = min(size * 4, _LARGEST_CHUNK)
    digits = b"".join(chunks).translate(None, _WHITESPACE)
    if digits.translate(None, _DIGITS):
        stream.seek(start)  # comments inside hex strings, and errors in their own words
        return _byte_by_byte(stream)
    return generic.pdf_string(unhexlify(digits + b"0" * (len(digits) % 2)))


generic.read_hex_string_from_stream = read_hex_string
