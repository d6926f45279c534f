"""Times and periods as the gateway writes them; its clients parse with the very format (contract, 8.1, 8.2 and 9.1)."""

from datetime import UTC, datetime, tzinfo


def local_time(moment: datetime, zone: tzinfo) -> str:
    """An aware time in `zone`, as v1 has it: `2026-05-04 09:15:00.25`, with a fraction of 1 to 6 digits, never none."""
    local = moment.astimezone(zone)
    fraction = f"{local.microsecond:06}".rstrip("0") or "0"
    return f"{local:%Y-%m-%d %H:%M:%S}.{fraction}"


def local_period(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Two of them in one text."""
    return f"{local_time(start, zone)} to {local_time(end, zone)}"


def iso_time(moment: datetime) -> str:
    """As v2 has it: ISO 8601 in UTC with milliseconds and `+00:00`, never `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def expiry(moment: datetime) -> str:
    """The same with `+0000`, as the calls about seals have it."""
    return iso_time(moment).replace("+00:00", "+0000")
