"""Whether a check-in is believed: pure rules over what the browser says and what is known of earlier check-ins.

A position that a browser sends can be made up, and no rule changes that. These make it tedious: the numbers have to be
precise, new each time, near an office, and reachable from where the same person was before, from the one device that
is theirs. Times are the server's.
"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from eoffice.errors import Refused

EARTH: Final = 6_371_000.0
"""Metres: the mean radius."""
LARGEST_ERROR: Final = 100.0
"""Metres: a position that may be off by more says nothing about a building."""
FASTEST: Final = 70.0
"""Metres a second, about 250 km/h: nobody is quicker from door to door, aeroplanes and their airports included."""
REMEMBERED: Final = 20
"""Check-ins whose exact coordinates are remembered, as digests."""
MOST_SAME: Final = 2
"""Times that one pair of coordinates is believed among them: a receiver never says the same digits for long."""
_DEGREES: Final = re.compile(r"-?\d{1,3}(\.\d{1,20})?")
_METRES: Final = re.compile(r"\d{1,7}(\.\d{1,20})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a browser says that it is (W3C Geolocation, `GeolocationCoordinates`)."""

    latitude: float
    """Degrees, WGS 84."""
    longitude: float
    accuracy: float
    """Metres, at 95 % as the browser says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An office with the circle around it in which people are present."""

    name: str
    latitude: float
    longitude: float
    radius: int
    """Metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is remembered of somebody's check-ins: the last position alone, never the way."""

    last: Position | None = None
    at: datetime | None = None
    seen: tuple[str, ...] = ()
    """Digests of the coordinates of the last `REMEMBERED` ones, newest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A check-in that holds."""

    place: Place
    distance: int
    """Metres from the middle of the place."""
    trace: Trace
    """What is remembered from now on."""


def read_position(latitude: str, longitude: str, accuracy: str) -> Position:
    """The three numbers of a form. Raises `Refused`."""
    if not (_DEGREES.fullmatch(latitude) and _DEGREES.fullmatch(longitude) and _METRES.fullmatch(accuracy)):
        raise _no("Peramban tidak mengirim posisi. Izinkan lokasi, lalu coba lagi.", "The browser sent no position.")
    position = Position(latitude=float(latitude), longitude=float(longitude), accuracy=float(accuracy))
    if abs(position.latitude) > 90 or abs(position.longitude) > 180:
        raise _no("Posisi itu tidak ada di bumi.", "There is no such position on earth.")
    return position


def believe(position: Position, places: Sequence[Place], trace: Trace, *, at: datetime) -> Believed:
    """Judge one check-in.

    1. The position is precise enough.
    2. It is inside the circle of a place.
    3. The person can have come here from where they were.
    4. The digits are not the same ones again and again.

    Raises `Refused`, which says what to do.
    """
    if not 0 < position.accuracy <= LARGEST_ERROR:
        raise _no(
            f"Posisi kurang teliti: ± {position.accuracy:.0f} m, paling banyak {LARGEST_ERROR:.0f} m. Nyalakan GPS dan "
            "coba di dekat jendela.",
            "The position is not precise enough. Turn GPS on and try near a window.",
        )
    place, metres = _nearest(position, places)
    if metres > place.radius:
        raise _no(
            f"Anda {metres:.0f} m dari {place.name}; presensi berlaku sampai {place.radius} m.",
            f"You are {metres:.0f} m away from {place.name}; it counts within {place.radius} m.",
        )
    _require_reachable(position, trace, at)
    digest = _digest(position)
    if trace.seen.count(digest) >= MOST_SAME:
        raise _no(
            "Koordinat ini persis sama dengan presensi sebelumnya. Pindah beberapa langkah, lalu coba lagi.",
            "These are exactly the coordinates of earlier check-ins. Take a few steps and try again.",
        )
    seen = (*trace.seen, digest)[-REMEMBERED:]
    return Believed(place=place, distance=round(metres), trace=Trace(last=position, at=at, seen=seen))


def metres_between(one: Position | Place, other: Position | Place) -> float:
    """Along the surface (haversine)."""
    here, there = math.radians(one.latitude), math.radians(other.latitude)
    north, east = there - here, math.radians(other.longitude - one.longitude)
    chord = math.sin(north / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(east / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(min(1.0, chord)))


def trace_of(data: Mapping[str, Any]) -> Trace:
    """Out of a record."""
    last = data.get("last")
    return Trace(
        last=Position(**last) if last else None,
        at=datetime.fromisoformat(data["at"]) if last else None,
        seen=tuple(data.get("seen", ())),
    )


def trace_row(trace: Trace) -> dict[str, Any]:
    """Into a record."""
    if trace.last is None or trace.at is None:
        return {"seen": list(trace.seen)}
    last = {
        "latitude": trace.last.latitude,
        "longitude": trace.last.longitude,
        "accuracy": trace.last.accuracy,
    }
    return {"last": last, "at": trace.at.isoformat(), "seen": list(trace.seen)}


def _nearest(position: Position, places: Sequence[Place]) -> tuple[Place, float]:
    if not places:
        raise _no(
            "Instansi Anda belum mempunyai lokasi presensi. Hubungi administrator.",
            "Your agency has no place for check-ins yet. Ask its administrator.",
        )
    return min(
        ((each, metres_between(position, each)) for each in places), key=lambda found: found[1] - found[0].radius
    )


def _require_reachable(position: Position, trace: Trace, at: datetime) -> None:
    """Both positions are taken as near to each other as their accuracies allow."""
    if trace.last is None or trace.at is None:
        return
    apart = metres_between(position, trace.last) - position.accuracy - trace.last.accuracy
    if apart > FASTEST * max((at - trace.at).total_seconds(), 1):
        raise _no(
            "Jarak dari presensi sebelumnya tidak mungkin ditempuh dalam waktu ini. Hubungi pimpinan Anda.",
            "Nobody covers the distance from the last check-in in this time. Ask your leader.",
        )


def _digest(position: Position) -> str:
    return hashlib.sha256(f"{position.latitude!r} {position.longitude!r}".encode()).hexdigest()[:16]


def _no(indonesian: str, english: str) -> Refused:
    return Refused(f"{indonesian} · {english}", field="position")
