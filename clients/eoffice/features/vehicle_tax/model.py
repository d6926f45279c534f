"""What the feature keeps: feeds, bundles and receipts, each a record whose id follows from what it is.

A feed that comes twice, or is cut off and sent again, therefore makes the same records, and each is kept once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from eoffice.model import Record

NAME: Final = "vehicle-tax"
FEED: Final = "feed"
BUNDLE: Final = "bundle"
RECEIPT: Final = "receipt"
SENDER: Final = "sender"
IN_A_BUNDLE: Final = 250
"""Receipts that go to Teken as one batch of its seal."""


class Phase(StrEnum):
    """Where a bundle is; the state of its record."""

    WAITING = "waiting"
    FILLING = "filling"
    """Teken has opened the batch; its pages are being drawn and sent."""
    SEALING = "sealing"
    FAILED = "failed"
    """Teken could not seal some of them, and is asked again."""
    DONE = "done"


class ReceiptState(StrEnum):
    """Where a receipt is; the state of its record."""

    WAITING = "waiting"
    SEALED = "sealed"
    REFUSED = "refused"
    """It cannot be drawn, or Teken does not take it."""
    MENDED = "mended"
    """Somebody mended what was refused; it waits for its bundle's next turn."""
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The data of a bundle's record."""

    feed: str
    receipts: tuple[str, ...]
    """Ids of their records, in order."""
    batch: str | None = None
    """What Teken calls it."""
    round: int = 0
    """How many batches were begun for it before this one; part of every key under which Teken is asked."""
    attempts: int = 0
    """In a row that did not work."""
    due: str | None = None
    """When it is tried again: ISO 8601, UTC."""
    problem: str | None = None
    """Why it stands still; for people."""
    sealed: int = 0
    refused: int = 0

    def as_data(self) -> dict[str, Any]:
        """As its record keeps it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"receipts": list(self.receipts)}

    @classmethod
    def of(cls, record: Record) -> Self:
        """Back out of its record."""
        return cls(**{**record.data, "receipts": tuple(record.data["receipts"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a feed is."""

    receipts: int
    sealed: int
    refused: int
    problem: str | None
    """Why some of it stands still; for people."""

    @property
    def waiting(self) -> int:
        """Neither sealed nor refused."""
        return self.receipts - self.sealed - self.refused

    @property
    def percent(self) -> int:
        """0 to 100; 100 only where nothing waits."""
        return 100 if self.receipts == 0 else (self.receipts - self.waiting) * 100 // self.receipts


def progress_of(bundles: Mapping[str, Bundle]) -> Progress:
    """All bundles of one feed together."""
    values = bundles.values()
    return Progress(
        receipts=sum(len(each.receipts) for each in values),
        sealed=sum(each.sealed for each in values),
        refused=sum(each.refused for each in values),
        problem=next((each.problem for each in values if each.problem), None),
    )


def feed_id(agency_id: str, content: bytes) -> str:
    """The same file of the same agency is the same feed."""
    return _id(FEED, agency_id, hashlib.sha256(content).hexdigest())


def bundle_id(feed: str, number: int) -> str:
    """`number`: from 0."""
    return _id(BUNDLE, feed, str(number))


def receipt_id(agency_id: str, reference: str) -> str:
    """One payment, one receipt."""
    return _id(RECEIPT, agency_id, reference)


def receipt_key(agency_id: str, reference: str) -> str:
    """References are unique within one agency."""
    return f"{agency_id}/{reference}"


def _id(*words: str) -> str:
    return hashlib.sha256("\0".join((NAME, *words)).encode()).hexdigest()[:32]
