"""pyHanko's reader and its view of one revision, with three answers made exact. Imports pyHanko.

1. A number that no earlier revision defined is new, also below the old /Size: writers reuse free numbers. That an
   earlier revision may already *refer* to such a number is a question of its own (`changes._defined_later`).
2. Freeing a number that was never in use changes nothing.
3. Each revision is looked at once, whoever asks.
"""

from pyhanko.pdf_utils import generic
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
    """pyHanko's reader over our view of revisions."""

    def get_historical_resolver(self, revision: int) -> Revision:
        """The file as it stood at `revision` (from 0)."""
        known: Revision | None = self._historical_resolver_cache.get(revision)
        if known is None:
            known = self._historical_resolver_cache[revision] = Revision(self, revision)
        return known
