"""Time and randomness, as they are passed in: only `api.compose` and the command line read the clock."""

from collections.abc import Callable
from datetime import datetime

Now = Callable[[], datetime]
RandomBytes = Callable[[int], bytes]
