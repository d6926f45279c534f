"""Templates are data: a good one is chosen by name or agency, a broken one is refused at start with name and reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signer.errors import StampRefused, TemplateRefused
from signer.stamp_catalogue import StampCatalogue
from signer.stamp_painter import StampPainter
from signer.stamp_reading import HOUSE, read_template
from signer.stamp_trial import SAMPLES, draw_samples

AT = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
HOUSES = sorted(path.name for path in HOUSE.iterdir() if path.is_dir())
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="#0f766e"/></svg>'
LIKE = 'version = "1"\nlike = "official"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An operator's folder with one template, good as it is."""
    mine = tmp_path / "dinas-contoh"
    mine.mkdir()
    (mine / "template.toml").write_text(
        f'{LIKE}agencies = ["Dinas Contoh"]\n[logo]\nfile = "logo.svg"\nalt = "Lambang"\n'
    )
    (mine / "logo.svg").write_text(LOGO)
    return tmp_path


def own_drawing(folder: Path, drawing: str) -> None:
    """The template with the house's settings and a drawing of its own."""
    mine = folder / "dinas-contoh"
    (mine / "template.toml").write_text((HOUSE / "official" / "template.toml").read_text())
    (mine / "stamp.typ").write_text(drawing)


@pytest.mark.parametrize("name", HOUSES)
def test_the_houses_own_pass_the_trial_of_an_operators(name: str) -> None:
    draw_samples(HOUSE / name)


def test_one_is_chosen_by_name_by_agency_or_by_default(folder: Path) -> None:
    stamps = StampCatalogue(folder)
    assert stamps.chosen("surat", "Dinas Contoh").name == "surat"
    assert stamps.chosen(None, "DINAS contoh").name == "dinas-contoh"
    assert stamps.chosen(None, "Dinas Lain").name == "official"
    assert StampCatalogue(folder, default="surat").chosen(None, None).name == "surat"


def test_a_footer_is_the_agencys_where_that_is_asked_for(folder: Path) -> None:
    (folder / "kaki").mkdir()
    (folder / "kaki" / "template.toml").write_text('version = "1"\nlike = "footer"\nagencies = ["Dinas Contoh"]')
    stamps = StampCatalogue(folder)
    asked = [(None, "Dinas Contoh"), ("*", "dinas contoh"), ("*", "Dinas Lain"), ("footer", "Dinas Contoh")]
    chosen = [stamps.footer(name, agency) for name, agency in asked]
    assert [each and each.name for each in chosen] == [None, "kaki", "footer", "footer"]


@pytest.mark.parametrize("name", ["nothing-here", "paraf"])
def test_a_stamp_that_is_none_is_refused_to_the_caller(name: str) -> None:
    with pytest.raises(StampRefused) as refused:
        StampCatalogue().chosen(name, None)
    assert (refused.value.field, refused.value.reason) == ("stamp.template", "no-such-template")


def test_the_logo_is_drawn(folder: Path) -> None:
    with_logo = StampPainter(read_template(folder / "dinas-contoh")).paint(SAMPLES[0], AT)
    (folder / "dinas-contoh" / "template.toml").write_text(LIKE)
    assert StampPainter(read_template(folder / "dinas-contoh")).paint(SAMPLES[0], AT) != with_logo


def test_a_transparent_logo_is_refused_where_the_letter_is_pdfa_1(folder: Path) -> None:
    half = LOGO.replace("<circle ", '<circle opacity="0.5" ', 1)
    assert half != LOGO
    (folder / "dinas-contoh" / "logo.svg").write_text(half)
    painter = StampPainter(read_template(folder / "dinas-contoh"))
    assert painter.paint(SAMPLES[0], AT).startswith(b"%PDF")
    with pytest.raises(StampRefused) as refused:
        painter.paint(SAMPLES[0], AT, pdfa_1=True)
    assert (refused.value.field, refused.value.reason) == ("stamp.template", "not-for-pdfa-1")


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("no TOML", lambda at: (at / "template.toml").write_text("version = "), "is not TOML"),
    ("absent TOML", lambda at: (at / "template.toml").unlink(), "No such file"),
    ("no version", lambda at: (at / "template.toml").write_text('like = "official"\nversion = 1'), "version"),
    ("unknown key", lambda at: (at / "template.toml").write_text(f"{LIKE}colour = 1"), "no such setting"),
    ("unknown like", lambda at: (at / "template.toml").write_text('version = "1"\nlike = "../x"'), "like is one of"),
    ("too pale", lambda at: (at / "template.toml").write_text(f'{LIKE}[colours]\nsoft = "#aaaaaa"'), "contrast"),
    ("no colour", lambda at: (at / "template.toml").write_text(f'{LIKE}[colours]\nink = "red"'), "#rrggbb"),
    ("too small", lambda at: (at / "template.toml").write_text(f"{LIKE}[sizes]\nname = 1.0"), "sizes.name"),
    ("endless", lambda at: (at / "template.toml").write_text(f"{LIKE}[size]\nwidth = inf"), "size.width"),
    (
        "wrong words",
        lambda at: (at / "template.toml").write_text(f'{LIKE}[words]\ncheck = "{{nik}}"'),
        "filled by nobody",
    ),
    ("BSrE as text", lambda at: (at / "template.toml").write_text(f'{LIKE}[words]\nheading = "oleh BSrE"'), "BSrE"),
    (
        "a class as text",
        lambda at: (at / "template.toml").write_text(f'{LIKE}[words]\nheading = "Tersertifikasi"'),
        "outside of certified",
    ),
    (
        "uncertified that claims more",
        lambda at: (at / "template.toml").write_text(f'{LIKE}[words]\nuncertified = "{{penerbit}}"'),
        "tidak tersertifikasi",
    ),
    (
        "initials as a signature",
        lambda at: (at / "template.toml").write_text('version="1"\nlike="paraf"\n[words]\nheading="Tanda tangan"'),
        "never called a signature",
    ),
    ("logo elsewhere", lambda at: (at / "logo.svg").rename(at.parent / "logo.svg"), "logo.file"),
    ("a link", lambda at: (at / "more.svg").symlink_to("/etc/hostname"), "is a link"),
    ("a program", lambda at: (at / "run.py").write_text("print()"), "run.py"),
    ("much", lambda at: (at / "big.png").write_bytes(bytes(5_000_000)), "bytes together"),
]


