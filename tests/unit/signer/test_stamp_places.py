"""Where a stamp goes: over a tag in the text, into an empty field, into a saved box; or it is refused, and why."""

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from signer.errors import StampRefused, TemplateRefused
from signer.model import LetterMetadata, Secret, SignatureLevel, SignedAs, StampPlacement
from signer.stamp_boxes import read_boxes
from signer.stamp_catalogue import StampCatalogue
from tests.support.pki import Pki, make_pki
from tests.support.signing import Desk, request
from tests.support.tagged_letters import PagesHere, widgets, with_field, with_text

B_B = SignatureLevel.B_B
HERE = b"1 0 0 1 300 400 Tm (#ttd) Tj"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def desk(pki: Pki) -> Desk:
    return Desk(pki=pki, texts=PagesHere())


def signed(desk: Desk, document: bytes, stamp: StampPlacement, **more: object) -> bytes:
    return desk.service.sign(request(document=document, stamp=stamp, level=B_B, **more)).pdf


def refusal(desk: Desk, document: bytes, stamp: StampPlacement, **more: object) -> tuple[str, str]:
    """Field and reason; no passphrase was tried, for it is a wrong one."""
    before = desk.log.records.copy()
    with pytest.raises(StampRefused) as refused:
        signed(desk, document, stamp, passphrase=Secret("a wrong one"), **more)
    assert desk.log.records == before
    return refused.value.field, refused.value.reason


# Over a tag


@pytest.mark.parametrize("tag", ["#", "$", "^", "~", "|", "#ttd", "${ttd_pengirim1}"])
def test_it_is_centred_over_the_origin_of_the_tags_first_glyph(desk: Desk, tag: str) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm (%s) Tj" % tag.encode())
    pdf = signed(desk, document, StampPlacement(tag=tag))
    (rectangle,) = widgets(pdf)
    assert rectangle == pytest.approx((195, 364, 405, 436), abs=0.05)
    assert len(PagesHere().find(pdf, tag)) == 1  # it stays in the text


