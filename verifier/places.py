"""Places of a text on pages, and how they cross the pipe: numbers, checked one by one on the service's side."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a text; coordinates in the page's default user space (ISO 32000-2, 8.3.2.3)."""

    page_index: int
    """From 0."""
    origin: tuple[float, float]
    """Of the first glyph."""
    box: tuple[float, float, float, float]
    """Left, bottom, right, top of the whole text."""


def dump_places(places: Iterable[Place]) -> bytes:
    """For the pipe."""
    return json.dumps([[each.page_index, *each.origin, *each.box] for each in places]).encode()


def places_in(answer: bytes) -> tuple[Place, ...]:
    """What `dump_places` wrote; raises `ValueError` for anything else that a worker may say."""
    rows = json.loads(answer)
    if not isinstance(rows, list):
        raise ValueError("not a list of places")
    return tuple(map(_place, rows))


def _place(row: object) -> Place:
    if not isinstance(row, list) or len(row) != 7 or type(row[0]) is not int or row[0] < 0:
        raise ValueError("not a place")
    x, y, left, bottom, right, top = (float(number) for number in row[1:])
    if not all(map(math.isfinite, (x, y, left, bottom, right, top))):
        raise ValueError("a place that is nowhere")
    return Place(page_index=row[0], origin=(x, y), box=(left, bottom, right, top))
