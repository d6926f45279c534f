"""Where one revision of a PDF ends and the next begins, by bytes alone (ISO 32000-2, 7.5.6)."""

import hashlib
import re
from typing import Final

MAX_PREFIXES: Final = 32  # a letter with its signatures and renewals has fewer; more is an attack on our time

_END: Final = re.compile(rb"%%EOF(\r\n|\n|\r)?")


def ends_like_a_revision(pdf: bytes, end: int) -> bool:
    """Whether `pdf[:end]` ends with an end-of-file marker and at most its line end."""
    return pdf[max(0, end - 7) : end].rstrip(b"\r\n").endswith(b"%%EOF")


def prefix_digests(pdf: bytes) -> tuple[str, ...]:
    """SHA-256, hex, of the earlier revisions of `pdf`, newest first: how a register knows a file that grew.

    Each end counts twice where a line end follows it, because writers differ in where the next revision begins.
    """
    ends: set[int] = set()
    for marker in _END.finditer(pdf):
        ends.update((marker.start() + 5, marker.end()))
    ends.discard(len(pdf))
    digest, start, found = hashlib.sha256(), 0, []
    for end in sorted(ends)[-2 * MAX_PREFIXES :]:
        digest.update(memoryview(pdf)[start:end])
        start = end
        found.append(digest.hexdigest())
    return tuple(reversed(found))
