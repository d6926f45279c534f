"""What became of a letter, in words: withdrawn, replaced, ended. Told beside its signatures, which stay as they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.faces.public import wording
from api.faces.public.privacy import disclosure
from api.faces.public.settings import PublicSettings
from api.faces.public.wording import State
from api.pages.moments import day_of, on_day
from api.pages.text import Text
from signer.after import Progress, Standing, StandingWord
from signer.model import SignatureRecord

NOT_WITHDRAWN: Final = Text("Tidak ada catatan pencabutan.", "There is no record of a withdrawal.")
WITHDRAWN_ON: Final = Text("Dicabut pada {day}.", "Withdrawn on {day}.")
REPLACED_BY: Final = Text("Diganti dengan {other} sejak {day}.", "Replaced by {other} since {day}.")
HELD_UNTIL: Final = Text("Berlaku sampai {day}.", "It held until {day}.")
HOLDS_UNTIL: Final = Text("Berlaku sampai {day}.", "It holds until {day}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLonger:
    """A letter that no longer holds."""

    state: State
    sentence: Text
    """Where nothing can be said of its signatures."""
    beside_a_valid_signature: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """The other end of a replacement, as far as its own secrecy lets it be named."""

    label: Text
    name: str
    code: str


def no_longer(standing: Standing, at: datetime, settings: PublicSettings) -> NoLonger | None:
    """Why a letter does not hold any more at `at` (aware); `None` while it does."""
    match standing.word(at):
        case StandingWord.WITHDRAWN if standing.withdrawn:
            day = day_of(standing.withdrawn.at, utc_offset_hours=settings.utc_offset_hours)
            return _said(State.WITHDRAWN, wording.WITHDRAWN, wording.VALID_BUT_WITHDRAWN, day=day)
        case StandingWord.REPLACED if standing.replaced_by:
            other, day = _other(standing.replaced_by), _since(standing.replaced_by, settings)
            return _said(State.REPLACED, wording.REPLACED, wording.VALID_BUT_REPLACED, other=other, day=day)
        case StandingWord.EXPIRED if standing.valid_until:
            return _said(State.EXPIRED, wording.EXPIRED, wording.VALID_BUT_EXPIRED, day=on_day(standing.valid_until))
    return None


def standing_lines(standing: Standing, at: datetime, settings: PublicSettings) -> tuple[Text, ...]:
    """Everything that is known, the weightiest first."""
    lines: list[Text] = []
    if standing.unfinished is not None:
        lines.append(missing_signatures(standing.unfinished))
    if standing.withdrawn is not None:
        day = day_of(standing.withdrawn.at, utc_offset_hours=settings.utc_offset_hours)
        lines.append(WITHDRAWN_ON.fill(day=day))
    if standing.replaced_by is not None:
        day = _since(standing.replaced_by, settings)
        lines.append(REPLACED_BY.fill(other=_other(standing.replaced_by), day=day))
    if standing.withdrawn is None and standing.replaced_by is None:
        lines.append(NOT_WITHDRAWN)
    if standing.valid_until is not None:
        over = standing.word(at) is StandingWord.EXPIRED
        lines.append((HELD_UNTIL if over else HOLDS_UNTIL).fill(day=on_day(standing.valid_until)))
    return tuple(lines)


def missing_signatures(progress: Progress) -> Text:
    """How many have signed, of how many."""
    return wording.MISSING_SIGNATURES.fill(signed=str(progress.signed), of=str(progress.of))


def replacement(standing: Standing) -> Related | None:
    """The letter that took its place, where it may be named."""
    ends = related(Standing(replaced_by=standing.replaced_by))
    return ends[0] if ends else None


def related(standing: Standing) -> tuple[Related, ...]:
    """The letter's newest file and both directions of the chain, with a way to each that may be shown."""
    ends = (
        (Text("Berkas terbaru", "Newest file"), standing.newest),
        (Text("Diganti dengan", "Replaced by"), standing.replaced_by),
        (Text("Menggantikan", "Takes the place of"), standing.replaces),
    )
    return tuple(_named(label, record) for label, record in ends if record is not None and disclosure(record).letter)


def _said(state: State, alone: Text, beside: Text, **values: Text) -> NoLonger:
    return NoLonger(state=state, sentence=alone.fill(**values), beside_a_valid_signature=beside.fill(**values))


def _named(label: Text, record: SignatureRecord) -> Related:
    code = record.intent.code
    return Related(label=label, name=record.intent.letter.number or code.short, code=code.token)


def _since(record: SignatureRecord, settings: PublicSettings) -> Text:
    """The day on which that letter was signed, and so took the other's place."""
    at = record.outcome.at if record.outcome else record.intent.reserved_at
    return day_of(at, utc_offset_hours=settings.utc_offset_hours)


def _other(record: SignatureRecord | None) -> Text:
    number = record.intent.letter.number if record is not None and disclosure(record).letter else None
    return wording.ANOTHER_DOCUMENT if number is None else Text(number, number)
