"""Which object numbers do the first revisions of a file refer to? Read from the bytes, each of them once.

Over-approximate on purpose: a number in a string or in compressed noise counts as well. A reference that is overlooked
would let a shadow attack through; one too many costs, at worst, one honest file in a billion its verdict.
"""

import re
from typing import Final

from verifier.history import Reader

_GAP: Final = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*[\r\n])++"  # white space and comments (ISO 32000-2, 7.2.3, 7.2.4)
_REFERENCE: Final = re.compile(rb"(?<!\d)(\d++)" + _GAP + rb"\d++" + _GAP + rb"R")
_LONGEST: Final = 12  # digits; no file has more objects


class References:
    """Numbers referred to, cumulated revision by revision."""

    def __init__(self, pdf: bytes, reader: Reader) -> None:
        self._pdf, self._reader = pdf, reader
        self._cumulated: list[frozenset[int]] = []
        self._scanned = 0

    def up_to(self, revision: int) -> frozenset[int]:
        """Every number that anything up to `revision` (from 0) refers to, object streams included."""
        while len(self._cumulated) <= revision:
            self._cumulated.append(self._next())
        return self._cumulated[revision]

    def _next(self) -> frozenset[int]:
        revision = len(self._cumulated)
        known = self._cumulated[-1] if self._cumulated else frozenset()
        end = self._reader.xrefs.get_xref_container_info(revision).end_location
        found = _numbers(self._pdf, self._scanned, end)
        self._scanned = max(self._scanned, end)
        view = self._reader.get_historical_resolver(revision)
        for stream in self._reader.xrefs.object_streams_used_in(revision):
            data = view(stream).data
            found |= _numbers(data, 0, len(data))
        return known | found


def _numbers(data: bytes, start: int, end: int) -> set[int]:
    return {int(digits.lstrip(b"0")[:_LONGEST] or b"0") for digits in _REFERENCE.findall(data, start, end)}
