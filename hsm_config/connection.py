"""The one login of this process: module loaded, token found, user logged in on a guard session.

A login belongs to the process, not to the session: closing the session that logged in logs everybody out. So there is
one guard session, and letting go of it means finalising the module. Not thread-safe; only the gate calls it.
"""

import os
import threading
from collections.abc import Callable
from typing import Any, Final

import pkcs11
from pkcs11 import exceptions as p11

from hsm_config.errors import HsmError, HsmMisconfigured, HsmUnavailable
from hsm_config.failures import PIN_REFUSALS, named, translated
from hsm_config.mechanisms import attribute_mapper
from hsm_config.pin import read_shared_pin
from hsm_config.settings import HsmSettings

FIRST_WAIT: Final = 0.05  # seconds; doubles, times 0.5 to 1.5: processes that start together must not retry together


class _Process:
    """What this process did with PKCS#11 so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded_in: int | None = None
        self._claimed = False

    def claim(self) -> None:
        """Reserve the only login; `HsmMisconfigured` when it is taken or was inherited through a fork."""
        with self._lock:
            if self._loaded_in not in (None, os.getpid()):
                raise HsmMisconfigured(
                    "the PKCS#11 module was loaded before this process was forked:"
                    " start workers with spawn and open the gate in the worker's start-up hook"
                )
            if self._claimed:
                raise HsmMisconfigured("this process has a gate already (one login per process): pass that one on")
            self._loaded_in, self._claimed = os.getpid(), True

    def release(self) -> None:
        with self._lock:
            self._claimed = False


PROCESS: Final = _Process()


class Connection:
    """Logs in and lets go, as often as needed."""

    def __init__(self, settings: HsmSettings, *, sleep: Callable[[float], None], jitter: Callable[[], float]) -> None:
        self._settings = settings
        self._sleep = sleep
        self._jitter = jitter
        self._library: Any = None

    def check_settings(self) -> None:
        """Refuse at once what no retry can mend: files that the settings name and that are not there."""
        if not self._settings.module.is_file():
            raise HsmMisconfigured(f"PKCS#11 module {self._settings.module} is missing: install it or correct module")
        conf = self._settings.softhsm_conf
        if conf is not None and not conf.is_file():
            raise HsmMisconfigured(f"SoftHSM configuration {conf} is missing: initialise the token first")
        read_shared_pin(self._settings.pin_file, self._settings.pin_shares)

    def open(self, *, tries: int) -> Any:
        """A new guard session, read-write and logged in.

        Tries `tries` times with growing, jittered waits: processes that start in the same instant disturb each other.
        Raises `PinRejected` at the first refusal of the PIN, `HsmMisconfigured` for a token that is not there,
        `HsmUnavailable` for everything else.
        """
        for attempt in range(tries - 1):
            try:
                return self._log_in()
            except p11.PKCS11Error as error:
                self.close()
                if isinstance(error, PIN_REFUSALS):
                    raise translated(error) from None
                self._sleep(FIRST_WAIT * 2**attempt * (0.5 + self._jitter()))
        try:
            return self._log_in()
        except p11.PKCS11Error as error:
            self.close()
            raise self._explained(error) from None

    def close(self) -> None:
        """Log out and finalise the module, whatever state it is in."""
        if self._library is None:
            return
        try:
            self._library.finalize()
        except p11.PKCS11Error:
            pass  # a module that cannot even finalise holds nothing that we could still save
        finally:
            self._library = None

    def _log_in(self) -> Any:
        # anew each time: no PIN waits in memory, and a new one needs no restart
        pin = read_shared_pin(self._settings.pin_file, self._settings.pin_shares)
        if self._settings.softhsm_conf is not None:
            os.environ["SOFTHSM2_CONF"] = str(self._settings.softhsm_conf)
        self._library = pkcs11.lib(str(self._settings.module))
        token = self._library.get_token(token_label=self._settings.token_label)
        return token.open(rw=True, user_pin=pin.reveal(), attribute_mapper=attribute_mapper())

    def _explained(self, error: p11.PKCS11Error) -> HsmError:
        label, module = self._settings.token_label, self._settings.module
        if isinstance(error, p11.NoSuchToken):
            return HsmMisconfigured(f"no token labelled {label!r} in {module}: initialise it or correct token_label")
        if isinstance(error, p11.MultipleTokensReturned):
            return HsmMisconfigured(f"several tokens are labelled {label!r} in {module}: labels must be unique")
        if isinstance(error, PIN_REFUSALS):
            return translated(error)
        conf = self._settings.softhsm_conf
        look = f": does the folder named in {conf} hold the token?" if conf is not None else ""
        return HsmUnavailable(f"token {label!r} in {module} cannot be opened ({named(error)}){look}")
