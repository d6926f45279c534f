"""How a letter stands, for the application that had it signed: all of it, the reason too."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from signer.after import Standing, StandingWord, WithdrawalReason
from signer.model import SignatureRecord


class OtherLetterBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The other end of a replacement."""

    code: Annotated[str, Meta(description="Long verification code of its newest signing.")]
    number: str | None
    external_id: str | None

    @classmethod
    def of(cls, record: SignatureRecord | None) -> "OtherLetterBody | None":
        if record is None:
            return None
        letter = record.intent.letter
        return cls(code=record.intent.code.token, number=letter.number, external_id=letter.external_id)


class WithdrawalBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A withdrawal, for good."""

    at: datetime
    reason: WithdrawalReason
    note: str | None


class StandingBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of a letter; its signatures stay as they are."""

    state: Annotated[StandingWord, Meta(description="The first that is true: withdrawn, replaced, expired, stands.")]
    withdrawal: WithdrawalBody | None
    replaced_by: OtherLetterBody | None
    replaces: OtherLetterBody | None
    valid_until: Annotated[date | None, Meta(description="Last day, as the office's calendar counts.")]

    @classmethod
    def of(cls, standing: Standing, at: datetime) -> "StandingBody":
        """As of `at` (aware)."""
        withdrawn = standing.withdrawn
        return cls(
            state=standing.word(at),
            withdrawal=None
            if withdrawn is None
            else WithdrawalBody(at=withdrawn.at, reason=withdrawn.reason, note=withdrawn.note),
            replaced_by=OtherLetterBody.of(standing.replaced_by),
            replaces=OtherLetterBody.of(standing.replaces),
            valid_until=standing.valid_until,
        )
