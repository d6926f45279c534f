"""What features do by themselves, each in its time."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from eoffice.feature import Duty, Feature
from eoffice.store.duties import DutyBook

SOON: Final = timedelta(minutes=5)
"""When what went wrong is tried again, at the latest."""
_LOG: Final = structlog.get_logger("eoffice.duties")


class Duties:
    """The duties of all features; several processes share them."""

    def __init__(
        self,
        *,
        features: Iterable[Feature],
        book: DutyBook,
        do: Callable[[Duty], None],
        now: Callable[[], datetime],
    ) -> None:
        self._duties = {f"{feature.name}/{duty.name}": duty for feature in features for duty in feature.duties}
        self._book = book
        self._do = do
        self._now = now

    def do_due(self) -> int:
        """Do every one that is due and that nobody else is at; one that fails is logged and tried again soon. How many
        there were."""
        due = [name for name, duty in self._duties.items() if self._book.take(name, at=self._now(), lease=duty.lease)]
        for name in due:
            duty = self._duties[name]
            pause = duty.every
            try:
                self._do(duty)
            except Exception:
                _LOG.exception("a duty failed", duty=name)  # one feature's fault must not stop the others
                pause = min(duty.every, SOON)
            self._book.done(name, due_at=self._now() + pause)
        return len(due)
