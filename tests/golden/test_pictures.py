"""What stamps and marked pages look like, held to pictures that people looked at.

`TEKEN_NEW_PICTURES=1 pytest tests/golden/test_pictures.py` draws them anew: look at each one before it is committed. A
picture may differ a little, as another version of the renderer smooths edges otherwise; a moved line may not.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import segno
from PIL import Image, ImageChops, ImageFilter

from signer.model import SignatureLevel, SignedAs, StampPlacement
from signer.on_behalf import title_lines
from signer.stamp import StampText
from signer.stamp_painter import StampPainter
from signer.stamp_reading import HOUSE, read_template
from tests.support.letters import blank, saved
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request

PICTURES = Path(__file__).parent / "pictures"
AT = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
ADDRESS = "https://tte.contoh.go.id/v/7ZZ9M2K4QX8T3B6N1V5C0W2E4R"
NAME = "Dra. NI LUH CONTOH DEWI, M.Si."
FAINT = 40  # of 255: less is smoothing
MOST_CHANGED = 0.004  # of all pixels; a moved line of small text is more

FORMS = {
    "own": (None, "KEPALA DINAS CONTOH"),
    "an": ("a.n. GUBERNUR BALI", "SEKRETARIS DAERAH"),
    "an-ub": ("a.n. GUBERNUR BALI; SEKRETARIS DAERAH; u.b.", "KEPALA BIRO CONTOH"),
    "plt": ("Plt.", "KEPALA DINAS CONTOH"),
    "plh": ("Plh.", "KEPALA DINAS CONTOH"),
    "pj": ("Pj.", "GUBERNUR BALI"),
    "pjs": ("Pjs.", "GUBERNUR BALI"),
}


def text_of(form: str = "own") -> StampText:
    on_behalf, office = FORMS[form]
    return StampText(
        titles=title_lines(SignedAs(on_behalf=on_behalf, office=office)),
        name=NAME,
        agency="Dinas Contoh",
        rank="Pembina Tk. I (IV/b)",
        nip=None,
        time="21 November 2026 10.15 WITA",
        code="K7Q2M 9XTBN",
        issuer="Contoh Issuing CA 1 G1",
        certified=False,
        address=ADDRESS,
    )


CASES: dict[str, StampText] = {
    **{form: text_of(form) for form in FORMS},
    "nip-certified": replace(text_of(), nip="000000000000000000", certified=True),
    "single-name": replace(text_of(), name="SUPARMAN", rank=None),
    "long": replace(
        text_of(),
        titles=(
            "a.n. GUBERNUR PROVINSI CONTOH",
            "KEPALA DINAS KOMUNIKASI, INFORMATIKA DAN STATISTIK",
            "u.b.",
            "KEPALA BIDANG PERSANDIAN DAN PENGELOLAAN SERTIFIKAT ELEKTRONIK,",
        ),
        name="Dr. Ir. Anak Agung Gede Contoh Wiradharma Putra, S.T., M.Sc., Ph.D.",
        nip="000000000000000000",
    ),
    "balinese": replace(text_of(), titles=("ᬕᬸᬩᭂᬃᬦᬸᬃ ᬩᬮᬶ", "KEPALA DINAS CONTOH,"), name="ᬇ ᬯᬬᬦ᭄ ᬘᭀᬦ᭄ᬢᭀᬳ᭄"),
}
STAMPS = [
    *(("official", case) for case in CASES),
    *(("surat", case) for case in CASES),
    *(("paraf", case) for case in ("own", "an-ub", "single-name", "long", "balinese")),
]


def drawn(template: str, case: str) -> bytes:
    return StampPainter(read_template(HOUSE / template)).paint(CASES[case], AT)


def rendered(pdf: bytes, scale: float) -> Image.Image:
    opened = pypdfium2.PdfDocument(pdf)
    opened.init_forms()
    picture: Image.Image = opened[0].render(scale=scale, may_draw_forms=True).to_pil().convert("L")
    return picture


def changed(first: Image.Image, second: Image.Image) -> float:
    """The share of pixels that differ by more than smoothing does."""
    apart = [picture.filter(ImageFilter.BoxBlur(1)) for picture in (first, second)]
    difference = ImageChops.difference(*apart).point(lambda value: 255 * (value > FAINT))
    return difference.histogram()[255] / (first.width * first.height)


def require_like(picture: Image.Image, name: str) -> None:
    """`picture` is the one of that name, or becomes it where new ones are wanted."""
    path = PICTURES / f"{name}.png"
    if os.environ.get("TEKEN_NEW_PICTURES") == "1":
        path.parent.mkdir(exist_ok=True)
        picture.quantize(16).save(path, optimize=True)
    with Image.open(path) as kept:
        wanted = kept.convert("L")
    assert wanted.size == picture.size
    share = changed(wanted, picture)
    assert share <= MOST_CHANGED, f"{share:.2%} of {path.name} changed: look at it, then draw it anew or mend the stamp"


@pytest.mark.parametrize(("template", "case"), STAMPS, ids=["-".join(each) for each in STAMPS])
def test_a_stamp_looks_as_it_did(template: str, case: str) -> None:
    require_like(rendered(drawn(template, case), 2.0), f"{template}-{case}")


def test_a_moved_line_would_be_noticed() -> None:
    """The tolerance is not so wide that the test could never fail."""
    kept = rendered(drawn("official", "an"), 2.0)
    assert changed(kept, ImageChops.offset(kept, 0, 3)) > MOST_CHANGED
    assert changed(kept, rendered(drawn("official", "own"), 2.0)) > MOST_CHANGED
    smoothed = kept.filter(ImageFilter.GaussianBlur(0.3))
    assert changed(kept, smoothed) <= MOST_CHANGED


# Whole pages

SHEETS = {
    "a4": (595.28, 841.89),
    "a4-landscape": (841.89, 595.28),
    "f4": (609.45, 935.43),
    "f4-landscape": (935.43, 609.45),
}
SIGNED_AS = SignedAs(office="SEKRETARIS DAERAH", on_behalf="a.n. GUBERNUR BALI", rank="Pembina Utama (IV/e)")


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def page(pki: Pki, size: tuple[float, float], rotate: int) -> Image.Image:
    """A blank sheet of `size` as seen, turned by `rotate`, with a footer, and the letter's block above it."""
    across, up = size if rotate in (0, 180) else (size[1], size[0])
    signed = Desk(pki=pki).service.sign(
        request(
            document=saved(blank(1, size=(across, up), rotate=rotate)),
            footer="footer",
            stamp=StampPlacement(template="surat"),
            signed_as=SIGNED_AS,
            level=SignatureLevel.B_B,
        )
    )
    return rendered(signed.pdf, 1.5)


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_page_looks_as_it_did_however_it_is_turned(pki: Pki, sheet: str) -> None:
    require_like(page(pki, SHEETS[sheet], 0), f"page-{sheet}")
    for rotate in (90, 180, 270):
        turned = page(pki, SHEETS[sheet], rotate)
        with Image.open(PICTURES / f"page-{sheet}.png") as kept:
            assert abs(turned.width - kept.width) <= 1
            assert abs(turned.height - kept.height) <= 1
            assert changed(kept.convert("L").resize(turned.size), turned) <= MOST_CHANGED


