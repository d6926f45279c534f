"""Something more on a page, as an incremental update: after what is there, and whatever that leaves behind.

A page's own content may end inside of a saved graphics state, or restore one that nobody saved: readers forgive it,
and what follows would be drawn askew. So its `q` and `Q` are counted, and ours stand around it in equal number.
"""

import re
import zlib
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfDecodeLimitError, PdfStreamError

from signer.pdf_objects import Dictionary, look_up
from signer.revision import Revision
from signer.sheet import Box, box_of, inherited

_MARK: Final = re.compile(
    rb"%[^\r\n]*"  # comment
    rb"|\("  # string: skipped by hand, as it may hold others
    rb"|<(?!<)[^>]*>"  # hexadecimal string
    rb"|/[^\s\[\]<>(){}/%]*"  # name
    rb"|(?<![^\s\[\]<>(){}])(?:q|Q|BI)(?![^\s\[\]<>(){}/%])"  # the operators in question
)
_STRING: Final = re.compile(rb"\\.|[()]", re.DOTALL)
_IMAGE_END: Final = re.compile(rb"\sEI(?=[\s/]|$)")
_ARTIFACT: Final = re.compile(rb"/Subtype /Footer [^>]*>> BDC q ((?:-?[0-9.]+ ){6})cm (/TekenFooter[0-9]+) Do Q EMC$")
_LONGEST_ARTIFACT: Final = 4_096  # octets; ours has some 150, and nobody decodes more for it
_MOST_LEVELS: Final = 1_000


def add_artifact(revision: Revision, page_ref: generic.IndirectObject, form: generic.IndirectObject, at: bytes) -> None:
    """Draw `form` on the page with the matrix `at` (six numbers), as a pagination artifact: no part of its text."""
    page = page_ref.get_object()
    streams = _streams(page)
    before, after = _around(streams)
    name = _add_resource(page, form)
    artifact = b"/Artifact <</Type /Pagination /Subtype /Footer /Attached [/Bottom]>> BDC q %s cm %s Do Q EMC" % (
        at,
        name.encode(),
    )
    page[pdf_name("/Contents")] = generic.ArrayObject(
        [
            revision.add_object(generic.StreamObject(stream_data=b"q\n" * before)),
            *streams,
            revision.add_object(generic.StreamObject(stream_data=b"\n" + b"Q\n" * after + artifact)),
        ]
    )
    revision.mark_update(page_ref)


def artifact_box(page: Dictionary) -> Box | None:
    """Where `add_artifact` drew on the page last, in its user space; `None` where it did not."""
    streams = _streams(page)
    if not streams or len(streams[-1].get_object().encoded_data) > _LONGEST_ARTIFACT:
        return None
    found = _ARTIFACT.search(_decoded(streams[-1]))
    if found is None:
        return None
    form = look_up(look_up(look_up(page, "/Resources"), "/XObject"), found[2].decode())
    box = box_of(look_up(form, "/BBox"))
    a, b, c, d, e, f = (float(number) for number in found[1].split())
    if box is None:
        return None
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in box[0::2] for y in box[1::2]]
    across, up = zip(*corners, strict=True)
    return min(across), min(up), max(across), max(up)


def _streams(page: Dictionary) -> list[generic.IndirectObject]:
    """References to the streams of the page's content."""
    if look_up(page, "/Contents") is None:
        return []
    raw = page.raw_get("/Contents")
    found = raw.get_object() if isinstance(raw, generic.IndirectObject) else raw
    parts = list(found) if isinstance(found, generic.ArrayObject) else [raw]
    if not all(isinstance(part, generic.IndirectObject) for part in parts):
        raise ValueError("page content that is no object of its own")
    return [part for part in parts if isinstance(part.get_object(), generic.StreamObject)]


def _around(streams: list[generic.IndirectObject]) -> tuple[int, int]:
    """How many `q` go before the content and how many `Q` after it, so that what follows starts afresh."""
    lowest, last = depths(b"\n".join(map(_decoded, streams)))
    if -lowest > _MOST_LEVELS or last > _MOST_LEVELS:
        raise ValueError("page content whose graphics states are out of balance")
    before = 1 + max(0, -lowest)
    return before, before + last


def _decoded(stream: generic.IndirectObject) -> bytes:
    """The stream's content; nothing where it cannot be decoded, as readers then draw nothing. Limits still hold."""
    try:
        return bytes(stream.get_object().data)
    except PdfDecodeLimitError:
        raise
    except (zlib.error, PdfStreamError):
        return b""


def depths(content: bytes) -> tuple[int, int]:
    """The lowest and the last depth of saved graphics states; both are 0 where every `q` has its `Q`."""
    depth = lowest = position = 0
    while (found := _MARK.search(content, position)) is not None:
        position, mark = found.end(), found[0]
        if mark == b"q":
            depth += 1
        elif mark == b"Q":
            depth -= 1
            lowest = min(lowest, depth)
        elif mark == b"(":
            position = _after_string(content, position)
        elif mark == b"BI":
            end = _IMAGE_END.search(content, position)
            position = end.end() if end is not None else len(content)
    return lowest, depth


def _after_string(content: bytes, position: int) -> int:
    level = 1
    while level and (found := _STRING.search(content, position)) is not None:
        position = found.end()
        level += {b"(": 1, b")": -1}.get(found[0], 0)
    return position if not level else len(content)


def _add_resource(page: Dictionary, form: generic.IndirectObject) -> str:
    """`form` under a new name among the page's own resources; those that it shares with others stay as they are."""
    resources = generic.DictionaryObject(inherited(page, "/Resources") or {})
    objects = generic.DictionaryObject(look_up(resources, "/XObject") or {})
    number = 1
    while f"/TekenFooter{number}" in objects:
        number += 1
    name = f"/TekenFooter{number}"
    objects[pdf_name(name)] = form
    resources[pdf_name("/XObject")] = objects
    page[pdf_name("/Resources")] = resources
    return name
