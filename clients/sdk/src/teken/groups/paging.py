"""Lists that come in pages: the next one is asked for when the last one is used up."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from teken.core.steps import Give, Items, Steps

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

MOST: Final = 100
"""Items that are asked for at once."""


class Page(Protocol[T_co]):
    """Some items, and where the next ones are."""

    @property
    def items(self) -> Sequence[T_co]: ...

    @property
    def next(self) -> str | int | None: ...


def all_of(page_after: Callable[[str | int | None], Steps[Page[T]]]) -> Items[T]:
    """Each item of all pages, in their order."""
    after: str | int | None = None
    while True:
        page = yield from page_after(after)
        for item in page.items:
            yield Give(item)
        if page.next is None or page.next == after:
            return
        after = page.next