# The QR, module by module

QR = {"official": (3.4, 54.0), "surat": (0.0, 58.0), "paraf": (3.0, 36.0)}
"""Left edge and side in points, quiet zone included."""
MARGIN = 4  # modules


@pytest.mark.parametrize("template", QR)
def test_every_module_of_the_qr_can_be_read(template: str) -> None:
    scale = 6.0
    picture = rendered(drawn(template, "own"), scale)
    wanted = segno.make_qr(ADDRESS, error="m", boost_error=False, mask=4).matrix
    left, side = (length * scale for length in QR[template])
    module = side / (len(wanted) + 2 * MARGIN)
    finder = (int(left + 4.3 * module), int(left + 10.7 * module))  # the bar on its upper edge; no letter is as wide
    first = next(row for row in range(picture.height) if _brightest(picture, finder, row) < 60)

    def is_dark(row: int, column: int) -> bool:
        x, y = left + (column + MARGIN + 0.5) * module, first + (row + 0.5) * module
        return int(picture.getpixel((int(x), int(y)))) < 128  # type: ignore[call-overload]  # grey: a number

    size = range(len(wanted))
    assert [[is_dark(row, column) for column in size] for row in size] == [
        [bool(dark) for dark in row] for row in wanted
    ]
    quiet = picture.crop((int(left + module), first - int(3 * module), int(left + side - module), first - int(module)))
    assert quiet.getextrema()[0] > 240


def _brightest(picture: Image.Image, columns: tuple[int, int], row: int) -> int:
    return int(picture.crop((columns[0], row, columns[1], row + 1)).getextrema()[1])  # type: ignore[arg-type]  # grey
