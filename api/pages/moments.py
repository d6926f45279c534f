"""Times as an Indonesian office writes them: `21 November 2026 10.15.00 WITA`."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

from babel.dates import format_date, format_datetime

from api.pages.text import Text

ZONES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}
"""Indonesia's three zones by their hours ahead of UTC; none of them knows summer time."""


def in_words(moment: datetime, *, utc_offset_hours: int) -> Text:
    """An aware time in local words, Indonesian and English.

    Raises `KeyError` for an offset outside of `ZONES`.
    """
    zone = ZONES[utc_offset_hours]
    local = moment.astimezone(timezone(timedelta(hours=utc_offset_hours)))
    return Text(
        f"{format_datetime(local, 'd MMMM y HH.mm.ss', locale='id')} {zone}",
        f"{format_datetime(local, 'd MMMM y HH:mm:ss', locale='en')} {zone}",
    )


def on_day(day: date) -> Text:
    """A day in words, Indonesian and English: `21 November 2026`."""
    return Text(format_date(day, "d MMMM y", locale="id"), format_date(day, "d MMMM y", locale="en"))


def day_of(moment: datetime, *, utc_offset_hours: int) -> Text:
    """The day of an aware time, as the office's calendar has it."""
    return on_day(moment.astimezone(timezone(timedelta(hours=utc_offset_hours))).date())
