"""A difference rule: inside the document security store everything may change (EN 319 142-1, 5.4). Imports pyHanko.

pyHanko's own rule refuses a changed /VRI entry, which real augmenting software writes. The store holds evidence only:
what it says is judged wherever it is used, and nothing in it is ever drawn.
"""

from collections.abc import Iterable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import map_with_return
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import ReferenceUpdate, SuspiciousModification
from pyhanko.sign.diff_analysis.commons import compare_key_refs
from pyhanko.sign.diff_analysis.rules_api import Context, WhitelistRule

_STORE = ("/Root", "/DSS")


class SecurityStoreRule(WhitelistRule):  # type: ignore[misc]  # pyHanko is read without its types
    """Explains new objects that hang under /DSS, and old ones that nothing outside /DSS used."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        """See `WhitelistRule.apply`."""
        context = Context.from_absolute(old, RawPdfPath(*_STORE))
        _, store = yield from map_with_return(
            compare_key_refs("/DSS", old, old.root, new.root), ReferenceUpdate.curry_ref(context_checked=context)
        )
        if store is None:
            return
        if not isinstance(store, generic.DictionaryObject):
            raise SuspiciousModification("/DSS is not a dictionary")
        stored = [store]
        for reference in new.explicit_refs_in_revision():
            usages = old._get_usages_of_ref(reference)
            if usages and all(tuple(usage)[:2] == _STORE for usage in usages):
                yield ReferenceUpdate(reference)  # without a context: wherever it is used, which is nowhere else
                stored.append(new(reference))
        for value in stored:
            for reference in new.collect_dependencies(value, since_revision=old.revision + 1):
                yield ReferenceUpdate(reference)
