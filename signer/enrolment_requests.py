"""Requests that somebody be enrolled, as applications send them in. Each waits for a registrar and issues nothing.

What is known of the person is a name and an e-mail address, claimed by an application. The registrar checks it, and
registers the official as always, with a second person; then the request is closed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from signer.bulk.checking import is_email
from signer.certificate_text import certificate_text
from signer.errors import RegistrationRefused

MOST_OPEN: Final = 1000
"""Requests of one application that may wait at once."""
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRequest:
    """One of them."""

    id: str
    client_id: str
    """The application that sent it in."""
    name: str
    email: str = field(repr=False)
    asked_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None


class EnrolmentRequestStore(Protocol):
    """What is remembered of them. Each change and its audit entry are one transaction."""

    def add(self, request: EnrolmentRequest, /, *, most: int) -> None:
        """Nothing where the address is known already; raises `RegistrationRefused` where `most` of the client's
        wait."""
        ...

    def waits(self, email: str, /) -> bool:
        """Whether a request for this address is open."""
        ...

    def open(self, *, after: str, limit: int) -> tuple[EnrolmentRequest, ...]:
        """By id."""
        ...

    def get(self, request_id: str, /) -> EnrolmentRequest | None:
        """One, also when it is closed."""
        ...

    def close(self, request_id: str, /, *, actor: str, at: datetime) -> EnrolmentRequest | None:
        """`None` where no such request is open."""
        ...


class EnrolmentRequests:
    """Taken in from applications, closed by registrars. `now` gives aware UTC."""

    def __init__(
        self, store: EnrolmentRequestStore, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._now = now
        self._random_bytes = random_bytes

    def ask(self, client_id: str, name: str, email: str) -> None:
        """Whether the address was known already is told to nobody. Raises `RegistrationRefused` for what is no name or
        no address, and where too many wait (`too-many`)."""
        if not is_email(email):
            raise RegistrationRefused("This is no e-mail address.", field="email", reason="not-an-address")
        request = EnrolmentRequest(
            id=self._random_bytes(_ID_BYTES).hex(),
            client_id=client_id,
            name=certificate_text("name", name),
            email=email,
            asked_at=self._now(),
        )
        self._store.add(request, most=MOST_OPEN)

    def waits(self, email: str) -> bool:
        """Whether a request for this address is open."""
        return self._store.waits(email)

    def open(self, *, after: str = "", limit: int = 50) -> tuple[EnrolmentRequest, ...]:
        """Those that wait for a registrar, by id."""
        return self._store.open(after=after, limit=limit)

    def get(self, request_id: str) -> EnrolmentRequest | None:
        """One, also when it is closed; `None` where there is none."""
        return self._store.get(request_id)

    def close(self, request_id: str, *, actor: str) -> EnrolmentRequest:
        """It was registered, or not; raises `RegistrationRefused` where none of this id is open."""
        closed = self._store.close(request_id, actor=actor, at=self._now())
        if closed is None:
            raise RegistrationRefused("No such request is open.", field="request", reason="unknown")
        return closed
