"""Word documents: their text as plain data, whole or refused."""

import io
import zipfile
from collections.abc import Mapping

import pytest
from eoffice.docx import MOST_XML, blocks_of
from eoffice.errors import Refused

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""
ITEM = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
BODY = (
    '<w:p><w:pPr><w:pStyle w:val="Heading3"/></w:pPr><w:r><w:t>Dasar</w:t></w:r></w:p>'
    '<w:p><w:r><w:t xml:space="preserve">Mohon </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>hadir</w:t></w:r>'
    "<w:hyperlink><w:r><w:t>.</w:t></w:r></w:hyperlink></w:p><w:p/>"
    + ITEM.format(2, "satu")
    + ITEM.format(2, "dua")
    + ITEM.format(1, "butir")
    + '<w:sdt><w:sdtContent><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>a</w:t><w:br/><w:t>#b</w:t></w:r></w:p>'
    "</w:sdtContent></w:sdt>"
    '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>Judul</w:t></w:r></w:p></w:tc></w:tr>'
    "<w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
)


def docx(body: str = BODY, *, head: str = "", parts: Mapping[str, str] | None = None) -> bytes:
    """A file as Word writes one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", f"{head}<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, content in {"word/numbering.xml": NUMBERING, **(parts or {})}.items():
            made.writestr(name, content)
    return file.getvalue()


def run(text: str, *, bold: bool = False) -> dict[str, object]:
    return {"text": text, "bold": bold, "italic": False}


def test_the_text_is_taken_over_whole() -> None:
    assert blocks_of(docx(), field="upload") == [
        {"kind": "heading", "level": 1, "runs": [run("Dasar")]},
        {"kind": "paragraph", "align": "justify", "runs": [run("Mohon "), run("hadir", bold=True), run(".")]},
        {"kind": "list", "ordered": True, "items": [[run("satu")], [run("dua")]]},
        {"kind": "list", "ordered": False, "items": [[run("butir")]]},
        {"kind": "paragraph", "align": "center", "runs": [run("a\n#b")]},
        {
            "kind": "table",
            "columns": 2,
            "rows": [
                [{"runs": [run("Judul")], "span": 2}],
                [{"runs": [run("1")], "span": 1}, {"runs": [], "span": 1}],
            ],
        },
    ]


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
CELL = "<w:tc>{}</w:tc>"
WRONG = {
    "nothing": docx(""),
    "no archive": b"PK\x03\x04 word/document.xml",
    "no document": docx()[:-40],
    "a picture": docx("<w:p><w:r><w:drawing/></w:r></w:p>"),
    "changes": docx("<w:p><w:ins><w:r><w:t>x</w:t></w:r></w:ins></w:p>"),
    "merged rows": docx("<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr></w:tc></w:tr></w:tbl>"),
    "a table in a table": docx(f"<w:tbl><w:tr>{CELL.format('<w:tbl/>')}</w:tr></w:tbl>"),
    "rows of unlike length": docx(f"<w:tbl><w:tr>{CELL * 2}</w:tr><w:tr>{CELL}</w:tr></w:tbl>"),
    "too wide": docx(f"<w:tbl><w:tr>{CELL * 13}</w:tr></w:tbl>"),
    "too many": docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 2001),
    "too large": docx(" " * MOST_XML),
    "entities": docx(head=ENTITIES),
    "entities in another encoding": docx(parts={"word/numbering.xml": ENTITIES.encode("utf-16").decode("latin-1")}),
    "no XML": docx("<w:p>"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_cannot_be_taken_over_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        blocks_of(WRONG[name], field="upload")
    assert refused.value.field == "upload"
