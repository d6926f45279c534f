"""Figures: a letter counts once, by agency and kind; checks are added up by many processes at once."""

from dataclasses import replace
from datetime import date, timedelta

from signer.model import LetterMetadata, SignedAs, SigningAct
from store.credentials import SqlCredentialStore
from store.database import Database
from store.figures import LetterCount, LetterSum, SqlFigures
from store.signatures import SqlSignatureLog
from store.verification_counts import SqlVerificationCounts, Verified
from tests.support.pki import Pki
from tests.unit.store.samples import FAILED, MINUTE, NOON, credential, digest, intent, signed, together

HOUR = timedelta(hours=1)
SINCE, UNTIL = NOON, NOON + HOUR
LETTER = LetterMetadata(kind="surat-undangan", copies_to=("Arsip", "Biro Contoh"))
OF_HEALTH = SignedAs(agency="Dinas Kesehatan Contoh")


def test_a_letter_counts_once_with_its_pages_and_its_copies(database: Database) -> None:
    log = SqlSignatureLog(database)
    first = intent(1, letter=LETTER, signed_as=OF_HEALTH, act=SigningAct.INITIALS)
    log.reserve(first)
    log.record(first.code, signed("initialled", page_count=3))
    again = intent(2, letter=LETTER, signed_as=OF_HEALTH, input_sha256=digest("initialled"))
    log.reserve(again)
    log.record(again.code, signed("signed", page_count=3))
    figures = SqlFigures(database)
    assert figures.letters(SINCE, UNTIL) == (
        LetterCount(agency="Dinas Kesehatan Contoh", kind="surat-undangan", letters=1, pages=3, copies=6),
    )
    assert figures.sum(SINCE, UNTIL) == LetterSum(letters=1, pages=3, copies=6)
    assert figures.signings(SINCE, UNTIL) == {SigningAct.SIGNATURE: 1, SigningAct.INITIALS: 1}


def test_letters_fall_under_agency_and_kind_and_the_most_come_first(database: Database, pki: Pki) -> None:
    SqlCredentialStore(database).add(credential(pki.official), actor="test", at=NOON)
    log, plain = SqlSignatureLog(database), LetterMetadata()
    wanted = [
        intent(1, letter=LETTER, signed_as=OF_HEALTH),
        intent(2, letter=plain, signed_as=SignedAs()),
        intent(3, letter=plain, signed_as=SignedAs()),
        intent(4, letter=plain, signed_as=SignedAs(), credential_id="nobody knows it any more"),
    ]
    for each in wanted:
        log.reserve(each)
        log.record(each.code, signed(each.code.token, page_count=None))
    found = SqlFigures(database).letters(SINCE, UNTIL)
    assert [(each.agency, each.kind, each.letters, each.pages) for each in found] == [
        ("Dinas Contoh", "", 2, 2),  # of the certificate, where the application named none
        ("", "", 1, 1),
        ("Dinas Kesehatan Contoh", "surat-undangan", 1, 1),
    ]


def test_what_failed_waits_or_lies_outside_is_not_counted(database: Database) -> None:
    log, figures = SqlSignatureLog(database), SqlFigures(database)
    for number in range(1, 4):
        log.reserve(intent(number))
    log.record(intent(1).code, FAILED)
    log.record(intent(2).code, replace(signed(), at=UNTIL))
    assert figures.letters(SINCE, UNTIL) == ()
    assert figures.sum(SINCE, UNTIL) == LetterSum(letters=0, pages=0, copies=0)
    assert figures.signings(SINCE, UNTIL) == dict.fromkeys(SigningAct, 0)
    assert figures.sum(UNTIL, UNTIL + MINUTE).letters == 1, "the beginning belongs to a stretch, its end does not"


def test_checks_add_up_whoever_counts_at_the_same_time(database: Database) -> None:
    counts = SqlVerificationCounts(database)
    good = Verified(day=date(2026, 11, 21), face="page", outcome="passed")
    bad = replace(good, outcome="failed")
    assert together(8, lambda _: counts.add({good: 3, bad: 1})) == [None] * 8
    counts.add({replace(good, day=date(2026, 11, 22)): 1})
    counts.add({})
    assert counts.between(good.day, good.day) == {good: 24, bad: 8}
    assert sum(counts.between(date(2026, 11, 1), date(2026, 11, 30)).values()) == 33
    assert counts.between(date(2026, 11, 1), date(2026, 11, 20)) == {}