@pytest.mark.parametrize(("spoil", "reason"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_one_is_refused_with_its_name(folder: Path, spoil: Callable[[Path], object], reason: str) -> None:
    spoil(folder / "dinas-contoh")
    with pytest.raises(TemplateRefused, match="dinas-contoh") as refused:
        StampCatalogue(folder)
    assert reason in str(refused.value)


SHOWN = "#box(fill: paper) #data.name #data.certificate #qr(20pt) #code() "


@pytest.mark.parametrize(
    ("drawing", "reason"),
    [
        ("#data.name #data.certificate #code()", "qr("),
        (SHOWN + '#import "@preview/x:1.0.0": y', "'import' is not allowed"),
        (SHOWN + '#include "/etc/passwd"', "'include' is not allowed"),
        (SHOWN + '#eval("1")', "'eval' is not allowed"),
        (SHOWN + '#dictionary(std).at("ev" + "al")("1")', "'std' is not allowed"),
        (SHOWN + '#read("template.toml")', "'read' is not allowed"),
        (SHOWN + "#panic()", "stamp.typ"),
        (SHOWN + "#nonsense", "unknown variable"),
        (SHOWN + "#pagebreak() x", "not one page"),
        (SHOWN + "#set page(width: 100pt)", "not one page"),
        (SHOWN + "#for i in range(10000000) { let x = calc.sin(i) }", "dinas-contoh"),
    ],
)
def test_a_drawing_that_does_more_or_less_than_draw_is_refused(folder: Path, drawing: str, reason: str) -> None:
    own_drawing(folder, drawing)
    with pytest.raises(TemplateRefused, match="dinas-contoh") as refused:
        StampCatalogue(folder)
    assert reason in str(refused.value)


def test_two_for_one_agency_and_a_taken_name_are_refused(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "template.toml").write_text(f'{LIKE}agencies = ["Dinas Contoh"]')
    with pytest.raises(TemplateRefused, match="dinas contoh"):
        StampCatalogue(folder)
    (folder / "other").rename(folder / "official")
    with pytest.raises(TemplateRefused, match="another one has this name"):
        StampCatalogue(folder)


def test_a_default_that_is_none_is_refused() -> None:
    with pytest.raises(TemplateRefused, match="paraf"):
        StampCatalogue(default="paraf")


def test_what_no_font_has_is_refused_and_not_drawn_as_a_box() -> None:
    template = read_template(HOUSE / "official")
    with pytest.raises(StampRefused) as refused:
        StampPainter(template).paint(replace(SAMPLES[0], name="漢"), AT)
    assert refused.value.reason == "no-such-letter"


def test_texts_that_do_not_fit_are_refused_and_not_cut_off() -> None:
    template = read_template(HOUSE / "official")
    with pytest.raises(StampRefused) as refused:
        StampPainter(template).paint(replace(SAMPLES[0], titles=("KEPALA DINAS " * 60,)), AT)
    assert refused.value.reason == "too-much-text"


def test_a_value_is_never_a_placeholder() -> None:
    template = read_template(HOUSE / "official")
    sly = replace(SAMPLES[0], issuer="CA {kode} {nip}", nip="000000000000000000")
    assert (
        StampPainter(template)._data(sly)["certificate"]
        == "Sertifikat internal CA {kode} {nip} (tidak tersertifikasi)."
    )
