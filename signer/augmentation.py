"""Raising a signed document to a higher level, and renewing it: no key of a signatory is needed, nothing is changed.

What is added stands in revisions of its own (EN 319 142-1, 5.4 to 5.5 and 6; `docs/decisions` says why each):

    to B-T     a document timestamp: the signature itself is covered, so no attribute can be put into it any more
    to B-LT    and a revision with the DSS
    to B-LTA   and one with what the DSS still lacked and a document timestamp over it; again for each renewal
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from pyhanko.pdf_utils.decode_limits import DecodeLimits

from signer.archival import Chain, add_archive_timestamp, add_document_timestamp, add_validation_data
from signer.document import Document
from signer.embedding import free_name
from signer.errors import DocumentRefused, ResultUnsound
from signer.intake import Intake, IntakeLimits, inspect_signed, new_decode_limits
from signer.model import JudgedDocument, SignatureLevel, ValidationData
from signer.ports import Judge, StatusSource
from signer.status import gather
from signer.timestamping import TimestampAuthorities

_ORDER: Final = tuple(SignatureLevel)


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentedDocument:
    """A document with what was added to it."""

    pdf: bytes
    level: SignatureLevel
    """As the verifier finds it now: the lowest of its signatures."""
    good_until: datetime
    """By when something newer has to prove that it existed."""
    page_count: int | None


class AugmentationService:
    """Signed documents in, longer-lived ones out. Build it once a process; safe in several threads."""

    def __init__(
        self,
        *,
        judge: Judge,
        authorities: TimestampAuthorities,
        status: StatusSource,
        now: Callable[[], datetime],
        limits: IntakeLimits | None = None,
        require_trail: Callable[[], object] = lambda: None,
    ) -> None:
        """`status` may fetch from configured sources, and from nowhere else; `now` gives aware UTC; `require_trail`
        raises `Unavailable` while the audit trail is not proven."""
        self._judge = judge
        self._authorities = authorities
        self._status_source = status
        self._now = now
        self._limits = limits or IntakeLimits()
        self._require_trail = require_trail

    def augment(self, document: bytes, level: SignatureLevel) -> AugmentedDocument:
        """`document` raised to `level`, from whichever it has.

        0. The audit trail is proven.                                      else Unavailable
        1. It is a signed PDF that can be extended.                        else DocumentRefused
        2. It is intact, and every signature chains to an anchor.          else DocumentRefused (`not-valid`)
           It has not reached `level`.                                     else DocumentRefused (`level-reached`)
        3. Fresh status of every chain is there, the timestamps' too.      else StatusUnavailable
        4. Knowing that, every signature in it passes every check.         else DocumentRefused (`not-valid`)
        5. What is missing is added: timestamp, validation data, timestamp over it.
                                                                           else TimestampUnavailable
        6. The result begins with the document and passes again, from B-LT on with nothing but what it carries; its
           level is the one asked for.                                     else ResultUnsound
        """
        intake, judged = self._received(document)
        reached = self._reached(document, judged)
        if _ORDER.index(reached) >= _ORDER.index(level):
            message = f"The document has the level {reached.value} already. Ask for a higher one."
            raise DocumentRefused(message, field="document", reason="level-reached")
        return self._raised(intake, judged, reached, level)

    def renew(self, document: bytes) -> AugmentedDocument:
        """`document` with fresh validation data and one more document timestamp over everything: B-LTA, again.

        The steps are those of `augment`; raises `ResultUnsound` (`no gain`) where it would not last longer than before.
        """
        intake, judged = self._received(document)
        reached = min(self._reached(document, judged), SignatureLevel.B_LT, key=_ORDER.index)
        renewed = self._raised(intake, judged, reached, SignatureLevel.B_LTA)
        if judged.good_until is not None and renewed.good_until <= judged.good_until:
            raise ResultUnsound("no gain: what the newest timestamp rests on ends no later than before")
        return renewed

    def _received(self, document: bytes) -> tuple[Intake, JudgedDocument]:
        """Steps 0 to 2."""
        self._require_trail()
        intake = inspect_signed(document, self._limits)
        judged = self._judge.judge(document)
        if not judged.signatures or not all(each.passed or each.awaits_status for each in judged.signatures):
            raise _not_valid(judged)
        return intake, judged

    def _reached(self, document: bytes, judged: JudgedDocument) -> SignatureLevel:
        """The level that it has by right: validation data with gaps does not count."""
        level = judged.level
        if level is None:
            raise _not_valid(judged)
        if level.needs_validation_data and not self._judge.judge_alone(document).passed:
            return SignatureLevel.B_T
        return level

    def _raised(
        self, intake: Intake, judged: JudgedDocument, reached: SignatureLevel, level: SignatureLevel
    ) -> AugmentedDocument:
        """Steps 3 to 6."""
        chains = judged.chains
        known = self._status_of(chains)
        if not (present := self._judge.judge(intake.document.content(), known=known)).passed:
            raise _not_valid(present)
        pdf = intake.document
        name_of = partial(free_name, "Timestamp")
        taken = intake.field_names
        if reached is SignatureLevel.B_B:
            name = name_of(taken)
            pdf, unit = add_document_timestamp(pdf, self._fresh_limits(), name=name, authorities=self._authorities)
            chains, taken = tuple(dict.fromkeys((*chains, unit))), taken | {name}
        if level is SignatureLevel.B_LT:
            pdf = add_validation_data(pdf, self._fresh_limits(), self._status_of(chains))
        elif level is SignatureLevel.B_LTA:
            likely = self._authorities.likely_chain()
            pdf = add_archive_timestamp(
                pdf,
                self._fresh_limits(),
                tuple(dict.fromkeys((*chains, likely))) if likely else chains,
                name=name_of(taken),
                authorities=self._authorities,
                status_of=self._status_of,
            )
        return self._checked(intake, pdf, level)

    def _checked(self, intake: Intake, document: Document, level: SignatureLevel) -> AugmentedDocument:
        """Step 6."""
        pdf = document.content()
        if not document.begins_with(intake.document):
            raise ResultUnsound("the document is not the beginning of what was made of it")
        result = self._judge.judge_alone(pdf) if level.needs_validation_data else self._judge.judge(pdf)
        if not result.passed or result.good_until is None:
            raise ResultUnsound(f"the augmented document does not pass: {result.reason}")
        if result.level is None or _ORDER.index(result.level) < _ORDER.index(level):
            raise ResultUnsound(f"the augmented document has the level {result.level}")
        return AugmentedDocument(
            pdf=pdf, level=result.level, good_until=result.good_until, page_count=result.page_count
        )

    def _status_of(self, chains: tuple[Chain, ...]) -> ValidationData:
        """Step 3."""
        return gather(self._status_source, chains, now=self._now)

    def _fresh_limits(self) -> DecodeLimits:
        return new_decode_limits(self._limits)


def _not_valid(judged: JudgedDocument) -> DocumentRefused:
    word = judged.reason or "NO_SIGNATURE"
    message = f"The document is not valid as it stands ({word}), and nothing that is added changes that. Verify it."
    return DocumentRefused(message, field="document", reason="not-valid")
