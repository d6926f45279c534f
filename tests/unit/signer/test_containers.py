"""Every container that a PDF may be is signed, and what is signed holds before our verifier."""

import io
from collections.abc import Callable
from datetime import timedelta

import pikepdf
import pytest

from signer.errors import DocumentRefused
from signer.intake import IntakeLimits, inspect, inspect_signed
from signer.model import SignatureLevel, StampPlacement
from tests.support.letters import blank, encrypted, saved
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request
from tests.vectors import file_shapes
from tests.vectors.letters import trust_in
from verifier.model import Indication
from verifier.policy import load_policy
from verifier.validation import validate

POLICY = load_policy("teken-1")


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def signed_with_stamp(pki: Pki, document: bytes) -> bytes:
    """Signed at B-LT; the document stays the beginning."""
    signed = Desk(pki=pki).service.sign(request(document=document, stamp=StampPlacement())).pdf
    assert signed.startswith(document)
    return signed


def require_valid(pki: Pki, signed: bytes, *, signatures: int = 1) -> None:
    report = validate(signed, POLICY, trust_in(pki), pki.at + timedelta(minutes=1))
    assert report.indication is Indication.TOTAL_PASSED, report.detail
    assert [each.indication for each in report.signatures] == [Indication.TOTAL_PASSED] * signatures


def require_signed_and_valid(pki: Pki, document: bytes) -> bytes:
    """Signed with a stamp at B-LT and again at B-LTA: both signatures and the document timestamp pass."""
    once = signed_with_stamp(pki, document)
    twice = Desk(pki=pki).service.sign(request(document=once, level=SignatureLevel.B_LTA)).pdf
    assert twice.startswith(once)
    require_valid(pki, twice, signatures=3)
    return twice


def refusal(document: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as refused:
        inspect(document, IntakeLimits())
    assert refused.value.field == "document"
    assert " / " in str(refused.value), "Indonesian first, English beside it"
    return refused.value


def test_hybrid_reference_files(pki: Pki) -> None:
    """As a word processor exports them; ours adds a plain table and no second view."""
    document = file_shapes.word_hybrid()
    assert file_shapes.is_hybrid(document)
    signed = require_signed_and_valid(pki, document)
    assert not file_shapes.is_hybrid(signed[len(document) :])


def test_hybrid_reference_files_whose_views_disagree() -> None:
    assert refusal(file_shapes.word_hybrid(agreeing=False)).reason == "two-views"


@pytest.mark.parametrize("make", [file_shapes.with_table_only, file_shapes.with_xref_stream])
def test_cross_reference_streams(pki: Pki, make: Callable[[], bytes]) -> None:
    """Our revision has the kind that the document has: readers need not mix them (ISO 32000-2, 7.5.8)."""
    document = make()
    added = require_signed_and_valid(pki, document)[len(document) :]
    streams = make is file_shapes.with_xref_stream
    assert (b"/XRef" in added) is streams
    assert (b"\nxref\n" in added) is not streams


def test_object_streams(pki: Pki) -> None:
    assert b"/ObjStm" in file_shapes.with_object_streams()
    require_signed_and_valid(pki, file_shapes.with_object_streams())


def test_linearised_files(pki: Pki) -> None:
    """They stay readable, and are no longer linearised: the length in their first object is another one."""
    document = file_shapes.linearised()
    assert b"/Linearized" in document[:1024]
    signed = require_signed_and_valid(pki, document)
    with pikepdf.open(io.BytesIO(document)) as before, pikepdf.open(io.BytesIO(signed)) as after:
        assert (before.is_linearized, after.is_linearized) == (True, False)


def test_pdf_2_0(pki: Pki) -> None:
    """The version stays, and no extension is declared, for PAdES belongs to PDF 2.0 itself."""
    document = file_shapes.pdf_2()
    signed = require_signed_and_valid(pki, document)
    with pikepdf.open(io.BytesIO(signed)) as opened:
        assert opened.pdf_version == "2.0"
        assert "/Extensions" not in opened.Root


def test_annotations_behind_a_reference(pki: Pki) -> None:
    """A page may name the array of its annotations; a later signature then writes the array anew and not the page."""
    with blank() as pdf:
        pdf.pages[0].obj.Annots = pdf.make_indirect(pikepdf.Array([]))
        require_signed_and_valid(pki, saved(pdf))


@pytest.mark.parametrize("version", [2, 4, 6], ids=["RC4", "AES-128", "AES-256"])
def test_encrypted_with_an_empty_password(version: int) -> None:
    document = file_shapes.protected(version)
    with pikepdf.open(io.BytesIO(document)) as opened:
        assert opened.is_encrypted, "and it opened without a password"
    assert refusal(document).reason == "encrypted"
    with pytest.raises(DocumentRefused) as refused:
        inspect_signed(document, IntakeLimits())
    assert refused.value.reason == "encrypted"
    assert refusal(encrypted(user="rahasia")).reason == "encrypted"
