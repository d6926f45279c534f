"""CSV (RFC 4180) as offices save it: UTF-8, UTF-16 or Windows-1252; BOM or none; commas, semicolons or tabs."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from signer.bulk.model import RawRow, TableLimits
from signer.errors import ImportRefused

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FIRST_LINE: Final = re.compile(r"[^\r\n]*\S[^\r\n]*")
_SEPARATORS: Final = (",", ";", "\t")


def csv_rows(content: bytes, limits: TableLimits) -> Iterator[RawRow]:
    """The rows of a CSV file, one after the other; raises `ImportRefused` at the first that breaks a limit.

    The separator is the one that the heading holds most of. A cell longer than the limit, a quote that never ends and
    a NUL are refused, not repaired.
    """
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _refused(
                "broken-csv",
                f"Baris {number} tidak dapat dibaca sebagai CSV; periksa tanda kutipnya.",
                f"Line {number} cannot be read as CSV; check its quotation marks.",
            ) from None
        if len(cells) > limits.columns:
            raise too_many_columns(limits)
        if any(len(cell) > limits.cell_characters for cell in cells):
            raise cell_too_long(number, limits)
        yield RawRow(number=number, cells=tuple(cells))


def _decoded(content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    for name in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refused(
        "encoding",
        "Berkas bukan teks UTF-8, UTF-16, atau Windows-1252; simpan ulang sebagai CSV UTF-8.",
        "The file is no text in UTF-8, UTF-16 or Windows-1252; save it again as CSV UTF-8.",
    )


def _separator(text: str) -> str:
    heading = _FIRST_LINE.search(text)
    return max(_SEPARATORS, key=heading[0].count) if heading else _SEPARATORS[0]


def too_many_columns(limits: TableLimits) -> ImportRefused:
    """The table is wider than any honest one."""
    return _refused(
        "too-many-columns",
        f"Tabel memiliki lebih dari {limits.columns} kolom; hapus kolom yang tidak perlu.",
        f"The table has more than {limits.columns} columns; remove those that are not needed.",
    )


def too_many_rows(limits: TableLimits) -> ImportRefused:
    """The table is longer than any honest one."""
    return _refused(
        "too-many-rows",
        f"Tabel memiliki lebih dari {limits.rows} baris; bagi menjadi beberapa berkas.",
        f"The table has more than {limits.rows} rows; split it into several files.",
    )


def cell_too_long(row: int, limits: TableLimits) -> ImportRefused:
    """No name, office or address is so long."""
    return _refused(
        "cell-too-long",
        f"Sebuah sel pada baris {row} lebih panjang dari {limits.cell_characters} karakter; persingkat isinya.",
        f"A cell in row {row} has more than {limits.cell_characters} characters; shorten it.",
    )


def _refused(reason: str, indonesian: str, english: str) -> ImportRefused:
    return ImportRefused(f"{indonesian} / {english}", field="file", reason=reason)
