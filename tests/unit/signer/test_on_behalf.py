"""The forms of signing for somebody else, as Permendagri 1/2023 prints them."""

import pytest

from signer.errors import TextRefused
from signer.model import SignedAs
from signer.on_behalf import acting_word, require_well_formed, title_lines


@pytest.mark.parametrize(
    ("on_behalf", "office", "lines"),
    [
        (None, None, ()),
        (None, "Kepala Dinas Contoh", ("Kepala Dinas Contoh,",)),
        (None, "KEPALA DINAS CONTOH,", ("KEPALA DINAS CONTOH,",)),
        ("a.n. GUBERNUR BALI", "SEKRETARIS DAERAH", ("a.n. GUBERNUR BALI", "SEKRETARIS DAERAH,")),
        (
            "a.n. GUBERNUR BALI; SEKRETARIS DAERAH; u.b.",
            "KEPALA BIRO CONTOH",
            ("a.n. GUBERNUR BALI", "SEKRETARIS DAERAH", "u.b.", "KEPALA BIRO CONTOH,"),
        ),
        ("Plt.", "KEPALA DINAS CONTOH", ("Plt. KEPALA DINAS CONTOH,",)),
        ("Plh.", "KEPALA DINAS CONTOH", ("Plh. KEPALA DINAS CONTOH,",)),
        ("Pj.", "GUBERNUR BALI", ("Pj. GUBERNUR BALI,",)),
        ("Pjs.", "GUBERNUR BALI", ("Pjs. GUBERNUR BALI,",)),
        ("a.n. GUBERNUR BALI; Plt.", "SEKRETARIS DAERAH", ("a.n. GUBERNUR BALI", "Plt. SEKRETARIS DAERAH,")),
        ("Plt.", None, ("Plt.,",)),
    ],
)
def test_the_lines_stand_as_the_rule_prints_them(
    on_behalf: str | None, office: str | None, lines: tuple[str, ...]
) -> None:
    signed_as = SignedAs(office=office, on_behalf=on_behalf)
    require_well_formed(signed_as)
    assert title_lines(signed_as) == lines


@pytest.mark.parametrize("on_behalf", ["u.b.", "SEKRETARIS DAERAH; u.b.", "ANGGOTA; u.b.", "u.b.; a.n. GUBERNUR"])
def test_ub_stands_only_after_an_an(on_behalf: str) -> None:
    with pytest.raises(TextRefused) as refused:
        require_well_formed(SignedAs(office="KEPALA BIRO CONTOH", on_behalf=on_behalf))
    assert (refused.value.field, refused.value.reason) == ("signed_as.on_behalf", "ub-without-an")


def test_a_form_of_many_lines_is_refused() -> None:
    with pytest.raises(TextRefused) as refused:
        require_well_formed(SignedAs(on_behalf=";".join("abcdef")))
    assert refused.value.reason == "too-many-lines"


def test_an_acting_form_is_the_line_next_to_the_office() -> None:
    assert acting_word("a.n. GUBERNUR BALI; Plt.") == "plt"
    assert acting_word("P. l. t") == "plt"
    assert acting_word(None) == ""


@pytest.mark.parametrize("name", ["office", "agency", "rank"])
@pytest.mark.parametrize(
    "typed",
    [
        "Plt. KEPALA DINAS CONTOH", "PLT KEPALA DINAS CONTOH", "P.l.t. Kepala Dinas", "P l t  Kepala Dinas",
        "plh.Kepala Dinas", "Pj. GUBERNUR BALI", "pj gubernur bali", "P.J. Gubernur", "Pjs.Bupati",
        "KEPALA DINAS CONTOH (Plt.)", "KEPALA DINAS CONTOH, Plh", "\uff30\uff4c\uff54. KEPALA DINAS",
        "P\u200blt. KEPALA DINAS", "Pelaksana Tugas Kepala Dinas", "PELAKSANA  HARIAN Kepala Dinas",
        "Penjabat Gubernur",
        "a.n. GUBERNUR BALI", "A. n. Gubernur", "an. Gubernur", "an Gubernur", "Atas nama Gubernur",
        "u.b. KEPALA BIRO", "UB. Kepala Biro", "untuk beliau Kepala Biro",
    ],
)  # fmt: skip
def test_a_form_typed_into_another_text_is_refused(name: str, typed: str) -> None:
    with pytest.raises(TextRefused) as refused:
        require_well_formed(SignedAs(**{name: typed}))
    assert (refused.value.field, refused.value.reason) == (f"signed_as.{name}", "form-in-title")
    assert "onBehalf" in str(refused.value)


@pytest.mark.parametrize(
    "office",
    [
        "KEPALA DINAS CONTOH", "Analis Kepegawaian", "Kepala UPT PLTD Contoh", "Guru PJOK", "Pejabat Pembuat Komitmen",
        "Pelaksana pada Biro Umum", "Kepala Subbagian Penjabaran APBD", "Dokter Hewan, S.H. an-Nur", "Ubud",
    ],
)  # fmt: skip
def test_an_office_of_ones_own_is_none(office: str) -> None:
    require_well_formed(SignedAs(office=office))


@pytest.mark.parametrize(
    "on_behalf",
    ["Plt. KEPALA DINAS", "P.l.t. KEPALA DINAS; ,", "Plt.; KEPALA DINAS", "a.n. GUBERNUR; Plh. SEKRETARIS DAERAH"],
)
def test_an_acting_form_stands_alone_and_last(on_behalf: str) -> None:
    with pytest.raises(TextRefused) as refused:
        require_well_formed(SignedAs(on_behalf=on_behalf))
    assert (refused.value.field, refused.value.reason) == ("signed_as.on_behalf", "form-not-alone")


def test_above_ub_somebody_else_may_be_acting() -> None:
    require_well_formed(SignedAs(office="KEPALA BIRO CONTOH", on_behalf="a.n. GUBERNUR; Plt. SEKRETARIS DAERAH; u.b."))
