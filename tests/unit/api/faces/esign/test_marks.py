"""Which mark v1 draws: the table of the contract, seen on the signed page."""

import pytest

from api.faces.esign.errors import EsignRefused
from signer.api_credentials import ApiCredential
from signer.errors import StampRefused, TextRefused
from signer.model import Mark, SignatureLevel
from tests.support.letters import conforming
from tests.support.marks import a_picture, rectangle, says, seen, wanted
from tests.support.pki import NOON, Pki, make_pki
from tests.support.signing import Desk
from tests.support.tagged_letters import PagesHere, with_text

EMPTY = with_text(b"")
PLACE = {"xAxis": "100", "yAxis": "100", "width": "100", "height": "90"}
BOX = (100.0, 100.0, 200.0, 190.0)
PICTURE = a_picture()
URL = "https://contoh.go.id/cek?id=1&x=%20a"
SENTENCE = "Dokumen ini ditandatangani di Rumah Sakit Contoh"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def desk(pki: Pki) -> Desk:
    return Desk(pki=pki, texts=PagesHere())


def signed(desk: Desk, document: bytes = EMPTY, picture: bytes | None = None, **fields: str) -> bytes:
    return desk.service.sign(wanted(document, picture=picture, **fields)).pdf


def mark_of(picture: bytes | None = None, **fields: str) -> Mark | None:
    stamp = wanted(EMPTY, picture=picture, **fields).stamp
    return None if stamp is None else stamp.mark


def own_address(desk: Desk) -> str:
    """What the newest signing's own QR says."""
    (token,) = list(desk.log.records)[-1:]
    return f"https://tte.contoh.go.id/v/{token}"


@pytest.mark.parametrize("shown", ["VISIBLE", "visible", "Visible"])
def test_e1_e2_visible_in_any_case(shown: str) -> None:
    assert mark_of(tampilan=shown, linkQR=URL) == Mark(qr=URL)


@pytest.mark.parametrize("shown", ["INVISIBLE", "invisible", ""])
@pytest.mark.parametrize("image", [{}, {"image": "true"}, {"image": "false"}, {"image": ""}])
def test_e8_e9_e10_invisible_needs_no_picture_and_no_qr(shown: str, image: dict[str, str]) -> None:
    assert mark_of(tampilan=shown, **image) is None
    assert mark_of(PICTURE, tampilan=shown, **image) is None


def test_another_word_for_appearance_is_refused() -> None:
    with pytest.raises(EsignRefused, match="tampilan"):
        mark_of(tampilan="kelihatan")


@pytest.mark.parametrize("image", ["true", "TRUE", "1"])
def test_e3_e5_e13_a_picture_also_beside_a_qr_text(image: str) -> None:
    assert mark_of(PICTURE, image=image, linkQR=URL) == Mark(picture=PICTURE)


@pytest.mark.parametrize("image", ["true", "1"])
def test_a_picture_that_is_not_there_is_named(image: str) -> None:
    with pytest.raises(EsignRefused, match="imageTTD"):
        mark_of(image=image, linkQR=URL)


@pytest.mark.parametrize("image", ["false", "False", "0", ""])
def test_e4_e6_e12_a_qr_also_beside_a_picture(image: str) -> None:
    assert mark_of(PICTURE, image=image, linkQR=URL) == Mark(qr=URL)


def test_e7_without_image_a_qr_text_wins_and_a_picture_counts_alone() -> None:
    assert mark_of(linkQR=URL) == Mark(qr=URL)
    assert mark_of(PICTURE, linkQR=URL) == Mark(qr=URL)
    assert mark_of(PICTURE) == Mark(picture=PICTURE)


@pytest.mark.parametrize("image", [{}, {"image": "false"}, {"image": ""}])
def test_without_anything_it_is_our_own_address(desk: Desk, image: dict[str, str]) -> None:
    pdf = signed(desk, **image, **PLACE)
    assert says(pdf, BOX, own_address(desk))


@pytest.mark.parametrize("image", ["ya", "2", "on"])
def test_no_boolean_is_named(image: str) -> None:
    with pytest.raises(EsignRefused, match="image"):
        mark_of(PICTURE, image=image)


