"""Photographs: what is kept of them, what is refused, and how a page shows one."""

import io
from pathlib import Path

import pytest
from eoffice.errors import Refused
from eoffice.pictures import LARGEST, SIDE, plain_picture
from eoffice.rendering import Printer
from PIL import Image

from tests.unit.eoffice.conftest import NOON

ORIENTATION, MAKER, PLACE = 0x0112, 0x010F, 0x8825


def photograph(size: tuple[int, int] = (3_000, 2_000), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """As a phone makes it: lying on its side, with the phone's name and the place in it."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Telepon Contoh"
    exif.get_ifd(PLACE)[1] = "S"
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, exif=exif)
    return out.getvalue()


def test_a_photograph_is_kept_upright_small_and_without_what_the_phone_wrote_into_it() -> None:
    kept = plain_picture(photograph(), field="picture")
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.mode, picture.height) == ("JPEG", "RGB", SIDE)
        assert picture.width < picture.height
        assert not dict(picture.getexif())
    assert b"Telepon" not in kept
    assert plain_picture(photograph(), field="picture") == kept


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "I;16"])
def test_every_sort_of_png_is_taken(mode: str) -> None:
    kept = plain_picture(photograph((20, 30), "PNG", mode), field="picture")
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.mode, picture.size) == ("RGB", (30, 20))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        photograph()[:2_000],
        photograph((20, 30), "GIF", "P"),
        photograph((10_000, 6_000), "PNG", "1"),
        photograph((20, 30)) + b"\0" * LARGEST,
    ],
    ids=["nothing", "pdf", "cut short", "gif", "too many pixels", "too large"],
)
def test_what_is_no_whole_photograph_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        plain_picture(content, field="picture")
    assert refused.value.field == "picture"


def test_a_page_shows_a_picture_and_only_with_words_for_who_does_not_see_it(tmp_path: Path) -> None:
    head = '#set document(title: "Bukti")\n#set text(lang: "id")\n'
    (tmp_path / "seen.typ").write_text(head + '#image("/photo", format: "jpg", alt: "Foto bukti")')
    (tmp_path / "silent.typ").write_text(head + '#image("/photo", format: "jpg")')
    pictures = {"photo": plain_picture(photograph(), field="picture")}
    printer = Printer([tmp_path])
    assert printer.draw("seen.typ", {}, at=NOON, pictures=pictures).pdf.startswith(b"%PDF-")
    with pytest.raises(Refused, match="page cannot be drawn"):
        printer.draw("silent.typ", {}, at=NOON, pictures=pictures)
