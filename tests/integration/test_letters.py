"""Letters after they were signed: withdrawn, replaced, over; on both databases, with real signatures."""

from datetime import date
from pathlib import Path

import pytest

from signer.after import Standing, StandingWord, Withdrawal, WithdrawalReason
from signer.errors import LetterRefused, TimestampUnavailable
from signer.model import SignatureLevel, SignedDocument, Urgency
from store.database import Database
from tests.support.kept import SECOND, KeptDesk
from tests.unit.store.samples import together


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> KeptDesk:
    return KeptDesk(database, tmp_path)


def code(signed: SignedDocument) -> str:
    return signed.record.intent.code.token


def standing(desk: KeptDesk, signed: SignedDocument) -> Standing:
    return desk.letters.standing(code(signed))


def withdraw(desk: KeptDesk, signed: SignedDocument) -> None:
    why = Withdrawal(reason=WithdrawalReason.WRONG_CONTENT, note="keliru", actor="e-office", at=desk.desk.clock)
    desk.letters.withdraw(code(signed), why)


def word(desk: KeptDesk, signed: SignedDocument) -> StandingWord:
    return standing(desk, signed).word(desk.desk.clock)


def refusal(desk: KeptDesk, document: bytes | None = None, **asked: object) -> str:
    """The reason of the refusal, before any passphrase was tried."""
    before = desk.attempts()
    with pytest.raises(LetterRefused) as refused:
        desk.sign(document, **asked)  # type: ignore[arg-type]  # fields by name
    assert desk.attempts() == before
    return refused.value.reason


def test_what_the_client_said_of_the_letter_comes_back(desk: KeptDesk) -> None:
    said = {
        "urgency": Urgency.SEGERA,
        "classification": "000.1.2",
        "copies_to": ("Arsip Contoh", "Inspektorat Contoh"),
        "valid_until": date(2031, 12, 31),
        "number": "B.00/1",
    }
    found = desk.log.find(code(desk.sign(**said)))
    assert found is not None
    assert {name: getattr(found.intent.letter, name) for name in said} == said


def test_a_withdrawn_letter_stays_signed_and_is_withdrawn_once(desk: KeptDesk) -> None:
    signed = desk.sign()
    assert word(desk, signed) is StandingWord.STANDS
    withdraw(desk, signed)
    assert word(desk, signed) is StandingWord.WITHDRAWN
    kept = desk.log.find(code(signed))
    assert kept == signed.record
    with pytest.raises(LetterRefused) as refused:
        withdraw(desk, signed)
    assert refused.value.reason == "already-withdrawn"
    assert desk.acts().count("letter.withdraw") == 1
    assert desk.trail.verify() is None


def test_of_eight_withdrawals_at_once_one_wins(desk: KeptDesk) -> None:
    signed = desk.sign()
    outcomes = together(8, lambda _: withdraw(desk, signed))
    assert outcomes.count(None) == 1
    assert all(each is None or isinstance(each, LetterRefused) for each in outcomes)


def test_what_was_never_signed_is_not_withdrawn(desk: KeptDesk) -> None:
    why = Withdrawal(reason=WithdrawalReason.OTHER, note=None, actor="x", at=desk.desk.clock)
    with pytest.raises(LetterRefused) as refused:
        desk.letters.withdraw("0" * 26, why)
    assert refused.value.reason == "unknown-code"


def test_every_signature_of_one_letter_is_withdrawn_with_it(desk: KeptDesk) -> None:
    first = desk.sign()
    second = desk.sign(first.pdf, credential_id=SECOND)
    withdraw(desk, second)
    assert word(desk, first) is word(desk, second) is StandingWord.WITHDRAWN


def test_another_client_that_adds_a_signature_cannot_withdraw_the_letter_beneath(desk: KeptDesk) -> None:
    first = desk.sign()
    theirs = desk.sign(first.pdf, client="permits", credential_id=SECOND)
    withdraw(desk, theirs)
    assert word(desk, first) is StandingWord.STANDS
    assert word(desk, theirs) is StandingWord.WITHDRAWN


