"""Amounts as receipts write them: in groups of three, and in words (*terbilang*)."""

from typing import Final

LARGEST: Final = 999_999_999_999_999
"""Rupiah; beyond it there are no words."""
_DIGITS: Final = ("", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_THOUSANDS: Final = ("", "ribu", "juta", "miliar", "triliun")


def grouped(amount: int) -> str:
    """`1.250.000`."""
    return f"{amount:,}".replace(",", ".")


def in_words(amount: int) -> str:
    """`satu juta dua ratus lima puluh ribu`. Raises `ValueError` below 0 and beyond `LARGEST`."""
    if not 0 <= amount <= LARGEST:
        raise ValueError("an amount that has no words")
    words: list[str] = []
    for power in reversed(range(len(_THOUSANDS))):
        group = amount // 1000**power % 1000
        if power == 1 and group == 1:
            words.append("seribu")
        elif group:
            words += [_hundreds(group), _THOUSANDS[power]]
    return " ".join(each for each in words if each) or "nol"


def _hundreds(number: int) -> str:
    """Below a thousand."""
    hundreds, rest = divmod(number, 100)
    head = "" if hundreds == 0 else "seratus" if hundreds == 1 else f"{_DIGITS[hundreds]} ratus"
    return f"{head} {_tens(rest)}".strip()


def _tens(number: int) -> str:
    """Below a hundred."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    if tens == 1:
        return {0: "sepuluh", 1: "sebelas"}.get(ones, f"{_DIGITS[ones]} belas")
    return f"{_DIGITS[tens]} puluh {_DIGITS[ones]}".strip()
