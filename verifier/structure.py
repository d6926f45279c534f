"""Attacks on the container: checks of byte ranges and revisions that need no cryptography.

Beside pyHanko, not instead of it. Each function asks one question of the raw bytes and answers with a sentence when
the answer is bad. The names of the attacks are those of "1 Trillion Dollar Refund" (Mladenov et al., CCS 2019):
universal signature forgery (USF), incremental saving (ISA), signature wrapping (SWA).
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader

from verifier.revisions import ends_like_a_revision

_HEX: Final = b"0123456789abcdefABCDEF"
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_START: Final = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF[\r\n]*\Z")
_BLANK: Final = b"\r\n"
MAX_BLANK_TAIL: Final = 4
"""Line ends that mail gateways and editors append; they add nothing that a reader could see."""


def range_fault(pdf: bytes, byte_range: Sequence[int]) -> str | None:
    """USF, SWA: two ranges from the first byte on, and a gap that is exactly one hex string (ISO 32000-2, 12.8.1)."""
    if len(byte_range) != 4:
        return f"/ByteRange has {len(byte_range)} numbers instead of 4"
    start, length, resume, rest = byte_range
    if start != 0:
        return "the signature does not cover the first bytes of the file"
    if length <= 0 or rest <= 0 or resume <= length + 1:
        return "the two ranges of /ByteRange overlap or are empty"
    if resume + rest > len(pdf):
        return "/ByteRange ends after the end of the file"
    opening, hex_digits, closing = pdf[length : length + 1], pdf[length + 1 : resume - 1], pdf[resume - 1 : resume]
    if opening != b"<" or closing != b">" or hex_digits.translate(None, _HEX):
        return "the gap of /ByteRange is not exactly one hex string"
    return None


def contents_fault(pdf: bytes, byte_range: Sequence[int], contents: bytes, offset: int | None) -> str | None:
    """SWA: the gap is the /Contents of this very field, named once, inside this very object."""
    _, length, resume, rest = byte_range
    if offset is None or not 0 <= offset < length:
        return "the signature dictionary does not stand in front of its own /Contents"
    if bytes.fromhex(pdf[length + 1 : resume - 1].decode("ascii")) != contents:
        return "the gap of /ByteRange is not the /Contents of this field"
    if not any(contents):
        return "the field is reserved and was never signed: /Contents holds only zeros"
    closing = pdf.find(b"endobj", resume)
    head, tail = pdf[offset:length], pdf[resume : closing if closing >= 0 else resume + rest]
    if b"endobj" in head:
        return "the gap of /ByteRange belongs to another object"
    names = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), head + b" " + tail)
    for name in (b"/ByteRange", b"/Contents"):
        if names.count(name) != 1:
            return f"{name.decode()} stands {names.count(name)} times in the signature dictionary"
    return None


def end_fault(pdf: bytes, byte_range: Sequence[int]) -> str | None:
    """ISA: the last covered byte ends a revision."""
    end = byte_range[2] + byte_range[3]
    if not ends_like_a_revision(pdf, end):
        return "the signed bytes do not end where a revision of the file ends"
    return None


def tail_fault(pdf: bytes, end: int, later_revisions: int) -> str | None:
    """ISA: what follows `end` is exactly the later revisions that the cross-reference chain names, and no more.

    Lenient readers rebuild a file from whatever stands behind the last marker, so bytes that no chain reaches are
    content for them and invisible to us.
    """
    tail = pdf[end:]
    if not tail.strip(_BLANK) and len(tail) <= MAX_BLANK_TAIL:
        return None
    if later_revisions == 0:
        return "bytes were appended that belong to no revision"
    if not ends_like_a_revision(pdf, end + len(tail.rstrip(_BLANK))):  # of the tail alone: a large file is not copied
        return "bytes were appended after the last revision"
    for word in (b"startxref", b"%%EOF"):
        if tail.count(word) > later_revisions:
            return "the file holds a later revision that its cross-reference chain leaves out"
    return None


def overlap_fault(byte_ranges: Sequence[Sequence[int]]) -> str | None:
    """No two signatures share a gap: a copied signature dictionary points at another one's bytes."""
    gaps = sorted((each[1], each[2]) for each in byte_ranges)
    for (_, resume), (length, _) in pairwise(gaps):
        if length < resume:
            return "two signatures claim the same bytes as their /Contents"
    return None


def boundary_fault(pdf: bytes, reader: PdfFileReader, revision: int, end: int) -> str | None:
    """SWA: the signed bytes hold every cross-reference section up to `revision`, and end by naming its section."""
    for index in range(revision + 1):
        if reader.xrefs.get_xref_container_info(index).end_location > end:
            return "a cross-reference section of the signed revision is not covered"
    named = _START.search(pdf, max(0, end - 64), end)
    if named is None or int(named[1]) != reader.xrefs.get_startxref_for_revision(revision):
        return "the signed bytes end with another revision than the one the file opens"
    return None


def hybrid_fault(reader: PdfFileReader) -> str | None:
    """A hybrid file whose two cross-reference views disagree shows one content here and another there.

    ISO 32000-2, 7.5.8.4: an old reader sees the tables alone, a new one the streams beside them. Office programs write
    such files every day, so they are read; but no object may be found at two places.
    """
    xrefs = reader.xrefs
    sections = [xrefs.get_xref_data(index) for index in range(xrefs.total_revisions)]
    for index, section in enumerate(sections):
        if section.hybrid is None:
            continue
        hidden = section.hybrid.xref_data
        places = {number: place for number, (_, place) in hidden.standard_xrefs.items()} | hidden.xrefs_in_objstm
        for number, place in places.items():
            if number in section.standard_xrefs:
                continue  # the table is looked up first in both views; writers that update such files repeat /XRefStm
            for older in reversed(sections[:index]):
                if number in older.standard_xrefs:
                    if older.standard_xrefs[number][1] != place:
                        return f"object {number} differs between the two cross-reference views of this hybrid file"
                    break
                if number in older.freed:
                    break
    return None
