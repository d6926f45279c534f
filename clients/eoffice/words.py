"""Words that pages and papers share, in both languages."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from eoffice.model import Act, PaperState, Secrecy, Urgency
from eoffice.text import Text

STATES: Final[Mapping[PaperState, Text]] = {
    PaperState.DRAFT: Text("Konsep", "Draft"),
    PaperState.QUEUED: Text("Menunggu dikirim", "Waiting to be sent"),
    PaperState.SIGNING: Text("Sedang ditandatangani", "Being signed"),
    PaperState.SIGNED: Text("Selesai ditandatangani", "Signed"),
    PaperState.RETURNED: Text("Dikembalikan", "Returned"),
    PaperState.CANCELLED: Text("Dibatalkan", "Cancelled"),
    PaperState.WITHDRAWN: Text("Dicabut", "Withdrawn"),
}
SECRECIES: Final[Mapping[Secrecy, Text]] = {
    Secrecy.BIASA: Text("Biasa", "Ordinary"),
    Secrecy.TERBATAS: Text("Terbatas", "Limited"),
    Secrecy.RAHASIA: Text("Rahasia", "Secret"),
    Secrecy.SANGAT_RAHASIA: Text("Sangat Rahasia", "Top secret"),
}
URGENCIES: Final[Mapping[Urgency, Text]] = {
    Urgency.BIASA: Text("Biasa", "Ordinary"),
    Urgency.SEGERA: Text("Segera", "Urgent"),
    Urgency.SANGAT_SEGERA: Text("Sangat Segera", "Very urgent"),
}
ACTS: Final[Mapping[Act, Text]] = {
    Act.INITIALS: Text("Paraf", "Initials"),
    Act.SIGNATURE: Text("Tanda tangan", "Signature"),
    Act.SEAL: Text("Segel", "Seal"),
}
HAPPENED: Final[Mapping[str, Text]] = {
    "drafted": Text("Konsep dibuat", "Drafted"),
    "changed": Text("Konsep diubah", "Changed"),
    "released": Text("Diberi nomor dan dilepas", "Numbered and released"),
    "submitted": Text("Diterima Teken", "Taken by Teken"),
    "step": Text("Satu langkah selesai", "One step done"),
    "signed": Text("Selesai ditandatangani", "Signed by everybody"),
    "returned": Text("Dikembalikan", "Returned"),
    "cancelled": Text("Dibatalkan", "Cancelled"),
    "replaced": Text("Diganti", "Replaced"),
    "withdrawal": Text("Diminta dicabut", "Withdrawal asked for"),
    "withdrawn": Text("Dicabut", "Withdrawn"),
}
_ZONES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}


def on_day(day: date) -> str:
    """A day as a letter writes it: `22 November 2026`."""
    return format_date(day, "d MMMM y", locale="id")


def on_weekday(day: date) -> str:
    """A day with its name, as an invitation says it: `Senin, 23 November 2026`."""
    return format_date(day, "EEEE, d MMMM y", locale="id")


def on_month(day: date) -> str:
    """The month of a day: `November 2026`."""
    return format_date(day, "MMMM y", locale="id")


def moment(text: str) -> datetime:
    """A time as records keep it (ISO 8601)."""
    return datetime.fromisoformat(text)


def at_time(moment: datetime, *, utc_offset_hours: int) -> str:
    """A time as an Indonesian office writes it: `22 November 2026 10.15 WITA`."""
    local = moment.astimezone(timezone(timedelta(hours=utc_offset_hours)))
    return f"{format_datetime(local, 'd MMMM y HH.mm', locale='id')} {_ZONES.get(utc_offset_hours, '')}".strip()


def rupiah(amount: int) -> str:
    """Money as an Indonesian paper writes it: `Rp1.250.000`."""
    return f"Rp{format_decimal(amount, locale='id')}"


def percent(part: int, whole: int) -> str:
    """A share to two places, `—` of nothing: `98,50%`."""
    return "—" if whole == 0 else f"{format_decimal(100 * part / whole, '0.00', locale='id')}%"
