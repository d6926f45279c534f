"""What becomes of a letter after it was signed: withdrawn, replaced, ended. Its signatures stay as they are.

One letter may bear several signatures of one client, each with a code of its own; what is said of one holds for all.
Nothing is ever edited: a withdrawal and a replacement are entries of their own, and an end is a day that passes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from signer.appointments import OFFICE_CLOCK
from signer.model import SignatureRecord, SigningTerms


class WithdrawalReason(StrEnum):
    """Why a letter is withdrawn. Told to its client and to the audit trail, never to the public."""

    WRONG_CONTENT = "wrong-content"
    WRONG_SIGNATORY = "wrong-signatory"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    """What it orders or permits does not take place."""
    ORDERED = "ordered"
    """By a court or a supervisor."""
    OTHER = "other"


class StandingWord(StrEnum):
    """How a letter stands; the first that is true, in this order."""

    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"
    STANDS = "stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A letter is withdrawn, for good."""

    reason: WithdrawalReason
    note: str | None
    """The client's own words; never public."""
    actor: str
    """The client that had it signed, or a member of staff."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a letter of several signatories has come, while signatures are still missing. Initials do not count."""

    signed: int
    of: int
    """More than `signed`."""
    stopped: bool
    """Whether it was cancelled, so that the others never sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a letter besides its signatures; the default: nothing."""

    withdrawn: Withdrawal | None = None
    replaced_by: SignatureRecord | None = None
    """The newest signing of the letter that took its place."""
    replaces: SignatureRecord | None = None
    """The newest signing of the letter whose place it took."""
    valid_until: date | None = None
    initials: frozenset[str] = frozenset()
    """Signature fields of the document that are initials (*paraf*): never called signatures."""
    unfinished: Progress | None = None
    """`None` where every signature is there that was asked for."""
    newest: SignatureRecord | None = None
    """The newest signing of the same letter, where this is an earlier one: its file has everybody's signature."""

    def word(self, at: datetime) -> StandingWord:
        """How the letter stands at `at` (aware)."""
        if self.withdrawn is not None:
            return StandingWord.WITHDRAWN
        if self.replaced_by is not None:
            return StandingWord.REPLACED
        if self.valid_until is not None and at.astimezone(OFFICE_CLOCK).date() > self.valid_until:
            return StandingWord.EXPIRED
        return StandingWord.STANDS


NOTHING_KNOWN: Final = Standing()


class LetterLog(Protocol):
    """What is remembered of letters."""

    def standing(self, code: str, /) -> Standing:
        """Of the letter with this long code; also what befell the letter that it extends, whoever signed that."""
        ...

    def withdraw(self, code: str, withdrawal: Withdrawal, /) -> None:
        """Once for each letter; raises `LetterRefused` where it is withdrawn already or was never signed."""
        ...

    def require_signable(self, *, input_sha256: str, replaces: str | None, client_id: str) -> str | None:
        """The letter that is to be replaced, in the log's own words; `None` where none is.

        Raises `LetterRefused` where the document to be signed is of a withdrawn letter, and where `replaces` (a code,
        long or short) is not a signed letter of that client, or has been replaced already.
        """
        ...


class Aftermath:
    """Withdraws letters, and says how they stand. `now` gives aware UTC."""

    def __init__(self, letters: LetterLog, *, now: Callable[[], datetime]) -> None:
        self._letters = letters
        self._now = now

    def withdraw(self, code: str, *, reason: WithdrawalReason, note: str | None, actor: str) -> Standing:
        """From now on the letter is withdrawn; raises `LetterRefused`. Who may is the caller's to decide."""
        self._letters.withdraw(code, Withdrawal(reason=reason, note=note, actor=actor, at=self._now()))
        return self._letters.standing(code)

    def standing(self, code: str) -> Standing:
        """Of the letter with this long code."""
        return self._letters.standing(code)


def replaced_letter(letters: LetterLog, terms: SigningTerms, input_sha256: str) -> str | None:
    """The letter that is replaced; raises `LetterRefused` where it or the document itself does not allow it."""
    return letters.require_signable(
        input_sha256=input_sha256, replaces=terms.letter.replaces, client_id=terms.client_id
    )
