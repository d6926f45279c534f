"""Who somebody is, for one browser."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from eoffice.errors import Refused
from eoffice.limits import Limit, Limits
from eoffice.model import Person
from eoffice.passwords import hash_of, matches
from eoffice.store.people import People
from eoffice.text import Text

_SAYS: Final = Text("Terlalu banyak kata sandi salah dari jaringan ini", "Too many wrong passwords from this network")
OF_A_NAME: Final = Limit(name="logins-of-a-name", says=_SAYS, most=5, within=timedelta(minutes=15), field="password")
"""Wrong passwords for one name from one network. `store.people.TRIES` is far above it: so no stranger keeps somebody
else from logging in elsewhere."""
OF_A_NETWORK: Final = Limit(
    name="logins-of-a-network", says=_SAYS, most=100, within=timedelta(minutes=15), field="password"
)
"""For all names together; an office has one address for hundreds of people."""
_LONGEST_NAME: Final = 64


class Logins:
    """Logging in, and being known from then on."""

    def __init__(
        self,
        *,
        people: People,
        limits: Limits,
        life: timedelta,
        idle: timedelta,
        now: Callable[[], datetime],
        new_token: Callable[[], str],
    ) -> None:
        self._people = people
        self._limits = limits
        self._life = life
        self._idle = idle
        self._now = now
        self._new_token = new_token
        self._nobody = hash_of(new_token())

    def log_in(self, person_id: str, password: str, network: str) -> str:
        """The token for the browser, which is in `network`.

        Raises `Refused`, the same for every reason and after the same work, and `TooOften`.
        """
        name = f"{network} {person_id[:_LONGEST_NAME]}"
        self._limits.take(OF_A_NAME, name)  # before the password is looked at, so that many at once are many
        self._limits.take(OF_A_NETWORK, network)
        expected = self._people.try_login(person_id, at=self._now())
        if not matches(expected or self._nobody, password) or expected is None:
            raise Refused(
                "Nama atau kata sandi tidak cocok. Setelah lima kali, tunggu 15 menit. · Name or password is wrong. "
                "After five times, wait for 15 minutes.",
                field="password",
            )
        self._limits.give_back(OF_A_NAME, name)
        self._limits.give_back(OF_A_NETWORK, network)
        token = self._new_token()
        self._people.begin_session(person_id, _hashed(token), at=self._now(), life=self._life)
        return token

    def who(self, token: str | None) -> Person | None:
        """Whose browser it is."""
        return self._people.of_session(_hashed(token), at=self._now(), idle=self._idle) if token else None

    def log_out(self, token: str | None) -> None:
        """Known no longer."""
        if token:
            self._people.end_session(_hashed(token))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
