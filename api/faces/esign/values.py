"""What the fields of v1's signing call say: words in any case, numbers as texts, booleans as libraries write them."""

import math
import re
from typing import Final

from api.faces.esign.bodies import Received
from api.faces.esign.errors import EsignRefused

_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0", ""})
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,2})?")
_FAR: Final = 100_000.0
"""Points; no page is so large (ISO 32000-2, annex C)."""


def word(received: Received, name: str) -> str:
    """A word without its case; empty where it is absent."""
    return received.text(name).casefold()


def one_line(received: Received, name: str) -> str | None:
    """A text on one line; `None` where nothing is left of it."""
    return " ".join(received.text(name).split()) or None


def flag(received: Received, name: str) -> bool | None:
    """A boolean; `None` where it is absent. Empty is false: one library writes it so."""
    if name not in received.texts:
        return None
    said = word(received, name)
    if said in _TRUE:
        return True
    if said in _FALSE:
        return False
    raise EsignRefused(f"Nilai {name} harus true atau false.")


def number(received: Received, name: str) -> float:
    """A coordinate or a length in points; zero where it is absent."""
    value = _decimal(received.text(name))
    if not 0 <= value <= _FAR:
        raise EsignRefused(f"Nilai {name} harus berupa angka nol atau lebih.")
    return value


def page_number(received: Received) -> int:
    """The page, as signing counts it (-1: the last one); the first one where nothing is said."""
    spoken = {"pertama": 1, "terakhir": -1}.get(word(received, "halaman"))
    if spoken is not None:
        return spoken
    value = _decimal(received.text("page"))
    if not (0 <= value <= _FAR and value == int(value)):
        raise EsignRefused("Nilai page harus berupa nomor halaman.")
    return int(value) or 1


def _decimal(said: str) -> float:
    """What a text says as a number; zero for none, and not a number for anything else."""
    if not said:
        return 0.0
    return float(said) if _DECIMAL.fullmatch(said) else math.nan
