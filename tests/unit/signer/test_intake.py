"""May this PDF be signed? Each refusal has a document that earns it."""

import contextlib

import pikepdf
import pytest

from signer.errors import DocumentRefused
from signer.intake import IntakeLimits, inspect
from tests.support.letters import (
    blank,
    encrypted,
    letter,
    saved,
    with_dynamic_form,
    with_lock,
    with_looping_fields,
)
from tests.support.shared import corpus

LIMITS = IntakeLimits()


def reason(document: bytes, limits: IntakeLimits = LIMITS) -> str:
    with pytest.raises(DocumentRefused) as refused:
        inspect(document, limits)
    assert refused.value.field == "document"
    return refused.value.reason


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"PK\x03\x04 a word processor's file", "not-a-pdf", id="not a PDF"),
        pytest.param(b"\n\n%PDF-1.7", "not-a-pdf", id="something before the header"),
        pytest.param(b"%PDF-1.7", "broken", id="only a header"),
        pytest.param(letter()[:-200], "broken", id="cut off"),
        pytest.param(encrypted(user="secret"), "encrypted", id="password"),
        pytest.param(encrypted(), "encrypted", id="owner's password only"),
        pytest.param(saved(pikepdf.new()), "no-page", id="no page"),
        pytest.param(with_dynamic_form(), "dynamic-form", id="dynamic XFA"),
        pytest.param(with_lock("DocMDP", P=1), "locked-by-certification", id="DocMDP 1"),
        pytest.param(with_lock("DocMDP", indirect=False, P=1), "locked-by-certification", id="DocMDP 1, direct"),
        pytest.param(with_lock("FieldMDP", Action=pikepdf.Name.All), "fields-locked", id="all fields locked"),
        pytest.param(with_lock("FieldMDP", Action=pikepdf.Name.Exclude), "fields-locked", id="all but some locked"),
        pytest.param(
            with_lock("FieldMDP", Action=pikepdf.Name.Include, P=1), "locked-by-certification", id="lock with P 1"
        ),
    ],
)
def test_what_may_not_be_signed_is_refused_with_its_reason(document: bytes, expected: str) -> None:
    assert reason(document) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (IntakeLimits(bytes=1000), "too-large"),
        (IntakeLimits(pages=2), "too-many-pages"),
        (IntakeLimits(objects=3), "too-many-objects"),
    ],
)
def test_limits_are_counted(limits: IntakeLimits, expected: str) -> None:
    assert reason(saved(blank(3)) + b"\n" * 1000, limits) == expected


def test_a_form_of_endless_depth_is_refused() -> None:
    pdf = blank()
    field = pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String("leaf")))
    for _ in range(70):
        field = pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String("f"), Kids=pikepdf.Array([field])))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    assert reason(saved(pdf)) == "form-too-big"


def test_too_many_earlier_signatures_are_refused() -> None:
    assert reason(with_lock("DocMDP", P=2), IntakeLimits(signatures=0)) == "too-many-signatures"


def test_a_looping_form_ends() -> None:
    assert inspect(with_looping_fields(), LIMITS).field_names == {"parent", "parent.child"}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(with_lock("DocMDP", P=2), id="certified, forms may be filled"),
        pytest.param(with_lock("FieldMDP", Action=pikepdf.Name.Include), id="some fields locked"),
    ],
)
def test_what_earlier_signatories_left_open_may_be_signed(document: bytes) -> None:
    intake = inspect(document, LIMITS)
    assert intake.signatures == 1
    assert intake.field_names == {"Earlier"}


def test_an_ordinary_letter_passes() -> None:
    intake = inspect(letter(), LIMITS)
    assert (intake.page_count, intake.signatures, intake.field_names) == (1, 0, frozenset())


def test_over_the_hostile_corpus_a_document_is_accepted_or_refused_and_nothing_else_happens() -> None:
    for case in corpus():
        with contextlib.suppress(DocumentRefused):
            assert inspect(case.path.read_bytes(), LIMITS).page_count > 0
