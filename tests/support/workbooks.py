"""XLSX files for tests, written by hand: honest ones, and those that somebody made to hurt."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Pejabat" sheetId="1" r:id="rId7"/><sheet name="Lain" sheetId="2" r:id="rId8"/></sheets></workbook>'
)
_RELATIONSHIPS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId7" Type="worksheet" Target="worksheets/sheet9.xml"/>'
    '<Relationship Id="rId8" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def workbook(rows: Sequence[Sequence[str]], *, shared: bool = True) -> bytes:
    """An honest workbook; cells as shared strings, or inline."""
    strings: list[str] = []
    xml: list[str] = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, text in enumerate(row):
            reference = f"{column_name(column)}{number}"
            if shared:
                strings.append(text)
                cells.append(f'<c r="{reference}" t="s"><v>{len(strings) - 1}</v></c>')
            else:
                cells.append(f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>')
        xml.append(f'<row r="{number}">{"".join(cells)}</row>')
    return archive(_SHEET.format("".join(xml)), strings=strings if shared else None)


def archive(sheet: str | bytes, *, strings: Sequence[str] | None = None, **parts: str) -> bytes:
    """A workbook around the XML of its first sheet; `parts` replace others, by the stem of their name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", _TYPES)
        made.writestr("xl/workbook.xml", parts.get("workbook", _WORKBOOK))
        made.writestr("xl/_rels/workbook.xml.rels", parts.get("relationships", _RELATIONSHIPS))
        made.writestr("xl/worksheets/sheet9.xml", sheet)
        if strings is not None:
            items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
            made.writestr(
                "xl/sharedStrings.xml",
                f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>',
            )
    return packed.getvalue()


def sheet(rows: str) -> str:
    """The XML of a sheet around its rows."""
    return _SHEET.format(rows)


def column_name(index: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
