"""Which object is which page. Tolerant of loops, never deeper than the file allows; page numbers are a courtesy."""

from typing import Final

from verifier.revision_step import View
from verifier.values import Ref, entries

MAX_NODES: Final = 20_000  # pages and page tree nodes together; Limits.pages is far below


def page_numbers(view: View) -> dict[int, int]:
    """From object number to page number (from 1); as far as the tree can be read."""
    numbers: dict[int, int] = {}
    seen: set[int] = set()
    try:
        pending = [entries(view.resolve(view.trailer.get("/Root"))).get("/Pages")]
        while pending and len(seen) < MAX_NODES:
            node = pending.pop()
            if not isinstance(node, Ref) or node.number in seen:
                continue
            seen.add(node.number)
            value = entries(view.object(node.number))
            kids = view.resolve(value.get("/Kids"))
            if not isinstance(kids, list):
                numbers[node.number] = len(numbers) + 1
            elif view.resolve(value.get("/Count")) == len(kids):  # pages all of them
                numbers |= {
                    each.number: len(numbers) + place for place, each in enumerate(kids, 1) if isinstance(each, Ref)
                }
            else:
                pending.extend(reversed(kids))
    except MemoryError:
        raise
    except Exception:  # a damaged tree makes the parser raise anything at all
        return numbers
    return numbers
