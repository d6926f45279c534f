"""Time and randomness, as they are passed in; only `api.compose` and the command line take this clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]
RandomBytes = Callable[[int], bytes]


def utc_now() -> datetime:
    """The clock of this process; the only place that reads it."""
    return datetime.now(UTC)
