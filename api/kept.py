"""A count that costs a walk through many rows, kept for a minute."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from api.given import Now

KEEP: Final = timedelta(seconds=60)
"""How old it may be."""

Count = TypeVar("Count")


@dataclass
class Kept(Generic[Count]):
    """Looked up at most once a minute. Safe for threads."""

    look: Callable[[datetime], Count]
    now: Now

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[datetime, Count] | None = None

    def __call__(self) -> Count:
        """Of the last minute."""
        at = self.now()
        with self._lock:
            if self._kept is None or abs(at - self._kept[0]) >= KEEP:
                self._kept = at, self.look(at)
            return self._kept[1]
