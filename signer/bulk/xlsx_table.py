"""XLSX (ECMA-376, part 1, 18) of the first sheet, read only, as a stream and with suspicion.

Nothing is unpacked to a disk, no document type is allowed (so no entity can grow or fetch), no formula is believed,
and each part is counted as it comes out of the archive, whatever the archive claims.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.parsers import expat

from signer.bulk.csv_table import cell_too_long, too_many_columns, too_many_rows
from signer.bulk.model import RawRow, TableLimits
from signer.errors import ImportRefused

_CHUNK: Final = 64 * 1024
_PARTS: Final = 2_000
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_OFFICE_RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships "
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def xlsx_rows(content: bytes, limits: TableLimits) -> Iterator[RawRow]:
    """The rows of the first sheet, empty ones left out; numbers and dates as they are stored.

    Raises `ImportRefused`: no XLSX, too big once unpacked, a DTD, a formula, too many rows or columns, a long cell.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = _Parts(archive, limits)
            sheet = _first_sheet(parts)
            strings = _shared_strings(parts, limits)
            rows = _Sheet(strings, limits)
            parts.parse(sheet, rows.start, rows.end, rows.text)
    except _UNREADABLE:
        raise _not_a_workbook() from None
    yield from rows.rows


class _Parts:
    """The archive's parts, counted in bytes as they come out."""

    def __init__(self, archive: zipfile.ZipFile, limits: TableLimits) -> None:
        if len(archive.infolist()) > _PARTS:
            raise _not_a_workbook()
        self._archive = archive
        self._left = limits.unpacked_bytes
        self._names = {info.filename for info in archive.infolist()}

    def has(self, name: str) -> bool:
        return name in self._names

    def parse(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Feed one part to the handlers; raises `ImportRefused` for a DTD, for broken XML, for too many bytes."""
        if name not in self._names:
            raise _not_a_workbook()
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_dtd
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.buffer_text = True
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise _refused(
                            "unpacks-too-big",
                            "Isi berkas terlalu besar setelah dibuka; simpan hanya lembar yang diperlukan.",
                            "The file unpacks to too much; keep only the sheet that is needed.",
                        )
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
        except expat.ExpatError:
            raise _not_a_workbook() from None


def _refuse_dtd(*_: Any) -> None:
    raise _refused(
        "dtd",
        "Berkas memuat definisi XML yang tidak diperbolehkan; simpan ulang dari aplikasi lembar kerja.",
        "The file holds an XML definition that is not allowed; save it again from a spreadsheet program.",
    )


def _ignore(_: str) -> None:
    """An element that ends and means nothing."""


def _first_sheet(parts: _Parts) -> str:
    """The part that the first sheet of the workbook lies in (ECMA-376, part 1, 18.2.20)."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def workbook(name: str, attributes: dict[str, str]) -> None:
        if name == f"{_MAIN}sheet" and len(ids) < 1:
            ids.append(attributes.get(f"{_OFFICE_RELATIONSHIPS}id", ""))

    def relationship(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("TargetMode", "Internal") == "Internal":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parts.parse("xl/workbook.xml", workbook, _ignore)
    parts.parse("xl/_rels/workbook.xml.rels", relationship, _ignore)
    target = targets.get(ids[0] if ids else "", "")
    return posixpath.normpath(posixpath.join("/xl", target)).removeprefix("/")


def _shared_strings(parts: _Parts, limits: TableLimits) -> list[str]:
    """The texts that cells point to (18.4.9); readings of characters (`rPh`) are left out."""
    strings: list[str] = []
    pieces: list[str] = []
    inside: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        inside.append(name.rpartition(" ")[2])
        if inside[-1] == "si":
            pieces.clear()

    def end(_: str) -> None:
        if inside.pop() == "si":
            strings.append("".join(pieces))

    def text(data: str) -> None:
        if inside and inside[-1] == "t" and "rPh" not in inside:
            if sum(map(len, pieces)) + len(data) > limits.cell_characters:
                raise cell_too_long(0, limits)
            pieces.append(data)

    if parts.has("xl/sharedStrings.xml"):
        parts.parse("xl/sharedStrings.xml", start, end, text)
    return strings


class _Sheet:
    """Handlers for one sheet (18.3.1): they collect its rows."""

    def __init__(self, strings: list[str], limits: TableLimits) -> None:
        self.rows: list[RawRow] = []
        self._strings = strings
        self._limits = limits
        self._number = 0
        self._column = 0
        self._kind = "n"
        self._cells: dict[int, str] = {}
        self._value: list[str] | None = None
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.removeprefix(_MAIN):
            case "row":
                self._number = int(attributes.get("r", str(self._number + 1)))
                self._column, self._cells = -1, {}
            case "c":
                self._column = _column(attributes.get("r"), self._column + 1)
                if self._column >= self._limits.columns:
                    raise too_many_columns(self._limits)
                self._kind = attributes.get("t", "n")
            case "f":
                raise _refused(
                    "formula",
                    f"Baris {self._number} memuat rumus; tempel sebagai nilai lalu simpan lagi.",
                    f"Row {self._number} holds a formula; paste it as a value and save again.",
                )
            case "v" | "t":
                self._value, self._length = [], 0

    def text(self, data: str) -> None:
        if self._value is not None:
            self._length += len(data)
            if self._length > self._limits.cell_characters:
                raise cell_too_long(self._number, self._limits)
            self._value.append(data)

    def end(self, name: str) -> None:
        match name.removeprefix(_MAIN):
            case "v" | "t" if self._value is not None:
                text, self._value = "".join(self._value), None
                self._cells[self._column] = self._cells.get(self._column, "") + self._resolved(text)
            case "row" if self._cells:
                if len(self.rows) > self._limits.rows:
                    raise too_many_rows(self._limits)
                cells = tuple(self._cells.get(column, "") for column in range(max(self._cells) + 1))
                self.rows.append(RawRow(number=self._number, cells=cells))

    def _resolved(self, text: str) -> str:
        if self._kind != "s":
            return text
        index = int(text)
        if not 0 <= index < len(self._strings):
            raise _not_a_workbook()
        return self._strings[index]


def _column(reference: str | None, following: int) -> int:
    """`C7` is column 2; a cell without a reference follows the one before it."""
    if reference is None:
        return following
    found = _REFERENCE.match(reference)
    if found is None:
        raise _not_a_workbook()
    number = 0
    for letter in found[1]:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _not_a_workbook() -> ImportRefused:
    return _refused(
        "not-a-workbook",
        "Berkas bukan XLSX yang utuh; simpan ulang dari aplikasi lembar kerja, atau gunakan CSV.",
        "The file is no whole XLSX; save it again from a spreadsheet program, or use CSV.",
    )


def _refused(reason: str, indonesian: str, english: str) -> ImportRefused:
    return ImportRefused(f"{indonesian} / {english}", field="file", reason=reason)
