"""Notices that a certificate will end: which are due, and each sent once."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from cryptography.hazmat.primitives import hashes

from signer.model import Credential

STEPS: Final = (60, 30, 7)
"""Days before the end, by default."""

_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
_LOST_AFTER: Final = timedelta(minutes=30)  # a sender that died in the middle; no sender works so long


class NoticeState(Enum):
    """How a notice stands."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Not yet: it is tried again."""


class DeliveryFailed(Exception):
    """The channel did not take a notice; the text is a stable word and names no person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What somebody has to know about one certificate. No NIK, no NIP, no link that opens anything."""

    credential_id: str
    signatory_id: str
    name: str
    organisation: str
    certificate_sha256: str
    not_after: datetime
    step_days: int

    @property
    def id(self) -> str:
        """The same for the same certificate and step, so that receivers can drop a second copy."""
        return hashlib.sha256(f"{self.certificate_sha256}:{self.step_days}".encode()).hexdigest()[:32]


class Channel(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str:
        """Its word in the log of notices: `email`, `webhook`."""
        ...

    def deliver(self, notice: Notice) -> None:
        """Hand it over, or raise `DeliveryFailed`."""
        ...


class NoticeLog(Protocol):
    """What was sent to whom, for good."""

    def claim(self, notice: Notice, channel: str, *, at: datetime, lost_before: datetime) -> int | None:
        """Take one notice up; which attempt this is, or `None`: sent already, waiting, or in somebody else's hands.

        One that was taken up before `lost_before` and never ended is taken up again.
        """
        ...

    def sent(self, notice: Notice, channel: str, *, at: datetime) -> None: ...

    def failed(self, notice: Notice, channel: str, *, reason: str, again_at: datetime, at: datetime) -> None: ...


def due(credentials: Iterable[Credential], steps: Sequence[int], *, at: datetime) -> list[Notice]:
    """One notice for each credential whose certificate ends within the largest step: that of the step reached last.

    After a pause of the service nobody gets three notices at once.
    """
    return [
        notice
        for credential in credentials
        if credential.chain and (notice := _notice(credential, steps, at)) is not None
    ]


def _notice(credential: Credential, steps: Sequence[int], at: datetime) -> Notice | None:
    certificate = credential.certificate
    left = certificate.not_valid_after_utc - at
    reached = [step for step in steps if left <= timedelta(days=step)]
    if not reached or left <= timedelta(0):
        return None
    return Notice(
        credential_id=credential.id,
        signatory_id=credential.signatory.id,
        name=credential.signatory.name,
        organisation=credential.signatory.organisation,
        certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        not_after=certificate.not_valid_after_utc,
        step_days=min(reached),
    )


class NoticeService:
    """Sends what is due over every channel, each once, and raises the alarm when a channel keeps failing."""

    def __init__(
        self,
        *,
        ending: Callable[[datetime], Iterable[Credential]],
        log: NoticeLog,
        channels: Sequence[Channel],
        alarm: Callable[[str, int], None],
        now: Callable[[], datetime],
        steps: Sequence[int] = STEPS,
        alarm_after: int = 3,
    ) -> None:
        """`ending(until)`: active credentials whose certificate ends before `until`; `alarm(channel, attempts)` is
        called at the `alarm_after`-th failure of one notice and at each one after it."""
        self._ending = ending
        self._log = log
        self._channels = tuple(channels)
        self._alarm = alarm
        self._now = now
        self._steps = tuple(steps)
        self._alarm_after = alarm_after

    def send_due(self) -> int:
        """Send everything that is due; how many were handed over. A failure waits, doubling to six hours."""
        at = self._now()
        if not self._channels or not self._steps:
            return 0
        notices = due(self._ending(at + timedelta(days=max(self._steps))), self._steps, at=at)
        return sum(self._send(notice, channel) for notice in notices for channel in self._channels)

    def _send(self, notice: Notice, channel: Channel) -> bool:
        at = self._now()
        attempt = self._log.claim(notice, channel.name, at=at, lost_before=at - _LOST_AFTER)
        if attempt is None:
            return False
        try:
            channel.deliver(notice)
        except DeliveryFailed as error:
            wait = min(_FIRST_WAIT * 2 ** min(attempt - 1, 16), _LONGEST_WAIT)
            self._log.failed(notice, channel.name, reason=str(error), again_at=self._now() + wait, at=self._now())
            if attempt >= self._alarm_after:
                self._alarm(channel.name, attempt)
            return False
        self._log.sent(notice, channel.name, at=self._now())
        return True
