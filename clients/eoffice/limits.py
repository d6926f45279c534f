"""How often somebody may do what is open to everybody. Counted in the memory of this process: no address is written
down, and a start forgets them all."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from eoffice.errors import TooOften
from eoffice.text import Text

MOST_REMEMBERED: Final = 20_000
"""Of one limit; whose time ends first is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many times within a time that begins with the first of them."""

    name: str
    says: Text
    """What was too much."""
    most: int
    within: timedelta
    field: str
    """Of the form, that is refused."""


class Limits:
    """What was counted. Safe to use from several threads."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._counts: dict[str, OrderedDict[str, tuple[datetime, int]]] = {}
        self._lock = Lock()

    def take(self, limit: Limit, key: str) -> None:
        """Count once. Raises `TooOften`, and then nothing is counted."""
        with self._lock:
            at, counts = self._now(), self._counts.setdefault(limit.name, OrderedDict())
            until, count = counts.get(key, (at, 0))
            if until <= at:
                counts.pop(key, None)
                until, count = at + limit.within, 0
            if count >= limit.most:
                raise too_often(limit.says, until - at, field=limit.field)
            counts[key] = until, count + 1
            if len(counts) > MOST_REMEMBERED:
                counts.popitem(last=False)

    def give_back(self, limit: Limit, key: str) -> None:
        """It shall not have counted."""
        with self._lock:
            counts = self._counts.get(limit.name, OrderedDict())
            if key in counts:
                until, count = counts[key]
                counts[key] = until, max(0, count - 1)

    @contextmanager
    def counted(self, limit: Limit, key: str) -> Iterator[None]:
        """Count what the block does, unless it raises. Raises `TooOften`."""
        self.take(limit, key)
        try:
            yield
        except BaseException:
            self.give_back(limit, key)
            raise


def too_often(says: Text, wait: timedelta, *, field: str) -> TooOften:
    """What is raised: what was too much, and when it goes on."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    hours, minutes = math.ceil(seconds / 3600), math.ceil(seconds / 60)
    when = Text(f"{hours} jam", f"{hours} hours") if minutes > 90 else Text(f"{minutes} menit", f"{minutes} minutes")
    return TooOften(
        f"{says.id}. Coba lagi dalam {when.id}. · {says.en}. Try again in {when.en}.", field=field, seconds=seconds
    )
