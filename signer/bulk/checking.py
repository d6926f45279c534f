"""A whole file is checked before a single row is taken in; every bad cell is named with row, column and reason.

1. The file can be read and its headings are known (`reading`, `columns`).      else ImportRefused
2. No cell holds a NIK, a NIP, a formula or an invisible character.
3. Each row has what its kind needs, in the form that it needs.
4. No row says what another one says, or what the register holds already.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from signer.appointments import acting_form
from signer.bulk.columns import KINDS, REQUIRED, columns_of, heading_of
from signer.bulk.duplicates import against_register, duplicates
from signer.bulk.model import CheckedFile, CheckedRow, Finding, RawRow, RowKind, TableLimits
from signer.bulk.ports import KnownOfficials
from signer.bulk.reading import read_table

_PERSONAL_NUMBER: Final = re.compile(r"(?:\d[ .\-]?){15,18}")
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+\Z")
_ORGANISATION_IDENTIFIER: Final = re.compile(r"(?:VAT|NTR)[A-Z]{2}-\S{1,32}\Z")
_SERIAL_DAY: Final = re.compile(r"[1-9]\d{4}(?:\.0+)?\Z")
_FIRST_DAY: Final = date(1899, 12, 30)  # day 0 of a spreadsheet, whose 1900 has a 29th of February
_LONGEST_ACTING: Final = timedelta(days=366)
_OCTETS: Final = {"name": 64, "surname": 64, "organisation": 64, "unit": 64, "office": 128, "email": 254}
"""What a certificate takes (X.520 upper bounds), and what a page shows."""

Problem = tuple[str, str, str]
"""Code, Indonesian, English."""


def check_file(content: bytes, known: KnownOfficials, *, limits: TableLimits, organisation: str = "") -> CheckedFile:
    """Everything that is right and wrong with a file. Raises `ImportRefused` where it is no table of officials.

    `organisation`: of the rows that name none.
    """
    heading, *body = read_table(content, limits)
    columns = columns_of(heading.cells)
    headings = {word: heading.cells[position].strip() for position, word in columns.items()}
    rows: list[CheckedRow] = []
    findings: list[Finding] = []
    for raw in body:
        checked = _RowCheck(raw, columns, headings)
        rows.append(checked.row())
        findings += checked.findings
    findings += duplicates(rows, headings)
    findings += against_register(rows, known, headings, organisation)
    findings.sort(key=lambda each: each.row)
    return CheckedFile(sha256=hashlib.sha256(content).hexdigest(), rows=tuple(rows), findings=tuple(findings))


def is_email(text: str) -> bool:
    """Whether notices can go there."""
    return len(text) <= _OCTETS["email"] and _EMAIL.match(text) is not None


class _RowCheck:
    """Steps 2 and 3 for one row."""

    def __init__(self, raw: RawRow, columns: dict[int, str], headings: dict[str, str]) -> None:
        self._raw = raw
        self._headings = headings
        self.findings: list[Finding] = []
        self._content = self._read(columns)
        kind = KINDS.get(self._content.pop("kind", "").casefold())
        if kind is None:
            self._found("kind", ("kind", "Isi pejabat, mutasi, atau penugasan.", "Write pejabat, mutasi or penugasan."))
        self._kind = kind or RowKind.OFFICIAL
        self._judge()

    def row(self) -> CheckedRow:
        """The row in our words; good only where nothing was found."""
        return CheckedRow(number=self._raw.number, kind=self._kind, content=self._content)

    def _read(self, columns: dict[int, str]) -> dict[str, str]:
        content: dict[str, str] = {}
        for position, cell in enumerate(self._raw.cells):
            text = " ".join(unicodedata.normalize("NFC", cell).split())
            word = columns.get(position)
            if text and word is None:
                self._found(
                    None, ("cell-without-heading", "Ada isi tanpa judul kolom.", "There is a cell without a heading.")
                )
            elif text and word is not None:
                problem = _forbidden(cell.strip(), text)
                if problem:
                    self._found(word, problem)
                else:
                    content[word] = text
        return content

    def _judge(self) -> None:
        content, reported = self._content, {finding.column for finding in self.findings}
        for word in REQUIRED[self._kind]:
            if word not in content and self._headings.get(word, heading_of(word)) not in reported:
                self._found(word, ("missing", "Wajib diisi.", "Must be filled in."))
        for word, text in tuple(content.items()):
            if problem := _malformed(word, text):
                self._found(word, problem)
        for word, problem in _OF_KIND[self._kind](content):
            self._found(word, problem)

    def _found(self, word: str | None, problem: Problem) -> None:
        column = None if word is None else self._headings.get(word, heading_of(word))
        code, indonesian, english = problem
        self.findings.append(
            Finding(row=self._raw.number, column=column, code=code, indonesian=indonesian, english=english)
        )


def _forbidden(cell: str, text: str) -> Problem | None:
    """Step 2. What is refused is never quoted."""
    if _PERSONAL_NUMBER.search(text):
        return (
            "personal-number",
            "Tampak seperti NIK atau NIP; hapus nomor itu.",
            "This looks like a NIK or NIP; remove the number.",
        )
    if cell[0] in "=+@" or (cell[0] == "-" and len(cell) > 1):
        return ("formula", "Tampak seperti rumus; tulis teks biasa.", "This looks like a formula; write plain text.")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn") for character in text):
        return (
            "invisible",
            "Memuat karakter tak terlihat; ketik ulang.",
            "Holds an invisible character; type it anew.",
        )
    if "\ufffd" in text:
        return ("broken-text", "Huruf rusak; simpan ulang sebagai UTF-8.", "Broken letters; save again as UTF-8.")
    return None


def _malformed(word: str, text: str) -> Problem | None:
    longest = _OCTETS.get(word)
    if longest is not None and len(text.encode()) > longest:
        return ("too-long", f"Paling banyak {longest} oktet.", f"At most {longest} octets.")
    if word == "name" and not any(character.isalpha() for character in text):
        return ("no-name", "Bukan nama; tulis nama lengkap.", "This is no name; write the full name.")
    if word == "email" and not _EMAIL.match(text):
        return ("email", "Bukan alamat surel.", "This is no e-mail address.")
    if word == "organisation_identifier" and not _ORGANISATION_IDENTIFIER.match(text):
        return ("organisation-identifier", "Tulis VATID-… atau NTRID-….", "Write VATID-… or NTRID-….")
    return None


def _official(content: dict[str, str]) -> Iterator[tuple[str, Problem]]:
    """A surname is the end of the name as it is written, or not this person's: nothing is split and nothing made up."""
    surname = content.get("surname")
    if surname is not None and not content.get("name", "").endswith(f" {surname}"):
        yield (
            "surname",
            (
                "surname",
                "Harus sama dengan akhir nama; kosongkan bila tidak ada nama keluarga.",
                "Must be the end of the name; leave it empty where there is no family name.",
            ),
        )


