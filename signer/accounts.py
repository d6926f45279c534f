"""Accounts of integrations: a name and a password with which a machine logs in at the CSC API (`auth/login`).

For workbenches and test clients that know nothing else; never for a person's login. What such a token may use is what
seals the account keeps, out of what is lent to its application. An account never signs in anybody's name.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from signer.errors import ClientRefused, ClientUnknown
from signer.model import Secret

PREFIX: Final = "account:"
"""What the ids of accounts begin with, and those of signatories never do."""
_PASSWORD_BYTES: Final = 24
_NAME: Final = re.compile(r"(?![0-9._~-]*$)[0-9A-Za-z._~-]{1,64}")
"""No colon (RFC 7617, 2), and a letter in it: a name that is a NIK must not get into the audit trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of them, without its password."""

    name: str
    client_id: str
    """The application that its calls are counted as."""
    enabled: bool
    made_at: datetime
    locked: bool = False
    """Ten wrong passwords in a row: staff lets it try again."""

    @property
    def id(self) -> str:
        """How tokens, keepers and the trail name it."""
        return PREFIX + self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAccount:
    """An account and its password, told this once."""

    account: Account
    password: Secret


class AccountStore(Protocol):
    """What is remembered of them. Each change and its audit entry are one transaction."""

    def add(self, account: Account, password: Secret, /, *, actor: str) -> None:
        """Raises `ClientRefused` for a name that is taken, or an application that is none."""
        ...

    def get(self, name: str, /) -> Account | None: ...

    def all(self) -> tuple[Account, ...]:
        """By name."""
        ...

    def log_in(self, name: str, password: Secret, /, *, at: datetime) -> Account | None:
        """The enabled one of that name and password: counted before it is tried, the count anew where it is right.
        The same answer for an unknown name, a wrong password, and one that waits or is locked."""
        ...

    def rotate(self, name: str, password: Secret, /, *, actor: str, at: datetime) -> None:
        """Another password; what its tokens were good for ends."""
        ...

    def enable(self, name: str, enabled: bool, /, *, actor: str, at: datetime) -> None:
        """Switched off, its tokens end."""
        ...

    def unlock(self, name: str, /, *, actor: str, at: datetime) -> None: ...


class Accounts:
    """Made and ended by staff, and logged in. `now` gives aware UTC."""

    def __init__(
        self, store: AccountStore, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._now = now
        self._random_bytes = random_bytes

    def add(self, name: str, client_id: str, *, actor: str) -> MadeAccount:
        """A new one for an application that is registered; raises `ClientRefused`."""
        if _NAME.fullmatch(name) is None:
            message = (
                "A name has 1 to 64 letters, digits, dots, dashes, tildes and underscores, and a letter among them."
            )
            raise ClientRefused(message, field="name", reason="bad-name")
        account = Account(name=name, client_id=client_id, enabled=True, made_at=self._now())
        made = MadeAccount(account=account, password=self._password())
        self._store.add(made.account, made.password, actor=actor)
        return made

    def get(self, name: str) -> Account:
        """One of them; raises `ClientUnknown`."""
        found = self._store.get(name) if _NAME.fullmatch(name) else None
        if found is None:
            raise ClientUnknown("There is no such account.", field="name", reason="unknown")
        return found

    def all(self) -> tuple[Account, ...]:
        """By name."""
        return self._store.all()

    def log_in(self, name: str, password: Secret) -> Account | None:
        """Whose name and password these are; `None` for whatever is wrong."""
        return self._store.log_in(name, password, at=self._now()) if _NAME.fullmatch(name) else None

    def rotate(self, name: str, *, actor: str) -> MadeAccount:
        """Another password; tokens end. Raises `ClientUnknown`."""
        rotated = MadeAccount(account=self.get(name), password=self._password())
        self._store.rotate(name, rotated.password, actor=actor, at=self._now())
        return rotated

    def enable(self, name: str, enabled: bool, *, actor: str) -> Account:
        """Switch it on or off; off, its tokens end. Raises `ClientUnknown`."""
        if self.get(name).enabled is not enabled:
            self._store.enable(name, enabled, actor=actor, at=self._now())
        return self.get(name)

    def unlock(self, name: str, *, actor: str) -> Account:
        """It may try again; raises `ClientUnknown`."""
        self.get(name)
        self._store.unlock(name, actor=actor, at=self._now())
        return self.get(name)

    def _password(self) -> Secret:
        # letters and digits alone: it goes through configuration files, shells and forms of other houses
        return Secret(base64.b32encode(self._random_bytes(_PASSWORD_BYTES)).decode().rstrip("=").lower())
