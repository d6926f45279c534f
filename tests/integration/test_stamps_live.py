"""Stamps as a client asks for them: tags read by the verifier's processes, footers, Balinese letters, refusals."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest

from tests.support.letters import letter
from tests.support.problems import require_problem
from tests.support.service import RunningService
from tests.support.tagged_letters import widgets, with_field, with_text

NIP = "198001012005012001"
BIRO = {
    "office": "KEPALA BIRO CONTOH",
    "onBehalf": "a.n. GUBERNUR CONTOH; SEKRETARIS DAERAH; u.b.",
    "rank": "Pembina Tk. I (IV/b)",
}


def passed(service: RunningService, pdf: bytes) -> bool:
    return bool(service.verify(pdf).json()["indication"] == "TOTAL-PASSED")


def seen(pdf: bytes, page: int = -1) -> str:
    """What the stamp says, the page's own text left out."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        stamp = opened.pages[page].Annots[-1].AP.N
        only = pikepdf.new()
        only.add_blank_page(page_size=(400, 400))
        only.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(S=only.copy_foreign(stamp)))
        only.pages[0].obj.Contents = only.make_stream(b"/S Do")
        out = io.BytesIO()
        only.save(out)
    return str(pypdfium2.PdfDocument(out.getvalue())[0].get_textpage().get_text_bounded())


def test_a_stamp_over_a_tag_with_a_footer_passes_and_says_what_was_asked(service: RunningService) -> None:
    stamp = {"tag": "${ttd_pengirim1}", "template": "surat", "nip": NIP}
    document = with_text(b"1 0 0 1 300 400 Tm (${ttd_pengirim1}) Tj")
    answer = service.sign(document, stamp=stamp, footer="*", signedAs=BIRO)
    assert answer.status_code == 201
    assert widgets(answer.content)[0][:2] == pytest.approx((195, 320), abs=0.1)
    said = seen(answer.content)
    for line in ("a.n. GUBERNUR CONTOH", "SEKRETARIS DAERAH", "u.b.", "KEPALA BIRO CONTOH,", f"NIP. {NIP}", "WITA"):
        assert line in said
    assert "Halaman 1 dari 1" in pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_bounded()
    assert passed(service, answer.content)


def test_an_empty_field_of_the_letters_author_is_signed(service: RunningService) -> None:
    answer = service.sign(with_field(), stamp={"field": "Kolom 1"})
    assert widgets(answer.content) == [(300, 100, 510, 172)]
    assert passed(service, answer.content)


def test_balinese_letters_arrive(service: RunningService) -> None:
    answer = service.sign(letter(), stamp={}, signedAs={"office": "ᬓᭂᬧᬮ ᬤᬶᬦᬲ᭄"})
    assert any(letter in seen(answer.content) for letter in "ᬓᬧᬮ")
    assert passed(service, answer.content)


@pytest.mark.parametrize(
    ("differences", "field", "reason"),
    [
        ({"stamp": {"tag": "#tidak-ada"}}, "stamp.tag", "tag-not-found"),
        ({"stamp": {"tag": "dolor"}}, "stamp.tag", "tag-ambiguous"),
        ({"stamp": {"tag": "dolor", "occurrence": 99}}, "stamp.occurrence", "no-such-occurrence"),
        ({"stamp": {"tag": "dolor", "x": 1, "y": 1}}, "stamp.tag", "two-places"),
        ({"stamp": {"field": "Kolom 9"}}, "stamp.field", "no-such-field"),
        ({"stamp": {"box": "kanan"}}, "stamp.box", "no-such-box"),
        ({"stamp": {"template": "tidak-ada"}}, "stamp.template", "no-such-template"),
        ({"footer": "tidak-ada"}, "footer", "no-such-template"),
        ({"stamp": {"nip": "123"}}, "stamp.nip", "not-a-nip"),
        ({"signedAs": {"office": "KEPALA BIRO", "onBehalf": "u.b."}}, "signed_as.on_behalf", "ub-without-an"),
        ({"stamp": {}, "signedAs": {"office": "漢"}}, "signed_as", "no-such-letter"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(
    service: RunningService, differences: dict[str, Any], field: str, reason: str
) -> None:
    answer = service.sign(letter(), **differences)
    slug = "text-refused" if reason in ("not-a-nip", "ub-without-an") else "stamp-refused"
    require_problem(answer, 422, slug, field, reason)