def test_e11_a_tag_and_a_qr_text_without_image(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 150 145 Tm (#) Tj")
    pdf = signed(desk, document, tag_koordinat="#", linkQR=URL, width="100", height="90")
    assert says(pdf, (100, 100, 200, 190), URL)


@pytest.mark.parametrize("said", [SENTENCE, "Ditandatangani – Gedé", "x" * 300])
def test_e14_a_plain_sentence_is_read_from_the_page_as_it_was_sent(desk: Desk, said: str) -> None:
    place = PLACE | {"width": "190", "height": "190"}
    assert says(signed(desk, linkQR=said, **place), (100, 100, 190, 190), said)


def test_e15_a_url_is_read_unchanged(desk: Desk) -> None:
    assert says(signed(desk, linkQR=URL, **PLACE), BOX, URL)


def test_too_long_for_a_qr_is_refused(desk: Desk) -> None:
    with pytest.raises(StampRefused) as refused:
        signed(desk, linkQR="x" * 3000)
    assert refused.value.reason == "too-long-for-qr"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_e20_e21_a_picture_keeps_its_proportions_in_the_middle(desk: Desk, kind: str) -> None:
    pdf = signed(desk, picture=a_picture(kind), image="true", **PLACE)
    page = seen(pdf, scale=2)

    def grey(x: float, y: float) -> int:
        return int(page.getpixel((int(x * 2), page.height - int(y * 2))))  # type: ignore[call-overload]  # grey

    assert rectangle(pdf) == pytest.approx(BOX, abs=0.01)
    assert grey(150, 145) < 100  # the stroke, in the middle third of a picture twice as wide as high
    assert grey(150, 158) > (250 if kind == "PNG" else -1)
    assert grey(150, 105) == grey(150, 185) == 255  # the picture's 50 points leave 20 above and beneath


@pytest.mark.parametrize(
    "octets",
    [b"GIF89a....", b"\x89PNG\r\n\x1a\n", PICTURE[:200], a_picture("JPEG")[:40], b"\xff\xd8\xff\xff\xff", b"%PDF-1.7"],
)
def test_what_is_no_picture_is_refused(desk: Desk, octets: bytes) -> None:
    with pytest.raises(StampRefused) as refused:
        signed(desk, picture=octets, image="true")
    assert refused.value.reason == "not-a-picture"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(desk: Desk) -> None:
    huge = PICTURE[:16] + (60_000).to_bytes(4) * 2 + PICTURE[24:]
    with pytest.raises(StampRefused) as refused:
        signed(desk, picture=huge, image="true")
    assert refused.value.reason == "picture-too-large"


def test_transparency_has_no_place_in_pdf_a_1_and_a_qr_has(desk: Desk) -> None:
    document = conforming("a-1b")
    with pytest.raises(StampRefused) as refused:
        signed(desk, document, picture=PICTURE, image="true")
    assert refused.value.reason == "not-for-pdfa-1"
    assert says(signed(desk, document, linkQR=URL, **PLACE), BOX, URL)


def test_e23_empty_texts_are_absent_and_e24_place_and_text_are_kept(desk: Desk) -> None:
    empty = wanted(EMPTY, reason=" ", location="")
    assert (empty.reason, empty.location) == (None, None)
    full = wanted(EMPTY, reason="Persetujuan\nsurat", location="Denpasar", text="Ni Contoh Satu", linkQR=URL, **PLACE)
    assert (full.reason, full.location) == ("Persetujuan surat", "Denpasar")
    pdf = desk.service.sign(full).pdf
    assert len(PagesHere().find(pdf, "Contoh")) <= 1  # an appearance is no page text
    assert b"Denpasar" in pdf
    page = seen(pdf)
    beside = page.crop((150 * 4, page.height - 190 * 4, 200 * 4, page.height - 100 * 4))
    assert beside.getextrema()[0] < 128


def test_control_characters_are_refused(desk: Desk) -> None:
    with pytest.raises(TextRefused):
        signed(desk, text="a\x07b")


def test_a_text_that_does_not_fit_is_refused(desk: Desk) -> None:
    with pytest.raises(StampRefused) as refused:
        signed(desk, text="kata " * 900, **PLACE)
    assert refused.value.reason == "too-much-text"


def test_e30_a_document_that_is_signed_already_keeps_its_signature(desk: Desk) -> None:
    first = signed(desk, linkQR=URL, **PLACE)
    second = signed(desk, first, linkQR=URL, xAxis="300", yAxis="300")
    assert second.startswith(first)


def test_there_is_always_a_timestamp() -> None:
    assert wanted(EMPTY).level is SignatureLevel.B_T


def test_the_kind_is_the_calls_or_the_credentials() -> None:
    own = ApiCredential(user_name="k", client_id="c", kind="Surat Biasa", unstated_kinds=False, created_at=NOON)
    assert wanted(EMPTY, credential=own).letter.kind == "Surat Biasa"
    assert wanted(EMPTY, credential=own, kind=" Nota  Dinas ").letter.kind == "Nota Dinas"
    strict = ApiCredential(user_name="k", client_id="c", unstated_kinds=False, created_at=NOON)
    with pytest.raises(EsignRefused) as refused:
        wanted(EMPTY, credential=strict)
    assert refused.value.status_code == 403
