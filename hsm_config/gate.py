"""The gate: every PKCS#11 call of this process passes here, one at a time.

The binding initialises modules without locking and releases the GIL around every call, so two threads inside it crash
the process or lose signatures. One lock, one login, one guard session cure that; more throughput means more processes.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pkcs11 import Attribute, ObjectClass
from pkcs11 import exceptions as p11

from hsm_config.connection import PROCESS, Connection
from hsm_config.errors import HsmMisconfigured, HsmUnavailable, PinRejected
from hsm_config.failures import is_lost, translated
from hsm_config.mechanisms import VENDORS, Template, Vendor
from hsm_config.settings import HsmSettings

MAX_LIVE_HANDLES: Final = 8  # a step needs two at most; a count that grows is a leak of unwrapped keys
PATIENCE: Final = 10.0  # seconds to wait for a turn; a step takes about a millisecond, so longer means a hung module
TRIES_AT_START: Final = 5  # one in six parallel starts finds no token
TRIES_LATER: Final = 2

_RANDOM: Final = secrets.SystemRandom()

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCounters:
    """What the metrics show of a gate."""

    calls: int
    """Steps run since the start; steps inside steps not counted."""
    reconnects: int
    """Logins after the first, successful or not."""
    live_handles: int
    """Session keys that exist now; 0 whenever nobody is inside."""
    waiting: int
    """Threads that wait for their turn."""


@contextmanager
def open_gate(
    settings: HsmSettings,
    *,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = _RANDOM.random,
) -> "Iterator[Gate]":
    """Load the module, log in, and log out at the end of the `with` block.

    Call it after every fork, in the process that signs; a second gate in one process is refused.

    Raises `PinRejected` at the first refusal of the PIN, `HsmMisconfigured` when module, token, PIN file or
    configuration is not there or this process may not log in, `HsmUnavailable` when the token does not open after five
    tries.
    """
    PROCESS.claim()
    try:
        gate = Gate(
            Connection(settings, sleep=sleep, jitter=jitter),
            token_label=settings.token_label,
            vendor=VENDORS[settings.vendor],
        )
        try:
            yield gate
        finally:
            gate.close()
    finally:
        PROCESS.release()


class Gate:
    """One module, one login, one session, one lock. Made by `open_gate` only."""

    def __init__(self, connection: Connection, *, token_label: str, vendor: Vendor) -> None:
        self.vendor = vendor
        """Whose mechanisms to name."""
        self._connection = connection
        self._token_label = token_label
        self._pid = os.getpid()
        self._turns = threading.RLock()
        self._waiting_lock = threading.Lock()
        self._waiting = 0
        self._depth = 0
        self._calls = 0
        self._reconnects = 0
        self._live: set[int] = set()
        self._handles: dict[tuple[ObjectClass, str], Any] = {}
        self._closed = False
        self._pin_rejected: PinRejected | None = None
        connection.check_settings()
        self._session: Any = connection.open(tries=TRIES_AT_START)

    @property
    def counters(self) -> GateCounters:
        """A snapshot for the metrics; takes no lock."""
        return GateCounters(
            calls=self._calls, reconnects=self._reconnects, live_handles=len(self._live), waiting=self._waiting
        )

    def run(self, step: Callable[[Any], Made], *, retry: bool = True) -> Made:
        """`step(session)` under the lock; gives back what it gives. Reading an attribute of a handle is a step too.

        1. Wait for the turn, at most ten seconds.                        else HsmUnavailable
        2. Log in again when the last step lost the session.              else HsmUnavailable, PinRejected
        3. Run the step. An error of session, device, token or handle drops the session;
           with `retry` it logs in again and repeats the step once.       else HsmUnavailable, HsmMisconfigured
        A step inside a step only runs: its errors reach the outermost one, which alone can repeat the whole. Say
        `retry=False` where repeating does harm (issuing a certificate, writing to the token).
        """
        with self._turn() as outermost:
            if not outermost:
                return step(self._session)
            self._calls += 1
            try:
                return step(self._session or self._reconnected())
            except p11.PKCS11Error as error:
                self._drop_if_lost(error)
                if not (retry and is_lost(error)):
                    raise translated(error) from error
            try:
                return step(self._reconnected())
            except p11.PKCS11Error as error:
                self._drop_if_lost(error)
                raise translated(error) from error

    def handle(self, object_class: ObjectClass, label: str) -> Any:
        """The one object of this class and label; call it inside a step, because a reconnect makes handles void.

        Raises `HsmMisconfigured` for none and for several.
        """

        def look_up(session: Any) -> Any:
            wanted = (object_class, label)
            if wanted not in self._handles:
                self._handles[wanted] = self._exactly_one(session, object_class, label)
            return self._handles[wanted]

        return self.run(look_up)

    @contextmanager
    def short_lived(self, make: Callable[[], tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Session keys that `make` creates and that are destroyed at the end of the block; only inside a step.

        Raises `HsmUnavailable` at the cap of eight live keys, which only a leak can reach.
        """
        if len(self._live) >= MAX_LIVE_HANDLES:
            raise HsmUnavailable(f"{len(self._live)} unwrapped keys are live at once: keys are leaking, restart")
        made = make()
        self._live.update(key.handle for key in made)
        try:
            yield made
        finally:
            for key in made:
                key.destroy()
                self._live.discard(key.handle)

    def forget_handles(self) -> None:
        """Look every key up again at its next use: a step that destroyed one calls this."""
        self._handles.clear()

    def sweep(self, session: Any) -> None:
        """Destroy session objects that nobody holds: what a failed unwrap leaves behind. Only inside a step."""
        for found in find(session, {Attribute.TOKEN: False}):
            if found.handle not in self._live:
                found.destroy()

    def close(self) -> None:
        """Log out. Later calls raise `HsmUnavailable`; a forked child that closes leaves its parent's login alone."""
        if os.getpid() != self._pid:
            return
        with self._turn():
            self._closed = True
            self._drop()
            self._connection.close()

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Hold the lock; yields whether this is the outermost step of its thread."""
        if os.getpid() != self._pid:  # before the lock, which a thread of the parent may hold for ever
            raise HsmMisconfigured(
                "this gate was opened before the process was forked: open the gate in the worker, after the fork"
            )
        with self._waiting_lock:
            self._waiting += 1
        try:
            acquired = self._turns.acquire(timeout=PATIENCE)
        finally:
            with self._waiting_lock:
                self._waiting -= 1
        if not acquired:
            raise HsmUnavailable(f"the HSM is busy: no turn within {PATIENCE:.0f} seconds")
        self._depth += 1
        try:
            yield self._depth == 1
        finally:
            self._depth -= 1
            self._turns.release()

    def _reconnected(self) -> Any:
        if self._closed:
            raise HsmUnavailable("the gate is closed")
        if self._pin_rejected is not None:
            raise PinRejected(str(self._pin_rejected))
        self._reconnects += 1
        self._connection.close()
        try:
            self._session = self._connection.open(tries=TRIES_LATER)
        except PinRejected as refusal:
            self._pin_rejected = refusal  # remembered: every further try would bring the token closer to locking
            raise
        except HsmMisconfigured as error:
            raise HsmUnavailable(f"it was there at the start and is gone now: {error}") from error
        return self._session

    def _drop_if_lost(self, error: p11.PKCS11Error) -> None:
        if is_lost(error):
            self._drop()

    def _drop(self) -> None:
        """Forget session and handles. The next login finalises the module, which destroys every session key."""
        self._session = None
        self._handles.clear()
        self._live.clear()

    def _exactly_one(self, session: Any, object_class: ObjectClass, label: str) -> Any:
        found = find(session, {Attribute.CLASS: object_class, Attribute.LABEL: label})
        if len(found) == 1:
            return found[0]
        what = f"{object_class.name} labelled {label!r} on token {self._token_label!r}"
        if found:
            raise HsmMisconfigured(f"{len(found)} objects are {what}: remove all but the right one")
        absent = f"no {what}: make it in the ceremony or correct the key labels in the settings"
        if find(session, {Attribute.TOKEN: True}):
            raise HsmMisconfigured(absent)
        raise p11.NoSuchKey(absent)  # nothing at all: a new login tells an empty token from a vanished one


def find(session: Any, template: Template) -> list[Any]:
    """Every object that fits `template`, searched to the end: an unfinished search blocks the session."""
    session.generate_random(8)  # a dead session fails here cleanly; inside a search it leaves a broken operation behind
    return list(session.get_objects(template))
