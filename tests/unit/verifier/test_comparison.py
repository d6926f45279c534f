"""Two revisions beside each other: what changed is framed, what did not is not shown."""

from io import BytesIO

import pytest
from PIL import Image

from tests.support.pki import Pki
from tests.vectors.attacks import page_added, page_swapped
from tests.vectors.letters import append, content, page, pages
from verifier.comparison import MARK, PAGES_LOOKED_AT, PAGES_SHOWN, compare
from verifier.limits import Limits
from verifier.pictures import Comparison
from verifier.preview import NotDrawable
from verifier.wire import dump, load

LIMITS = Limits()


def compared(pdf: bytes, end: int, first: tuple[int, ...] = ()) -> Comparison:
    return compare(pdf, end=end, width=300, first=first, limits=LIMITS)


def rewritten(before: bytes, texts: dict[int, str]) -> bytes:
    """`before` and a revision that gives pages (from 1) another text."""
    return append(before, {3 + 2 * number: content(text) for number, text in texts.items()}, size=100)


def frames(picture: bytes) -> list[tuple[int, int]]:
    """Where the mark's colour is, as far as WebP keeps it."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    found = []
    for y in range(image.height):
        for x in range(image.width):
            red, green, blue = image.getpixel((x, y))  # type: ignore[misc]  # three bands
            if abs(red - MARK[0]) + abs(green - MARK[1]) + abs(blue - MARK[2]) < 90:
                found.append((x, y))
    return found


def test_a_changed_sum_is_framed_on_both_pictures_and_equal_pages_are_not_shown() -> None:
    before = pages("Halaman satu", "Rp 1.000", "Halaman tiga")
    found = compared(rewritten(before, {2: "Rp 9.000"}), len(before))
    assert (found.pages_before, found.pages_after, found.looked_at, found.more) == (3, 3, 3, False)
    (changed,) = found.changed
    assert (changed.page, changed.frames) == (2, 1)
    assert changed.before is not None
    assert changed.after is not None
    for picture in (changed.before, changed.after):
        marked = frames(picture)
        assert marked, "the place is framed"
        assert {y // 40 for _, y in marked} <= {0, 1, 2}, "and only where the text stands, at the top"


def test_an_added_page_has_no_picture_before_and_a_removed_one_none_after(pki: Pki) -> None:
    before = pages("Satu")
    grown = append(
        before,
        {2: b"<< /Type /Pages /Count 2 /Kids [4 0 R 6 0 R] >>", 6: page(7), 7: content("Sisipan")},
        size=8,
    )
    (added,) = compared(grown, len(before)).changed
    assert (added.page, added.before is None, added.after is None) == (2, True, False)
    two = pages("Satu", "Dua")
    shrunk = append(two, {2: b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>"}, size=8)
    (removed,) = compared(shrunk, len(two)).changed
    assert (removed.page, removed.before is None, removed.after is None) == (2, False, True)


@pytest.mark.parametrize("attack", [page_swapped, page_added])
def test_attacks_become_visible(pki: Pki, attack: object) -> None:
    pdf: bytes = attack(pki)  # type: ignore[operator]  # a builder of a vector
    end = pdf.index(b"%%EOF", pdf.index(b"/ByteRange")) + 6
    assert compared(pdf, end).changed


def test_a_revision_that_changes_nothing_to_see_shows_nothing() -> None:
    before = pages("Satu")
    assert compared(append(before, {9: b"(catatan)"}, size=10), len(before)).changed == ()


def test_no_more_pages_are_shown_than_the_limit_and_named_ones_come_first() -> None:
    before = pages(*(f"Halaman {number}" for number in range(1, PAGES_LOOKED_AT + 5)))
    everywhere = rewritten(before, {number: f"Palsu {number}" for number in range(1, PAGES_LOOKED_AT + 5)})
    found = compared(everywhere, len(before), first=(PAGES_LOOKED_AT + 3, 0, 9_999))
    assert [each.page for each in found.changed] == [1, 2, 3, PAGES_LOOKED_AT + 3]
    assert (len(found.changed), found.more, found.looked_at) == (PAGES_SHOWN, True, PAGES_LOOKED_AT)


@pytest.mark.parametrize("end", [0, -1, 10**9])
def test_an_end_that_is_none_is_refused(end: int) -> None:
    with pytest.raises(NotDrawable):
        compared(pages("Satu"), end)


def test_an_unreadable_revision_is_refused() -> None:
    with pytest.raises(NotDrawable):
        compared(b"%PDF-1.7 rubbish" + pages("Satu"), 12)


def test_it_crosses_the_pipe() -> None:
    before = pages("Rp 1.000")
    found = compared(rewritten(before, {1: "Rp 9.000"}), len(before))
    assert load(Comparison, dump(found)) == found
