"""Waiting for what another process does: as long as something moves, on however slow a machine."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

STILL_SECONDS = 100
"""Longer than anything that a kill leaves behind holds others up: a silent worker for 70 seconds, a reservation and a
last try for 30 each."""


def follow(look: Callable[[], Seen], done: Callable[[Seen], bool], *, still: float = STILL_SECONDS) -> Seen:
    """What `look` gives once it is `done`. Fails with it where it stayed the same for `still` seconds."""
    before, moved = look(), time.monotonic()
    while not done(before):
        assert time.monotonic() < moved + still, before
        time.sleep(0.2)
        if (now := look()) != before:
            before, moved = now, time.monotonic()
    return before