def test_what_befalls_the_letter_beneath_is_told_of_the_longer_one_too(desk: KeptDesk) -> None:
    first = desk.sign(valid_until=date(2030, 1, 1))
    theirs = desk.sign(first.pdf, client="permits", credential_id=SECOND)
    withdraw(desk, first)
    assert word(desk, theirs) is StandingWord.WITHDRAWN
    assert standing(desk, theirs).valid_until == date(2030, 1, 1)


def test_nobody_signs_a_withdrawn_letter_and_no_attempt_is_counted(desk: KeptDesk) -> None:
    signed = desk.sign()
    withdraw(desk, signed)
    assert refusal(desk, signed.pdf) == "withdrawn"


def test_a_replacement_is_told_in_both_directions(desk: KeptDesk) -> None:
    old = desk.sign(number="B.00/1")
    new = desk.sign(number="B.00/2", replaces=old.record.intent.code.short)
    assert word(desk, old) is StandingWord.REPLACED
    assert standing(desk, old).replaced_by == desk.log.find(code(new))
    assert standing(desk, new).replaces == old.record
    assert word(desk, new) is StandingWord.STANDS
    assert desk.acts()[-1] == "letter.replace"


def test_a_further_signature_of_the_new_letter_may_say_again_what_it_replaces(desk: KeptDesk) -> None:
    old = desk.sign()
    first = desk.sign(number="2", replaces=code(old))
    second = desk.sign(first.pdf, credential_id=SECOND, replaces=code(old))
    assert standing(desk, old).replaced_by in (first.record, desk.log.find(code(second)))
    assert word(desk, second) is StandingWord.STANDS


@pytest.mark.parametrize("replaces", ["", "x" * 64, "0" * 26, "unknown"])
def test_a_code_that_is_none_replaces_nothing(desk: KeptDesk, replaces: str) -> None:
    assert refusal(desk, replaces=replaces) == "unknown-code"


def test_nobody_replaces_the_letter_of_another_client_or_one_that_is_replaced(desk: KeptDesk) -> None:
    old = desk.sign()
    assert refusal(desk, client="permits", replaces=code(old)) == "unknown-code"
    assert refusal(desk, old.pdf, replaces=code(old), credential_id=SECOND) == "itself"
    desk.sign(replaces=code(old))
    assert refusal(desk, replaces=code(old)) == "already-replaced"


def test_a_replacement_that_failed_leaves_the_place_free(desk: KeptDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    old = desk.sign()
    timestamper = desk.service.acts._authorities

    def away(_: bytes) -> None:
        raise TimestampUnavailable("no answer")

    with monkeypatch.context() as broken:
        broken.setattr(timestamper, "timestamp", away)
        with pytest.raises(TimestampUnavailable):
            desk.sign(replaces=code(old), level=SignatureLevel.B_T)
    assert word(desk, old) is StandingWord.STANDS
    desk.sign(replaces=code(old))
    assert word(desk, old) is StandingWord.REPLACED


def test_of_four_letters_that_replace_one_at_once_exactly_one_does(desk: KeptDesk) -> None:
    old = desk.sign()
    outcomes = together(4, lambda _: desk.sign(replaces=code(old)))
    assert sum(isinstance(each, SignedDocument) for each in outcomes) == 1
    assert sum(isinstance(each, LetterRefused) for each in outcomes) == 3


def test_a_permit_is_over_on_the_day_after_its_last_one_in_the_offices_calendar(desk: KeptDesk) -> None:
    today = desk.desk.clock.date()
    signed = desk.sign(valid_until=today)
    midnight_in_bali = desk.desk.clock.replace(hour=16, minute=0, second=0, microsecond=0)
    assert standing(desk, signed).word(midnight_in_bali.replace(hour=15, minute=59)) is StandingWord.STANDS
    assert standing(desk, signed).word(midnight_in_bali) is StandingWord.EXPIRED
