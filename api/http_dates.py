"""Times in header fields (RFC 9110, 5.6.7)."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def http_date(moment: datetime) -> str:
    """An IMF-fixdate, in whole seconds."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def moment_in(text: str | None) -> datetime | None:
    """The time in a header field, aware; `None` where it is absent or none, which is then ignored (13.1.3)."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
