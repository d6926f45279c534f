"""A footer on every page: where people see it, over what is there, before the first signature and never after it."""

import io

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array

from signer.errors import StampRefused
from signer.model import SignatureLevel, SigningAct, StampPlacement
from signer.page_content import depths
from signer.page_marks import MOST_PAGES
from tests.support.letters import blank, letter, saved, written_by_hand
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request
from tests.support.tagged_letters import widgets, with_text
from tests.vectors.letters import trust_in
from verifier.model import Indication
from verifier.policy import load_policy
from verifier.validation import validate


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def desk(pki: Pki) -> Desk:
    return Desk(pki=pki)


def marked(desk: Desk, document: bytes, stamp: StampPlacement | None = None, footer: str | None = "footer") -> bytes:
    return desk.service.sign(request(document=document, footer=footer, stamp=stamp, level=SignatureLevel.B_B)).pdf


def picture(pdf: bytes, page: int = 0):  # type: ignore[no-untyped-def]  # a PIL image
    """One page as people see it, in grey; a pixel a point."""
    opened = pypdfium2.PdfDocument(pdf)
    opened.init_forms()
    return opened[page].render(may_draw_forms=True).to_pil().convert("L")


def ink(pdf: bytes, page: int = 0) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of what is not blank."""
    seen = picture(pdf, page)
    left, top, right, bottom = seen.point(lambda value: 255 * (value < 230)).getbbox()
    return left, seen.height - bottom, right, seen.height - top


@pytest.mark.parametrize(
    ("content", "lowest", "last"),
    [
        (b"", 0, 0),
        (b"q 1 0 0 1 0 0 cm Q", 0, 0),
        (b"q q Q", 0, 1),
        (b"Q Q q", -2, -1),
        (b"(q) Tj [(Q\\) q) -3 (\\() (a(q)b)] TJ", 0, 0),
        (b"<51 71> Tj /q gs /Q Do % q q\nq", 0, 1),
        (b"q\nBI /W 1 /H 1 ID q Q q q\nEI\nQ", 0, 0),
        (b"/P <</MCID 0>> BDC q EMC", 0, 1),
        (b"(unended q q", 0, 0),
        (b"1 0 0 1 0 0 cm q[1]0 d Q", 0, 0),
    ],
)
def test_saved_graphics_states_are_counted(content: bytes, lowest: int, last: int) -> None:
    assert depths(content) == (lowest, last)


def test_every_page_has_it_with_its_number(desk: Desk) -> None:
    pdf = marked(desk, saved(blank(3)))
    opened = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in opened]
    for number, text in enumerate(texts, start=1):
        assert f"Halaman {number} dari 3" in text
        assert "(tidak tersertifikasi)" in text
        assert "Pasal 5 ayat (1) UU ITE" in text


def test_long_documents_are_numbered_through(desk: Desk) -> None:
    opened = pypdfium2.PdfDocument(marked(desk, saved(blank(101))))
    for index in (0, 49, 50, 100):
        assert f"Halaman {index + 1} dari 101" in opened[index].get_textpage().get_text_bounded()


def test_what_was_there_is_drawn_as_before_and_its_bytes_stay(desk: Desk) -> None:
    document = letter()
    pdf = marked(desk, document)
    assert pdf.startswith(document)
    before, after = picture(document), picture(pdf)
    above = (0, 0, before.width, before.height - 70)
    assert after.crop(above).tobytes() == before.crop(above).tobytes()


def test_it_is_an_artifact_and_no_part_of_the_text(desk: Desk) -> None:
    with pikepdf.open(io.BytesIO(marked(desk, letter()))) as opened:
        last = opened.pages[0].Contents[-1].read_bytes()
    assert b"/Artifact <</Type /Pagination /Subtype /Footer" in last
    assert last.rstrip().endswith(b"EMC")


@pytest.mark.parametrize(
    "content",
    [
        b"q 3 0 0 3 100 100 cm q 0 1 -1 0 0 0 cm",
        b"Q Q Q 2 0 0 2 7 7 cm",
        b"0 0 10 10 re W n 5 0 0 5 0 0 cm",
        b"q 2 0 0 2 0 0 cm (q Q) pop",
    ],
)
def test_it_stands_straight_on_a_page_that_leaves_its_graphics_state_behind(desk: Desk, content: bytes) -> None:
    pdf = blank(1)
    pdf.pages[0].obj.Contents = pdf.make_stream(content)
    assert ink(marked(desk, saved(pdf))) == pytest.approx(ink(marked(desk, saved(blank(1)))), abs=1)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(595.28, 841.89), (609.0, 935.0), (842.0, 595.0), (935.0, 609.0)])
def test_it_is_at_the_foot_as_people_see_it(desk: Desk, rotate: int, size: tuple[float, float]) -> None:
    across = size[1] if rotate in (90, 270) else size[0]
    left, bottom, right, top = ink(marked(desk, saved(blank(1, size=size, rotate=rotate))))
    assert (left, right) == pytest.approx((28, across - 28), abs=1.5)
    assert bottom == pytest.approx(12, abs=2.5)
    assert top == pytest.approx(62, abs=1.5)


def test_crop_and_unit_count(desk: Desk) -> None:
    document = with_text(b"", crop=(40, 60, 560, 800), unit=2, rotate=90)
    with pikepdf.open(io.BytesIO(marked(desk, document))) as opened:
        last = opened.pages[0].Contents[-1].read_bytes()
    assert b"q 0.00000 0.50000 -0.50000 0.00000 554.00000 74.00000 cm" in last


def test_what_pages_share_is_left_alone(desk: Desk) -> None:
    """One content array and one resource dictionary, inherited, for two pages, with our name taken."""
    page = b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R >>"
    document = written_by_hand(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 595 842] /Resources 7 0 R >>",
        page,
        page,
        b"[6 0 R]",
        b"<< /Length 16 >>\nstream\n/TekenFooter1 Do\nendstream",
        b"<< /XObject << /TekenFooter1 8 0 R >> >>",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 30 30] /Length 15 >>\nstream\n0 0 30 30 re f \nendstream",
    )
    with pikepdf.open(io.BytesIO(marked(desk, document))) as opened:
        assert len(opened.get_object(7, 0).XObject) == 1
        assert len(opened.get_object(5, 0)) == 1
        for page_now in opened.pages:
            assert set(page_now.obj.Resources.XObject.keys()) == {"/TekenFooter1", "/TekenFooter2"}
            assert len(page_now.obj.Contents) == 3


@pytest.mark.parametrize("footer", ["nothing-here", "official", "paraf"])
def test_a_footer_that_is_none_is_refused(desk: Desk, footer: str) -> None:
    with pytest.raises(StampRefused) as refused:
        marked(desk, letter(), footer=footer)
    assert (refused.value.field, refused.value.reason) == ("footer", "no-such-template")


def test_nothing_is_drawn_on_a_signed_document(desk: Desk) -> None:
    first = marked(desk, letter(), footer=None)
    with pytest.raises(StampRefused) as refused:
        marked(desk, first)
    assert (refused.value.field, refused.value.reason) == ("footer", "already-signed")


def test_initials_bring_no_footer(desk: Desk) -> None:
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(request(footer="footer", act=SigningAct.INITIALS))
    assert (refused.value.field, refused.value.reason) == ("footer", "not-with-initials")


def test_too_many_pages_and_too_narrow_ones_are_refused(desk: Desk) -> None:
    for document, reason in (
        (saved(blank(MOST_PAGES + 1)), "too-many-pages"),
        (saved(blank(1, size=(290, 400))), "page-too-narrow"),
    ):
        with pytest.raises(StampRefused) as refused:
            marked(desk, document)
        assert (refused.value.field, refused.value.reason) == ("footer", reason)


def test_the_signature_covers_it_and_a_second_one_may_follow(desk: Desk, pki: Pki) -> None:
    first = marked(desk, letter(), StampPlacement())
    second = marked(desk, first, StampPlacement(), footer=None)
    report = validate(second, load_policy("teken-1"), trust_in(pki), pki.at)
    assert report.indication is Indication.TOTAL_PASSED
    assert len(report.signatures) == 2


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_stamp_without_a_place_stands_above_it_now_and_later(desk: Desk, rotate: int) -> None:
    document = saved(blank(1, rotate=rotate))
    at_once = marked(desk, document, StampPlacement())
    later = marked(desk, marked(desk, document), StampPlacement(), footer=None)
    assert widgets(at_once)[0] == widgets(later)[-1]
    if rotate == 0:
        assert widgets(at_once)[0][1] == pytest.approx(12 + 50 + 7)


def test_a_page_tree_that_loops_is_refused(desk: Desk) -> None:
    pdf = blank(2)
    pdf.Root.Pages.Kids = Array([pdf.pages[0].obj, pdf.Root.Pages])
    with pytest.raises(Exception, match="damaged") as refused:
        marked(desk, saved(pdf))
    assert refused.type.__name__ == "DocumentRefused"
