"""Reports of suspicious documents, as readers send them in. Nobody has to say who they are; staff look at each."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from signer.appointments import OFFICE_CLOCK
from signer.errors import FakeReportRefused
from signer.verification_code import SHORT_ALPHABET, SHORT_LENGTH, parse

MOST_A_DAY: Final = 500
"""New reports in 24 hours: enough for a bad day, too few to fill the database or anybody's patience."""
LONGEST: Final = {"code": 104, "place": 200, "text": 1000}
"""Characters of each part."""


class Finding(StrEnum):
    """What staff found."""

    FAKE = "fake"
    GENUINE = "genuine"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What a reader writes, each part possibly empty."""

    code: str
    """As it stands on the document."""
    place: str
    """Where the document was met."""
    text: str
    """What is odd about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeReport:
    """One report."""

    id: str
    """What the reader may refer to."""
    code: str
    place: str
    text: str
    at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    finding: Finding | None = None


class FakeReportStore(Protocol):
    """What is remembered of them. Each change and its audit entry are one transaction."""

    def add(self, report: FakeReport, /, *, most: int, since: datetime) -> None:
        """Nothing where the id is known; raises `FakeReportRefused` where `most` came in after `since`."""
        ...

    def page(self, *, waiting: bool, after: str, limit: int) -> tuple[FakeReport, ...]:
        """The oldest first, after the one with that id; those that wait, or those that are closed."""
        ...

    def close(self, report_id: str, finding: Finding, /, *, actor: str, at: datetime) -> FakeReport | None:
        """`None` where no such report waits."""
        ...

    def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        ...


class FakeReports:
    """Takes reports in, and lets staff close them. `now` gives aware UTC; `clean` blanks what must never be kept."""

    def __init__(self, store: FakeReportStore, *, clean: Callable[[str], str], now: Callable[[], datetime]) -> None:
        self._store = store
        self._clean = clean
        self._now = now

    def report(self, suspicion: Suspicion) -> str:
        """The reference of the report; raises `FakeReportRefused`.

        1. Something is said, and no part is longer than it may be.
        2. Numbers of persons and addresses are blanked: nobody asked for them.
        3. The same words on the same day are the same report, however often the button was pressed.
        4. It is kept, unless too many came in today.
        """
        said = {name: " ".join(text.split()) for name, text in asdict(suspicion).items()}
        _require_something(said)
        said = {name: self._clean(text) for name, text in said.items()} | {"code": _code(said["code"], self._clean)}
        at = self._now()
        report = FakeReport(id=_reference(said, at), code=said["code"], place=said["place"], text=said["text"], at=at)
        self._store.add(report, most=MOST_A_DAY, since=at - timedelta(days=1))
        return report.id

    def page(self, *, waiting: bool, after: str = "", limit: int = 50) -> tuple[FakeReport, ...]:
        """The oldest first, after the one with that id."""
        return self._store.page(waiting=waiting, after=after, limit=limit)

    def close(self, report_id: str, finding: Finding, *, actor: str) -> FakeReport:
        """Somebody looked at it; raises `FakeReportRefused`."""
        closed = self._store.close(report_id, finding, actor=actor, at=self._now())
        if closed is None:
            raise FakeReportRefused("No such report waits.", field="id", reason="unknown")
        return closed

    def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        return self._store.waiting()


def is_reference(text: str) -> bool:
    """Whether a report could be called so."""
    return len(text) == SHORT_LENGTH and set(text) <= set(SHORT_ALPHABET)


def _require_something(said: dict[str, str]) -> None:
    for name, text in said.items():
        if len(text) > LONGEST[name]:
            raise FakeReportRefused(f"At most {LONGEST[name]} characters.", field=name, reason="too-long")
    if not said["code"] and not said["text"]:
        raise FakeReportRefused("A code, or what is odd about the document, is needed.", field="text", reason="empty")


def _code(typed: str, clean: Callable[[str], str]) -> str:
    """A code in its one form; what is none may be anything, and is cleaned."""
    return parse(typed) or clean(typed)


def _reference(said: dict[str, str], at: datetime) -> str:
    day = at.astimezone(OFFICE_CLOCK).date().isoformat()
    number = int.from_bytes(hashlib.sha256(json.dumps([day, said], sort_keys=True).encode()).digest())
    letters = []
    for _ in range(SHORT_LENGTH):
        number, letter = divmod(number, len(SHORT_ALPHABET))
        letters.append(SHORT_ALPHABET[letter])
    return "".join(letters)
