"""A signed revision beside the file as it is now, page by page, in pictures with the changed places marked.

Runs only in the worker, like every drawing. A picture is evidence for the eye and judges nothing: what counts as a
change is decided by `verifier.changes`.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from verifier.limits import Limits
from verifier.pictures import ComparedPage, Comparison
from verifier.preview import NotDrawable, drawn, opened

PAGES_LOOKED_AT: Final = 40
"""Each is drawn twice; the first forty hold every letter, and those that the report names come first."""
PAGES_SHOWN: Final = 4
"""Two pictures each, within the page that answers an upload."""
QUALITY: Final = 60
MARK: Final = (196, 30, 58)
"""Colour of the frames; red speaks on paper white and to most who see colours otherwise."""

_LEAST_DIFFERENCE: Final = 24  # of 255: below it two renderings of the same glyph may differ
_NEARBY: Final = 10  # pixels between two bands of change that are one
_AROUND: Final = 4  # pixels between a change and its frame
_MOST_FRAMES: Final = 12

Box = tuple[int, int, int, int]


def compare(pdf: bytes, *, end: int, width: int, first: Sequence[int], limits: Limits) -> Comparison:
    """`pdf[:end]` beside `pdf`; `first`: pages (from 1) that are looked at before the others. Raises `NotDrawable`."""
    if not 0 < end < len(pdf):
        raise NotDrawable("nothing was added to that revision")
    with opened(pdf[:end]) as before, opened(pdf) as after:
        numbers = _numbers(max(len(before), len(after)), first)
        changed: list[ComparedPage] = []
        more = False
        for page in numbers:
            found = _compared(before, after, page, width, limits)
            if found is not None and len(changed) == PAGES_SHOWN:
                more = True
                break
            if found is not None:
                changed.append(found)
        return Comparison(
            pages_before=len(before),
            pages_after=len(after),
            looked_at=len(numbers),
            changed=tuple(sorted(changed, key=lambda each: each.page)),
            more=more,
        )


def _numbers(pages: int, first: Sequence[int]) -> list[int]:
    named = [page for page in dict.fromkeys(first) if 1 <= page <= pages]
    others = (page for page in range(1, pages + 1) if page not in named)
    return [*named, *others][:PAGES_LOOKED_AT]


def _compared(
    before: pypdfium2.PdfDocument, after: pypdfium2.PdfDocument, page: int, width: int, limits: Limits
) -> ComparedPage | None:
    """`None` where both look the same."""
    old = drawn(before, page=page, width=width, limits=limits) if page <= len(before) else None
    new = drawn(after, page=page, width=width, limits=limits) if page <= len(after) else None
    if old is None or new is None:
        return ComparedPage(page=page, frames=0, before=_webp(old), after=_webp(new))
    boxes = _changed_boxes(old, new)
    if not boxes:
        return None
    for picture in (old, new):
        _frame(picture, boxes)
    return ComparedPage(page=page, frames=len(boxes), before=_webp(old), after=_webp(new))


def _changed_boxes(old: Image.Image, new: Image.Image) -> list[Box]:
    """Where they differ: bands of neighbouring rows, each as wide as its changes."""
    if old.size != new.size:
        return [(0, 0, *new.size)]
    difference = ImageChops.difference(old.convert("L"), new.convert("L"))
    mask = difference.point([0 if value < _LEAST_DIFFERENCE else 255 for value in range(256)])
    boxes = list(_bands(mask))
    whole = mask.getbbox()
    return boxes if len(boxes) <= _MOST_FRAMES or whole is None else [whole]


def _bands(mask: Image.Image) -> Iterator[Box]:
    data, width = mask.tobytes(), mask.width
    rows = [row for row in range(mask.height) if any(data[row * width : (row + 1) * width])]
    while rows:
        ends = (index for index in range(len(rows) - 1) if rows[index + 1] - rows[index] > _NEARBY)
        last = next(ends, len(rows) - 1)
        box = mask.crop((0, rows[0], width, rows[last] + 1)).getbbox()
        if box is not None:
            yield box[0], rows[0], box[2], rows[last] + 1
        rows = rows[last + 1 :]


def _frame(picture: Image.Image, boxes: Sequence[Box]) -> None:
    draw = ImageDraw.Draw(picture)
    right, bottom = picture.width - 1, picture.height - 1
    for box in boxes:
        outer = (
            max(0, box[0] - _AROUND),
            max(0, box[1] - _AROUND),
            min(right, box[2] + _AROUND),
            min(bottom, box[3] + _AROUND),
        )
        draw.rectangle(outer, outline=MARK, width=2)


def _webp(picture: Image.Image | None) -> bytes | None:
    if picture is None:
        return None
    out = BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
