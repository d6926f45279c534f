"""One thing said twice: Indonesian first, English beside it."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same sentence in both languages."""

    id: str
    en: str
