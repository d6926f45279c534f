"""`verifier.rows`: cross-reference rows written by any of the filters of PNG lead where they lead qpdf."""

import random
import zlib
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.misc import PdfReadError

from verifier.history import Reader
from verifier.rows import without_differences

NAMES = ("none", "sub", "up", "average", "Paeth")


def filtered(rows: list[bytes], kinds: list[int]) -> bytes:
    """Each row written by the filter of its number (PNG, clause 9), by the letter of the standard."""
    out, above = bytearray(), bytes(len(rows[0]))
    for row, kind in zip(rows, kinds, strict=True):
        out.append(kind)
        for at, octet in enumerate(row):
            a, b, c = (row[at - 1] if at else 0), above[at], (above[at - 1] if at else 0)
            p = a + b - c
            distances = (abs(p - a), abs(p - b), abs(p - c))
            nearest = a if distances[0] == min(distances) else b if distances[1] <= distances[2] else c
            out.append((octet - (0, a, b, (a + b) // 2, nearest)[kind]) & 255)
        above = row
    return bytes(out)


def document(kinds: list[int]) -> bytes:
    """A page with an object that only a cross-reference stream of such rows leads to."""
    parts, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            b"<< /Length 12 >>\nstream\nBT (isi) Tj \nendstream",
        ),
        start=1,
    ):
        offsets.append(len(parts))
        parts += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(parts)
    rows = [bytes(5), *(b"\1" + place.to_bytes(3, "big") + b"\0" for place in (*offsets, start))]
    data = zlib.compress(filtered(rows, (kinds * len(rows))[: len(rows)]))
    parts += (
        b"5 0 obj\n<< /Type /XRef /Size 6 /Root 1 0 R /W [1 3 1] /Filter /FlateDecode"
        b" /DecodeParms << /Predictor 15 /Columns 5 >> /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        % (len(data), data)
    )
    return bytes(parts) + b"startxref\n%d\n%%%%EOF\n" % start


@pytest.mark.parametrize("kind", range(5), ids=NAMES)
def test_every_filter_leads_to_the_objects_that_other_readers_find(kind: int) -> None:
    pdf = document([kind])
    with pikepdf.open(BytesIO(pdf)) as other:
        content = other.pages[0].Contents.read_bytes()
    assert Reader(pdf).root["/Pages"]["/Kids"][0]["/Contents"].data == content


def test_filters_change_from_row_to_row() -> None:
    dice = random.Random(9)  # noqa: S311 - the same every time
    rows = [dice.randbytes(7) for _ in range(60)]
    kinds = [dice.randrange(5) for _ in rows]
    assert without_differences(filtered(rows, kinds), 7) == b"".join(rows)
    assert without_differences(filtered(rows, [2] * 60), 7) == b"".join(rows)


@pytest.mark.parametrize(
    ("data", "columns"), [(b"\2ab", 3), (b"\5ab", 2), (b"\2ab\x09cd", 2), (b"", 0)], ids=["cut", "no", "mixed", "none"]
)
def test_rows_that_nobody_can_read_are_refused(data: bytes, columns: int) -> None:
    with pytest.raises(PdfReadError):
        without_differences(data, columns)
