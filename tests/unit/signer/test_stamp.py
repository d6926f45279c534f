"""What the stamp says, where it goes, and that its QR is read back."""

import io
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest
from cryptography.hazmat.primitives import hashes

from signer.errors import StampRefused
from signer.model import Credential, CredentialState, SignatureLevel, SignedAs, StampPlacement, VerificationCode
from signer.qr import qr_svg
from signer.spot import page_index
from signer.stamp import StampText, stamp_text, wita
from signer.stamp_painter import StampPainter
from signer.stamp_reading import HOUSE, read_template
from tests.support.letters import blank, saved
from tests.support.pki import Pki, make_pki
from tests.support.signing import SIGNATORY, Desk, request

CODE = VerificationCode(token="7ZZ9M2K4QX8T3B6N1V5C0W2E4R", short="K7Q2M9XTBN")
AT = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def desk(pki: Pki) -> Desk:
    return Desk(pki=pki)


def credential(pki: Pki, desk: Desk) -> Credential:
    found = desk.credentials.get("credential-1")
    assert found is not None
    return replace(found, state=CredentialState.ACTIVE)


@pytest.mark.parametrize("page", [0, 4, -4, 10_000])
def test_a_page_that_does_not_exist_is_refused(page: int) -> None:
    with pytest.raises(StampRefused) as refused:
        page_index(StampPlacement(page=page), 3)
    assert refused.value.field == "stamp.page"


@pytest.mark.parametrize(("page", "index"), [(1, 0), (3, 2), (-1, 2), (-3, 0)])
def test_pages_count_from_either_end(page: int, index: int) -> None:
    assert page_index(StampPlacement(page=page), 3) == index


@pytest.mark.parametrize(
    ("placement", "field"),
    [
        (StampPlacement(x=400, y=20), "stamp.x"),
        (StampPlacement(x=-1, y=20), "stamp.x"),
        (StampPlacement(x=20, y=800), "stamp.y"),
        (StampPlacement(width=60), "stamp.width"),
        (StampPlacement(height=20), "stamp.height"),
        (StampPlacement(width=float("nan")), "stamp.height"),
    ],
)
def test_a_stamp_that_does_not_fit_is_refused(desk: Desk, placement: StampPlacement, field: str) -> None:
    with pytest.raises(StampRefused) as refused:
        desk.service.sign(request(stamp=placement, level=SignatureLevel.B_B))
    assert refused.value.field == field


def widgets(pdf: bytes) -> list[tuple[float, ...]]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [tuple(round(float(c)) for c in a.Rect) for a in opened.pages[-1].Annots]


def test_a_second_signature_stands_clear_of_the_first(desk: Desk) -> None:
    first = desk.service.sign(request(stamp=StampPlacement(), level=SignatureLevel.B_B))
    second = desk.service.sign(request(document=first.pdf, stamp=StampPlacement(), level=SignatureLevel.B_B))
    lower, upper = widgets(second.pdf)
    assert lower[0] == upper[0]
    assert upper[1] >= lower[3]


def ink(pdf: bytes) -> tuple[float, float, float, float]:
    """Where the page, as people see it, is not blank: left, bottom, right, top in points."""
    page = pypdfium2.PdfDocument(pdf)
    page.init_forms()
    picture = page[0].render(may_draw_forms=True).to_pil().convert("L").point(lambda value: 255 * (value < 250))
    box = picture.getbbox()
    assert box is not None
    left, top, right, bottom = box
    return left, picture.height - bottom, right, picture.height - top


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("position", [(None, None), (50.0, 100.0)])
def test_on_a_rotated_page_it_is_where_people_see_the_place(
    desk: Desk, rotate: int, position: tuple[float | None, float | None]
) -> None:
    document = saved(blank(size=(595, 842), rotate=rotate))
    x, y = position
    signed = desk.service.sign(request(document=document, stamp=StampPlacement(x=x, y=y), level=SignatureLevel.B_B))
    across = 842 if rotate in (90, 270) else 595
    left, bottom = (across - 28 - 210, 28) if x is None or y is None else (x, y)
    assert ink(signed.pdf) == pytest.approx((left, bottom, left + 210, bottom + 72), abs=1.5)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_on_a_rotated_page_it_stands_upright(desk: Desk, rotate: int) -> None:
    """The QR is in its left part, so the picture of the stamp is the same as on an upright page."""
    assert picture(desk, rotate) == pytest.approx(picture(desk, 0), abs=12)


def picture(desk: Desk, rotate: int) -> list[float]:
    """A coarse grid of grey values of the stamp as seen."""
    document = saved(blank(size=(300, 300), rotate=rotate))
    placement = StampPlacement(x=40, y=100)
    signed = desk.service.sign(request(document=document, stamp=placement, level=SignatureLevel.B_B))
    page = pypdfium2.PdfDocument(signed.pdf)
    page.init_forms()
    seen = page[0].render(scale=2, may_draw_forms=True).to_pil().convert("L").crop((80, 256, 500, 400))
    return [float(value) for value in seen.reduce((70, 48)).tobytes()]


