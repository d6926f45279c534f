"""Where v1's marks land, measured in the signed PDF: every row of the contract's table, and what surrounds it."""

from dataclasses import replace

import pytest

from api.faces.esign.errors import EsignRefused
from signer.api_credentials import GeometryReading
from signer.errors import StampRefused
from signer.model import SignedDocument
from tests.support.marks import a_picture, rectangle, says, seen, wanted
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk
from tests.support.tagged_letters import PagesHere, with_text

EMPTY = with_text(b"")
SAYING = "https://contoh.go.id/v/1"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def desk(pki: Pki) -> Desk:
    return Desk(pki=pki, texts=PagesHere())


def signed(desk: Desk, document: bytes = EMPTY, **fields: object) -> SignedDocument:
    return desk.service.sign(wanted(document, **fields))  # type: ignore[arg-type]  # fields by name


def box(x: str, y: str, width: str, height: str) -> dict[str, str]:
    return {"xAxis": x, "yAxis": y, "width": width, "height": height}


def placed(desk: Desk, *numbers: str, reading: GeometryReading = GeometryReading.AUTO) -> tuple[float, ...]:
    return rectangle(signed(desk, geometry=reading, **box(*numbers)).pdf)


def test_f1_a_corner(desk: Desk) -> None:
    assert placed(desk, "410", "142", "552", "191") == pytest.approx((410, 142, 552, 191), abs=0.01)


def test_f2_both_readings_agree(desk: Desk) -> None:
    assert placed(desk, "0", "0", "120", "90") == pytest.approx((0, 0, 120, 90), abs=0.01)


def test_f3_a_size(desk: Desk) -> None:
    assert placed(desk, "400", "100", "90", "60") == pytest.approx((400, 100, 490, 160), abs=0.01)


def test_f4_a_size_where_only_one_is_greater(desk: Desk) -> None:
    assert placed(desk, "100", "700", "200", "60") == pytest.approx((100, 700, 300, 760), abs=0.01)


def test_f5_auto_takes_a_corner(desk: Desk) -> None:
    assert placed(desk, "10", "10", "100", "50") == pytest.approx((10, 10, 100, 50), abs=0.01)


def test_f6_the_same_pinned_to_size(desk: Desk) -> None:
    found = placed(desk, "10", "10", "100", "50", reading=GeometryReading.SIZE)
    assert found == pytest.approx((10, 10, 110, 60), abs=0.01)


@pytest.mark.parametrize(("width", "height"), [("0", "0"), ("", ""), ("0", "")])
def test_f7_zero_or_empty_is_the_default(desk: Desk, width: str, height: str) -> None:
    assert placed(desk, "50", "50", width, height) == pytest.approx((50, 50, 110, 110), abs=0.01)


def test_f7_only_what_is_zero_takes_the_default(desk: Desk) -> None:
    assert placed(desk, "50", "50", "0", "90") == pytest.approx((50, 50, 110, 140), abs=0.01)


def test_f8_shifted_onto_the_page(desk: Desk) -> None:
    assert placed(desk, "560", "20", "90", "90") == pytest.approx((505, 20, 595, 110), abs=0.01)


def test_f8_larger_than_the_page_it_shrinks(desk: Desk) -> None:
    found = placed(desk, "0", "0", "2000", "100", reading=GeometryReading.SIZE)
    assert found == pytest.approx((0, 0, 595, 100), abs=0.01)


def test_f9_decimals_as_texts(desk: Desk) -> None:
    assert placed(desk, "410.2", "142.5", "90", "60") == pytest.approx((410.2, 142.5, 500.2, 202.5), abs=0.01)