def test_a_tag_in_several_pieces_is_found(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm [(${t) 15 (td_) -20 (pengi)] TJ (rim1}) Tj")
    assert widgets(signed(desk, document, StampPlacement(tag="${ttd_pengirim1}")))[0][0] == pytest.approx(195, abs=0.05)


def test_at_the_edge_it_is_moved_onto_the_page_and_still_covers_the_tag(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 570 10 Tm (#) Tj")
    assert widgets(signed(desk, document, StampPlacement(tag="#"))) == [(385, 0, 595, 72)]


def test_a_long_tag_is_covered_to_its_end(desk: Desk) -> None:
    tag = "${tanda_tangan_pengirim_satu}"
    (place,) = PagesHere().find(document := with_text(b"1 0 0 1 200 400 Tm (%s) Tj" % tag.encode()), tag)
    (left, _, right, _) = widgets(signed(desk, document, StampPlacement(tag=tag)))[0]
    assert left <= place.box[0]
    assert right >= place.box[2] - 0.01
    assert refusal(desk, document, StampPlacement(tag=tag, width=140, height=48)) == ("stamp.tag", "too-small")


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_on_rotated_cropped_and_scaled_pages_it_covers_the_tag(desk: Desk, rotate: int) -> None:
    document = with_text(b"1 0 0 1 300 400 Tm (#) Tj", rotate=rotate, crop=(40, 60, 560, 800), unit=2)
    (rectangle,) = widgets(signed(desk, document, StampPlacement(tag="#")))
    upright = rotate in (0, 180)
    width, height = (105, 36) if upright else (36, 105)  # units of two points
    assert rectangle == pytest.approx((300 - width / 2, 400 - height / 2, 300 + width / 2, 400 + height / 2), abs=0.05)


def test_of_several_tags_none_is_guessed(desk: Desk) -> None:
    document = with_text(HERE + b" 1 0 0 1 300 700 Tm (#ttd) Tj", HERE)
    assert refusal(desk, document, StampPlacement(tag="#ttd")) == ("stamp.tag", "tag-ambiguous")
    assert refusal(desk, document, StampPlacement(tag="#ttd", occurrence=4)) == (
        "stamp.occurrence",
        "no-such-occurrence",
    )
    assert refusal(desk, document, StampPlacement(tag="#ttd", occurrence=0))[1] == "no-such-occurrence"
    assert widgets(signed(desk, document, StampPlacement(tag="#ttd", occurrence=2)), 0)[0][1] == pytest.approx(664)
    assert widgets(signed(desk, document, StampPlacement(tag="#ttd", occurrence=-1)), 1)[0][1] == pytest.approx(364)
    assert widgets(signed(desk, document, StampPlacement(tag="#ttd", page=2)), 1)[0][1] == pytest.approx(364)


def test_a_tag_that_is_nowhere_is_refused(desk: Desk) -> None:
    assert refusal(desk, with_text(HERE), StampPlacement(tag="#TTD")) == ("stamp.tag", "tag-not-found")
    assert refusal(desk, with_text(HERE), StampPlacement(tag=" ")) == ("stamp.tag", "bad-tag")
    assert refusal(desk, with_text(HERE), StampPlacement(tag="#" * 101)) == ("stamp.tag", "bad-tag")


def test_a_tag_beside_the_page_is_refused(desk: Desk) -> None:
    document = with_text(b"1 0 0 1 590 10 Tm (#) Tj", crop=(0, 0, 500, 800))
    assert refusal(desk, document, StampPlacement(tag="#"))[0] == "stamp.tag"


def test_a_stamp_that_does_not_fit_costs_no_attempt(desk: Desk) -> None:
    for stamp, reason in (
        (StampPlacement(x=500, y=10), ("stamp.x", "outside-page")),
        (StampPlacement(x=10, y=10, width=60), ("stamp.width", "too-small")),
    ):
        assert refusal(desk, with_text(HERE), stamp) == reason


def test_without_a_finder_tags_are_refused(pki: Pki) -> None:
    assert refusal(Desk(pki=pki), with_text(HERE), StampPlacement(tag="#ttd")) == ("stamp.tag", "no-tags-here")


@pytest.mark.parametrize(
    "stamp",
    [
        StampPlacement(tag="#", x=1, y=1),
        StampPlacement(tag="#", box="kanan"),
        StampPlacement(tag="#", field_name="Kolom 1"),
        StampPlacement(box="kanan", x=1, y=1),
    ],
)
def test_two_ways_of_naming_a_place_are_one_too_many(desk: Desk, stamp: StampPlacement) -> None:
    assert refusal(desk, with_text(HERE), stamp)[1] == "two-places"


# Into an empty field


@pytest.mark.parametrize("split", [False, True])
def test_an_empty_field_is_signed_and_keeps_its_rectangle(desk: Desk, split: bool) -> None:
    pdf = signed(desk, with_field(split=split, flags=0), StampPlacement(field_name="Kolom 1"))
    assert widgets(pdf) == [(300, 100, 510, 172)]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (field,) = opened.Root.AcroForm.Fields
        widget = field.Kids[0] if split else field
        assert field.V.SubFilter == Name("/ETSI.CAdES.detached")
        assert widget.AP.N.Subtype == Name.Form
        assert int(widget.F) & 4  # printed


def test_the_drawing_keeps_its_proportions_in_a_field_of_others(desk: Desk) -> None:
    pdf = signed(desk, with_field(rectangle=(50, 100, 550, 200)), StampPlacement(field_name="Kolom 1"))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        left, bottom, right, top = (float(c) for c in opened.pages[1].Annots[0].AP.N.BBox)
    assert (right - left) / (top - bottom) == pytest.approx(5)
    assert top - bottom == pytest.approx(72)
    assert left + right == pytest.approx(210)


def test_its_lock_is_carried_into_the_signature(desk: Desk) -> None:
    lock = Dictionary(Type=Name.SigFieldLock, Action=Name.Include, Fields=Array([String("Nama")]))
    pdf = signed(desk, with_field(Lock=lock), StampPlacement(field_name="Kolom 1"))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (reference,) = opened.Root.AcroForm.Fields[0].V.Reference
        assert reference.TransformMethod == Name.FieldMDP
        assert reference.TransformParams.Action == Name.Include
        assert [str(each) for each in reference.TransformParams.Fields] == ["Nama"]


@pytest.mark.parametrize(
    ("document", "name", "reason"),
    [
        (with_field(), "Kolom 2", "no-such-field"),
        (with_text(HERE), "Kolom 1", "no-such-field"),
        (with_field(rectangle=(0, 0, 0, 0)), "Kolom 1", "field-not-visible"),
        (with_field(flags=2), "Kolom 1", "field-not-visible"),
        (with_field(flags=32), "Kolom 1", "field-not-visible"),
        (with_field(Ff=1), "Kolom 1", "field-locked"),
        (with_field(rectangle=(0, 0, 60, 20)), "Kolom 1", "too-small"),
    ],
)
def test_a_field_that_cannot_be_signed_so_is_refused(desk: Desk, document: bytes, name: str, reason: str) -> None:
    assert refusal(desk, document, StampPlacement(field_name=name)) == ("stamp.field", reason)


def test_demands_of_a_field_apart_from_its_widget_count_too(desk: Desk) -> None:
    seeds = Dictionary(Ff=2, SubFilter=Array([Name("/adbe.pkcs7.detached")]))
    with pytest.raises(StampRefused) as refused:
        signed(desk, with_field(split=True, SV=seeds), StampPlacement(field_name="Kolom 1"))
    assert refused.value.reason == "seed-value"


def test_a_signed_field_is_not_signed_again(desk: Desk) -> None:
    first = signed(desk, with_field(), StampPlacement(field_name="Kolom 1"))
    assert refusal(desk, first, StampPlacement(field_name="Kolom 1")) == ("stamp.field", "field-signed")


@pytest.mark.parametrize(
    "seeds",
    [
        Dictionary(Ff=1, Filter=Name("/Entrust.PPKEF")),
        Dictionary(Ff=2, SubFilter=Array([Name("/adbe.pkcs7.detached")])),
        Dictionary(Ff=4, V=4),
        Dictionary(Ff=8, Reasons=Array([String("Persetujuan")])),
        Dictionary(Ff=8, Reasons=Array([String(".")])),
        Dictionary(Ff=16, LegalAttestation=Array([String("x")])),
        Dictionary(Ff=32, AddRevInfo=True),
        Dictionary(Ff=64, DigestMethod=Array([String("SHA512")])),
        Dictionary(Ff=128, LockDocument=Name("/true")),
        Dictionary(Ff=256, AppearanceFilter=String("x")),
        Dictionary(TimeStamp=Dictionary(URL=String("http://tsa.contoh.go.id"), Ff=1)),
        Dictionary(Cert=Dictionary(Ff=1)),
        Dictionary(MDP=Dictionary(P=1)),
    ],
)
def test_a_demand_that_we_do_not_meet_is_refused(desk: Desk, seeds: pikepdf.Dictionary) -> None:
    document = with_field(SV=seeds)
    with pytest.raises(StampRefused) as refused:
        signed(desk, document, StampPlacement(field_name="Kolom 1"), reason="Lain")
    assert (refused.value.field, refused.value.reason) == ("stamp.field", "seed-value")


@pytest.mark.parametrize(
    "seeds",
    [
        Dictionary(Ff=2, SubFilter=Array([Name("/ETSI.CAdES.detached")])),
        Dictionary(Ff=8, Reasons=Array([String("Persetujuan")])),
        Dictionary(Ff=64, DigestMethod=Array([String("SHA256"), String("SHA512")])),
        Dictionary(SubFilter=Array([Name("/adbe.pkcs7.detached")]), V=4, AddRevInfo=True),  # wishes
        Dictionary(MDP=Dictionary(P=0)),
    ],
)
def test_a_demand_that_we_meet_and_a_wish_are_no_obstacle(desk: Desk, seeds: pikepdf.Dictionary) -> None:
    pdf = signed(desk, with_field(SV=seeds), StampPlacement(field_name="Kolom 1"), reason="Persetujuan")
    assert widgets(pdf) == [(300, 100, 510, 172)]


# Into a saved box

BOXES = """
version = "1"
[[box]]
name = "kanan"
x = 300
y = 50
width = 210
height = 72
[[box]]
name = "kanan"
agency = "Dinas Contoh"
page = 1
x = 10
y = 20
width = 210
height = 72
[[box]]
name = "kanan"
agency = "Dinas Contoh"
kind = "Surat Dinas"
x = 30
y = 40
width = 210
height = 160
template = "surat"
[[box]]
name = "izin"
kind = "Izin"
x = 1
y = 1
width = 210
height = 72
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Desk:
    folder = tmp_path_factory.mktemp("stamps")
    (folder / "boxes.toml").write_text(BOXES)
    return Desk(pki=pki, stamps=StampCatalogue(folder))


@pytest.mark.parametrize(
    ("agency", "kind", "page", "left_bottom"),
    [
        (None, None, 1, (300, 50)),
        ("Dinas Lain", "Surat Dinas", 1, (300, 50)),
        ("dinas  contoh", "Izin", 0, (10, 20)),
        ("Dinas Contoh", "SURAT DINAS", 1, (30, 40)),
    ],
)
def test_the_closest_box_of_a_name_is_taken(
    office: Desk, agency: str | None, kind: str | None, page: int, left_bottom: tuple[float, float]
) -> None:
    pdf = signed(
        office,
        with_text(HERE, HERE),
        StampPlacement(box="kanan"),
        signed_as=SignedAs(agency=agency),
        letter=LetterMetadata(kind=kind),
    )
    assert widgets(pdf, page)[0][:2] == left_bottom


def test_a_box_that_is_not_for_this_letter_is_refused(office: Desk) -> None:
    assert refusal(office, with_text(HERE), StampPlacement(box="izin")) == ("stamp.box", "no-such-box")
    assert refusal(office, with_text(HERE), StampPlacement(box="kiri")) == ("stamp.box", "no-such-box")


ROW = '[[box]]\nname = "a"\nx = 1\ny = 1\nwidth = 1\nheight = 1\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 1", "version"),
        ('version = "1"\n[[box]]\nx = 1', "without a name"),
        ('version = "1"\n' + ROW.replace("x = 1", "x = -1"), "x is a number"),
        ('version = "1"\n' + ROW.replace("x = 1", "x = nan"), "x is a number"),
        ('version = "1"\n' + ROW + "page = 0", "page counts"),
        ('version = "1"\n' + ROW + "colour = 1", "no such setting"),
        ('version = "1"\n' + ROW + ROW, "twice"),
        ("box = ", "boxes.toml"),
    ],
)
def test_broken_boxes_stop_the_start(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "boxes.toml").write_text(text)
    with pytest.raises(TemplateRefused, match=said):
        read_boxes(tmp_path)


def test_a_box_with_a_template_that_is_none_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "boxes.toml").write_text('version = "1"\n' + ROW + 'template = "paraf"')
    with pytest.raises(TemplateRefused, match="paraf"):
        StampCatalogue(tmp_path)
