"""What a person is told about their factors: written with the change, sent afterwards, until it went through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from signer.factors.model import FactorEvent
from signer.notices import DeliveryFailed

PORTION: Final = 100
"""Messages of one run."""
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorMessage:
    """One thing that happened to a person's factors. No NIK, no NIP, no code, no link."""

    id: str
    """The same at each attempt, so that receivers can drop a second copy."""
    signatory_id: str
    name: str
    event: FactorEvent
    at: datetime
    attempt: int
    application: str | None = None
    """The name of the application that it is about."""
    documents: int | None = None
    """How many documents it is about."""


class MessageChannel(Protocol):
    """One way to reach people."""

    def tell(self, message: FactorMessage) -> None:
        """Hand it over, or raise `DeliveryFailed`."""
        ...


class Outbox(Protocol):
    """Messages that wait."""

    def take(self, *, at: datetime, again_at: Callable[[int], datetime], limit: int) -> Sequence[FactorMessage]:
        """Those that are due, each put off until `again_at(attempt)` so that no other process takes it too."""
        ...

    def sent(self, message: FactorMessage, *, at: datetime) -> None: ...

    def failed(self, message: FactorMessage, *, reason: str, at: datetime) -> None: ...


class FactorMessages:
    """Sends what waits over every channel. `now` gives aware UTC."""

    def __init__(self, *, outbox: Outbox, channels: Sequence[MessageChannel], now: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._channels = tuple(channels)
        self._now = now

    def send_due(self) -> int:
        """How many went through everywhere; the others wait, doubling from a minute to six hours."""
        at = self._now()
        due = self._outbox.take(at=at, again_at=lambda attempt: at + wait_before(attempt), limit=PORTION)
        return sum(self._send(each) for each in due)

    def _send(self, message: FactorMessage) -> bool:
        try:
            for channel in self._channels:
                channel.tell(message)
        except DeliveryFailed as error:
            self._outbox.failed(message, reason=str(error), at=self._now())
            return False
        self._outbox.sent(message, at=self._now())
        return True


def wait_before(attempt: int) -> timedelta:
    """How long after the `attempt`-th (from 1) the next one comes."""
    return min(_FIRST_WAIT * (1 << min(attempt - 1, 16)), _LONGEST_WAIT)
