"""What the payment system sends: a file of payments, CSV or JSON, each row judged by itself."""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from io import StringIO
from typing import Any, Final, Self

from eoffice.errors import Refused
from eoffice.rupiah import LARGEST

LARGEST_FEED: Final = 8 * 1024 * 1024
"""Bytes of one file."""
MOST_ROWS: Final = 20_000
_MOST_LETTERS: Final = 100
_MOST_RUPIAH: Final = 10**12
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PLATE: Final = re.compile(r"([A-Z]{1,2}) ?([1-9][0-9]{0,3}) ?([A-Z]{0,3})")
_DAYS: Final = ("paid_on", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment that was made; the fields are the columns of a feed."""

    reference: str
    """Of the payment system: unique, and the number of the receipt."""
    paid_on: date
    plate: str
    """Nomor polisi, as `DK 1234 ABC`."""
    owner: str
    vehicle: str
    """Make and type."""
    until: date
    """The tax is paid up to this day."""
    principal: int
    """Rupiah, as all amounts: pokok PKB."""
    surcharge: int
    """Opsen PKB, the regency's share."""
    insurance: int
    """SWDKLLJ."""
    fines: int
    channel: str
    """Where it was paid."""

    @property
    def total(self) -> int:
        """Rupiah."""
        return self.principal + self.surcharge + self.insurance + self.fines

    def as_data(self) -> dict[str, Any]:
        """As a record keeps it."""
        return asdict(self) | {name: getattr(self, name).isoformat() for name in _DAYS}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Self:
        """Back out of a record."""
        return cls(**{**data, **{name: date.fromisoformat(data[name]) for name in _DAYS}})


COLUMNS: Final = tuple(each.name for each in fields(Payment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A row that was not taken, and why; never what it says of the owner."""

    row: int
    """From 1, the heading of a CSV file not counted."""
    field: str
    reason: str
    """Indonesian, `·`, English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One file, read."""

    payments: tuple[Payment, ...]
    """In the order of the file, each reference once."""
    rows: Mapping[str, int]
    """Where each reference stands."""
    wrong: tuple[Wrong, ...]


def read_feed(content: bytes, *, today: date) -> Feed:
    """A CSV file with a heading (parted by `,` or `;`), or JSON: `{"payments": [{…}, …]}`; UTF-8 both.

    Raises `Refused` for a file that is too large, is neither, or has other columns than `COLUMNS`. A row that is wrong
    stops nobody: it is in `wrong`.
    """
    if len(content) > LARGEST_FEED:
        raise _refused(
            f"Paling banyak {LARGEST_FEED // 1024**2} MiB.", f"At most {LARGEST_FEED // 1024**2} MiB in one file."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("Berkas harus UTF-8.", "The file has to be UTF-8.") from None
    payments: dict[str, Payment] = {}
    rows: dict[str, int] = {}
    wrong: list[Wrong] = []
    for number, row in enumerate(_rows(text), start=1):
        if number > MOST_ROWS:
            raise _refused(f"Paling banyak {MOST_ROWS} baris.", f"At most {MOST_ROWS} rows in one file.")
        try:
            payment = payment_of(row, today=today)
            if payments.setdefault(payment.reference, payment) != payment:
                raise _wrong("reference", "Nomor ini sudah ada dengan isi lain.", "This reference is there already.")
            rows.setdefault(payment.reference, number)
        except Refused as error:
            wrong.append(Wrong(row=number, field=error.field, reason=str(error)))
    if not payments and not wrong:
        raise _refused("Berkas ini tidak memuat pembayaran.", "There are no payments in this file.")
    return Feed(payments=tuple(payments.values()), rows=rows, wrong=tuple(wrong))


def payment_of(row: Mapping[str, Any], *, today: date) -> Payment:
    """One row, by its columns. Raises `Refused`, which names the column."""
    if set(row) != set(COLUMNS):
        raise _wrong("columns", "Kolomnya tidak sesuai.", "Its columns are not those of a payment.")
    texts = {name: _text(name, row[name]) for name in COLUMNS}
    if not _REFERENCE.fullmatch(texts["reference"]):
        raise _wrong("reference", "Huruf, angka, . _ -, paling banyak 64.", "Letters, digits, . _ -, 64 at most.")
    plate = _PLATE.fullmatch(" ".join(texts["plate"].upper().split()))
    if plate is None:
        raise _wrong("plate", "Tulis seperti DK 1234 ABC.", "Write it as in DK 1234 ABC.")
    payment = Payment(
        reference=texts["reference"],
        plate=" ".join(each for each in plate.groups() if each),
        owner=texts["owner"],
        vehicle=texts["vehicle"],
        channel=texts["channel"],
        paid_on=_day("paid_on", texts),
        until=_day("until", texts),
        principal=_amount("principal", texts),
        surcharge=_amount("surcharge", texts),
        insurance=_amount("insurance", texts),
        fines=_amount("fines", texts),
    )
    if payment.paid_on > today:
        raise _wrong("paid_on", "Tanggal ini belum tiba.", "This day has not come yet.")
    if not 0 < payment.total <= LARGEST:
        raise _wrong("principal", "Jumlahnya nol.", "It amounts to nothing.")
    return payment


def _rows(text: str) -> Iterable[Mapping[str, Any]]:
    return _json_rows(text) if text.lstrip()[:1] in ("{", "[") else _csv_rows(text)


def _json_rows(text: str) -> list[Mapping[str, Any]]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused("JSON ini tidak terbaca.", "This JSON cannot be read.") from None
    rows = said.get("payments") if isinstance(said, dict) and set(said) == {"payments"} else None
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise _refused('Tulis {"payments": [{…}, …]}.', 'Write {"payments": [{…}, …]}.')
    return rows


def _csv_rows(text: str) -> Iterable[Mapping[str, Any]]:
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        if {each.strip() for each in reader.fieldnames or ()} != set(COLUMNS):
            raise _refused(f"Kolomnya: {', '.join(COLUMNS)}.", f"The columns are {', '.join(COLUMNS)}.")
        reader.fieldnames = [each.strip() for each in reader.fieldnames or ()]
        yield from reader
    except csv.Error:
        raise _refused("CSV ini tidak terbaca.", "This CSV cannot be read.") from None


def _text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong(name, "Isi dengan teks atau bilangan bulat.", "A text or a whole number.")
    text = " ".join(str(value).split()) if isinstance(value, str) or abs(value) < 10**18 else ""
    if not text or len(text) > _MOST_LETTERS or not text.isprintable():
        raise _wrong(name, f"Isi, paling banyak {_MOST_LETTERS} huruf.", f"1 to {_MOST_LETTERS} printable characters.")
    return text


def _day(name: str, texts: Mapping[str, str]) -> date:
    try:
        day = date.fromisoformat(texts[name])
    except ValueError:
        day = date.min
    if day.year < 2000:
        raise _wrong(name, "Tulis tanggal sebagai tttt-bb-hh.", "Write the day as yyyy-mm-dd.")
    return day


def _amount(name: str, texts: Mapping[str, str]) -> int:
    text = texts[name]
    if not re.fullmatch(r"[0-9]{1,13}", text) or int(text) > _MOST_RUPIAH:
        raise _wrong(name, "Tulis rupiah tanpa titik.", "Write whole rupiah without dots.")
    return int(text)


def _wrong(field: str, indonesian: str, english: str) -> Refused:
    return Refused(f"{indonesian} · {english}", field=field)


def _refused(indonesian: str, english: str) -> Refused:
    return _wrong("document", indonesian, english)
