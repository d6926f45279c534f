"""Four facts, four answers."""

from dataclasses import replace

import pytest

from api.faces.public import facts
from api.faces.public.facts import Fact, four_facts
from api.faces.public.ports import UploadResult
from api.faces.public.privacy import disclosure
from api.faces.public.wording import Tone
from signer.model import Secrecy, SignatureRecord
from tests.unit.api.faces.public.examples import (
    CERTIFICATE,
    COSIGNED,
    COSIGNER,
    PASSED,
    SETTINGS,
    UPLOADS,
    failing,
    record,
    report,
    upload,
)
from verifier.model import Relation, SubIndication


def facts_of(result: UploadResult) -> tuple[Fact, ...]:
    return four_facts(
        result.report,
        record=result.record,
        shows=disclosure(result.record),
        settings=SETTINGS,
        standing=result.standing,
    )


def registered(letter: SignatureRecord) -> UploadResult:
    return UploadResult(report=report(PASSED), relation=Relation.SAME_BYTES, record=letter)


@pytest.mark.parametrize(
    ("example", "tones"),
    [
        ("genuine", (Tone.GOOD, Tone.GOOD, Tone.GOOD, Tone.GOOD)),
        ("certified", (Tone.GOOD, Tone.GOOD, Tone.GOOD, Tone.UNSURE)),
        ("changed", (Tone.BAD, Tone.BAD, Tone.UNSURE, Tone.UNSURE)),
        ("changed-later", (Tone.BAD, Tone.BAD, Tone.UNSURE, Tone.GOOD)),
        ("revoked", (Tone.GOOD, Tone.UNSURE, Tone.BAD, Tone.UNSURE)),
        ("unknown-issuer", (Tone.GOOD, Tone.UNSURE, Tone.UNSURE, Tone.UNSURE)),
        ("additions", (Tone.NOTE, Tone.GOOD, Tone.GOOD, Tone.GOOD)),
        ("no-signature", (Tone.UNSURE, Tone.UNSURE, Tone.UNSURE, Tone.UNSURE)),
        ("try-later", (Tone.GOOD, Tone.UNSURE, Tone.UNSURE, Tone.UNSURE)),
    ],
)
def test_each_example_answers_each_question_in_its_own_tone(example: str, tones: tuple[Tone, ...]) -> None:
    assert tuple(each.tone for each in facts_of(UPLOADS[example])) == tones


def test_the_class_stands_beside_the_issuer() -> None:
    assert "sertifikat dari CA Penerbit Contoh, tidak tersertifikasi" in facts_of(UPLOADS["genuine"])[1].answers[0].id
    assert facts_of(UPLOADS["certified"])[1].answers[0].id.endswith("CA Penerbit Contoh, tersertifikasi.")


def test_a_seal_is_called_a_seal() -> None:
    sealed = replace(PASSED, signer=replace(CERTIFICATE, subject="Dinas Contoh", organisation="Dinas Contoh"))
    who = facts_of(upload(sealed))[1]
    assert who.question.id == "Siapa yang menyegel?"
    said = "Segel elektronik Dinas Contoh, bukan tanda tangan seseorang — sertifikat dari"
    assert who.answers[0].id.startswith(said)


def test_a_seal_with_a_name_of_its_own_says_whose_it_is_and_never_signed() -> None:
    sealed = replace(PASSED, signer=replace(CERTIFICATE, subject="Segel Dinas Contoh", legal_person=True))
    unchanged, who, *_ = facts_of(upload(sealed, registered=True))
    assert unchanged.answers[0] == facts.UNCHANGED_SEAL_QUIETLY
    assert who.answers[0].id.startswith("Segel elektronik Pemerintah Provinsi Contoh (Segel Dinas Contoh), bukan tanda")
    both = facts_of(upload(sealed, replace(PASSED, field_name="Signature2", revision=2)))
    assert (both[0].answers[0], both[1].question) == (facts.UNCHANGED_QUIETLY, facts.WHO_QUESTION)
    assert [each.id.startswith("Segel elektronik") for each in both[1].answers] == [True, False]


def test_an_unknown_issuer_is_not_quoted_by_name() -> None:
    who = facts_of(UPLOADS["unknown-issuer"])[1]
    assert who.answers[0] == facts.ISSUER_UNKNOWN
    assert "CA Tak Dikenal" not in "".join(each.id for each in who.answers)


def test_good_at_signing_time_says_the_proven_time_and_never_the_claimed_one() -> None:
    assert facts_of(UPLOADS["genuine"])[2].answers[0].id == "Berlaku pada 20 November 2026 09.02.05 WITA."


def test_without_proof_of_time_the_moment_of_the_check_speaks() -> None:
    assert "21 November 2026 10.15.00 WITA" in facts_of(upload(replace(PASSED, proven_at=None)))[2].answers[0].id


def test_a_certificate_that_was_not_valid_yet_is_not_called_expired() -> None:
    assert facts_of(upload(failing(SubIndication.NOT_YET_VALID)))[2].answers == (facts.NOT_YET_GOOD,)


def test_every_signer_is_named() -> None:
    who = " ".join(each.id for each in facts_of(upload(COSIGNED, COSIGNER))[1].answers)
    assert "Ni Luh Contoh Lestari" in who
    assert "I Made Contoh Wirawan" in who


def test_a_secret_letter_shows_its_agency_and_no_time() -> None:
    _, who, then, _ = facts_of(registered(record(Secrecy.RAHASIA)))
    assert who.answers[0].id.startswith("Dinas Contoh.")
    assert then.answers == (facts.GOOD_THEN,)


def test_a_top_secret_letter_shows_not_even_the_agency() -> None:
    assert facts_of(registered(record(Secrecy.SANGAT_RAHASIA)))[1].answers == (facts.ALL_HIDDEN,)


def test_a_file_that_nobody_could_judge_whole_is_not_called_unchanged() -> None:
    unjudged = failing(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, intact=False, anchor=None)
    assert facts_of(upload(unjudged))[0].tone is Tone.UNSURE
