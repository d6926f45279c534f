"""What licensing keeps beside its papers: what can be applied for, and applications."""

import hashlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from eoffice.text import Text

NAME: Final = "licensing"
SERVICE: Final = "service"
APPLICATION: Final = "application"
OFFERED: Final = "offered"
ENDED: Final = "ended"
PERMIT: Final = "izin"
RECOMMENDATION: Final = "rekomendasi"
CERTIFICATE: Final = "sertifikat standar"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters that look like another one (Crockford)."""
_LETTERS: Final = 20
_ALIKE: Final = str.maketrans("OIL", "011")


class ApplicationState(StrEnum):
    """Where an application is; the state of its record."""

    SUBMITTED = "submitted"
    CHECKING = "checking"
    """Somebody of the agency has it in hand."""
    INCOMPLETE = "incomplete"
    """The applicant is asked for something."""
    REFUSED = "refused"
    GRANTED = "granted"
    """Its paper is on its way to be signed or sealed."""
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


STATES: Final[Mapping[ApplicationState, Text]] = {
    ApplicationState.SUBMITTED: Text("Diterima", "Received"),
    ApplicationState.CHECKING: Text("Sedang diperiksa", "Being checked"),
    ApplicationState.INCOMPLETE: Text("Perlu dilengkapi", "Something is missing"),
    ApplicationState.REFUSED: Text("Ditolak", "Refused"),
    ApplicationState.GRANTED: Text("Disetujui, menunggu tanda tangan", "Granted, waits to be signed"),
    ApplicationState.ISSUED: Text("Terbit", "Issued"),
    ApplicationState.WITHDRAWN: Text("Dicabut", "Withdrawn"),
}
TONES: Final[Mapping[ApplicationState, str]] = {
    ApplicationState.SUBMITTED: "queued",
    ApplicationState.CHECKING: "signing",
    ApplicationState.INCOMPLETE: "returned",
    ApplicationState.REFUSED: "cancelled",
    ApplicationState.GRANTED: "signing",
    ApplicationState.ISSUED: "signed",
    ApplicationState.WITHDRAWN: "withdrawn",
}
"""How each looks: a state of papers that feels alike."""


def code_of(once: str) -> str:
    """The applicant's secret code, 100 bits, out of the form's own random name: a form that is sent twice has one."""
    number = int.from_bytes(hashlib.sha256(f"{NAME} {once}".encode()).digest())
    letters = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LETTERS))
    return "-".join(letters[at : at + 5] for at in range(0, _LETTERS, 5))


def key_of(code: str) -> str:
    """By which an application is found: the digest of its code, however that was typed."""
    typed = "".join(each for each in code.upper() if each.isalnum()).translate(_ALIKE)
    return hashlib.sha256(typed.encode()).hexdigest()


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
