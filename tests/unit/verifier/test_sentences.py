"""What people read about a report: one headline, and facts that are never melted into one tick."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.pki import ORGANISATION, Pki, make_pki
from tests.vectors.attacks import content_overwritten
from tests.vectors.letters import pages, sign, trust_in
from verifier.model import TrustSnapshot, ValidationReport
from verifier.policy import ValidationPolicy
from verifier.sentences import Answer, facts, headline_of, words_of
from verifier.validation import validate
from verifier.words import Headline

HOUR = timedelta(hours=1)


@pytest.fixture
def good(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes) -> ValidationReport:
    return validate(letter_b_t, policy, trust, pki.at + HOUR)


def answers(report: ValidationReport) -> list[Answer]:
    return [fact.answer for fact in facts(report)]


def test_a_good_letter(good: ValidationReport) -> None:
    assert headline_of(good) is Headline.VALID
    assert "I Wayan Contoh, Pemerintah Provinsi Contoh" in words_of(good).sentence.id
    unchanged, who, then = facts(good)
    assert [each.answer for each in (unchanged, who, then)] == [Answer.GOOD] * 3
    assert "tidak tersertifikasi" in who.text.id, "our own authority is no certified one"
    assert "Contoh Issuing CA 1" in who.text.id
    assert then.text.id == "Berlaku pada 21 November 2026 12.00 WITA."


def test_a_changed_letter(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    report = validate(content_overwritten(pki), policy, trust, pki.at + HOUR)
    assert headline_of(report) is Headline.CHANGED
    assert answers(report)[0] is Answer.BAD


def test_a_letter_of_an_unknown_issuer_is_intact_and_unsure(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    stranger = make_pki(pki.at, label="X")
    report = validate(sign(pages("Surat"), stranger.official, claimed=pki.at), policy, trust, pki.at + HOUR)
    assert headline_of(report) is Headline.UNKNOWN_ISSUER
    assert answers(report) == [Answer.GOOD, Answer.MIDDLE, Answer.MIDDLE]


def test_a_letter_whose_status_is_not_known_is_not_called_false(
    pki: Pki, policy: ValidationPolicy, letter_b_t: bytes
) -> None:
    report = validate(letter_b_t, policy, trust_in(pki, crls=[]), pki.at + HOUR)
    assert headline_of(report) is Headline.CANNOT_CHECK_NOW
    assert answers(report) == [Answer.GOOD, Answer.GOOD, Answer.MIDDLE]


def test_a_letter_with_permitted_additions(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    second = sign(letter_b_t, pki.official_with(name="Ni Made Contoh"), field="Signature2", claimed=pki.at)
    report = validate(second, policy, trust, pki.at + HOUR)
    assert headline_of(report) is Headline.VALID_WITH_ADDITIONS
    unchanged, who, _ = facts(report)
    assert unchanged.answer is Answer.MIDDLE
    assert "I Wayan Contoh" in who.text.id
    assert "Ni Made Contoh" in who.text.id


def test_a_seal_names_the_body_and_no_person(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    seal = pki.official_with(name=ORGANISATION)
    report = validate(sign(pages("Surat"), seal, claimed=pki.at), policy, trust, pki.at + HOUR)
    assert headline_of(report) is Headline.SEAL_VALID
    assert words_of(report).sentence.id == f"Disegel oleh {ORGANISATION} dan tidak berubah sejak itu."
    assert facts(report)[1].text.id.startswith("Disegel oleh")


def test_a_certificate_that_ended_since_is_said(good: ValidationReport) -> None:
    signer = good.signatures[0].signer
    assert signer is not None
    later = replace(good, validated_at=signer.not_after + HOUR)
    assert headline_of(later) is Headline.VALID_ENDED_SINCE


def test_no_signature_no_facts(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    for pdf, headline in ((pages("x"), Headline.NO_SIGNATURE), (b"", Headline.UNREADABLE)):
        report = validate(pdf, policy, trust, pki.at)
        assert headline_of(report) is headline
        assert facts(report) == ()
        assert words_of(report).next_step.id
