"""Who may tidy a token up: the one process that has it to itself for a moment.

Reconciliation removes half-made objects, and another process may be making one. So every process that logs in holds a
lock of the operating system: shared while it works, exclusive only while it is alone and tidies up. The lock sits on
the PIN file, which every such process reads and which exists once a token.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from hsm_config.errors import HsmMisconfigured, HsmUnavailable
from hsm_config.settings import HsmSettings

PATIENCE: Final = 30.0
"""Seconds; tidying a token up takes a fraction of one."""
PAUSE: Final = 0.05


class Ownership:
    """The lock of one process on one token."""

    def __init__(self, descriptor: int, *, alone: bool) -> None:
        self._descriptor = descriptor
        self.alone = alone
        """Whether nobody else is logged in, and nobody can be before `share`."""

    def share(self) -> None:
        """Let others log in as well."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        self.alone = False


@contextmanager
def owning(settings: HsmSettings, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Ownership]:
    """Hold the token's lock for the length of the block: alone where nobody else does, else shared.

    Raises `HsmUnavailable` when somebody tidies up for longer than `PATIENCE`, `HsmMisconfigured` without a PIN file.
    """
    try:
        descriptor = os.open(settings.pin_file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise HsmMisconfigured(
            f"PIN file {settings.pin_file} cannot be read ({error.strerror}): create it or correct pin_file"
        ) from None
    try:
        yield Ownership(descriptor, alone=_taken(descriptor, settings.token_label, sleep))
    finally:
        os.close(descriptor)


def _taken(descriptor: int, label: str, sleep: Callable[[float], None]) -> bool:
    """Whether the lock is exclusive."""
    for _ in range(round(PATIENCE / PAUSE)):
        for kind in (fcntl.LOCK_EX, fcntl.LOCK_SH):
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return kind == fcntl.LOCK_EX
        sleep(PAUSE)
    raise HsmUnavailable(f"another process has had token {label!r} to itself for {PATIENCE:.0f} seconds: look at it")
