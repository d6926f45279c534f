"""Reading what a drafter typed: every field named, every limit counted, nothing taken that nobody asked for."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from eoffice.attachments import Attachment
from eoffice.errors import Refused
from eoffice.feature import MOST_LETTERS, MOST_ROWS, MOST_TEXT, Directory, Field, Input, PaperKind
from eoffice.model import Draft, Secrecy, Urgency

MOST_NAMED: Final = 50
"""People or agencies in one field."""
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_draft(kind: PaperKind, sent: Mapping[str, list[str]], directory: Directory) -> Draft:
    """The draft in a form that was sent.

    Raises `Refused`, which names the first field that has to change.
    """
    form = {field.name: _field(field, sent, directory) for field in kind.fields}
    subject = _line("subject", sent, required=True)
    return Draft(
        subject=subject,
        form=form,
        secrecy=_word("secrecy", sent, Secrecy, kind.secrecy),
        urgency=_word("urgency", sent, Urgency, Urgency.BIASA),
        steps=tuple(kind.steps(form)),
        valid_until=_day("valid_until", sent) if kind.validity else None,
    )


def rows_of(field: Field, sent: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """The rows of a table as they were typed, without empty ones: those of the form (`<field>.<column>`, each as often
    as there are rows), then those that were pasted out of a spreadsheet (`<field>.pasted`, parted by tabs)."""
    names = [each.name for each in field.columns]
    typed = [sent.get(f"{field.name}.{name}", []) for name in names]
    pasted = "\n".join(sent.get(f"{field.name}.pasted", [])).splitlines()
    rows = [*zip_longest(*typed, fillvalue=""), *(line.split("\t") for line in pasted)]
    cleaned = [dict(zip(names, map(_clean, row), strict=False)) for row in rows]
    return [row for row in cleaned if any(row.values())]


def _field(field: Field, sent: Mapping[str, list[str]], directory: Directory) -> Any:
    return (
        _table(field, sent, directory)
        if field.input is Input.TABLE
        else _value(field, sent.get(field.name, []), directory)
    )


def _table(field: Field, sent: Mapping[str, list[str]], directory: Directory) -> list[dict[str, Any]]:
    rows = rows_of(field, sent)
    if len(rows) > MOST_ROWS or (field.required and not rows):
        raise _wrong(field.name, f"Isi 1 sampai {MOST_ROWS} baris.", f"Fill in 1 to {MOST_ROWS} rows.")
    return [_row(field, row, number, directory) for number, row in enumerate(rows, start=1)]


def _row(field: Field, row: Mapping[str, str], number: int, directory: Directory) -> dict[str, Any]:
    try:
        return {each.name: _value(each, [row.get(each.name, "")], directory) for each in field.columns}
    except Refused as error:
        indonesian, _, english = str(error).partition(" · ")
        label = next(each.label for each in field.columns if each.name == error.field)
        raise _wrong(
            field.name, f"Baris {number}, {label.id}: {indonesian}", f"Row {number}, {label.en}: {english}"
        ) from None


def _value(field: Field, given: list[str], directory: Directory) -> Any:
    texts = [_clean(each) for each in given if each.strip()]
    if not texts:
        if field.required:
            raise _wrong(field.name, f"Isi {field.label.id}.", f"Fill in {field.label.en}.")
        return [] if field.input in (Input.SIGNATORIES, Input.AGENCIES) else None
    return _READERS[field.input](field, texts, directory)


def _read_line(field: Field, texts: list[str], _: Directory) -> str:
    text = " ".join(texts[0].split())
    if len(text) > MOST_LETTERS:
        raise _wrong(field.name, f"Paling banyak {MOST_LETTERS} huruf.", f"At most {MOST_LETTERS} characters.")
    return text


def _read_text(field: Field, texts: list[str], _: Directory) -> str:
    if len(texts[0]) > MOST_TEXT:
        raise _wrong(field.name, f"Paling banyak {MOST_TEXT} huruf.", f"At most {MOST_TEXT} characters.")
    return "\n\n".join(part.strip() for part in re.split(r"\n\s*\n", texts[0].replace("\r\n", "\n")) if part.strip())


def _read_day(field: Field, texts: list[str], _: Directory) -> str:
    return _date(field.name, texts[0]).isoformat()


def _read_time(field: Field, texts: list[str], _: Directory) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", texts[0]):
        raise _wrong(field.name, "Tulis jam sebagai jj:mm.", "Write the time as hh:mm.")
    return texts[0]


def _read_file(field: Field, texts: list[str], _: Directory) -> dict[str, Any]:
    """What `attached` gave for a file that is kept; no browser writes it."""
    try:
        said = json.loads(texts[0])
        known = Attachment(**said)
    except (ValueError, TypeError):
        raise _wrong(field.name, "Pilih berkasnya lagi.", "Choose the file again.") from None
    if known.type not in field.accepts:
        raise _wrong(field.name, "Jenis berkas ini tidak diterima.", "This type of file is not taken.")
    return asdict(known)


def _read_number(field: Field, texts: list[str], _: Directory) -> int:
    if not re.fullmatch(r"\d{1,15}", texts[0]):
        raise _wrong(field.name, "Tulis bilangan bulat.", "Write a whole number.")
    return int(texts[0])


def _read_choice(field: Field, texts: list[str], _: Directory) -> str:
    if texts[0] not in {value for value, _ in field.choices}:
        raise _wrong(field.name, "Pilih dari daftar.", "Choose from the list.")
    return texts[0]


def _read_signatory(field: Field, texts: list[str], directory: Directory) -> str:
    return _read_signatories(field, texts[:1], directory)[0]


def _read_signatories(field: Field, texts: list[str], directory: Directory) -> list[str]:
    for each in texts:
        person = directory.people.get(each)
        if person is None or person.credential is None:
            raise _wrong(field.name, "Pilih pejabat yang dapat menandatangani.", "Choose an official who can sign.")
    return _distinct(field, texts)


def _read_agencies(field: Field, texts: list[str], directory: Directory) -> list[str]:
    if not {each.id for each in directory.agencies.values() if not each.outside} >= set(texts):
        raise _wrong(field.name, "Pilih instansi dari daftar.", "Choose agencies from the list.")
    return _distinct(field, texts)


_READERS: Final = {
    Input.LINE: _read_line,
    Input.TEXT: _read_text,
    Input.DAY: _read_day,
    Input.TIME: _read_time,
    Input.FILE: _read_file,
    Input.NUMBER: _read_number,
    Input.CHOICE: _read_choice,
    Input.SIGNATORY: _read_signatory,
    Input.SIGNATORIES: _read_signatories,
    Input.AGENCIES: _read_agencies,
}


def _distinct(field: Field, texts: list[str]) -> list[str]:
    if len(texts) > MOST_NAMED or len(set(texts)) != len(texts):
        raise _wrong(
            field.name, f"Masing-masing sekali, paling banyak {MOST_NAMED}.", f"Each once, {MOST_NAMED} at most."
        )
    return texts


def _line(name: str, sent: Mapping[str, list[str]], *, required: bool) -> str:
    text = " ".join(_clean("".join(sent.get(name, [])[:1])).split())
    if (required and not text) or len(text) > MOST_LETTERS:
        raise _wrong(name, f"Isi, paling banyak {MOST_LETTERS} huruf.", f"Fill in, {MOST_LETTERS} characters at most.")
    return text


def _word(name: str, sent: Mapping[str, list[str]], words: Any, default: Any) -> Any:
    text = "".join(sent.get(name, [])[:1])
    try:
        return words(text) if text else default
    except ValueError:
        raise _wrong(name, "Pilih dari daftar.", "Choose from the list.") from None


def _day(name: str, sent: Mapping[str, list[str]]) -> date | None:
    text = "".join(sent.get(name, [])[:1]).strip()
    return _date(name, text) if text else None


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(name, "Tulis tanggal sebagai tttt-bb-hh.", "Write the day as yyyy-mm-dd.") from None


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text).strip()


def _wrong(field: str, indonesian: str, english: str) -> Refused:
    return Refused(f"{indonesian} · {english}", field=field)
