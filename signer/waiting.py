"""The nouns of what waits for one signatory."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from signer.model import LetterMetadata, SignedAs, SigningAct, Urgency

_KEY: Final = re.compile(r"([rb])\.([0-9a-f]{32})|(s)\.([0-9a-f]{32})\.([1-9]\d?)")


class WaitingKind(StrEnum):
    """What something that waits is."""

    REQUEST = "r"
    """A request of an application, which can be opened now."""
    BATCH = "b"
    """A closed batch with documents that have no signature, and no request that is open."""
    STEP = "s"
    """A step of a document that several sign, whose turn it is, and no request that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingKey:
    """Which thing it is, as a page names it."""

    kind: WaitingKind
    id: str
    number: int = 0
    """Of a step, from 1."""

    @property
    def text(self) -> str:
        """For an address or a form; `parsed` reads it again."""
        plain = f"{self.kind.value}.{self.id}"
        return f"{plain}.{self.number}" if self.kind is WaitingKind.STEP else plain


def parsed(text: str) -> WaitingKey | None:
    """The key of a text that somebody sent; `None` for what is not even shaped like one."""
    found = _KEY.fullmatch(text)
    if found is None:
        return None
    if found[3]:
        return WaitingKey(kind=WaitingKind.STEP, id=found[4], number=int(found[5]))
    return WaitingKey(kind=WaitingKind(found[1]), id=found[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """One thing that waits."""

    key: WaitingKey
    client_id: str
    name: str | None
    """The client's words: of the first document, or the letter's subject or number."""
    letter: LetterMetadata
    """Of the first document."""
    urgency: Urgency
    """The highest of all its documents."""
    act: SigningAct
    signed_as: SignedAs
    documents: int
    since: datetime
    preparing: int = 0
    """Documents of a batch that are still being prepared; until then nobody can consent."""
    until: datetime | None = None
    """When a request ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Everything of one signatory, the most urgent first, then the oldest; at most a hundred of each kind."""

    items: tuple[WaitingItem, ...] = ()

    @property
    def count(self) -> int:
        """Of everything."""
        return len(self.items)
