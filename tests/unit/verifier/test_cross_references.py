"""`verifier.cross_references`: what is read at once is what pyHanko reads an entry at a time."""

import gzip
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.support.shared import corpus, documents
from tests.vectors.letters import pages
from verifier.history import Reader

STRANGERS: tuple[Path, ...] = (*documents(), *(case.path for case in corpus()))


def sections(reader: Any) -> list[tuple[Any, ...]]:
    """All that a reader knows of each cross-reference section."""
    found = []
    for index in range(reader.xrefs.total_revisions):
        data = reader.xrefs.get_xref_data(index)
        inside = {number: (ref.obj_stream_id, ref.ix_in_stream) for number, ref in data.xrefs_in_objstm.items()}
        about = reader.xrefs.get_xref_container_info(index)
        found.append(
            (data.standard_xrefs, inside, data.freed, data.explicit_refs_in_revision, data.obj_streams_used, about)
        )
    return found


def outcome(kind: Any, *arguments: Any, **options: Any) -> Any:
    try:
        reader = kind(*arguments, **options)
    except Exception:
        return None
    return reader.last_startxref, reader.has_xref_stream, dict(reader.trailer.flatten()).keys(), sections(reader)


@pytest.mark.skipif(not STRANGERS, reason="documents and corpus are absent: set TEKEN_SHARED")
@pytest.mark.parametrize("path", STRANGERS, ids=lambda path: path.name[:40])
def test_files_of_others_are_read_as_pyhanko_reads_them(path: Path) -> None:
    pdf = path.read_bytes()
    pdf = gzip.decompress(pdf)[:20_000_000] if pdf.startswith(b"\x1f\x8b") else pdf
    assert outcome(Reader, pdf) == outcome(PdfFileReader, BytesIO(pdf), strict=False)


def written(mode: pikepdf.ObjectStreamMode, **options: Any) -> bytes:
    pdf, out = pikepdf.new(), BytesIO()
    for number in range(40):
        pdf.make_indirect(pikepdf.Dictionary(Number=number))
        pdf.add_blank_page()
    pdf.save(out, object_stream_mode=mode, **options)
    return out.getvalue()


def spoiled() -> Iterator[tuple[str, bytes]]:
    letter = pages("Surat dinas")
    rows = re.compile(rb"(\d{10} \d{5} [nf])( \r| \n|\r\n)")
    yield "as it is", letter
    yield "line feeds of one octet", rows.sub(rb"\1\n", letter)
    yield "an unknown marker", letter.replace(b" 00000 n", b" 00000 x", 1)
    yield "a generation beyond all", letter.replace(b" 00000 n", b" 65536 n", 1)
    yield "padded with blanks", rows.sub(lambda row: row[1].replace(b"0000000", b"       ", 1) + row[2], letter)
    yield "one row too many", re.sub(rb"xref\n0 (\d+)", lambda head: b"xref\n0 %d" % (int(head[1]) + 1), letter)
    yield "a count without end", re.sub(rb"xref\n0 \d+", b"xref\n0 9999999999", letter)
    yield "a free object", letter.replace(b" 00000 n", b" 00001 f", 1)
    for name, mode in (("a table", pikepdf.ObjectStreamMode.disable), ("packed", pikepdf.ObjectStreamMode.generate)):
        yield name, written(mode)
        yield f"{name}, linearized", written(mode, linearize=True)


@pytest.mark.parametrize(("name", "pdf"), list(spoiled()), ids=lambda value: value if isinstance(value, str) else "")
def test_what_programs_write_and_what_they_should_not_is_read_as_pyhanko_reads_it(name: str, pdf: bytes) -> None:
    assert outcome(Reader, pdf) == outcome(PdfFileReader, BytesIO(pdf), strict=False)
