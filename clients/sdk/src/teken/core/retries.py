"""When a request is sent again: only where that changes nothing, in steps that grow, and not for ever."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from teken.core.steps import NoAnswer
from teken.errors import Conflict, Refused, TekenError, Unavailable

AGAIN: Final = frozenset({429, 502, 503, 504})
UNDER_WAY: Final = frozenset({"key-in-use", "request-begun"})
"""Kinds of 409 that say: the same request is being carried out, ask again for its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How long a request is sent again after no answer, 429, 502, 503 or 504."""

    seconds: float = 180
    """From the first attempt on; 0: no second one. The service itself gives up after two minutes what a crash cut off,
    and from then on the same key carries it out."""
    first: float = 0.5
    """Wait after the first failure; each next one is twice as long, and random within its upper half."""
    longest: float = 20


class Patience:
    """What is left of it for one request."""

    def __init__(self, retries: Retries, *, now: Callable[[], float], random: Callable[[], float]) -> None:
        """`now`: seconds of a clock that never goes back; `random`: from 0 up to 1."""
        self._retries = retries
        self._now = now
        self._random = random
        self._until = now() + retries.seconds
        self._wait = retries.first

    def after(self, error: TekenError | NoAnswer, *, repeatable: bool) -> float | None:
        """Seconds to wait before the next attempt; `None`: there is none."""
        if not (repeatable and _is_worth_it(error)) and not (isinstance(error, NoAnswer) and not error.sent):
            return None
        wait = max(self._wait * (0.5 + self._random() / 2), getattr(error, "retry_after", None) or 0)
        self._wait = min(self._wait * 2, self._retries.longest)
        return wait if self._now() + wait <= self._until else None


def _is_worth_it(error: TekenError | NoAnswer) -> bool:
    if isinstance(error, Conflict):
        return error.slug in UNDER_WAY
    if isinstance(error, Refused):
        return error.status in AGAIN
    return isinstance(error, NoAnswer) or (isinstance(error, Unavailable) and error.status in AGAIN)
