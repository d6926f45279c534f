"""Who somebody is, for one browser."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from eoffice.errors import Refused
from eoffice.model import Person
from eoffice.passwords import hash_of, matches
from eoffice.store.people import People


class Logins:
    """Logging in, and being known from then on."""

    def __init__(
        self,
        *,
        people: People,
        life: timedelta,
        idle: timedelta,
        now: Callable[[], datetime],
        new_token: Callable[[], str],
    ) -> None:
        self._people = people
        self._life = life
        self._idle = idle
        self._now = now
        self._new_token = new_token
        self._nobody = hash_of(new_token())

    def log_in(self, person_id: str, password: str) -> str:
        """The token for the browser. Raises `Refused`, the same for every reason and after the same work."""
        expected = self._people.try_login(person_id, at=self._now())
        if not matches(expected or self._nobody, password) or expected is None:
            raise Refused(
                "Nama atau kata sandi tidak cocok. Setelah lima kali, tunggu 15 menit. · Name or password is wrong. "
                "After five times, wait for 15 minutes.",
                field="password",
            )
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
