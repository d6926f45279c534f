"""What a document's metadata claims of it: PDF/A-1 (ISO 19005-1, 6.7.11), PDF/UA (ISO 14289-1, clause 5)."""

import re
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfStreamError

from signer.pdf_objects import Dictionary, look_up

_PDFA_1: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*1\s*[\"'<]")


def claims_pdfa_1(root: Dictionary) -> bool:
    """Whether it says to be PDF/A-1, whose rules are stricter than those of all later parts."""
    return _PDFA_1.search(_metadata(root)) is not None


def claims_pdf_ua(root: Dictionary) -> bool:
    """Whether it says to be PDF/UA."""
    return b"pdfuaid" in _metadata(root)


def _metadata(root: Dictionary) -> bytes:
    """The XMP packet; empty where there is none that can be read, which then claims nothing."""
    stream = look_up(root, "/Metadata")
    if not isinstance(stream, generic.StreamObject):
        return b""
    try:
        return stream.read_data(DecodePurpose.XMP_METADATA)  # type: ignore[no-any-return]  # pyHanko is read without its types
    except PdfStreamError:
        return b""
