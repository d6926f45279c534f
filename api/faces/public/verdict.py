"""From a validation report to the one headline of the page. Green is earned by every signature; doubt is never red."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from api.faces.public import wording
from api.faces.public.privacy import Disclosure
from api.faces.public.reading import (
    CHANGED_REASONS,
    QUIET_CHANGES,
    as_sentence,
    is_changed,
    later_additions,
    only_seals,
    reason_of,
)
from api.faces.public.settings import PublicSettings
from api.faces.public.signers import signer_of
from api.faces.public.standing import missing_signatures, no_longer
from api.faces.public.wording import HEADLINES, Headline, State
from api.pages.text import Text
from signer.after import NOTHING_KNOWN, Standing
from signer.model import SignatureRecord
from verifier.model import (
    ChangeKind,
    Indication,
    Relation,
    SignatureKind,
    SignatureReport,
    SubIndication,
    ValidationReport,
)

_NO_PATH: Final = frozenset({SubIndication.NO_CERTIFICATE_CHAIN_FOUND, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE})

_SAID_ALIKE: Final = {
    State.CHANGED: wording.CHANGED,
    State.TRY_LATER: wording.TRY_LATER,
    State.GENUINE_ENDED_SINCE: wording.ENDED_SINCE,
    State.GENUINE_WITH_ADDITIONS: wording.ONLY_ADDITIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What stands at the top of the page."""

    state: State
    title: Text
    sentence: Text
    beneath: "Verdict | None" = None
    """For a sample: what the check itself found."""

    @property
    def look(self) -> Headline:
        """Tone, shape and next step of the state."""
        return HEADLINES[self.state]

    @property
    def found(self) -> State:
        """What the check found, be it a sample or not."""
        return self.beneath.state if self.beneath else self.state


def judge(
    report: ValidationReport,
    *,
    relation: Relation,
    record: SignatureRecord | None,
    shows: Disclosure,
    settings: PublicSettings,
    standing: Standing = NOTHING_KNOWN,
) -> Verdict:
    """The worst that is true of this file.

    1. A file without any signature is told so.
    2. Each signature has its state; the worst speaks.
    3. A certificate that borrows our issuer's name, in a file that we do not know: not one of ours.
    4. Nothing is better than the report as a whole.
    5. A letter that is withdrawn, replaced or over is never green, however good its signatures are.
    6. Nor is one whose other signatories have not signed yet.
    7. A test certificate is named before anything but 1 (changed) and 2 (not ours).
    """
    if not report.signatures:
        return _without_signature(report)
    worst = min(report.signatures, key=lambda each: _state_of(each, report).value)
    whole = _state_of_failure(report)
    state, why = _state_of(worst, report), worst.reason
    if whole and whole.value < state.value:
        state, why = whole, report.reason
    elif relation is Relation.NOT_REGISTERED and any(_borrows_our_name(each, settings) for each in report.signatures):
        state = min(state, State.NOT_OURS, key=lambda each: each.value)
    elif state.is_good and all(each.kind is SignatureKind.DOCUMENT_TIMESTAMP for each in report.signatures):
        return _plain(State.NO_SIGNATURE, wording.TIMESTAMP_ONLY)
    over = no_longer(standing, report.validated_at, settings)
    if over is not None and over.state.value < state.value:
        sentence = over.beside_a_valid_signature if state.is_good else over.sentence
        state = over.state
    elif state.is_good and standing.unfinished is not None:
        state = State.STOPPED if standing.unfinished.stopped else State.BEING_SIGNED
        sentence = missing_signatures(standing.unfinished)
    else:
        sentence = (
            _signed_by(report, record, shows, standing.initials)
            if state is State.GENUINE
            else _sentence(state, worst, reason_of(why), settings)
        )
    verdict = Verdict(
        state=state,
        title=_title(state, worst, report),
        sentence=sentence,
    )
    if state.value > State.SAMPLE.value and any(each.anchor in settings.test_anchors for each in report.signatures):
        return as_sample(verdict, sealed=only_seals(report.signatures))
    return verdict


def as_sample(verdict: Verdict, *, sealed: bool = False) -> Verdict:
    """The same finding about a document that only serves to show how things work."""
    sentence = wording.SAMPLE_SEAL if sealed else wording.SAMPLE
    return Verdict(state=State.SAMPLE, title=HEADLINES[State.SAMPLE].title, sentence=sentence, beneath=verdict)


def on_record_only() -> Verdict:
    """For a letter so secret that its code may only be said to exist."""
    return Verdict(state=State.ON_RECORD, title=wording.TITLE_ON_RECORD_ONLY, sentence=wording.ON_RECORD_ONLY)


def on_record() -> Verdict:
    """For the sheet in the reader's hand: its code is known, and nobody has looked at the sheet."""
    return _plain(State.ON_RECORD, wording.ON_RECORD)


def not_ours(settings: PublicSettings) -> Verdict:
    """For a code that nobody was ever given, whatever it looks like."""
    return _plain(State.NOT_OURS, wording.NOT_IN_REGISTER.fill(office=settings.office))