def text(pki: Pki, desk: Desk, signed_as: SignedAs, anchors: frozenset[bytes] = frozenset()) -> StampText:
    address = "https://tte.contoh.go.id/v/" + CODE.token
    who = credential(pki, desk)
    return stamp_text(who, signed_as, CODE, address=address, at=AT, certified_anchors=anchors)


def painted(name: str, says: StampText) -> str:
    """What a reader takes out of the stamp drawn by the house's template `name`."""
    drawn = StampPainter(read_template(HOUSE / name)).paint(says, AT)
    return str(pypdfium2.PdfDocument(drawn)[0].get_textpage().get_text_bounded())


def test_tersertifikasi_is_earned_by_a_configured_anchor_only(pki: Pki, desk: Desk) -> None:
    anchor = pki.root.certificate.fingerprint(hashes.SHA256())
    assert "(tidak tersertifikasi)" in painted("official", text(pki, desk, SignedAs()))
    certified = painted("official", text(pki, desk, SignedAs(), frozenset({anchor})))
    assert "tersertifikasi" in certified
    assert "tidak" not in certified
    assert "Contoh Issuing CA 1 G1" in certified


def test_initials_are_called_paraf_and_never_a_signature(pki: Pki, desk: Desk) -> None:
    said = painted("paraf", text(pki, desk, SignedAs(office="Kepala Bidang Contoh")))
    assert said.startswith("Paraf")
    assert "tanda" not in said.casefold()
    assert SIGNATORY.name in said


def test_time_is_balis() -> None:
    assert wita(AT) == "21 November 2026 10.15 WITA"
    assert wita(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "1 Januari 2027 00.00 WITA"


def test_all_fonts_are_inside_and_the_same_stamp_gives_the_same_bytes(pki: Pki, desk: Desk) -> None:
    says = replace(text(pki, desk, SignedAs(office="#eval(panic()) *Kepala* $x$")), name="Ñī Łuh Čontoh \\ #let")
    template = read_template(HOUSE / "official")
    drawn = StampPainter(template).paint(says, AT)
    assert drawn == StampPainter(template).paint(says, AT)
    with pikepdf.open(io.BytesIO(drawn)) as opened:
        fonts = list(opened.pages[0].Resources.Font.values())
        assert fonts
        assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)
    seen = pypdfium2.PdfDocument(drawn)[0].get_textpage().get_text_bounded()
    assert "#eval(panic()) *Kepala* $x$" in seen
    assert "K7Q2M 9XTBN" in seen
    assert SIGNATORY.name not in seen


def test_the_qr_has_its_quiet_zone_on_opaque_white() -> None:
    svg = qr_svg("https://tte.contoh.go.id/v/" + CODE.token)
    assert 'fill="#fff"' in svg
    assert 'viewBox="0 0 41 41"' in svg  # version 4 is 33 modules, and four on each side


BALINESE = "ᬇ ᬯᬬᬦ᭄ ᬘᭀᬦ᭄ᬢᭀᬳ᭄"


def test_balinese_letters_are_shaped_embedded_and_read_back(pki: Pki, desk: Desk) -> None:
    says = replace(text(pki, desk, SignedAs(office="ᬕᬸᬩᭂᬃᬦᬸᬃ ᬩᬮᬶ")), name=BALINESE)
    drawn = StampPainter(read_template(HOUSE / "official")).paint(says, AT)
    with pikepdf.open(io.BytesIO(drawn)) as opened:
        fonts = {str(font.BaseFont): font for font in opened.pages[0].Resources.Font.values()}
        balinese = [font for name, font in fonts.items() if "NotoSansBalinese" in name]
        assert len(balinese) == 2  # the name is bold
        assert all("+" in str(font.BaseFont) and "/ToUnicode" in font for font in balinese)
        assert all(len(font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()) < 40_000 for font in balinese)
        shown = opened.pages[0].Contents.read_bytes()
    assert b"0000>" not in shown  # no glyph stands for "missing"
    seen = subprocess.run(["pdftotext", "-", "-"], input=drawn, capture_output=True, check=True).stdout.decode()
    letters = {letter for letter in BALINESE if letter > "\u1b00"}
    assert letters <= set(seen)


def test_in_the_document_every_glyph_has_its_characters(desk: Desk) -> None:
    """PDF/UA-1, 7.21.7: also a vowel sign that stands in two syllables, which typst leaves to /ActualText."""
    says = SignedAs(office="ᬕᬸᬩᭂᬃᬦᬸᬃ ᬩᬮᬶ", on_behalf="a.n. GUBERNUR")
    signed = desk.service.sign(request(stamp=StampPlacement(), signed_as=says, level=SignatureLevel.B_B))
    with pikepdf.open(io.BytesIO(signed.pdf)) as opened:
        fonts = list(opened.pages[-1].Annots[0].AP.N.Resources.Font.values())
        assert any("Balinese" in str(font.BaseFont) for font in fonts)
        for font in fonts:
            mapped = {int(code, 16) for code in re.findall(rb"<([0-9A-F]{4})> <", font.ToUnicode.read_bytes())}
            program = font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()
            entry = program.index(b"maxp")  # in the table directory, which comes first
            table = int.from_bytes(program[entry + 8 : entry + 12])
            assert mapped >= set(range(1, int.from_bytes(program[table + 4 : table + 6])))
