"""Which object is which page. Imports pyHanko's reader; tolerant of loops, never deeper than the file allows."""

from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

MAX_NODES: Final = 20_000  # pages and page tree nodes together; Limits.pages is far below


def page_numbers(reader: PdfFileReader) -> dict[int, int]:
    """From object number to page number (from 1); as far as the tree can be read."""
    numbers: dict[int, int] = {}
    seen: set[int] = set()
    pending: list[object] = []
    try:
        pending = [reader.root.raw_get("/Pages")]
        while pending and len(seen) < MAX_NODES:
            node = pending.pop()
            if not isinstance(node, generic.IndirectObject) or node.idnum in seen:
                continue
            seen.add(node.idnum)
            value = node.get_object()
            if "/Kids" in value:
                pending.extend(reversed([value["/Kids"].raw_get(index) for index in range(len(value["/Kids"]))]))
            else:
                numbers[node.idnum] = len(numbers) + 1
    except MemoryError:
        raise
    except Exception:  # a damaged tree makes the parser raise anything at all; page numbers are a courtesy
        return numbers
    return numbers