def digest_unknown(settings: PublicSettings) -> Verdict:
    """For a digest that nobody registered: it says nothing yet about the file that it was made of."""
    return _plain(State.DIGEST_UNKNOWN, wording.DIGEST_UNKNOWN.fill(office=settings.office))


def _state_of(signature: SignatureReport, report: ValidationReport) -> State:
    if is_changed(signature):
        return State.CHANGED
    if failed := _state_of_failure(signature):
        return failed
    if signature.signer is None or signature.anchor is None or not signature.intact:
        return State.UNCONFIRMED  # a pass without signer, anchor or digest is none that we could explain
    if signature.kind is SignatureKind.SIGNATURE and signature.signer.not_after < report.validated_at:
        return State.GENUINE_ENDED_SINCE
    return State.GENUINE_WITH_ADDITIONS if later_additions(signature) else State.GENUINE


def _state_of_failure(judged: SignatureReport | ValidationReport) -> State | None:
    if judged.indication is Indication.TOTAL_PASSED:
        return None
    if judged.indication is Indication.TOTAL_FAILED:
        return State.CHANGED if judged.reason in CHANGED_REASONS else State.NOT_VALID
    return State.TRY_LATER if judged.reason is SubIndication.TRY_LATER else State.UNCONFIRMED


def _borrows_our_name(signature: SignatureReport, settings: PublicSettings) -> bool:
    return (
        signature.kind is SignatureKind.SIGNATURE
        and signature.signer is not None
        and signature.signer.issuer in settings.own_issuers
        and signature.anchor is None
        and signature.reason in _NO_PATH
    )


def _without_signature(report: ValidationReport) -> Verdict:
    if report.indication is Indication.UNREADABLE:
        locked = wording.LOCKED.get(report.reason) if report.reason is not None else None
        return _plain(State.UNREADABLE, locked or wording.UNREADABLE)
    failed = None if report.indication is Indication.NO_SIGNATURE else _state_of_failure(report)
    if failed is None:
        return _plain(State.NO_SIGNATURE, wording.NO_SIGNATURE)
    if failed is State.UNCONFIRMED:
        return _plain(failed, wording.NOT_KNOWN.fill(reason=reason_of(report.reason)))
    return _plain(failed, _SAID_ALIKE.get(failed, as_sentence(reason_of(report.reason))))


def _plain(state: State, sentence: Text) -> Verdict:
    return Verdict(state=state, title=HEADLINES[state].title, sentence=sentence)


def _title(state: State, worst: SignatureReport, report: ValidationReport) -> Text:
    if state is State.GENUINE_WITH_ADDITIONS and not _only_signatures(report.signatures):
        return wording.TITLE_OTHER_ADDITIONS
    if state is State.UNCONFIRMED and worst.kind is SignatureKind.DOCUMENT_TIMESTAMP:
        return wording.TITLE_TIMESTAMP_UNCONFIRMED
    return HEADLINES[state].title


def _only_signatures(signatures: Iterable[SignatureReport]) -> bool:
    added = {change.kind for each in signatures for change in each.modifications} - QUIET_CHANGES
    return added == {ChangeKind.SIGNATURE}


def _sentence(state: State, worst: SignatureReport, reason: Text, settings: PublicSettings) -> Text:
    if state in _SAID_ALIKE:
        return _SAID_ALIKE[state]
    if state is State.NOT_OURS:
        return wording.CLAIMS_TO_BE_OURS.fill(office=settings.office)
    if state is State.NOT_VALID:
        return as_sentence(reason)
    if not worst.intact:
        return wording.NOT_KNOWN.fill(reason=reason)
    whole = wording.SIGNED_PART_INTACT if later_additions(worst) else wording.INTACT
    return wording.BUT.fill(whole=whole, reason=reason)


def _signed_by(
    report: ValidationReport, record: SignatureRecord | None, shows: Disclosure, initials: frozenset[str]
) -> Text:
    everybody = [each for each in report.signatures if each.kind is SignatureKind.SIGNATURE]
    persons = [each for each in everybody if each.field_name not in initials and not each.is_seal]
    seals = [each for each in everybody if each.is_seal]
    if not persons and seals:
        sealer = signer_of(seals[-1], record, shows).phrase
        return wording.SEALED_BY_NOBODY_NAMED if sealer is None else wording.SEALED_BY.fill(who=sealer)
    if not persons:
        who = signer_of(everybody[-1], record, shows).phrase
        return wording.SIGNED_BY_NOBODY_NAMED if who is None else wording.INITIALLED_BY.fill(who=who)
    last = signer_of(persons[-1], record, shows)
    who = last.phrase
    if who is None:
        return wording.SIGNED_BY_NOBODY_NAMED
    if len(persons) > 1:
        return wording.SIGNED_BY.fill(who=wording.SIGNED_BY_MANY.fill(count=str(len(persons)), who=who))
    return wording.SIGNED_BY.fill(who=who)
