"""The text of a Word document (ECMA-376, WordprocessingML) as plain data: paragraphs, headings, lists, tables.

What cannot be taken over whole is refused rather than lost: pictures, notes, formulas, text boxes, changes that nobody
accepted, merged rows. Headers and footers stay behind: a letter has its own.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from eoffice.errors import Refused

MOST_XML: Final = 8 * 1024 * 1024
"""Bytes of one part, unpacked."""
MOST_BLOCKS: Final = 2_000
"""Paragraphs and rows, those of tables counted."""
MOST_COLUMNS: Final = 12
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_NOT_TAKEN: Final[Mapping[str, tuple[str, str]]] = {
    f"{_W}drawing": ("gambar", "a picture"),
    f"{_W}pict": ("gambar", "a picture"),
    f"{_W}object": ("objek", "an object"),
    f"{_W}footnoteReference": ("catatan kaki", "a footnote"),
    f"{_W}endnoteReference": ("catatan akhir", "an endnote"),
    f"{_W}ins": ("perubahan yang belum diterima", "changes that are not accepted"),
    f"{_W}del": ("perubahan yang belum diterima", "changes that are not accepted"),
    f"{_W}vMerge": ("sel gabungan antarbaris", "cells merged over rows"),
    _MATH: ("rumus", "a formula"),
}
_ALIGNMENTS: Final = {"center": "center", "right": "right", "end": "right"}


def blocks_of(docx: bytes, *, field: str) -> list[dict[str, Any]]:
    """Its blocks in order, each with a `kind`: `paragraph` (`runs`, `align`), `heading` (`level`, `runs`), `list`
    (`ordered`, `items`: runs of each), `table` (`columns`, `rows`: cells with `runs` and `span`); a run has `text`,
    `bold`, `italic`.

    Raises `Refused` for a file that is none, that is too large, or that has what cannot be taken over.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as parts:
            body = _parsed(parts, "word/document.xml").find(f"{_W}body")
            numbered = _ordered_lists(parts)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, ValueError, NotImplementedError, OSError, EOFError):
        raise _refused(field, "Berkas Word ini tidak dapat dibaca.", "This Word file cannot be read.") from None
    if body is None:
        raise _refused(field, "Berkas Word ini tidak berisi teks.", "This Word file has no text.")
    for each in body.iter():
        if each.tag in _NOT_TAKEN:
            said_id, said_en = _NOT_TAKEN[each.tag]
            raise _refused(
                field,
                f"Berkas Word ini berisi {said_id}; unggah sebagai PDF.",
                f"This Word file has {said_en}: upload it as a PDF.",
            )
    return _joined(list(_blocks(body, numbered, field)), field)


def _parsed(parts: zipfile.ZipFile, name: str) -> Element:
    """One part as XML. A document type, by which entities are declared, is refused: Word writes none."""
    with parts.open(name) as part:
        content = part.read(MOST_XML + 1)
    text = content.decode("utf-8")
    if len(content) > MOST_XML or "<!DOCTYPE" in text:
        raise ValueError(name)
    return ElementTree.fromstring(text)  # noqa: S314 - without a document type there are no entities


def _ordered_lists(parts: zipfile.ZipFile) -> frozenset[str]:
    """The identifiers of lists that count; those of bullets are left out."""
    if "word/numbering.xml" not in parts.namelist():
        return frozenset()
    root = _parsed(parts, "word/numbering.xml")
    counting = {
        each.get(f"{_W}abstractNumId")
        for each in root.iter(f"{_W}abstractNum")
        if _value(each.find(f"{_W}lvl/{_W}numFmt")) != "bullet"
    }
    numbers = ((each.get(f"{_W}numId"), _value(each.find(f"{_W}abstractNumId"))) for each in root.iter(f"{_W}num"))
    return frozenset(number for number, abstract in numbers if number is not None and abstract in counting)


def _blocks(body: Element, numbered: frozenset[str], field: str) -> Iterator[dict[str, Any]]:
    waiting = list(reversed(body))
    while waiting:
        each = waiting.pop()
        if each.tag == f"{_W}p":
            yield from _paragraph(each, numbered)
        elif each.tag == f"{_W}tbl":
            yield _table(each, field)
        elif each.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            waiting.extend(reversed(each))


