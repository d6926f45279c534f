"""A key that comes twice must not let signing change what a document shows. pikepdf reads as most readers do."""

import io
from collections.abc import Callable

import pikepdf
import pytest

from signer.errors import DocumentRefused
from signer.model import SignatureLevel, StampPlacement
from tests.support.letters import packed_by_hand, written_by_hand
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request

CATALOG = b"<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
OTHER_PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FORM = b"<< /Fields [ ] /DA (x) >>"
WRITERS = [written_by_hand, packed_by_hand]
Writer = Callable[..., bytes]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def sign(pki: Pki, document: bytes) -> bytes:
    desk = Desk(pki=pki)
    return desk.service.sign(request(document=document, level=SignatureLevel.B_LT, stamp=StampPlacement())).pdf


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(
            (CATALOG.replace(b"/AcroForm", b"/Pages 4 0 R /AcroForm"), PAGES, PAGE, FORM), id="two page trees"
        ),
        pytest.param(
            (CATALOG.replace(b"5 0 R", b"<< /Fields [ ] /Fields [ 3 0 R ] >>"), PAGES, PAGE, FORM), id="inside"
        ),
        pytest.param(
            (CATALOG, PAGES, PAGE.replace(b"/MediaBox", b"/Annots [ ] /Annots [ ] /MediaBox"), FORM), id="page"
        ),
        pytest.param((CATALOG, PAGES, PAGE, FORM.replace(b"/DA", b"/Fields [ ] /DA")), id="form"),
    ],
)
def test_what_signing_would_have_to_decide_is_refused(pki: Pki, write: Writer, parts: tuple[bytes, ...]) -> None:
    catalog, pages, page, form = parts
    with pytest.raises(DocumentRefused) as refused:
        sign(pki, write(catalog, pages, page, OTHER_PAGES, form))
    assert refused.value.reason == "ambiguous"


@pytest.mark.parametrize("write", WRITERS)
def test_a_wish_about_the_window_keeps_the_value_that_readers_take(pki: Pki, write: Writer) -> None:
    catalog = CATALOG.replace(b"/Pages", b"/PageMode /UseNone /Pages").replace(b" >>", b" /PageMode /UseOutlines >>")
    signed = sign(pki, write(catalog, PAGES, PAGE, OTHER_PAGES, FORM))
    with pikepdf.open(io.BytesIO(signed)) as opened:
        assert opened.Root.PageMode == pikepdf.Name.UseOutlines


@pytest.mark.parametrize("write", WRITERS)
def test_an_ordinary_file_of_the_same_making_is_signed(pki: Pki, write: Writer) -> None:
    signed = sign(pki, write(CATALOG, PAGES, PAGE, OTHER_PAGES, FORM))
    with pikepdf.open(io.BytesIO(signed)) as opened:
        assert len(opened.pages) == 1
        assert len(opened.Root.AcroForm.Fields) == 1
