"""One voucher, as somebody types it beside its photograph."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.errors import Refused

Sent = Mapping[str, list[str]]
"""What a form sent: each name with all its values."""
MOST_RUPIAH: Final = 10**13
MOST_LETTERS: Final = 150
"""Characters of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One line of a form, read."""

    day: date
    purpose: str
    payee: str
    amount: int
    """Rupiah."""


def read_voucher(sent: Sent, *, today: date) -> Voucher:
    """What was typed. Raises `Refused`, which names the field."""
    amount = text(sent, "amount").replace(".", "")
    if not amount.isdecimal() or not 0 < int(amount[:20]) <= MOST_RUPIAH:
        raise Refused("Tulis jumlah rupiah. · Write the amount in rupiah.", field="amount")
    try:
        day = date.fromisoformat(text(sent, "day"))
    except ValueError:
        raise Refused("Tulis tanggal sebagai tttt-bb-hh. · Write the day as yyyy-mm-dd.", field="day") from None
    if day > today:
        raise Refused("Tanggalnya belum tiba. · That day has not come yet.", field="day")
    return Voucher(day=day, purpose=text(sent, "purpose"), payee=text(sent, "payee"), amount=int(amount))


def text(sent: Sent, name: str) -> str:
    """One line. Raises `Refused`."""
    text = " ".join("".join(sent.get(name, [])[:1]).split())
    if not 1 <= len(text) <= MOST_LETTERS or not text.isprintable():
        raise Refused(
            f"Isi, paling banyak {MOST_LETTERS} huruf. · Fill in, {MOST_LETTERS} characters at most.", field=name
        )
    return text
