"""What lists share: addresses with their filters, places to go on from, words of a closed set."""

import base64
import binascii
from collections.abc import Iterable
from enum import Enum
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar.exceptions import HTTPException

from api.pages.text import Text

PAGE: Final = 50
"""Lines of one page."""
CSV_PAGE: Final = 500
"""Lines that are read at once for a file."""
LARGEST_FILE: Final = 100_000
"""Lines of a file."""
LONGEST_TEXT: Final = 100
"""Characters of what somebody searches for."""

Word = TypeVar("Word", bound=Enum)


def address(path: str, /, **query: str) -> str:
    """`path` with the parts of the query that say something."""
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{given}" if given else path


def cursor_of(*place: str) -> str:
    """A place in a list as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def place_of(cursor: str, parts: int) -> tuple[str, ...] | None:
    """The place that `cursor_of` wrote, of so many parts; `None` at the beginning. 404 for what it did not write."""
    if not cursor:
        return None
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=tuple[str, ...])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise HTTPException(status_code=404) from None
    if len(place) != parts:
        raise HTTPException(status_code=404)
    return place


def word_of(words: type[Word], text: str) -> Word | None:
    """The word of a closed set that a filter names; `None` for an empty text, 404 for another."""
    if not text:
        return None
    try:
        return words(text)
    except ValueError:
        raise HTTPException(status_code=404) from None


def searched(text: str) -> str:
    """What somebody typed into a search, tidied."""
    return " ".join(text[:LONGEST_TEXT].split())


def chips(
    path: str, name: str, choices: Iterable[tuple[str, Text]], chosen: str, /, **query: str
) -> list[tuple[Text, str, bool]]:
    """For each choice of one filter its words, the address that chooses it, and whether it is chosen now."""
    return [(words, address(path, **query | {name: value}), value == chosen) for value, words in choices]


def several(given: str | list[str], most: int) -> list[str]:
    """What was ticked: a browser sends one value as a text, and more of them as a list."""
    return [each for each in ([given] if isinstance(given, str) else given) if each][:most]