def _transfer(content: dict[str, str]) -> Iterator[tuple[str, Problem]]:
    if not {"unit", "organisation"} & content.keys():
        yield "unit", ("missing", "Isi unit kerja atau instansi baru.", "Fill in the new unit or organisation.")


def _acting(content: dict[str, str]) -> Iterator[tuple[str, Problem]]:
    form = acting_form(content.get("form"))
    if form is not None:
        content["form"] = form.value
    elif "form" in content:
        yield "form", ("form", "Isi Plt., Plh., Pj., atau Pjs.", "Write Plt., Plh., Pj. or Pjs.")
    days: dict[str, date] = {}
    for word in ("starts_on", "ends_on"):
        if word in content:
            try:
                days[word] = _day(content[word])
            except ValueError:
                yield word, ("date", "Tulis tanggal sebagai TTTT-BB-HH.", "Write the date as YYYY-MM-DD.")
                continue
            content[word] = days[word].isoformat()
    if len(days) == 2 and not timedelta(0) <= days["ends_on"] - days["starts_on"] <= _LONGEST_ACTING:
        yield (
            "ends_on",
            (
                "dates",
                "Harus setelah tanggal mulai dan paling lama satu tahun.",
                "Must come after the first day, at most a year later.",
            ),
        )


def _day(text: str) -> date:
    """`2026-11-21`, or a spreadsheet's number of the day; raises `ValueError`."""
    if _SERIAL_DAY.match(text):
        return _FIRST_DAY + timedelta(days=int(float(text)))
    return date.fromisoformat(text[:10] if text[10:] == "T00:00:00" else text)


_OF_KIND: Final = {RowKind.OFFICIAL: _official, RowKind.TRANSFER: _transfer, RowKind.ACTING: _acting}
