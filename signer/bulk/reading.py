"""One file in, its table out: CSV or XLSX, told apart by content and never by name."""

from collections.abc import Iterator
from typing import Final

from signer.bulk.csv_table import csv_rows, too_many_rows
from signer.bulk.model import RawRow, TableLimits
from signer.bulk.xlsx_table import xlsx_rows
from signer.errors import ImportRefused

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"  # the old XLS, and every password-protected XLSX


def read_table(content: bytes, limits: TableLimits) -> tuple[RawRow, ...]:
    """Every row that holds anything, heading first. Raises `ImportRefused`."""
    if len(content) > limits.bytes:
        raise _refused(
            "too-big",
            f"Berkas lebih besar dari {limits.bytes // 2**20} MiB; bagi menjadi beberapa berkas",
            f"The file is larger than {limits.bytes // 2**20} MiB; split it into several files",
        )
    if content.startswith(_OLE):
        raise _refused(
            "old-or-encrypted-excel",
            "Berkas adalah XLS lama atau XLSX berkata sandi; simpan sebagai XLSX tanpa kata sandi",
            "The file is an old XLS or an XLSX with a password; save it as XLSX without one",
        )
    rows = xlsx_rows(content, limits) if content.startswith(_ZIP) else csv_rows(content, limits)
    table = tuple(_counted((row for row in rows if any(cell.strip() for cell in row.cells)), limits))
    if not table:
        raise _refused("empty", "Berkas kosong; isi baris judul dan data", "The file is empty; give headings and rows")
    return table


def _counted(rows: Iterator[RawRow], limits: TableLimits) -> Iterator[RawRow]:
    for count, row in enumerate(rows):
        if count > limits.rows:
            raise too_many_rows(limits)
        yield row


def _refused(reason: str, indonesian: str, english: str) -> ImportRefused:
    return ImportRefused(f"{indonesian}. / {english}.", field="file", reason=reason)
