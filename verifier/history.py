"""pyHanko's reader and its view of one revision, with two answers made exact and one made quick. Imports pyHanko.

1. A number that no earlier revision defined is new, also below the old /Size: writers reuse free numbers. That an
   earlier revision may already *refer* to such a number is a question of its own (`changes._defined_later`).
2. Freeing a number that was never in use changes nothing.
3. The index of an object stream is read once, not once for each of its objects, which made large office documents
   cost seconds.
"""

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader


class Revision(HistoricalResolver):  # type: ignore[misc]  # pyHanko is read without its types
    """The file as it stood at one revision."""

    def in_use(self, reference: generic.Reference) -> bool:
        """Whether this revision defines the object."""
        return self.reader.xrefs.get_historical_ref(reference, self.revision) is not None

    def is_ref_unassignable(self, ref: generic.Reference) -> bool:
        """Whether the object is newer than this revision (pyHanko's name for it)."""
        return not self.in_use(ref)

    def explicit_refs_in_revision(self) -> set[generic.Reference]:
        """What this revision wrote or freed, without what it freed idly."""
        written: set[generic.Reference] = super().explicit_refs_in_revision()
        return written - self._freed_idly()

    def refs_freed_in_revision(self) -> set[generic.Reference]:
        """What this revision freed although it was in use."""
        freed: set[generic.Reference] = super().refs_freed_in_revision()
        return freed - self._freed_idly()

    def _freed_idly(self) -> set[generic.Reference]:
        if self.revision == 0:
            return set()
        before = self.reader.get_historical_resolver(self.revision - 1)
        return {ref for ref in super().refs_freed_in_revision() if not before.in_use(ref)}


class Reader(PdfFileReader):  # type: ignore[misc]  # pyHanko is read without its types
    """pyHanko's reader, tolerant, over our view of revisions."""

    def __init__(self, pdf: bytes) -> None:
        self._indexes: dict[int, tuple[BytesIO, dict[int, int]]] = {}
        super().__init__(BytesIO(pdf), strict=False)

    def get_historical_resolver(self, revision: int) -> Revision:
        """The file as it stood at `revision` (from 0)."""
        known: Revision | None = self._historical_resolver_cache.get(revision)
        if known is None:
            known = self._historical_resolver_cache[revision] = Revision(self, revision)
        return known

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        """pyHanko's answer in tolerant mode (ISO 32000-2, 7.5.7): null for what the stream does not hold."""
        data, offsets = self._index(stmnum)
        if idx < 0 or idnum not in offsets:
            return generic.NullObject()
        data.seek(offsets[idnum])
        try:
            return generic.read_object(data, generic.Reference(idnum, 0, self))
        except (PdfStreamError, PdfReadError):
            return generic.NullObject()

    def _index(self, number: int) -> tuple[BytesIO, dict[int, int]]:
        known = self._indexes.get(number)
        if known is None:
            known = self._indexes[number] = self._read_index(generic.Reference(number, 0, self).get_object())
        return known

    def _read_index(self, stream: Any) -> tuple[BytesIO, dict[int, int]]:
        if not isinstance(stream, generic.StreamObject) or stream["/Type"] != "/ObjStm":
            raise PdfReadError("an object is said to be in a stream that is no object stream")
        data, first, count = stream.read_data(DecodePurpose.OBJECT_STREAM), int(stream["/First"]), int(stream["/N"])
        numbers = [int(each) for each in data[:first].split()[: 2 * count]]
        offsets: dict[int, int] = {}
        for number, offset in zip(numbers[::2], numbers[1::2], strict=False):
            offsets.setdefault(number, first + offset)
        return BytesIO(data), offsets