def test_f10_f20_centred_on_the_origin_of_the_tags_glyph_with_a_square_qr(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 441.75 172.45 Tm (#) Tj")
    pdf = signed(desk, document, tag_koordinat="#", linkQR=SAYING, width="100", height="195").pdf
    assert rectangle(pdf) == pytest.approx((391.75, 74.95, 491.75, 269.95), abs=0.05)
    assert says(pdf, (391.75, 74.95, 491.75, 269.95), SAYING)


def test_f11_a_tag_at_the_edge_is_shifted(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 20 30 Tm (#) Tj")
    pdf = signed(desk, document, tag_koordinat="#", width="100", height="100").pdf
    assert rectangle(pdf) == pytest.approx((0, 0, 100, 100), abs=0.01)


def test_f12_the_upper_left_corner_counted_from_above(desk: Desk) -> None:
    asked = wanted(EMPTY, **box("400", "700", "100", "60"))
    assert asked.stamp is not None
    stamp = replace(asked.stamp, x=400.0, y=700.0, width=100.0, height=60.0, from_top=True)
    pdf = desk.service.sign(replace(asked, stamp=stamp)).pdf
    assert rectangle(pdf) == pytest.approx((400, 82, 500, 142), abs=0.01)


@pytest.mark.parametrize("tag", ["#", "$", "^", "~", "|"])
def test_f13_tags_of_one_character(desk: Desk, tag: str) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm (%s) Tj" % tag.encode())
    made = signed(desk, document, tag_koordinat=tag, width="80", height="80")
    assert rectangle(made.pdf) == pytest.approx((260, 360, 340, 440), abs=0.05)


@pytest.mark.parametrize("tag", ["#ttd", "${ttd_pengirim1}"])
def test_f14_f15_longer_tags_from_their_first_glyph(desk: Desk, tag: str) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm (Mengetahui, %s) Tj" % tag.encode())
    (place,) = PagesHere().find(document, tag)
    found = rectangle(signed(desk, document, tag_koordinat=tag, width="50", height="50").pdf)
    assert found == pytest.approx((place.origin[0] - 25, 375, place.origin[0] + 25, 425), abs=0.05)


def test_f16_a_tag_split_over_several_operators(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm [(${t) 15 (td_) -20 (pengi)] TJ (rim1}) Tj")
    made = signed(desk, document, tag_koordinat="${ttd_pengirim1}", width="80", height="80")
    assert rectangle(made.pdf) == pytest.approx((260, 360, 340, 440), abs=0.05)


def test_f17_the_tag_is_hidden_on_the_page_and_stays_in_the_text(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm (#) Tj")
    corner = (295, 395, 320, 415)
    assert _darkest(document, corner) < 100
    # a picture that leaves everything above and beneath it free, so that what hides the tag is the background
    pdf = signed(desk, document, picture=a_picture(size=(400, 40)), tag_koordinat="#", width="90", height="90").pdf
    assert _darkest(pdf, (295, 404, 320, 415)) > 250
    assert len(PagesHere().find(pdf, "#")) == 1


def test_f18_no_match_is_refused(desk: Desk) -> None:
    with pytest.raises(StampRefused) as refused:
        signed(desk, tag_koordinat="#")
    assert refused.value.reason == "tag-not-found"


def test_f19_of_several_the_last_one_on_the_last_page_which_is_said(desk: Desk) -> None:
    two = b"1 0 0 1 100 700 Tm (#) Tj 1 0 0 1 200 300 Tm (#) Tj"
    document = with_text(two, b"", two)
    made = signed(desk, document, tag_koordinat="#", width="40", height="40")
    assert rectangle(made.pdf, 2) == pytest.approx((180, 280, 220, 320), abs=0.05)
    assert made.tag is not None
    assert (made.tag.page, made.tag.matches) == (3, 4)


def test_f21_a_tag_goes_before_coordinates_and_page(desk: Desk) -> None:
    document = with_text(b"", b"1 0 0 1 300 400 Tm (#) Tj")
    made = signed(desk, document, tag_koordinat="#", page="1", **box("10", "10", "80", "80"))
    assert rectangle(made.pdf, 1) == pytest.approx((260, 360, 340, 440), abs=0.05)


@pytest.mark.parametrize(
    ("rotate", "expected"),
    [
        (90, (595 - 60 - 100, 100, 595 - 100, 190)),
        (180, (595 - 190, 842 - 160, 595 - 100, 842 - 100)),
        (270, (100, 842 - 190, 160, 842 - 100)),
    ],
)
def test_f22_on_a_rotated_page_as_it_is_seen(desk: Desk, rotate: int, expected: tuple[float, ...]) -> None:
    document = with_text(b"", rotate=rotate)
    pdf = signed(desk, document, linkQR=SAYING, **box("100", "100", "90", "60")).pdf
    assert rectangle(pdf) == pytest.approx(expected, abs=0.01)
    assert says(pdf, (100, 100, 190, 160), SAYING)  # upright


def test_f23_a_page_with_an_offset_crop_box(desk: Desk) -> None:
    document = with_text(b"", crop=(50, 60, 450, 760))
    pdf = signed(desk, document, linkQR=SAYING, **box("0", "0", "80", "80")).pdf
    assert rectangle(pdf) == pytest.approx((50, 60, 130, 140), abs=0.01)
    assert says(pdf, (0, 0, 80, 80), SAYING)


@pytest.mark.parametrize("page", ["2", "99"])
def test_f24_a_page_out_of_range_is_refused(desk: Desk, page: str) -> None:
    with pytest.raises(StampRefused) as refused:
        signed(desk, page=page)
    assert refused.value.reason == "no-such-page"


@pytest.mark.parametrize("name", ["xAxis", "yAxis", "width", "height", "page"])
@pytest.mark.parametrize("value", ["-1", "x", "nan", "inf", "1e9", "1_0"])
def test_10_12_what_is_no_number_names_its_field(desk: Desk, name: str, value: str) -> None:
    with pytest.raises(EsignRefused) as refused:
        signed(desk, **{name: value})
    assert name in refused.value.text


@pytest.mark.parametrize(
    ("fields", "page"),
    [
        ({"page": "2"}, 1),
        ({}, 0),
        ({"page": "0"}, 0),
        ({"page": ""}, 0),
        ({"halaman": "PERTAMA"}, 0),
        ({"halaman": "terakhir"}, 2),
        ({"halaman": "Terakhir", "page": "2"}, 2),
        ({"halaman": "tengah", "page": "2"}, 1),
    ],
)
def test_e16_to_e19_which_page(desk: Desk, fields: dict[str, str], page: int) -> None:
    pdf = signed(desk, with_text(b"", b"", b""), **fields, **box("10", "20", "0", "0")).pdf
    assert rectangle(pdf, page) == pytest.approx((10, 20, 70, 80), abs=0.01)


def _darkest(pdf: bytes, part: tuple[int, int, int, int]) -> int:
    picture = seen(pdf, scale=2)
    left, bottom, right, top = (each * 2 for each in part)
    lowest, _ = picture.crop((left, picture.height - top, right, picture.height - bottom)).getextrema()
    return int(lowest)  # type: ignore[arg-type]  # one channel: numbers
