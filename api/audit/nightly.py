"""The trail is checked once a day without anybody asking; a break turns readiness red, for good."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from api.audit.check import Break, Finding, Verdict
from api.audit.reading import AuditReading
from api.health import HealthCheck, NotReady
from store.audit import Outcome

EVERY: Final = timedelta(days=1)
ASK: Final = timedelta(minutes=10)
"""How often the job looks whether a day has passed: a restart at noon must not put the check off for ever."""

_log = structlog.get_logger("teken.audit")


class NightlyCheck:
    """The last verdict of this process, and when the next one is due."""

    def __init__(self, reading: AuditReading, *, now: Callable[[], datetime]) -> None:
        self._reading = reading
        self._now = now
        self._verdict: Verdict | None = None

    def run(self) -> int:
        """Check if it is due; how many entries were read."""
        if not self._is_due():
            return 0
        self._verdict = self._reading.verified(actor="nightly-check")
        finding = self._break()
        if finding is not None:
            _log.error("the audit trail is broken", kind=finding.kind.value, sequence=finding.sequence)
        return self._verdict.entries

    def _is_due(self) -> bool:
        """A day has passed; or the last check found a break, and this process was not there to see it."""
        last = self._reading.last_check()
        if last is None or self._now() - last.at >= EVERY:
            return True
        return self._verdict is None and last.outcome != Outcome.DONE.value

    def _break(self) -> Finding | None:
        """What the last check found; that entries wait is the guard's affair, and passes by itself."""
        finding = self._verdict.finding if self._verdict else None
        return None if finding is None or finding.kind is Break.NOT_COVERED else finding

    def health(self) -> HealthCheck:
        """Red when the last check found a break."""

        def ask() -> None:
            finding = self._break()
            if finding is not None:
                raise NotReady(f"audit trail {finding.kind.value} at {finding.sequence}: run `teken audit verify`")

        return HealthCheck(name="audit-trail", ask=ask)
