"""What is signed is what is seen: forms whose values nobody drew, and forms described twice."""

import io

import pikepdf
import pytest

from signer.intake import IntakeLimits, inspect, inspect_signed
from signer.model import SignatureLevel
from tests.support.pki import Pki
from tests.support.shared import document
from tests.support.signing import Desk, request
from tests.unit.signer.test_containers import pki, refusal, require_signed_and_valid
from tests.vectors.file_shapes import form

__all__ = ["pki"]


def form_of(pdf: bytes) -> dict[str, str]:
    """Entries of the form as text, and the names and values of its fields."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        acro_form = opened.Root.AcroForm
        fields = {str(field.T): str(field.get("/V", "")) for field in acro_form.Fields if "/T" in field}
        return {key: repr(acro_form[key]) for key in acro_form} | fields


def test_acro_forms(pki: Pki) -> None:
    """A filled-in form is signed with its values; ours is one more field beside them."""
    signed = form_of(require_signed_and_valid(pki, form()))
    assert signed["jumlah"] == "Rp 1.000.000"
    assert "Signature-1" in signed


def test_need_appearances(pki: Pki) -> None:
    """Where every value is drawn, the flag that asks readers to draw them anew goes with the first signature."""
    document = form(need_appearances=True)
    assert "/NeedAppearances" in form_of(document)
    assert "/NeedAppearances" not in form_of(require_signed_and_valid(pki, document))


def test_need_appearances_of_values_that_nobody_drew() -> None:
    assert refusal(form(need_appearances=True, drawn=False)).reason == "not-drawn"
    assert inspect(form(drawn=False), IntakeLimits()).field_names == {"jumlah"}, "every reader shows an empty field"


def test_values_of_a_parent_count_and_hidden_or_empty_fields_do_not() -> None:
    with pikepdf.open(io.BytesIO(form(need_appearances=True, drawn=False))) as opened:
        field = opened.Root.AcroForm.Fields[0]
        field.F = 2
        assert inspect(rewritten(opened), IntakeLimits()).page_count == 1
        field.F, field.V = 4, pikepdf.String("")
        assert inspect(rewritten(opened), IntakeLimits()).page_count == 1
        del field.V
        parent = opened.make_indirect(pikepdf.Dictionary(T=pikepdf.String("surat"), V=pikepdf.String("isi")))
        parent.Kids, field.Parent = pikepdf.Array([field]), parent
        opened.Root.AcroForm.Fields = pikepdf.Array([parent])
        assert refusal(rewritten(opened)).reason == "not-drawn"


def rewritten(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_static_xfa(pki: Pki) -> None:
    """The second description goes with the first signature, so that every reader shows the pages that were signed."""
    document = form(xfa="static")
    assert "/XFA" in form_of(document)
    signed = form_of(require_signed_and_valid(pki, document))
    assert "/XFA" not in signed
    assert signed["jumlah"] == "Rp 1.000.000"


def test_a_real_form_with_static_xfa(pki: Pki) -> None:
    original = document("annotation-text-widget.pdf")
    assert "/XFA" in form_of(original)
    assert "/XFA" not in form_of(require_signed_and_valid(pki, original))


def test_static_xfa_that_somebody_signed(pki: Pki) -> None:
    """It belongs to what they signed. Validation data may still be added."""
    signed = Desk(pki=pki).service.sign(request(document=form(), level=SignatureLevel.B_T)).pdf
    with pikepdf.open(io.BytesIO(signed)) as opened:
        opened.Root.AcroForm.XFA = opened.make_stream(b"<xdp/>")
        described_twice = rewritten(opened)
    assert refusal(described_twice).reason == "xfa-and-signed"
    assert inspect_signed(described_twice, IntakeLimits()).signatures == 1


@pytest.mark.parametrize("need_appearances", [False, True])
def test_dynamic_xfa(need_appearances: bool) -> None:
    assert refusal(form(xfa="dynamic", need_appearances=need_appearances)).reason == "dynamic-form"
