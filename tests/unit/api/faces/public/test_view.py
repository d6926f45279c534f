"""What a result page is made of."""

from dataclasses import replace

import pytest

from api.faces.public.ports import CodeResult, UploadResult
from api.faces.public.view import MOST_PREVIEWS, ResultView, view_of_code, view_of_upload
from api.faces.public.wording import ON_RECORD_ONLY, RELATIONS, State
from signer.model import Secrecy
from tests.unit.api.faces.public.examples import CODES, PASSED, SAMPLE, SETTINGS, UPLOADS, failing, kept, record, report
from verifier.model import ChangeKind, Modification, Relation, SubIndication


def by_code(result: CodeResult) -> ResultView:
    return view_of_code(result, SETTINGS)


def words_of(view: ResultView) -> str:
    return repr((view.letter, view.facts, view.details, view.verdict))


def test_a_code_speaks_of_the_kept_file_and_asks_to_compare() -> None:
    view = by_code(CODES["genuine"])
    assert view.scope.id == "Berkas asli yang kami simpan"
    assert view.verdict.state is State.GENUINE
    assert view.compare is not None
    assert view.compare.state is State.ON_RECORD


def test_an_upload_says_how_it_stands_to_the_register() -> None:
    assert view_of_upload(UPLOADS["genuine"], SETTINGS).relation == RELATIONS[Relation.SAME_BYTES]
    assert view_of_upload(UPLOADS["certified"], SETTINGS).relation == RELATIONS[Relation.NOT_REGISTERED]


def test_an_ordinary_letter_shows_number_kind_subject_pages_and_download() -> None:
    view = by_code(CODES["genuine"])
    assert [value for _, value in view.letter] == [
        "000.1.2/123/CONTOH/2026",
        "Surat tugas",
        "Pendampingan pemasangan sistem persuratan elektronik",
    ]
    assert view.previews == (1, 2, 3)
    assert view.download


@pytest.mark.parametrize("secrecy", [Secrecy.TERBATAS, Secrecy.RAHASIA, Secrecy.SANGAT_RAHASIA])
def test_nothing_of_the_letter_shows_above_ordinary(secrecy: Secrecy) -> None:
    quoting = Modification(revision=2, kind=ChangeKind.ANNOTATION, allowed=True, page=1, detail="note: Rencana Contoh")
    view = by_code(
        CodeResult(record=record(secrecy), report=report(replace(PASSED, modifications=(quoting,))), pages=3)
    )
    assert (view.letter, view.previews, view.download) == ((), (), False)
    assert "CONTOH/2026" not in words_of(view)
    assert "Rencana Contoh" not in words_of(view)


@pytest.mark.parametrize("secrecy", [Secrecy.RAHASIA, Secrecy.SANGAT_RAHASIA])
@pytest.mark.parametrize(
    "signature", [PASSED, SAMPLE, failing(SubIndication.TRY_LATER)], ids=["good", "sample", "later"]
)
def test_nobody_is_named_on_a_secret_letter(secrecy: Secrecy, signature: object) -> None:
    result = UploadResult(report=report(signature), relation=Relation.SAME_BYTES, record=record(secrecy))  # type: ignore[arg-type]  # parametrized
    for view in (by_code(kept(signature, of=record(secrecy))), view_of_upload(result, SETTINGS)):  # type: ignore[arg-type]  # parametrized
        assert "Lestari" not in words_of(view)
        assert "Kepala Dinas" not in words_of(view)
        assert "09.02" not in words_of(view)


def test_a_top_secret_code_is_only_said_to_exist() -> None:
    view = by_code(CODES["sangat-rahasia"])
    assert view.verdict.sentence == ON_RECORD_ONLY
    assert (view.facts, view.details, view.compare) == ((), (), None)


def test_a_top_secret_sample_is_still_called_a_sample() -> None:
    view = by_code(kept(SAMPLE, of=record(Secrecy.SANGAT_RAHASIA)))
    assert view.verdict.state is State.SAMPLE
    assert view.verdict.beneath is not None
    assert view.verdict.beneath.state is State.ON_RECORD


def test_a_top_secret_document_that_fails_does_not_hide_it() -> None:
    broken = kept(failing(SubIndication.HASH_FAILURE), of=record(Secrecy.SANGAT_RAHASIA))
    assert by_code(broken).verdict.state is State.CHANGED


def test_a_top_secret_upload_is_told_whether_it_is_intact() -> None:
    secret = UploadResult(report=report(PASSED), relation=Relation.SAME_BYTES, record=record(Secrecy.SANGAT_RAHASIA))
    assert view_of_upload(secret, SETTINGS).facts[0].answers[0].id.startswith("Tidak berubah")


def test_an_unreadable_file_gets_no_facts_that_nobody_checked() -> None:
    assert view_of_upload(UPLOADS["unreadable"], SETTINGS).facts == ()


def test_pictures_are_counted() -> None:
    assert len(by_code(kept(pages=5000)).previews) == MOST_PREVIEWS


def test_the_short_code_is_printed_in_two_groups() -> None:
    assert by_code(CODES["genuine"]).short_code == "K7MPQ 2XW9R"


def test_details_are_told_in_the_order_of_revisions() -> None:
    later, earlier = replace(PASSED, revision=3, field_name="B"), replace(PASSED, revision=1, field_name="A")
    view = view_of_upload(
        UploadResult(report=report(later, earlier), relation=Relation.NOT_REGISTERED, record=None), SETTINGS
    )
    fields = [row.value for section in view.details for row in section.rows if row.label.en == "Field"]
    assert fields == ["A", "B"]


def test_an_unproven_issuer_is_labelled_as_such_in_the_details() -> None:
    labels = [
        row.label.en for section in view_of_upload(UPLOADS["unknown-issuer"], SETTINGS).details for row in section.rows
    ]
    assert "Issuer as written, not proven" in labels
    assert "Issuer" not in labels