def _paragraph(paragraph: Element, numbered: frozenset[str]) -> Iterator[dict[str, Any]]:
    runs = _runs(paragraph)
    if not any(run["text"].strip() for run in runs):
        return
    style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle")) or ""
    level = style[-1:] if style[:-1].lower() in ("heading", "judul") else ""
    item = _value(paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId"))
    if level.isdecimal():
        yield {"kind": "heading", "level": int(level), "runs": runs}
    elif item not in (None, "0"):
        yield {"kind": "list", "ordered": item in numbered, "items": [runs]}
    else:
        align = _ALIGNMENTS.get(_value(paragraph.find(f"{_W}pPr/{_W}jc")) or "", "justify")
        yield {"kind": "paragraph", "align": align, "runs": runs}


def _runs(parent: Element) -> list[dict[str, Any]]:
    """The pieces of text below, in order, neighbours of one look made one."""
    runs: list[dict[str, Any]] = []
    for run in parent.iter(f"{_W}r"):
        look = {"bold": _on(run.find(f"{_W}rPr/{_W}b")), "italic": _on(run.find(f"{_W}rPr/{_W}i"))}
        text = "".join(_PIECES[each.tag](each) for each in run if each.tag in _PIECES)
        if runs and {name: runs[-1][name] for name in look} == look:
            runs[-1]["text"] += text
        elif text:
            runs.append({"text": text, **look})
    return runs


_PIECES: Final[Mapping[str, Callable[[Element], str]]] = {
    f"{_W}t": lambda each: each.text or "",
    f"{_W}tab": lambda _: " ",
    f"{_W}br": lambda _: "\n",
    f"{_W}cr": lambda _: "\n",
    f"{_W}noBreakHyphen": lambda _: "-",
}


def _table(table: Element, field: str) -> dict[str, Any]:
    if table.find(f".//{_W}tc//{_W}tbl") is not None:
        raise _refused(field, "Tabel di dalam tabel tidak dapat diambil.", "A table in a table cannot be taken over.")
    rows = [[_cell(each) for each in row.iter(f"{_W}tc")] for row in table.iter(f"{_W}tr")]
    columns = max((sum(cell["span"] for cell in row) for row in rows), default=0)
    if not 1 <= columns <= MOST_COLUMNS or any(sum(cell["span"] for cell in row) != columns for row in rows):
        raise _refused(
            field,
            f"Tabel harus rata, paling banyak {MOST_COLUMNS} kolom.",
            f"Every row of a table has the same columns, {MOST_COLUMNS} at most.",
        )
    return {"kind": "table", "columns": columns, "rows": rows}


def _cell(cell: Element) -> dict[str, Any]:
    runs: list[dict[str, Any]] = []
    for paragraph in cell.iter(f"{_W}p"):
        if runs:
            runs[-1]["text"] += "\n"
        runs += _runs(paragraph)
    span = _value(cell.find(f"{_W}tcPr/{_W}gridSpan")) or "1"
    return {"runs": runs, "span": min(int(span), MOST_COLUMNS + 1) if span.isdecimal() and len(span) < 4 else 0}


def _joined(blocks: list[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    """Items that follow each other are one list; no heading is more than one level below the one before it, which
    PDF/UA-1 asks for."""
    if not blocks or sum(len(each.get("rows", (1,))) for each in blocks) > MOST_BLOCKS:
        raise _refused(field, f"Isi 1 sampai {MOST_BLOCKS} alinea.", f"1 to {MOST_BLOCKS} paragraphs.")
    joined: list[dict[str, Any]] = []
    level = 0
    for each in blocks:
        last = joined[-1] if joined else {}
        if each["kind"] == "list" == last.get("kind") and each["ordered"] == last["ordered"]:
            last["items"] += each["items"]
            continue
        if each["kind"] == "heading":
            level = min(each["level"], level + 1) or 1
            each["level"] = level
        joined.append(each)
    return joined


def _value(element: Element | None) -> str | None:
    return None if element is None else element.get(f"{_W}val")


def _on(element: Element | None) -> bool:
    return element is not None and element.get(f"{_W}val", "true") not in ("0", "false", "off")


def _refused(field: str, indonesian: str, english: str) -> Refused:
    return Refused(f"{indonesian} · {english}", field=field)
