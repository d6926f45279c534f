"""How failures slow somebody down: a delay from the fourth on, doubling to one hour; the tenth locks the factor."""

from datetime import timedelta
from typing import Final

WAIT_FROM: Final = 4
LOCK_AT: Final = 10
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)


def wait_after(failures: int) -> timedelta | None:
    """How long nothing is tried after so many failures in a row; `None`: no wait."""
    if failures < WAIT_FROM:
        return None
    return min(FIRST_WAIT * (1 << min(failures - WAIT_FROM, 16)), LONGEST_WAIT)
