"""The forms of signing for somebody else, as Permendagri 1/2023 prints them."""

import pytest

from signer.errors import TextRefused
from signer.model import SignedAs
from signer.on_behalf import last_line, require_well_formed, title_lines


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
    assert last_line("a.n. GUBERNUR BALI; Plt.") == "Plt."
    assert last_line(None) == ""
