"""What Teken refuses, in the words of a clerk."""

import pytest
import teken
from eoffice import refusals
from eoffice.errors import Refused
from eoffice.refusals import not_sealed, said

from api.problems import every_problem
from signer.seal_model import Refusal


def test_a_refusal_is_said_in_both_languages_and_without_marks_for_operators() -> None:
    problem = {
        "type": "https://teken.example.go.id/problems/kind-refused",
        "title": "This kind of letter is not signed electronically",
        "detail": "The list of 2026 names `surat keputusan`.",
        "nextStep": "Use a wet signature.",
        "reason": "kind-excluded",
        "requestId": "0123456789",
    }
    indonesian, _, english = said(teken.Forbidden(403, problem)).partition(" · ")
    assert indonesian == "Jenis surat ini tidak ditandatangani secara elektronik; gunakan tanda tangan basah."
    assert english == (
        "This kind of letter is not signed electronically. The list of 2026 names `surat keputusan`. "
        "Use a wet signature."
    )


def test_a_refusal_of_another_kind_keeps_its_english_and_the_offices_own_stay_as_they_are() -> None:
    assert said(teken.Conflict(409, {"type": "/problems/brand-new", "title": "Not so"})) == (
        "Teken menolaknya; alasannya di bawah ini. · Not so."
    )
    assert said(Refused("Isi. · Fill it in.", field="body")) == "Isi. · Fill it in."


def test_sentences_go_by_words_that_teken_has() -> None:
    assert set(refusals._BY_SLUG) <= set(every_problem())
    ours = {each for each in refusals._BY_WORD if each.startswith("seal-")}
    assert ours <= {each.value for each in Refusal}


@pytest.mark.parametrize(
    ("failures", "words"),
    [
        (
            {"seal-expired": 3, "key-unavailable": 1},
            (
                "Tidak dapat disegel: kunci segel belum menjawab, "
                "izin segel habis waktunya; minta diaktifkan lagi (3×). · "
                "It could not be sealed: the seal's key did not answer, the seal's activation has expired (3×)."
            ),
        ),
        (
            {"unheard-of": 1},
            (
                "Tidak dapat disegel: kesalahan di Teken (unheard-of). · "
                "It could not be sealed: something went wrong at Teken (unheard-of)."
            ),
        ),
    ],
)
def test_what_was_not_sealed_says_why_and_how_many(failures: dict[str, int], words: str) -> None:
    assert not_sealed(failures) == words
